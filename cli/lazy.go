package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"clavier/model"
)

// lazy is a profile that is opened beside the start of the screen, at the first call or when open is called, whichever
// comes first. If it cannot be opened, the calls that wait for it
// fail, and the next one tries again. It is safe for
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

// List returns all keys, newest first.
func (l *lazy) List(ctx context.Context) ([]model.Key, error) {
	p, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return p.List(ctx)
}

// Pages gives all keys part by part, the newest first, once the profile is open.
func (l *lazy) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		p, err := l.get(ctx)
		if err != nil {
			yield(model.Page{}, err)
			return
		}
		p.Pages(ctx)(yield)
	}
}

// Changes tells what happened to the keys since a mark.
func (l *lazy) Changes(ctx context.Context, since int64) (model.Changes, error) {
	p, err := l.get(ctx)
	if err != nil {
		return model.Changes{}, err
	}
	return p.Changes(ctx, since)
}

// Create makes a key.
func (l *lazy) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	p, err := l.get(ctx)
	if err != nil {
		return model.Issued{}, err
	}
	return p.Create(ctx, draft)
}

// Delete removes a key for good.
func (l *lazy) Delete(ctx context.Context, id string) error {
	p, err := l.get(ctx)
	if err != nil {
		return err
	}
	return p.Delete(ctx, id)
}

// Reveal unseals the secret of a key.
func (l *lazy) Reveal(ctx context.Context, id string) (model.Secret, error) {
	p, err := l.get(ctx)
	if err != nil {
		return model.Secret{}, err
	}
	return p.Reveal(ctx, id)
}

// Unlock opens a protected identity.
func (l *lazy) Unlock(ctx context.Context, passphrase []byte) error {
	p, err := l.get(ctx)
	if err != nil {
		return err
	}
	return p.Unlock(ctx, passphrase)
}

// Protected reports whether the identity stands behind a passphrase.
func (l *lazy) Protected(ctx context.Context) (bool, error) {
	p, err := l.get(ctx)
	if err != nil {
		return false, err
	}
	return p.vault.Protected()
}

// Activity returns at most limit lines of what happened, newest first.
func (l *lazy) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	p, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return p.Activity(ctx, limit)
}

// Version tells whether anything may have changed.
func (l *lazy) Version(ctx context.Context) (int64, error) {
	p, err := l.get(ctx)
	if err != nil {
		return 0, err
	}
	return p.Version(ctx)
}
