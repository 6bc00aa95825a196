package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/config"
	"clavier/demo"
	"clavier/model"
	"clavier/store"
	"clavier/ui"
)

// demoKeys is how many keys the demo has unless it is told otherwise.
const demoKeys = 200

var errDemoInterrupted = errors.New("interrupted; nothing is left of the demo")

func (a *app) demoCommand() *cobra.Command {
	var keys string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Open the screen on a throwaway store full of keys",
		Long: fmt.Sprintf(`Open the screen on a throwaway store with realistic keys of seven years, to look
around and to try things: everything works on them, and nothing of yours is
read or changed, no settings, no identity, no store.

The store lies in a directory of its own among the temporary files and is
removed at the end, also when a signal ends the program; only kill -9 leaves it
behind. Its secrets are sealed with a key that is in the memory of the program
alone. The keys are the same each time, but for their ids and secrets.

--keys says how many: 1 to %d, %d if not given.`, demo.Most, demoKeys),
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			n, err := strconv.Atoi(keys)
			if err != nil || n < 1 || n > demo.Most {
				return usagef("--keys is a whole number from 1 to %d, not %s", demo.Most, quote(keys))
			}
			for _, flag := range []string{"profile", "config"} {
				if a.given(flag) {
					return usagef("the demo has no profiles and reads no settings: leave out --%s", flag)
				}
			}
			return a.demo(cmd.Context(), n)
		},
	}
	cmd.Flags().StringVar(&keys, "keys", strconv.Itoa(demoKeys), "how many `KEYS` there are")
	return cmd
}

// demo shows the screen on a throwaway store with n keys, and leaves nothing of it.
func (a *app) demo(ctx context.Context, n int) error {
	out, err := a.screenTerminal()
	if err != nil {
		return err
	}
	return inThrowaway(func(dir string, signals <-chan os.Signal) error {
		service, records, err := a.fillThrowaway(ctx, dir, n)
		if err != nil {
			return err
		}
		defer func() { _ = records.Close() }() //nolint:contextcheck // what is open is closed, whatever became of ctx
		select {
		case <-signals: // one that came after the filling, of which the screen does not know
			return errDemoInterrupted
		default:
		}
		options := a.screenOptions(config.Defaults(), out)
		options.Profile = ui.Profile{Name: "demo", Place: "throwaway store", Protect: model.DefaultProtect}
		options.Service = service
		return ui.Run(ctx, options)
	})
}

// inThrowaway calls use with a directory among the temporary files that is its owner's alone, and removes it when use is
// over in whatever way. Until then no signal kills the program, or the directory would stay: they are in the channel.
func inThrowaway(use func(dir string, signals <-chan os.Signal) error) (err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings...)
	defer signal.Stop(signals)
	surviveBrokenPipe()
	dir, err := os.MkdirTemp("", "clavier-demo-")
	if err != nil {
		return fmt.Errorf("there is no place for temporary files, name a directory in TMPDIR: %w", err)
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("the throwaway store could not be removed, remove %s yourself: %w", dir, removeErr))
		}
	}()
	defer removeOnQuit(dir)()
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs x, and a umask may have taken it
		return fmt.Errorf("the throwaway store cannot be made: %w", err)
	}
	return use(dir, signals)
}

// fillThrowaway makes a store in dir with n keys, and the service over it. A signal ends it early.
func (a *app) fillThrowaway(ctx context.Context, dir string, n int) (*client.Issuer, *store.Store, error) {
	ctx, stop := signal.NotifyContext(ctx, endings...)
	defer stop()
	vault, err := demo.NewVault()
	if err != nil {
		return nil, nil, err
	}
	records, err := store.Open(ctx, filepath.Join(dir, "demo.db"))
	if err == nil {
		progress := &fillProgress{out: a.streams.Err, total: n, since: time.Now()}
		err = demo.Options{Keys: n, Seed: demo.DefaultSeed, Now: a.now(), Random: rand.Reader}.Fill(ctx, records, vault, progress.tell)
		progress.end()
		if err != nil {
			_ = records.Close() //nolint:contextcheck // the same
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, nil, errDemoInterrupted
	case err != nil:
		return nil, nil, fmt.Errorf("the throwaway store cannot be filled: %w", err)
	}
	return &client.Issuer{Keeper: client.Keeper{Records: records, Vault: vault, Actor: actor()}}, records, nil
}

// fillProgress tells how far the filling is, on one line that is gone in the end. What takes a moment is not told of.
type fillProgress struct {
	out   io.Writer
	total int
	since time.Time
	told  time.Time
	width int // of what stands there
}

// Progress is told after a moment, and then ten times a second.
const (
	progressAfter = 300 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

func (p *fillProgress) tell(done int) {
	now := time.Now()
	if !isTerminal(p.out) || now.Sub(p.since) < progressAfter || now.Sub(p.told) < progressEvery {
		return
	}
	p.told = now
	text := fmt.Sprintf("filling a throwaway store with %d keys: %d %%", p.total, done*100/p.total)
	_, _ = io.WriteString(p.out, "\r"+text)
	p.width = len(text)
}

func (p *fillProgress) end() {
	if p.width > 0 {
		_, _ = io.WriteString(p.out, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
}
