package store

import (
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"testing"
	"time"

	"clavier/model"
)

func changesOf(t testing.TB, s *Store, since int64) model.Changes {
	t.Helper()
	changes, err := s.Changes(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func markNow(t testing.TB, s *Store) int64 {
	t.Helper()
	return changesOf(t, s, 0).Mark
}

func TestChangesTellEach(t *testing.T) {
	path := newPath(t)
	mine, other := open(t, path), open(t, path)
	kept := put(t, mine, "kept", epoch)
	for _, who := range []*Store{mine, other} {
		mark := markNow(t, mine)
		rec := put(t, who, "production", epoch)
		wants := func(when string, keys []model.Key, gone ...string) {
			t.Helper()
			changes := changesOf(t, mine, mark)
			sameKeys(t, changes.Keys, keys)
			if fmt.Sprint(changes.Gone) != fmt.Sprint(gone) || changes.All || changes.Mark <= mark {
				t.Errorf("%s: %+v, want %v gone", when, changes, gone)
			}
			mark = changes.Mark
		}
		wants("after a put", []model.Key{listed(rec.Key)})
		if err := who.Touch(t.Context(), rec.Key.ID, epoch.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		used := listed(rec.Key)
		used.LastUse.At = epoch.Add(time.Hour)
		wants("after a use", []model.Key{used})
		if err := who.Touch(t.Context(), rec.Key.ID, epoch.Add(time.Hour+1)); err != nil {
			t.Fatal(err)
		}
		if err := who.Put(t.Context(), rec, someone); err != nil {
			t.Fatal(err)
		}
		if changes := changesOf(t, mine, mark); changes.Mark != mark || len(changes.Keys) > 0 {
			t.Errorf("what changed nothing is told: %+v", changes)
		}
		if err := who.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
		wants("after a deletion", nil, rec.Key.ID)
		before := mark
		again := put(t, who, "production", epoch)
		if err := who.Delete(t.Context(), again.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
		wants("after a put and its deletion", nil, again.Key.ID)
		if err := who.Put(t.Context(), again, someone); !errors.Is(err, model.ErrConflict) {
			t.Errorf("the record of a deleted key is put again: %v", err)
		}
		mark = before
		wants("after the same record was put again, in vain", nil, again.Key.ID)
	}
	holds(t, mine, kept)
}

// A mark of another store, of a moment that never was, or of too long ago, means that everything is to be read again.
func TestChangesThatCannotBeTold(t *testing.T) {
	s, other := open(t, newPath(t), small), open(t, newPath(t))
	put(t, s, "production", epoch)
	put(t, other, "production", epoch)
	mark := markNow(t, s)
	marks := map[string]int64{
		"none": 0, "negative": -1, "ahead": mark + 1, "far ahead": mark + 1<<40, "another store's": markNow(t, other),
		"another store's, later": markNow(t, other) + 1, "without a tag": 1, "the tag before": mark>>tagShift<<tagShift - 1, "the least": -1 << 63, "the most": 1<<63 - 1,
	}
	for name, since := range marks {
		if changes := changesOf(t, s, since); !changes.All || changes.Mark != mark || len(changes.Keys)+len(changes.Gone) > 0 {
			t.Errorf("%s: %+v", name, changes)
		}
	}
	if changes := changesOf(t, s, mark-1); changes.All || len(changes.Keys) != 1 {
		t.Errorf("the last change is told as %+v", changes)
	}
	const mostChanges = 100
	fillWith(t, s, mostChanges)
	if changes := changesOf(t, s, mark); changes.All || len(changes.Keys) != mostChanges {
		t.Errorf("of %d changes %d are told, and All is %v", mostChanges, len(changes.Keys), changes.All)
	}
	put(t, s, "one more", epoch)
	if changes := changesOf(t, s, mark); !changes.All || len(changes.Keys) > 0 || changes.Mark != mark+mostChanges+1 {
		t.Errorf("after too many changes: All is %v, %d keys, mark %d", changes.All, len(changes.Keys), changes.Mark-mark)
	}
}

// Following the marks gives what the store has, whatever is done, by whichever program, with clocks that go backwards.
func TestChangesFollowEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	path := newPath(t)
	stores := []*Store{open(t, path, useFaultDisk(t)), open(t, path, onFaultDisk)} // which does not really sync: fast
	disk.quiet = true
	live := []model.Record{}
	keys := map[string]model.Key{}
	mark := markNow(t, stores[0])
	for range amount(1500, 400, 150) {
		s := stores[random.IntN(2)]
		at := epoch.Add(time.Duration(random.Int64N(1e15)) - 5e14)
		var err error
		switch n := random.IntN(10); {
		case n < 4 || len(live) == 0:
			rec := newRecord(fmt.Sprint("key ", random.Uint64()), random)
			rec.Key.CreatedAt = at
			live = append(live, rec)
			err = s.Put(t.Context(), rec, someone)
		case n < 7:
			err = s.Touch(t.Context(), live[random.IntN(len(live))].Key.ID, at)
		default:
			n := random.IntN(len(live))
			err = s.Delete(t.Context(), live[n].Key.ID, someone, at)
			live[n] = live[len(live)-1]
			live = live[:len(live)-1]
		}
		if err != nil {
			t.Fatal(err)
		}
		if random.IntN(5) == 0 {
			mark = follow(t, stores[random.IntN(2)], keys, mark)
		}
	}
	follow(t, stores[0], keys, mark)
}

func TestChangesOfAnEndedContext(t *testing.T) {
	s := open(t, newPath(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Changes(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Changes returns %v", err)
	}
}
