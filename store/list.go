package store

import (
	"cmp"
	"context"
	"slices"

	"clavier/model"
)

// List returns all keys, newest first (by creation, then by id), as they are at one moment. LastUse is reported.
func (s *Store) List(ctx context.Context) ([]model.Key, error) {
	keys, err := s.list(ctx)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return keys, nil
}

func (s *Store) list(ctx context.Context) ([]model.Key, error) {
	var live int
	if err := s.db.QueryRowContext(ctx, sqlLive).Scan(&live); err != nil {
		return nil, err
	}
	if live > s.bounds.firstKeys {
		return s.listMany(ctx, live)
	}
	rows, err := s.db.QueryContext(ctx, sqlList)
	if err != nil {
		return nil, err
	}
	keys, err := scanKeys(rows)
	if keys == nil {
		keys = []model.Key{}
	}
	return keys, err
}

// listMany lists keys, of which there are about so many, over a connection of its own: opening that takes as long as
// reading some hundred keys with database/sql.
func (s *Store) listMany(ctx context.Context, about int) ([]model.Key, error) {
	r, stop := s.beginSweep(ctx)
	defer stop()
	d, release, err := r.connect()
	if err != nil {
		return nil, err
	}
	defer release()
	all, err := d.prepare(sqlAll)
	if err != nil {
		return nil, err
	}
	b := newBuilder(min(about, 1<<20))
	if err := r.fill(all, b); err != nil {
		return nil, r.explain(ctx, err)
	}
	keys := b.keys
	slices.SortFunc(keys, func(a, b model.Key) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return keys, nil
}
