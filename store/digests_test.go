package store

import (
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// digestsOf reads all pages and returns copies of them.
func digestsOf(ctx context.Context, s *Store) (pages []model.DigestPage, err error) {
	for page, err := range s.Digests(ctx) {
		if err != nil {
			return pages, err
		}
		page.Keys = slices.Clone(page.Keys)
		pages = append(pages, page)
	}
	return pages, nil
}

// digested is a key with its digest as Digests gives it.
func digested(rec model.Record) model.Digested {
	key := rec.Key
	key.Hint, key.Owner, key.Note, key.Rotating, key.Dead = "", "", "", false, false
	if !key.Imported {
		key.LastUse.Reported = true
	}
	return model.Digested{Key: key, Digest: rec.Sealed.Digest}
}

// sameDigested fails unless both have the same, each once, in any order.
func sameDigested(t testing.TB, got, want []model.Digested) {
	t.Helper()
	byID := func(a, b model.Digested) int { return strings.Compare(a.Key.ID, b.Key.ID) }
	got, want = slices.Clone(got), slices.Clone(want)
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	if len(got) != len(want) {
		t.Errorf("%d keys, want %d", len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("key %d of %d is %+v, want %+v", i, len(got), got[i], want[i])
		}
	}
}

func TestDigestsGiveEachKeyOnce(t *testing.T) {
	tests := []struct {
		n       int
		options []Option
	}{{0, nil}, {1, nil}, {amount(3*partKeys+17, partKeys+3, partKeys+3), nil}}
	for _, n := range []int{39, 40, 41, 80, 500} {
		tests = append(tests, struct {
			n       int
			options []Option
		}{n, []Option{small}})
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.n), func(t *testing.T) {
			s := open(t, newPath(t), test.options...)
			recs := slices.Collect(someRecords(7, test.n))
			if test.n > 1 {
				recs[0].Key.Imported, recs[0].Key.Note, recs[0].Key.LastUse = true, "https://example.org", model.LastUse{}
				recs[0].Key.CreatedAt, recs[0].At = time.Time{}, epoch
			}
			if err := s.Fill(t.Context(), slices.Values(recs), someone); err != nil {
				t.Fatal(err)
			}
			pages, err := digestsOf(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []model.Digested
			for i, page := range pages {
				if page.Total != test.n || page.Mark != markNow(t, s) {
					t.Errorf("page %d has total %d and mark %d", i, page.Total, page.Mark)
				}
				if test.n > 0 && len(page.Keys) == 0 || len(page.Keys) > s.bounds.partKeys {
					t.Errorf("page %d has %d keys", i, len(page.Keys))
				}
				got = append(got, page.Keys...)
			}
			if test.n == 0 && len(pages) != 1 {
				t.Errorf("an empty store gives %d pages", len(pages))
			}
			for _, rec := range recs {
				want = append(want, digested(rec))
			}
			sameDigested(t, got, want)
		})
	}
}

// Whoever reads the digests and then follows has what the store has, whatever other programs did meanwhile, and though
// other keys took the names of deleted ones.
func TestDigestsFollowEverything(t *testing.T) {
	for round := range amount(10, 2, 2) {
		t.Run(fmt.Sprint(round), func(t *testing.T) { followDigests(t, uint64(round)) })
	}
}

func followDigests(t *testing.T, round uint64) {
	path := newPath(t)
	s, other := open(t, path, useFaultDisk(t), small), open(t, path, onFaultDisk) // which does not really sync: fast
	disk.quiet = true
	const n = 500
	random := mrand.New(mrand.NewPCG(round, 2))
	recs := slices.Collect(someRecords(round, n))
	if err := other.Fill(t.Context(), slices.Values(recs), someone); err != nil {
		t.Fatal(err)
	}
	touched := map[string]bool{}
	disturb := func() {
		for range 3 {
			at := random.IntN(n)
			rec := recs[at]
			touched[rec.Key.ID] = true
			switch random.IntN(3) {
			case 0:
				rec.Key.LastUse.At = epoch.Add(time.Duration(random.Int64N(1e6)) * time.Hour)
				if err := other.NoteUses(t.Context(), []model.Use{{KeyID: rec.Key.ID, At: rec.Key.LastUse.At}}); err != nil {
					t.Fatal(err)
				}
			case 1:
				if _, err := other.End(t.Context(), rec.Key.ID, epoch.Add(time.Hour), someone, epoch); err != nil && !errors.Is(err, model.ErrExpired) {
					t.Fatal(err)
				}
			case 2: // the same name, another key
				again := newRecord(rec.Key.Name, random)
				recs[at], touched[again.Key.ID] = again, true
				again.Key.Role = model.Role(random.IntN(3))
				err := other.Delete(t.Context(), rec.Key.ID, someone, epoch)
				if err == nil {
					err = other.Put(t.Context(), again, someone)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	got := map[string]model.Digested{}
	var mark int64
	take := func(keys []model.Digested, gone []string) {
		for _, id := range gone {
			delete(got, id)
		}
		for _, key := range keys {
			got[key.Key.ID] = key
		}
	}
	for page, err := range s.Digests(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Keys {
			if _, again := got[key.Key.ID]; again && !touched[key.Key.ID] {
				t.Errorf("%s was given twice", key.Key.Name)
			}
		}
		mark = page.Mark
		take(page.Keys, nil)
		disturb()
	}
	for range 5 {
		changes, err := s.DigestChanges(t.Context(), mark)
		if err != nil || changes.All {
			t.Fatalf("too much has changed to tell: %v (%v)", changes.All, err)
		}
		take(changes.Keys, changes.Gone)
		mark = changes.Mark
		var want, have []model.Digested
		for _, key := range listOf(t, s) {
			sealed, err := s.Sealed(t.Context(), key.ID)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, digested(model.Record{Key: key, Sealed: sealed}))
		}
		for _, one := range got {
			have = append(have, one)
		}
		sameDigested(t, have, want)
		disturb()
	}
}

// A mark that means nothing here, or too many changes, mean that everything is to be read again. More are told where there
// are more keys.
func TestDigestChangesThatCannotBeTold(t *testing.T) {
	s, other := open(t, newPath(t), small), open(t, newPath(t))
	put(t, other, "production", epoch)
	fillWith(t, s, 1000)
	mark := markNow(t, s)
	for name, since := range map[string]int64{
		"none": 0, "negative": -1, "ahead": mark + 1, "another store's": markNow(t, other), "the least": -1 << 63, "the most": 1<<63 - 1,
		"one too many": mark - 1000/8 - 1,
	} {
		changes, err := s.DigestChanges(t.Context(), since)
		if err != nil || !changes.All || changes.Mark != mark || len(changes.Keys)+len(changes.Gone) > 0 {
			t.Errorf("%s: %+v (%v)", name, changes, err)
		}
	}
	for name, want := range map[string]int{"nothing": 0, "the last": 1, "as many as can be told": 1000 / 8} {
		changes, err := s.DigestChanges(t.Context(), mark-int64(want))
		if err != nil || changes.All || len(changes.Keys) != want || changes.Mark != mark {
			t.Errorf("%s: %d keys, All is %v (%v)", name, len(changes.Keys), changes.All, err)
		}
	}
}

// Whoever leaves early, or whose context ends, leaves nothing behind.
func TestDigestsEndAtOnce(t *testing.T) {
	s := open(t, newPath(t), small)
	fillWith(t, s, 400)
	rec := put(t, s, "production", epoch)
	before := runtime.NumGoroutine()
	for range s.Digests(t.Context()) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	var last error
	for _, err := range s.Digests(ctx) {
		last = err
		cancel()
	}
	cancel()
	if !errors.Is(last, context.Canceled) {
		t.Errorf("the reading ended with %v", last)
	}
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	// A transaction that was left would keep the log from being cut.
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Error(err)
	}
	if pages, err := digestsOf(ctx, s); !errors.Is(err, context.Canceled) || len(pages) != 0 {
		t.Errorf("%d pages for a caller who had left, and %v", len(pages), err)
	}
	if _, err := s.DigestChanges(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("DigestChanges for a caller who has left returns %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := digestsOf(t.Context(), s); !errors.Is(err, errClosed) {
		t.Errorf("Digests of a closed store gives %v", err)
	}
	if _, err := s.DigestChanges(t.Context(), 1); !errors.Is(err, errClosed) {
		t.Errorf("DigestChanges of a closed store returns %v", err)
	}
	if _, err := s.Version(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("Version of a closed store returns %v", err)
	}
}

// A deletion is heard of although it waits to be erased, because another program reads: what asks for changes waits for none.
func TestT26DeletionIsHeardOfBeforeItIsErased(t *testing.T) {
	path := newPath(t)
	s, reader := open(t, path), open(t, path)
	rec := put(t, s, "production", epoch)
	mark := markNow(t, s)
	before, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := reader.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{sqlBeginRead, sqlLive} {
		if _, err := conn.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Delete(t.Context(), rec.Key.ID, someone, epoch) }()
	waitFor(t, "the deletion to be heard of", func() bool {
		version, err := s.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return version != before
	})
	changes, err := s.DigestChanges(t.Context(), mark)
	if err != nil || !slices.Equal(changes.Gone, []string{rec.Key.ID}) {
		t.Errorf("the changes are %+v (%v)", changes, err)
	}
	select {
	case err := <-ended:
		t.Errorf("the deletion did not wait for the reader: %v", err)
	default:
	}
	if _, err := conn.ExecContext(t.Context(), sqlRollback); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
