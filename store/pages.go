package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"

	"clavier/model"
)

const (
	// firstKeys is how many keys the first page has: more than a screen has rows, few enough to be read in a millisecond.
	firstKeys = 256
	// partKeys is how many keys the other pages have: reading them takes some milliseconds, and no transaction lasts longer.
	partKeys = 2048
	// mostReaders is how many connections read at once at most.
	mostReaders = 4
)

// Pages reads all keys. The first page has the newest 256, newest first, straight from an index; the others have up to
// 2048 keys each, in any order, read over several connections side by side. Every page has Total and Mark as they were
// when the first was read. An empty store gives one page without keys.
//
// Each key that exists from the beginning to the end is given exactly once, as it was at some moment in between. A key
// that is made or deleted meanwhile is given or not; one that is deleted and stored again may be given twice. Changes since
// the Mark tells all of that.
//
// No transaction is open while the caller has a page: a slow caller is in nobody's way. The memory used is some pages for
// each of at most four connections. Ending the loop or ctx ends the reading, and all of it has ended when the loop has. The one error
// comes last, with an empty page: model.ErrStoreDamaged, model.ErrStoreBusy, model.ErrStoreWrite if the file cannot be
// read, or the error of ctx.
func (s *Store) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(s.life, func() { cancel(errClosed) })() //nolint:contextcheck // it ends the other one
		r, stop := s.beginSweep(ctx)
		defer stop()

		first, complete, err := r.first(ctx)
		if err != nil {
			yield(model.Page{}, r.explain(ctx, err))
			return
		}
		if !yield(first, nil) || complete {
			return
		}
		if err := r.rest(ctx, cancel, yield); err != nil {
			yield(model.Page{}, r.explain(ctx, err))
		}
	}
}

// sweep is one use of Pages, or of List for many keys.
type sweep struct {
	store *Store
	uri   string
	mark  int64
	total int
	stop  atomic.Bool // looked at between rows, where asking a context would take longer than reading

	// The keys of the first page, which are not to be given again: their ids, and the moment of the oldest in nanoseconds.
	given  map[string]struct{}
	oldest int64

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

// first reads the first page, and what the other pages need to know of it.
func (r *sweep) first(ctx context.Context) (page model.Page, complete bool, err error) {
	if err := ctx.Err(); err != nil {
		return page, false, err
	}
	d, release, err := r.connect()
	if err != nil {
		return page, false, err
	}
	defer release()
	if err := d.exec(sqlBeginRead); err != nil {
		return page, false, err
	}
	state, err := d.prepare(sqlState)
	if err != nil {
		return page, false, err
	}
	if more, err := state.step(); err != nil || !more {
		return page, false, errors.Join(err, errNoState(more))
	}
	r.mark, r.total = markOf(state.int(0), state.int(1)), int(state.int(2))
	newest, err := d.prepare(sqlFirstPage)
	if err != nil {
		return page, false, err
	}
	if err := newest.bindInt(1, int64(r.store.bounds.firstKeys)); err != nil {
		return page, false, err
	}
	build := newBuilder(r.store.bounds.firstKeys)
	if err := r.fill(newest, build); err != nil {
		return page, false, err
	}
	page = model.Page{Keys: build.finish(), Total: r.total, Mark: r.mark}
	if len(page.Keys) < r.store.bounds.firstKeys {
		return page, true, nil
	}
	r.given = make(map[string]struct{}, len(page.Keys))
	for _, key := range page.Keys {
		r.given[key.ID] = struct{}{}
	}
	r.oldest = nanos(page.Keys[len(page.Keys)-1].CreatedAt)
	return page, false, nil
}

// rest reads what is not in the first page and gives it to yield; the error is that of the first reader that failed.
func (r *sweep) rest(ctx context.Context, cancel context.CancelCauseFunc, yield func(model.Page, error) bool) error {
	readers := min(runtime.GOMAXPROCS(0), mostReaders)
	pages := readers + 1 // one for each to fill, and one that is with the caller
	free, full := make(chan *builder, pages), make(chan *builder, pages)
	for range pages {
		free <- newBuilder(r.store.bounds.partKeys)
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
			err = r.read(ctx, free, full)
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
	give := func(b *builder) {
		if left || ctx.Err() != nil {
			return
		}
		if !yield(model.Page{Keys: b.keys, Total: r.total, Mark: r.mark}, nil) {
			left = true
			cancel(errLeft)
			return
		}
		free <- b
	}
	for readers > 0 {
		select {
		case b := <-full:
			give(b)
		case err := <-ended:
			end(err)
		}
	}
	for len(full) > 0 {
		give(<-full)
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

// read takes one part after another.
func (r *sweep) read(ctx context.Context, free <-chan *builder, full chan<- *builder) error {
	d, release, err := r.connect()
	if err != nil {
		return err
	}
	defer release()
	border, err := d.prepare(sqlKeysAfter)
	if err != nil {
		return err
	}
	part, err := d.prepare(sqlPart)
	if err != nil {
		return err
	}
	for {
		var b *builder
		select {
		case b = <-free:
		case <-ctx.Done():
			return errStopped
		}
		for b.reset(); len(b.keys) == 0; { // all of a part may have been in the first page, or be deleted by now
			if more, err := r.next(border, part); err != nil || !more {
				return err
			}
			if err := r.fill(part, b); err != nil {
				return err
			}
		}
		b.finish()
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

// fill adds the rows of a statement that gives keyColumns, apart from the keys of the first page.
func (r *sweep) fill(rows *statement, b *builder) error {
	defer rows.reset()
	for {
		more, err := rows.step()
		if err != nil || !more {
			return err
		}
		if r.stop.Load() {
			return errStopped
		}
		id, created := rows.text(columnID), rows.int(columnCreated)
		if created >= r.oldest {
			if _, again := r.given[string(id)]; again {
				continue
			}
		}
		if err := b.add(rows, id, created); err != nil {
			return err
		}
	}
}
