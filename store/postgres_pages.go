package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// pgReaders is how many connections read the parts of a sweep: one sends while the rows of the other are taken in.
const pgReaders = 2

// List returns all keys, newest first (by creation, then by id), as they are at one moment. LastUse is reported.
func (p *Postgres) List(ctx context.Context) ([]model.Key, error) {
	return pgRows(ctx, p, pgScanKey, pgList)
}

// After returns at most limit keys behind a place in the list, newest first, with the Total and Mark of the same moment; see
// Store.
func (p *Postgres) After(ctx context.Context, place model.Cursor, limit int) (model.Page, error) {
	if !place.CreatedAt.IsZero() {
		if err := checkTime("the creation time of a place in the list", place.CreatedAt); err != nil {
			return model.Page{}, err
		}
	}
	if !pgKeeps(place.ID) {
		return model.Page{}, errors.New("the id of a place in the list has U+0000 or is no valid UTF-8")
	}
	return p.newest(ctx, place, max(limit, 0))
}

// newest reads at most limit keys behind a place, newest first, and the state, all as they are at one moment.
func (p *Postgres) newest(ctx context.Context, place model.Cursor, limit int) (page model.Page, err error) {
	var questions pgx.Batch
	questions.Queue(p.state())
	if place == (model.Cursor{}) {
		questions.Queue(pgFirst, limit)
	} else {
		questions.Queue(pgAfter, limit, nanos(place.CreatedAt), place.ID)
	}
	err = p.read(ctx, p.wait, func(ctx context.Context, conn *pgx.Conn) error {
		return pgSnapshot(ctx, conn, &questions, func(answers pgx.BatchResults) (err error) {
			if page.Mark, page.Total, err = pgStateOf(answers.QueryRow()); err != nil {
				return err
			}
			page.Keys, err = pgCollect(answers, pgScanKey)
			return err
		})
	})
	if err != nil {
		return model.Page{}, p.orDamaged(ctx, err)
	}
	return page, nil
}

// Pages reads all keys: the newest 256 first, the others up to 2048 at a time, in any order, read over two connections. What
// Pages of Store promises of marks, of keys that come and go meanwhile and of slow callers holds here too.
//
// The one error comes last, with an empty page: model.ErrStoreDamaged, model.ErrStoreWrite if the database cannot be read, or
// the error of ctx.
func (p *Postgres) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		first, err := p.newest(ctx, model.Cursor{}, p.bounds.firstKeys)
		if err != nil {
			yield(model.Page{}, err)
			return
		}
		complete := len(first.Keys) < p.bounds.firstKeys
		given, _ := idsOf(first.Keys)
		if !yield(first, nil) || complete {
			return
		}
		r := &pgSweep[model.Key]{
			store: p, part: pgPart, last: pgLastPart, scan: pgScanKey,
			leaveOut: func(key model.Key) bool { _, again := given[key.ID]; return again },
		}
		err = r.run(ctx, func(keys []model.Key) bool {
			return yield(model.Page{Keys: keys, Total: first.Total, Mark: first.Mark}, nil)
		})
		if err != nil {
			yield(model.Page{}, err)
		}
	}
}

// Digests gives all keys with the digests of their secrets, 2048 at a time, in any order, read over two connections. Hint, Owner
// and Note are left out. Every page has Total and Mark as they were when the reading began; a store without keys gives one page
// without keys.
//
// What Pages says of keys that come and go meanwhile, of slow callers and of errors holds here too; DigestChanges since the
// Mark tells what a caller missed.
func (p *Postgres) Digests(ctx context.Context) iter.Seq2[model.DigestPage, error] {
	ctx = follows(ctx)
	return func(yield func(model.DigestPage, error) bool) {
		state, err := p.newest(ctx, model.Cursor{}, 0)
		if err != nil {
			yield(model.DigestPage{}, err)
			return
		}
		given := false
		r := &pgSweep[model.Digested]{store: p, part: pgDigests, last: pgLastDigests, scan: pgScanDigested}
		err = r.run(ctx, func(keys []model.Digested) bool {
			given = true
			return yield(model.DigestPage{Keys: keys, Total: state.Total, Mark: state.Mark}, nil)
		})
		switch {
		case err != nil:
			yield(model.DigestPage{}, err)
		case !given:
			yield(model.DigestPage{Total: state.Total, Mark: state.Mark}, nil)
		}
	}
}

// pgSweep is one reading of many keys, part by part, in the order of their ids.
type pgSweep[T any] struct {
	store      *Postgres
	part, last string // the statements for a part between two ids, and behind one
	scan       pgx.RowToFunc[T]
	leaveOut   func(T) bool // nil for none

	mu    sync.Mutex // guards what follows: where the next part begins
	after string
	over  bool
}

// run reads all parts and gives them to yield, until that has enough. It returns the error of the first reader that failed.
func (r *pgSweep[T]) run(ctx context.Context, yield func([]T) bool) error {
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	full := make(chan []T, pgReaders)
	var readers sync.WaitGroup
	for range pgReaders {
		readers.Go(func() {
			var err error
			defer func() {
				if cause := recover(); cause != nil { // in a goroutine it would end the program
					err = fmt.Errorf("reading the store %s failed: %v", show(r.store.where), cause)
				}
				if err != nil {
					cancel(err)
				}
			}()
			err = r.read(reading, full)
		})
	}
	go func() { readers.Wait(); close(full) }()
	left := false
	for keys := range full {
		if !left && reading.Err() == nil && !yield(keys) {
			left = true
			cancel(errLeft)
		}
	}
	switch {
	case left || reading.Err() == nil:
		return nil
	case ctx.Err() != nil:
		return r.store.explain(ctx, ctx.Err())
	default:
		return context.Cause(reading)
	}
}

// read takes one part after another.
func (r *pgSweep[T]) read(ctx context.Context, full chan<- []T) error {
	for {
		var part pgPartOf
		var keys []T
		err := r.store.read(ctx, r.store.wait, func(ctx context.Context, conn *pgx.Conn) (err error) {
			if part.query == "" { // else it was taken, and the connection lost
				if part, err = r.take(ctx, conn); err != nil || part.query == "" {
					return err
				}
			}
			keys, err = r.keysOf(ctx, conn, part)
			return err
		})
		if err != nil || part.query == "" {
			return err
		}
		if len(keys) == 0 { // all of it was given before, or is deleted by now
			continue
		}
		select {
		case full <- keys:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// keysOf reads a part.
func (r *pgSweep[T]) keysOf(ctx context.Context, conn *pgx.Conn, part pgPartOf) ([]T, error) {
	rows, err := conn.Query(ctx, part.query, part.args...)
	if err != nil {
		return nil, err
	}
	keys, err := pgx.AppendRows(make([]T, 0, r.store.bounds.partKeys), rows, r.scan)
	if r.leaveOut != nil {
		keys = slices.DeleteFunc(keys, r.leaveOut)
	}
	return keys, err
}

// pgPartOf is a statement that reads a part.
type pgPartOf struct {
	query string // empty if there is no part left
	args  []any
}

// take takes the next part that nobody has taken.
func (r *pgSweep[T]) take(ctx context.Context, conn *pgx.Conn) (part pgPartOf, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || ctx.Err() != nil {
		return pgPartOf{}, ctx.Err()
	}
	part = pgPartOf{r.last, []any{r.after}}
	var end string
	switch err := conn.QueryRow(ctx, pgKeysAfter, r.after, r.store.bounds.partKeys-1).Scan(&end); {
	case errors.Is(err, pgx.ErrNoRows):
		r.over = true
	case err != nil:
		return pgPartOf{}, err
	default:
		part = pgPartOf{r.part, []any{r.after, end}}
		r.after = end
	}
	return part, nil
}
