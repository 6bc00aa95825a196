package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"clavier/client"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
	"clavier/ui"
	"clavier/ui/clip"
)

// screen shows clavier's screen over a store whose deletions can be made to fail and to wait.
func screen(ctx context.Context, args []string) (err error) {
	var f faulty
	flags := flag.NewFlagSet("screen", flag.ContinueOnError)
	identity := flags.String("identity", "", "")
	fail := flags.String("fail", "", "the first and the last deletion that fails, counted from 1")
	gate := flags.String("gate", "", "a FIFO: each deletion waits for a byte from it")
	pages := flags.String("pages", "", "a FIFO: each page of keys but the first waits for a byte from it")
	log := flags.String("log", "", "a file that a line is added to when a deletion begins, when it has passed the gate and when it ends")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *fail != "" {
		if _, err := fmt.Sscanf(*fail, "%d-%d", &f.first, &f.last); err != nil {
			return fmt.Errorf("-fail %s: %w", *fail, err)
		}
	}
	for name, file := range map[string]**os.File{*gate: &f.gate, *pages: &f.pages} {
		if name == "" {
			continue
		}
		// For writing too, so that a test may come and go.
		if *file, err = os.OpenFile(name, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	if *log != "" {
		if f.log, err = os.OpenFile(*log, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err != nil {
			return err
		}
	}
	vault, err := seal.Open(seal.Options{IdentityPath: *identity, Own: true})
	if err != nil {
		return err
	}
	if f.Store, err = store.Open(ctx, flags.Arg(0)); err != nil {
		return err
	}
	defer func() { _ = f.Close() }() //nolint:contextcheck // what is open is closed, whatever became of ctx
	return ui.Run(ctx, ui.Options{
		Profile: ui.Profile{Name: "stage", Place: "a store that fails", Protect: model.DefaultProtect},
		Service: &client.Issuer{Keeper: client.Keeper{
			Records: &f, Vault: vault, Actor: model.Actor{By: "stage", From: "stage"},
		}},
		Clipboard: func(terminal io.Writer) ui.Clipboard {
			return clip.New(clip.Choose("none", clip.Here()), terminal)
		},
	})
}

// faulty is a store whose deletions fail and wait.
type faulty struct {
	*store.Store
	first, last int // of the deletions, in the order in which they begin, those that fail; 0 for none
	gate, pages *os.File
	log         *os.File

	mu    sync.Mutex
	begun int
}

// Delete waits at the gate, then fails or deletes.
func (f *faulty) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	n, err := f.begin(id)
	if err != nil {
		return err
	}
	err = firstOf(pass(ctx, f.gate), f.tell("pass %d\n", n))
	switch {
	case err != nil:
	case f.first <= n && n <= f.last:
		err = fmt.Errorf("the disk is full, nothing was changed: %w", model.ErrStoreWrite)
	default:
		err = f.Store.Delete(ctx, id, by, at)
	}
	return firstOf(err, f.tell("end %d %t\n", n, err == nil))
}

// begin counts a deletion. The log has them in the order in which they begin.
func (f *faulty) begin(id string) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun++
	return f.begun, f.tell("begin %d %s\n", f.begun, id)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tell adds a line to the log, in one write.
func (f *faulty) tell(format string, args ...any) error {
	if f.log == nil {
		return nil
	}
	_, err := fmt.Fprintf(f.log, format, args...)
	return err
}

// Pages waits at its own gate before each page but the first.
func (f *faulty) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		var gate *os.File
		for page, err := range f.Store.Pages(ctx) {
			if stopped := pass(ctx, gate); stopped != nil {
				yield(model.Page{}, stopped)
				return
			}
			if !yield(page, err) {
				return
			}
			gate = f.pages
		}
	}
}

// pass waits for a byte at a gate, if there is one, or for the end of ctx.
func pass(ctx context.Context, gate *os.File) error {
	if gate == nil {
		return nil
	}
	passed := make(chan error, 1)
	go func() {
		_, err := gate.Read(make([]byte, 1))
		passed <- err
	}()
	select {
	case err := <-passed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
