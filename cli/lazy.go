package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"clavier/ui"
)

// lazyService is a profile as the screen gets it: what it offers beyond ui.Service is found by type assertion, so each kind
// of provider has a type of its own with exactly its methods.
type lazyService interface {
	ui.Service
	open()
	close()
}

// lazy is a profile that is opened beside the start of the screen, at the first call or when open is called, whichever
// comes first. If it cannot be opened, the calls that wait for it fail, and the next one tries again. It is safe for
// concurrent use.
type lazy struct {
	// start opens the profile. It is never run twice at the same time.
	start func(ctx context.Context) (*place, error)

	mu      sync.Mutex
	attempt *attempt // the one that runs or has succeeded; nil before the first and after a failed one
	closed  bool
}

// attempt is one try to open a profile.
type attempt struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when place and err are set
	place  *place
	err    error
}

var errClosed = errors.New("the profile is closed")

// open begins to open the profile if nothing has, and does not wait.
func (l *lazy) open() { _ = l.begin() }

// begin returns the attempt that runs or has succeeded, and starts one if there is none; nil if l is closed.
func (l *lazy) begin() *attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	if l.attempt == nil {
		ctx, cancel := context.WithCancel(context.Background())
		try := &attempt{cancel: cancel, done: make(chan struct{})}
		l.attempt = try
		go l.run(ctx, try)
	}
	return l.attempt
}

// run fulfils one attempt. A panic becomes its error: in a goroutine it would leave the terminal raw.
func (l *lazy) run(ctx context.Context, try *attempt) {
	defer close(try.done)
	defer try.cancel()
	defer func() {
		if try.err != nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.attempt = nil
		}
	}()
	defer func() {
		if cause := recover(); cause != nil {
			try.err = fmt.Errorf("open the profile: %v", cause)
		}
	}()
	try.place, try.err = l.start(ctx)
}

// get waits for the profile to be open or for ctx to end.
func (l *lazy) get(ctx context.Context) (*place, error) {
	try := l.begin() //nolint:contextcheck // it goes on for whoever waits for it next
	if try == nil {
		return nil, errClosed
	}
	select {
	case <-try.done:
		return try.place, try.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close ends an attempt that runs, for nobody waits for a busy store to quit, and closes what is open. Every later call
// fails.
func (l *lazy) close() {
	l.mu.Lock()
	try := l.attempt
	l.closed = true
	l.mu.Unlock()
	if try == nil {
		return
	}
	try.cancel()
	if <-try.done; try.place != nil {
		try.place.close()
	}
}

// with calls use with the open profile.
func with[T any](ctx context.Context, l *lazy, use func(p *place) (T, error)) (T, error) {
	p, err := l.get(ctx)
	if err != nil {
		var none T
		return none, err
	}
	return use(p)
}

// do is with for what has no answer.
func (l *lazy) do(ctx context.Context, use func(p *place) error) error {
	p, err := l.get(ctx)
	if err != nil {
		return err
	}
	return use(p)
}
