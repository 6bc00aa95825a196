package server

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"clavier/model"
)

// fakeMark makes marks of numbers of changes: none is 0.
const fakeMark = 1 << 41

func (s *fakeStore) mark() int64 { return fakeMark | s.changes }

func (s *fakeStore) Version(ctx context.Context) (int64, error) {
	if err := s.begin(ctx, "Version"); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return s.changes + 1, nil
}

// since returns the ids of the keys that have changed, and of those that are gone.
func (s *fakeStore) since(mark int64) (changed, gone []string, all bool) {
	if mark < fakeMark || mark > s.mark() || s.mark()-mark > s.told {
		return nil, nil, true
	}
	for id, number := range s.changed {
		if number > mark&^fakeMark {
			changed = append(changed, id)
		}
	}
	for id, number := range s.gone {
		if number > mark&^fakeMark {
			gone = append(gone, id)
		}
	}
	return changed, gone, false
}

func (s *fakeStore) Changes(ctx context.Context, since int64) (model.Changes, error) {
	if err := s.begin(ctx, "Changes"); err != nil {
		return model.Changes{}, err
	}
	defer s.mu.Unlock()
	changed, gone, all := s.since(since)
	changes := model.Changes{Gone: gone, Mark: s.mark(), All: all}
	for _, id := range changed {
		changes.Keys = append(changes.Keys, listed(s.records[id].Key))
	}
	return changes, nil
}

func (s *fakeStore) DigestChanges(ctx context.Context, since int64) (model.DigestChanges, error) {
	if err := s.begin(ctx, "DigestChanges"); err != nil {
		return model.DigestChanges{}, err
	}
	defer s.mu.Unlock()
	changed, gone, all := s.since(since)
	changes := model.DigestChanges{Gone: gone, Mark: s.mark(), All: all}
	for _, id := range changed {
		changes.Keys = append(changes.Keys, model.Digested{Key: listed(s.records[id].Key), Digest: s.records[id].Sealed.Digest})
	}
	return changes, nil
}

// newest returns all keys, newest first.
func (s *fakeStore) newest() []model.Key {
	keys := make([]model.Key, 0, len(s.records))
	for _, record := range s.records {
		keys = append(keys, listed(record.Key))
	}
	slices.SortFunc(keys, func(a, b model.Key) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return keys
}

func (s *fakeStore) After(ctx context.Context, place model.Cursor, limit int) (model.Page, error) {
	if err := s.begin(ctx, "After"); err != nil {
		return model.Page{}, err
	}
	defer s.mu.Unlock()
	keys := s.newest()
	if place != (model.Cursor{}) {
		keys = slices.DeleteFunc(keys, func(key model.Key) bool {
			return cmp.Or(place.CreatedAt.Compare(key.CreatedAt), cmp.Compare(place.ID, key.ID)) <= 0
		})
	}
	return model.Page{Keys: keys[:min(limit, len(keys))], Total: len(s.records), Mark: s.mark()}, nil
}

func (s *fakeStore) Digests(ctx context.Context) iter.Seq2[model.DigestPage, error] {
	return func(yield func(model.DigestPage, error) bool) {
		if err := s.begin(ctx, "Digests"); err != nil {
			yield(model.DigestPage{}, err)
			return
		}
		keys := s.newest()
		first := model.DigestPage{Total: len(keys), Mark: s.mark()}
		s.mu.Unlock()
		if len(keys) == 0 {
			yield(first, nil)
		}
		number := 0
		for part := range slices.Chunk(keys, s.page) {
			number++
			s.mu.Lock()
			between := s.between
			s.mu.Unlock()
			if between != nil {
				between(number)
			}
			page := first
			s.mu.Lock()
			err := cmp.Or(s.failure, ctx.Err())
			for _, key := range part {
				if record, ok := s.records[key.ID]; ok { // it may have gone meanwhile
					page.Keys = append(page.Keys, model.Digested{Key: listed(record.Key), Digest: record.Sealed.Digest})
				}
			}
			s.mu.Unlock()
			if err != nil {
				yield(model.DigestPage{}, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}
