package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clavier/model"
)

func everyCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		everyCommand(sub, visit)
	}
}

// TestNoFlagTakesASecret is T20 for flags and arguments: each flag is one that is known to take none, of a type that
// cannot hold one by accident, and no name or argument speaks of one.
func TestNoFlagTakesASecret(t *testing.T) {
	known := []string{"profile", "config", "help", "version", "json", "csv", "filter", "sort", "reverse", "stale", "keys", "confirm", "prefix",
		"history", "staged", "no-ignore", "issued-only", "install-hook", "env", "no-project", "format", "to", "tracked", "ignore", "revoke", "created", "note", "from", "all",
		"api", "console", "preset", "provider",
		"listen", "store", "tls-cert", "tls-key", "behind-proxy", "metrics", "bootstrap-file", "unsure-after", "log-format", "log-level",
		"url", "ca", "offline", "remembered",
		"role",
		"exec", "grace", "handed-over", "import", "limit", "name", "no-check", "to-env"}
	speaks := []string{"secret", "pass", "token", "password", "credential", "apikey"}
	commands := 0
	everyCommand(Root(), func(cmd *cobra.Command) {
		commands++
		use := strings.TrimPrefix(cmd.Use, cmd.Name())
		for _, word := range speaks {
			if strings.Contains(strings.ToLower(use), word) {
				t.Errorf("%s takes an argument that speaks of a %s: %s", cmd.CommandPath(), word, cmd.Use)
			}
		}
		cmd.InitDefaultHelpFlag()
		check := func(flag *pflag.Flag) {
			isKnown := false
			for _, name := range known {
				isKnown = isKnown || flag.Name == name
			}
			if !isKnown {
				t.Errorf("%s has the flag --%s, of which nobody has said that it takes no secret", cmd.CommandPath(), flag.Name)
			}
			_, assigns := flag.Value.(*assignments)
			switch kind := reflect.TypeOf(flag.Value).Elem().Kind(); {
			case kind == reflect.Bool, kind == reflect.String, assigns, flag.Value.Type() == "stringArray":
			default:
				t.Errorf("%s has the flag --%s of kind %v", cmd.CommandPath(), flag.Name, kind)
			}
		}
		cmd.LocalFlags().VisitAll(check)
		cmd.InheritedFlags().VisitAll(check)
	})
	if commands < 14 {
		t.Errorf("only %d commands were looked at", commands)
	}
}

// TestSecretArguments holds that a secret among the arguments is refused by every command, without being repeated.
func TestSecretArguments(t *testing.T) {
	secret, err := model.DrawSecret(zeros{}, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"create", secret.Reveal()}, {"delete", "x", "--confirm=" + secret.Reveal()}, {secret.Reveal()}, {"list", "--", secret.Reveal()},
		{"list", "--filter", secret.Reveal()}, {"list", "--filter=" + secret.Reveal()},
	} {
		err := Run(args, Streams{})
		if err == nil || strings.Contains(err.Error(), secret.Reveal()) {
			t.Errorf("an argument that is a secret is taken, or repeated, by %s", args[0])
		}
	}
}

// zeros is a source of randomness for a secret that belongs to nobody.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
