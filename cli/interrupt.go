package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"

	"clavier/model"
)

// errStopped is that a signal ended the program while it waited for a key service.
var errStopped = &told{"interrupted while the key service was asked", context.Canceled}

// interrupts ends what waits for a key service when a signal comes that ends the program. Whoever waits then says what became of it,
// and does not wait for another answer. At all other times signals do what they always do.
type interrupts struct{ came atomic.Bool }

type interruptsKey struct{}

// interruptible returns a context whose calls to a key service end with a signal.
func interruptible(ctx context.Context, i *interrupts) context.Context {
	return context.WithValue(ctx, interruptsKey{}, i)
}

// uninterrupted returns a context for what handles signals by itself.
func uninterrupted(ctx context.Context) context.Context {
	return interruptible(ctx, nil)
}

// untilInterrupted is remote.Options.Within.
func untilInterrupted(ctx context.Context) (context.Context, func()) {
	i, _ := ctx.Value(interruptsKey{}).(*interrupts)
	if i == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if i.came.Load() {
		cancel(errStopped)
	}
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	watched := slices.DeleteFunc(slices.Clone(endings), signal.Ignored)
	if len(watched) > 0 { // for none is for all
		signal.Notify(signals, watched...)
	}
	go func() {
		defer close(done)
		if _, ok := <-signals; ok {
			i.came.Store(true)
			cancel(errStopped)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		<-done
		cancel(nil)
	}
}

// say says of an error whether a signal led to it.
func (i *interrupts) say(err error) error {
	if err == nil || !i.came.Load() || !errors.Is(err, model.ErrOutcomeUnknown) || strings.HasPrefix(err.Error(), "interrupted") {
		return err
	}
	return fmt.Errorf("interrupted; %w", err)
}
