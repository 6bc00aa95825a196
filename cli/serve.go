package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/server"
)

func (a *app) serveCommand() *cobra.Command {
	options := serveFlags{unsureAfter: "30s", listen: defaultListen, logFormat: formatText, logLevel: "info"}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve keys to other machines",
		Long: `Be a key service: keep the keys of a team, let its people manage them from their
own machines, and tell APIs whether a key is good. Secrets are made and sealed by
whoever asks for them; the service never has one.

It listens at --listen, host:port or unix:PATH. Plain http is for this machine
alone (localhost, 127.0.0.1, ::1 and sockets); elsewhere give --tls-cert and
--tls-key, which are read again when they change, or --behind-proxy, if something
before it speaks TLS and sets X-Forwarded-For.

It keeps its keys in --store: a file, which is made if there is none, or a
database that speaks the protocol of PostgreSQL, postgres://USER@HOST/DATABASE.
Any number of services can share one store. A password does not belong there, for
other programs can read arguments: use PGPASSWORD or ~/.pgpass.

As long as no live key may manage keys, a start makes one, named management. Its
secret is printed once, to standard output if that is a terminal, or written to
--bootstrap-file, a new file that only its owner can read. Make a profile with it:

    clavier profile add NAME --url URL <FILE

APIs ask at /v1/verify; /openapi.json describes the rest. /healthz answers 200
while the program lives, /readyz while it can answer for keys. --metrics is
another place, for Prometheus: it tells how many keys there are to whoever asks.
A service that could not ask its store for --unsure-after verifies no key until
it can.

Each flag can also be given by a variable of the environment, such as
CLAVIER_SERVE_LISTEN for --listen; the flag counts first. The log goes to
standard error. SIGTERM, SIGINT and SIGHUP stop it in good order, a second one at
once.

Exit codes: 0 stopped in good order, 1 it could not start or go on, 2 wrong use.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.take(cmd.Flags(), os.Environ()); err != nil {
				return err
			}
			return a.serve(cmd.Context(), options)
		},
	}
	options.addTo(cmd)
	return cmd
}

// serve runs a key service until a signal stops it.
func (a *app) serve(ctx context.Context, options serveFlags) error {
	place, err := a.recordsFor(options)
	if err != nil {
		return err
	}
	log := options.logger(a.streams.Err)
	ctx, stop := untilSignal(ctx)
	defer stop()

	at, metrics, err := options.listeners(ctx, log)
	if err != nil {
		return err
	}
	defer func() { // Serve closes them sooner, and twice does no harm
		_ = at.Close()
		if metrics != nil {
			_ = metrics.Close()
		}
	}()
	records, err := place.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = records.Close() }()
	managing, err := a.manage(ctx, records, options, log)
	if err != nil {
		return err
	}
	service := server.New(server.Options{
		Store: records, Version: version(), Now: a.now, Log: log,
		UnsureAfter: options.unsure, BehindProxy: options.behindProxy,
	})
	log.Info("the service listens", slog.String("url", at.URL()), slog.String("store", place.shown), slog.String("version", version()))
	return managing(func(ctx context.Context) error {
		return service.Serve(ctx, server.ServeOptions{At: at, Metrics: metrics})
	})
}

// lookFirst is how long a start waits to hear whether a key may manage the others. Only among very many keys does it take longer.
const lookFirst = 300 * time.Millisecond

// manage sees to it that a key may manage the others. In an empty store it is made at once. Among keys it is looked for one; what
// is returned goes on with that beside what it runs, if it takes long, and ends that if there can be none.
func (a *app) manage(ctx context.Context, records server.Store, options serveFlags, log *slog.Logger) (beside func(run func(context.Context) error) error, err error) {
	alone := func(run func(context.Context) error) error { return run(ctx) }
	first, err := records.After(ctx, model.Cursor{}, 1)
	if err != nil {
		return nil, err
	}
	if len(first.Keys) == 0 {
		return alone, a.bootstrap(ctx, records, options, log)
	}
	looking, stop := context.WithCancel(ctx)
	looked := make(chan error, 1)
	go func() {
		err := a.bootstrap(looking, records, options, log)
		if looking.Err() != nil {
			err = nil // it is over anyhow
		}
		if err != nil {
			stop()
		}
		looked <- err
	}()
	select {
	case err := <-looked:
		stop()
		return alone, err
	case <-time.After(lookFirst):
	}
	return func(run func(context.Context) error) error {
		defer stop()
		err := run(looking)
		stop()
		return errors.Join(<-looked, err)
	}, nil
}

// untilSignal returns a context that ends with the first signal. The second one ends the program at once, as if nobody had heeded
// it.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	watched := heeded()
	if len(watched) == 0 { // for none is for all
		return ctx, cancel
	}
	signals := make(chan os.Signal, len(watched)+1)
	signal.Notify(signals, watched...)
	over := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel()
		case <-over:
			return
		}
		select {
		case second := <-signals:
			signal.Reset(watched...)
			endBy(second)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(over)
		cancel()
	}
}

// heeded are the signals that stop a service. One that was ignored when it was started, as nohup does with SIGHUP, stays so.
func heeded() []os.Signal {
	var all []os.Signal
	for _, ending := range endings {
		if !signal.Ignored(ending) {
			all = append(all, ending)
		}
	}
	return all
}
