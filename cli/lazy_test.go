package cli

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"clavier/model"
)

// lazily returns a profile that is opened by start.
func lazily(start func(context.Context) (*place, error)) *lazyKeeper {
	return &lazyKeeper{lazy{start: start}}
}

// TestLazyOpensOnce holds that many calls at once share one open.
func TestLazyOpensOnce(t *testing.T) {
	profile := localProfile(t)
	var opens atomic.Int32
	l := lazily(func(ctx context.Context) (*place, error) {
		opens.Add(1)
		return openProfile(ctx, profile)
	})
	t.Cleanup(l.close)
	l.open()
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if _, err := l.List(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if n := opens.Load(); n != 1 {
		t.Errorf("opened %d times, want once", n)
	}
}

// TestLazyTriesAgain holds that a failed open is not the end: the next call opens anew.
func TestLazyTriesAgain(t *testing.T) {
	profile := localProfile(t)
	answers := []error{model.ErrStoreBusy, model.ErrStoreDamaged, nil}
	l := lazily(func(ctx context.Context) (*place, error) {
		err := answers[0]
		if answers = answers[1:]; err != nil {
			return nil, err
		}
		return openProfile(ctx, profile)
	})
	t.Cleanup(l.close)
	for _, want := range []error{model.ErrStoreBusy, model.ErrStoreDamaged, nil, nil} {
		if _, err := l.List(t.Context()); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// TestLazyPages holds that the pages wait for the profile to be open, and give the error if it cannot be opened.
func TestLazyPages(t *testing.T) {
	profile := localProfile(t)
	answers := []error{model.ErrStoreBusy, nil}
	l := lazily(func(ctx context.Context) (*place, error) {
		err := answers[0]
		if answers = answers[1:]; err != nil {
			return nil, err
		}
		return openProfile(ctx, profile)
	})
	t.Cleanup(l.close)
	for _, want := range []error{model.ErrStoreBusy, nil} {
		pages := 0
		for page, err := range l.Pages(t.Context()) {
			if pages++; !errors.Is(err, want) || err == nil && page.Mark == 0 {
				t.Errorf("got %+v, %v, want %v", page, err, want)
			}
		}
		if pages != 1 {
			t.Errorf("%d pages of an empty profile, want one", pages)
		}
	}
}

// TestLazyPanic holds that a panic beside the screen becomes the error of whoever waits.
func TestLazyPanic(t *testing.T) {
	l := lazily(func(context.Context) (*place, error) { panic("out of cheese") })
	t.Cleanup(l.close)
	if _, err := l.List(t.Context()); err == nil || !strings.Contains(err.Error(), "out of cheese") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

// TestLazyCancelled holds that a caller who leaves does not wait for a slow open, which goes on for the others.
func TestLazyCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		l := lazily(func(context.Context) (*place, error) {
			<-release
			return nil, model.ErrStoreBusy
		})
		waiting := make(chan error, 1)
		go func() {
			_, err := l.Version(t.Context())
			waiting <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.List(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		close(release)
		if err := <-waiting; !errors.Is(err, model.ErrStoreBusy) {
			t.Errorf("got %v, want the answer of the open", err)
		}
		l.close()
	})
}

// TestLazyClosed holds that close waits for an open under way, closes what it opened, and that nothing opens later.
func TestLazyClosed(t *testing.T) {
	profile := localProfile(t)
	started, release := make(chan struct{}), make(chan struct{})
	var opened *place
	l := lazily(func(ctx context.Context) (*place, error) {
		close(started)
		<-release
		var err error
		opened, err = openProfile(context.WithoutCancel(ctx), profile) // as if it was just done
		return opened, err
	})
	l.open()
	<-started
	go close(release)
	l.close()
	if _, err := opened.List(t.Context()); err == nil {
		t.Error("the store is still open")
	}
	if _, err := l.List(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("got %v, want errClosed", err)
	}
	(&lazy{}).close() // never opened
}

// TestLazyCloseEndsWaiting holds that quitting does not wait for a busy store.
func TestLazyCloseEndsWaiting(t *testing.T) {
	started := make(chan struct{})
	l := lazily(func(ctx context.Context) (*place, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	l.open()
	<-started
	l.close()
}
