package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// partKeys is how many keys a part has: reading them takes some milliseconds, and no transaction lasts longer.
	partKeys = 2048
	// mostReaders is how many connections read at once at most.
	mostReaders = 4
)

// sweep is one reading of many keys: part by part side by side, or all at once.
type sweep struct {
	store *Store
	uri   string
	mark  int64
	total int
	stop  atomic.Bool // looked at between rows, where asking a context would take longer than reading

	mu    sync.Mutex // guards what follows: where the next part begins
	after string
	over  bool
}

var (
	errLeft    = errors.New("the caller has left")
	errStopped = errors.New("the reading was stopped")
)

// beginSweep begins a sweep that is stopped when ctx ends; stop ends the watch.
func (s *Store) beginSweep(ctx context.Context) (r *sweep, stop func() bool) {
	r = &sweep{store: s, uri: fileURI(s.path, s.vfs, url.Values{"mode": {"ro"}})}
	return r, context.AfterFunc(ctx, func() { r.stop.Store(true) })
}

// explain turns an error into a sentence; ctx is that of the reading.
func (r *sweep) explain(ctx context.Context, err error) error {
	if errors.Is(err, errClosed) || errors.Is(context.Cause(ctx), errClosed) {
		err, ctx = errClosed, context.WithoutCancel(ctx)
	}
	if ctx.Err() == nil && errors.Is(err, errStopped) {
		return err // it was another reader's error that stopped this one
	}
	return r.store.explain(ctx, err)
}

// connect opens a connection, unless the store is closed or its path leads elsewhere by now. Release closes it.
func (r *sweep) connect() (d *direct, release func(), err error) {
	s := r.store
	if err := s.enter(); err != nil {
		return nil, nil, err
	}
	if err := s.stillThere(); err != nil {
		s.inside.Done()
		return nil, nil, err
	}
	d, err = openDirect(r.uri, sweepPragmas(s.wait))
	if err != nil {
		s.inside.Done()
		return nil, nil, err
	}
	return d, func() { d.close(); s.inside.Done() }, nil
}

// begin opens a connection, begins to read, and learns the mark and how many keys there are. Release closes it.
func (r *sweep) begin(ctx context.Context) (d *direct, release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	d, release, err = r.connect()
	if err != nil {
		return nil, nil, err
	}
	if err := r.state(d); err != nil {
		release()
		return nil, nil, err
	}
	return d, release, nil
}

// state begins a transaction that reads, and learns of its moment what begin does.
func (r *sweep) state(d *direct) error {
	if err := d.exec(sqlBeginRead); err != nil {
		return err
	}
	state, err := d.keep(sqlState)
	if err != nil {
		return err
	}
	defer state.reset()
	more, err := state.step()
	if err != nil || !more {
		return errors.Join(err, errNoState(more))
	}
	r.mark, r.total = markOf(state.int(0), state.int(1)), int(state.int(2))
	return nil
}

// batch takes in the rows of a part.
type batch interface {
	// add takes in the row that rows stands on, or leaves it out.
	add(rows *statement) error
	// finish makes what was added fit to be given away; it is valid until the next reset.
	finish()
	// size is how much was added.
	size() int
	// reset empties it.
	reset()
}

// sweepParts reads all parts, with a query that gives those of the ids from $1 to $2, and gives each to give, which says whether
// it wants more. The error is that of the first reader that failed. Cancel ends ctx.
func sweepParts[B batch](ctx context.Context, cancel context.CancelCauseFunc, r *sweep, query string, fresh func() B, give func(B) bool) error {
	readers := min(runtime.GOMAXPROCS(0), mostReaders)
	pages := readers + 1 // one for each to fill, and one that is with the caller
	free, full := make(chan B, pages), make(chan B, pages)
	for range pages {
		free <- fresh()
	}
	ended := make(chan error, readers)
	for range readers {
		go func() {
			var err error
			defer func() {
				if cause := recover(); cause != nil { // in a goroutine it would leave the terminal raw
					err = fmt.Errorf("reading the store %s failed: %v", show(r.store.path), cause)
				}
				if err != nil {
					cancel(err)
				}
				ended <- err
			}()
			err = readParts(ctx, r, query, free, full)
		}()
	}
	var failed error
	left := false
	end := func(err error) {
		readers--
		if failed == nil || errors.Is(failed, errStopped) {
			failed = err
		}
	}
	pass := func(b B) {
		if left || ctx.Err() != nil {
			return
		}
		if !give(b) {
			left = true
			cancel(errLeft)
			return
		}
		free <- b
	}
	for readers > 0 {
		select {
		case b := <-full:
			pass(b)
		case err := <-ended:
			end(err)
		}
	}
	for len(full) > 0 {
		pass(<-full)
	}
	switch {
	case left:
		return nil
	case failed != nil:
		return failed
	default:
		return context.Cause(ctx)
	}
}

// readParts takes one part after another.
func readParts[B batch](ctx context.Context, r *sweep, query string, free <-chan B, full chan<- B) error {
	d, release, err := r.connect()
	if err != nil {
		return err
	}
	defer release()
	border, err := d.prepare(sqlKeysAfter)
	if err != nil {
		return err
	}
	part, err := d.prepare(query)
	if err != nil {
		return err
	}
	for {
		var b B
		select {
		case b = <-free:
		case <-ctx.Done():
			return errStopped
		}
		for b.reset(); b.size() == 0; { // all of a part may be left out, or be deleted by now
			if more, err := r.next(border, part); err != nil || !more {
				return err
			}
			if err := r.fill(part, b); err != nil {
				return err
			}
		}
		full <- b // there is room for all
	}
}

// next binds part to the next part that nobody has taken, and reports whether there was one. Border finds its end, which
// costs a fifth of reading it.
func (r *sweep) next(border, part *statement) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.stop.Load() {
		return false, nil
	}
	if err := errors.Join(part.bindText(1, r.after), border.bindText(1, r.after), border.bindInt(2, int64(r.store.bounds.partKeys))); err != nil {
		return false, err
	}
	defer border.reset()
	more, err := border.step()
	if err != nil {
		return false, err
	}
	if !more { // the last part
		r.over = true
		return true, part.bindBeyondText(2)
	}
	r.after = string(border.text(0))
	return true, part.bindText(2, r.after)
}

// fill adds the rows of a statement.
func (r *sweep) fill(rows *statement, b batch) error {
	defer rows.reset()
	for {
		more, err := rows.step()
		if err != nil {
			return err
		}
		if !more {
			b.finish()
			return nil
		}
		if r.stop.Load() {
			return errStopped
		}
		if err := b.add(rows); err != nil {
			return err
		}
	}
}
