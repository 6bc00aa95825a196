package store

import (
	"context"
	"iter"

	"clavier/model"
)

// firstKeys is how many keys the first page has: more than a screen has rows, few enough to be read in a millisecond.
const firstKeys = 256

// Pages reads all keys. The first page has the newest 256, newest first, straight from an index; the others have up to
// 2048 keys each, in any order, read over several connections side by side. Every page has Total and Mark as they were
// when the first was read. An empty store gives one page without keys.
//
// Each key that exists from the beginning to the end is given exactly once, as it was at some moment in between. A key
// that is made or deleted meanwhile is given or not. Changes since the Mark tells all of that.
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

		first, err := r.newest(ctx, model.Cursor{}, s.bounds.firstKeys)
		if err != nil {
			yield(model.Page{}, r.explain(ctx, err))
			return
		}
		complete := len(first.Keys) < s.bounds.firstKeys
		given, oldest := idsOf(first.Keys)
		if !yield(first, nil) || complete {
			return
		}
		fresh := func() *builder { return newBuilder(s.bounds.partKeys).without(given, oldest) }
		err = sweepParts(ctx, cancel, r, sqlPart, fresh, func(b *builder) bool {
			return yield(model.Page{Keys: b.keys, Total: r.total, Mark: r.mark}, nil)
		})
		if err != nil {
			yield(model.Page{}, r.explain(ctx, err))
		}
	}
}

// After returns at most limit keys behind a place in the list, newest first, with the Total and Mark of the same moment. A page
// without keys is behind the last. The key of the place need not exist any more.
//
// Pages that are asked for one after another, each behind the last key of the one before, give each key exactly once that
// exists throughout. It returns model.ErrStoreDamaged, model.ErrStoreBusy or model.ErrStoreWrite if the file cannot be read.
func (s *Store) After(ctx context.Context, place model.Cursor, limit int) (model.Page, error) {
	if !place.CreatedAt.IsZero() {
		if err := checkTime("the creation time of a place in the list", place.CreatedAt); err != nil {
			return model.Page{}, err
		}
	}
	r, stop := s.beginSweep(ctx)
	defer stop()
	page, err := r.newest(ctx, place, max(limit, 0))
	if err != nil {
		return model.Page{}, r.explain(ctx, err)
	}
	return page, nil
}

// newest reads at most limit keys behind a place, newest first, and the state, all as they are at one moment.
func (r *sweep) newest(ctx context.Context, place model.Cursor, limit int) (page model.Page, err error) {
	d, release, err := r.begin(ctx)
	if err != nil {
		return page, err
	}
	defer release()
	query, values := sqlFirstPage, []any{int64(limit)}
	if place != (model.Cursor{}) {
		query, values = sqlAfter, []any{nanos(place.CreatedAt), place.ID, int64(limit)}
	}
	newest, err := d.prepare(query)
	if err != nil {
		return page, err
	}
	if err := newest.bind(values...); err != nil {
		return page, err
	}
	build := newBuilder(min(limit, r.total))
	if err := r.fill(newest, build); err != nil {
		return page, err
	}
	return model.Page{Keys: build.keys, Total: r.total, Mark: r.mark}, nil
}

// idsOf returns the ids of keys that are newest first, and the moment of the oldest in nanoseconds.
func idsOf(keys []model.Key) (given map[string]struct{}, oldest int64) {
	given = make(map[string]struct{}, len(keys))
	for _, key := range keys {
		given[key.ID] = struct{}{}
		oldest = nanos(key.CreatedAt)
	}
	return given, oldest
}
