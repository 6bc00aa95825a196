package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clavier/model"
	"clavier/server"
)

// defaultListen is where a service listens unless it is told.
const defaultListen = "127.0.0.1:8787"

// The formats of the log.
const (
	formatText = "text"
	formatJSON = "json"
)

// logLevels are what --log-level takes.
var logLevels = []string{"debug", "info", "warn", "error"}

// The bounds of --unsure-after.
const (
	minUnsure = time.Second
	maxUnsure = time.Hour
)

// serveFlags is what clavier serve is told.
type serveFlags struct {
	listen, store, tlsCert, tlsKey, metrics, bootstrapFile string
	unsureAfter, logFormat, logLevel                       string
	behindProxy                                            bool

	unsure time.Duration
	level  slog.Level
}

func (f *serveFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", f.listen, "listen at `ADDRESS`, host:port or unix:PATH")
	flags.StringVar(&f.store, "store", "", "keep the keys in `FILE`, or in a database postgres://USER@HOST/DATABASE (default a file of its own)")
	flags.StringVar(&f.tlsCert, "tls-cert", "", "the PEM `FILE` of the certificate, with its chain")
	flags.StringVar(&f.tlsKey, "tls-key", "", "the PEM `FILE` of its private key")
	flags.BoolVar(&f.behindProxy, "behind-proxy", false, "speak plain http at any address: a proxy before it speaks TLS and sets X-Forwarded-For")
	flags.StringVar(&f.metrics, "metrics", "", "answer /metrics at `ADDRESS`, host:port or unix:PATH")
	flags.StringVar(&f.bootstrapFile, "bootstrap-file", "", "write the first management key to the new `FILE`")
	flags.StringVar(&f.unsureAfter, "unsure-after", f.unsureAfter, "verify no key after this `TIME` without the store")
	flags.StringVar(&f.logFormat, "log-format", f.logFormat, "write the log as `FORMAT`: text or json")
	flags.StringVar(&f.logLevel, "log-level", f.logLevel, "write what has this `LEVEL` or a higher one: debug, info, warn or error")
	for _, flag := range []string{"listen", "metrics", "unsure-after"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions)
	}
	_ = cmd.RegisterFlagCompletionFunc("log-format", cobra.FixedCompletions([]string{formatText, formatJSON}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("log-level", cobra.FixedCompletions(logLevels, cobra.ShellCompDirectiveNoFileComp))
}

// serveVariables start the names of the variables that stand for flags.
const serveVariables = "CLAVIER_SERVE_"

// foreignVariables are what follows serveVariables in what Kubernetes and Docker set by themselves beside a service that is named
// clavier-serve.
var foreignVariables = []string{"SERVICE_", "PORT", "NAME", "ENV_"}

func variableOf(flag *pflag.Flag) string {
	return serveVariables + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// take takes what the environment says of flags that were not given, and checks all. What is refused is wrong use.
func (f *serveFlags) take(flags *pflag.FlagSet, environ []string) error {
	byVariable := map[string]*pflag.Flag{}
	var variables []string
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "help" && flag.Name != "profile" && flag.Name != "config" {
			byVariable[variableOf(flag)] = flag
			variables = append(variables, variableOf(flag))
		}
	})
	for _, entry := range environ {
		variable, text, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(variable, serveVariables)
		if !ours || text == "" || isForeign(rest) {
			continue
		}
		flag, known := byVariable[variable]
		switch {
		case !known:
			return unknownVariable(variable, variables)
		case flag.Changed:
			continue
		}
		if err := flag.Value.Set(text); err != nil { // only a switch refuses a text
			return usagef("%s is true or false, not %s", variable, quote(shorten(text)))
		}
	}
	return f.check()
}

func isForeign(rest string) bool {
	for _, foreign := range foreignVariables {
		if strings.HasPrefix(rest, foreign) {
			return true
		}
	}
	return false
}

func unknownVariable(variable string, known []string) error {
	if near := model.Nearest(variable, known); near != "" {
		return usagef("%s stands for no flag of clavier serve; did you mean %s?", model.Display(variable), near)
	}
	return usagef("%s stands for no flag of clavier serve; there are %s", model.Display(variable), strings.Join(known, ", "))
}

// check refuses what cannot be or does not go together.
func (f *serveFlags) check() error {
	if err := checkStore(f.store); err != nil {
		return err
	}
	var err error
	if f.unsure, err = time.ParseDuration(f.unsureAfter); err != nil || f.unsure < minUnsure || f.unsure > maxUnsure {
		return usagef("--unsure-after is a duration from 1s to 1h such as 30s, not %s", quote(shorten(f.unsureAfter)))
	}
	if err := oneOf("--log-format", f.logFormat, formatText, formatJSON); err != nil {
		return wrongUse(err)
	}
	if err := oneOf("--log-level", f.logLevel, logLevels...); err != nil {
		return wrongUse(err)
	}
	_ = f.level.UnmarshalText([]byte(f.logLevel))
	for _, at := range []struct{ flag, address string }{{"--listen", f.listen}, {"--metrics", f.metrics}} {
		if !isPlace(at.address) && (at.flag == "--listen" || at.address != "") {
			return usagef("%s is host:port, such as %s, or unix:/path, not %s", at.flag, defaultListen, quote(shorten(at.address)))
		}
	}
	switch {
	case (f.tlsCert == "") != (f.tlsKey == ""):
		return usagef("--tls-cert and --tls-key belong together: give both or none")
	case f.tlsCert != "" && f.behindProxy:
		return usagef("--behind-proxy is for plain http behind something that speaks TLS: give it, or --tls-cert and --tls-key")
	}
	for _, path := range []*string{&f.tlsCert, &f.tlsKey, &f.bootstrapFile} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return fmt.Errorf("the working directory is not known: %w", err)
		}
	}
	return nil
}

// isPlace reports whether an address has the form of one to listen at.
func isPlace(address string) bool {
	if strings.HasPrefix(address, "unix:") {
		return true
	}
	_, _, err := net.SplitHostPort(address)
	return err == nil
}

// shorten returns the start of a text that may be anything.
func shorten(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// listeners listens where it is told. Metrics are plain http where that is allowed, and have the certificate elsewhere.
func (f *serveFlags) listeners(ctx context.Context, log *slog.Logger) (at, metrics *server.Listener, err error) {
	at, err = server.Listen(ctx, f.listen, server.ListenOptions{CertFile: f.tlsCert, KeyFile: f.tlsKey, BehindProxy: f.behindProxy, Log: log})
	if err != nil || f.metrics == "" {
		return at, nil, err
	}
	metrics, err = server.Listen(ctx, f.metrics, server.ListenOptions{BehindProxy: f.behindProxy, Log: log})
	if err != nil && f.tlsCert != "" {
		metrics, err = server.Listen(ctx, f.metrics, server.ListenOptions{CertFile: f.tlsCert, KeyFile: f.tlsKey, Log: log})
	}
	if err != nil {
		_ = at.Close()
		return nil, nil, fmt.Errorf("--metrics: %w", err)
	}
	return at, metrics, nil
}

func (f *serveFlags) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: f.level}
	if f.logFormat == formatJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
