package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
)

// someRecords yields n records; their names, times, uses, roles and owners follow from the seed, their ids and secrets are random.
func someRecords(seed uint64, n int) func(yield func(model.Record) bool) {
	return func(yield func(model.Record) bool) {
		random := mrand.New(mrand.NewPCG(seed, uint64(n)))
		for i := range n {
			rec := newRecord(fmt.Sprintf("team %d key %d.%d", random.IntN(40), seed, i), random)
			rec.Key.Owner = []string{"", "ada", "ada", "ada", "grace"}[random.IntN(5)]
			// Twins and triplets in time are usual, and ids do not follow times.
			rec.Key.CreatedAt = epoch.Add(time.Duration(random.IntN(n)) * time.Second)
			rec.Key.Disabled = random.IntN(50) == 0
			rec.Key.Role = model.Role(random.IntN(3))
			rec.Key.LastUse.Reported = true
			if random.IntN(2) == 0 {
				rec.Key.LastUse.At = epoch.Add(time.Duration(random.IntN(1e9)) * time.Millisecond)
			}
			if random.IntN(9) == 0 {
				rec.Key.ExpiresAt = epoch.Add(time.Duration(random.Int64N(1e18)))
			}
			if !yield(rec) {
				return
			}
		}
	}
}

func fillWith(t testing.TB, s *Store, n int) {
	t.Helper()
	if err := s.Fill(t.Context(), someRecords(7, n), someone); err != nil {
		t.Fatal(err)
	}
}

// small makes pages and transactions small, so that few keys make many of them.
func small(s *settings) { s.bounds = bounds{firstKeys: 8, partKeys: 40, changes: 100, fill: 60} }

// pagesOf reads all pages and returns copies of them.
func pagesOf(ctx context.Context, s *Store) (pages []model.Page, err error) {
	for page, err := range s.Pages(ctx) {
		if err != nil {
			return pages, err
		}
		page.Keys = slices.Clone(page.Keys)
		pages = append(pages, page)
	}
	return pages, nil
}

func keysOf(pages []model.Page) (keys []model.Key) {
	for _, page := range pages {
		keys = append(keys, page.Keys...)
	}
	return keys
}

// sameKeys fails unless both have the same keys, each once, in any order.
func sameKeys(t testing.TB, got, want []model.Key) {
	t.Helper()
	byOrder := model.Order{}.Compare
	got, want = slices.Clone(got), slices.Clone(want)
	slices.SortFunc(got, byOrder)
	slices.SortFunc(want, byOrder)
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

func TestPagesGiveEachKeyOnce(t *testing.T) {
	tests := []struct {
		n       int
		options []Option
	}{{0, nil}, {1, nil}, {amount(3*partKeys+17, firstKeys+3, firstKeys+3), nil}}
	for _, n := range []int{7, 8, 9, 40, 48, 49, 500} {
		tests = append(tests, struct {
			n       int
			options []Option
		}{n, []Option{small}})
	}
	for _, test := range tests {
		n := test.n
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := open(t, newPath(t), test.options...)
			firstKeys, partKeys := s.bounds.firstKeys, s.bounds.partKeys
			fillWith(t, s, n)
			want, err := s.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages, err := pagesOf(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			first := pages[0]
			if !slices.Equal(first.Keys, want[:min(n, firstKeys)]) {
				t.Error("the first page does not have the newest keys, newest first")
			}
			for i, page := range pages {
				if page.Total != n || page.Mark == 0 || page.Mark != first.Mark {
					t.Errorf("page %d has total %d and mark %d, want %d and %d", i, page.Total, page.Mark, n, first.Mark)
				}
				if i > 0 && len(page.Keys) == 0 || len(page.Keys) > partKeys {
					t.Errorf("page %d has %d keys", i, len(page.Keys))
				}
			}
			sameKeys(t, keysOf(pages), want)
			if changes, err := s.Changes(t.Context(), first.Mark); err != nil || changes.Mark != first.Mark ||
				changes.All || len(changes.Keys)+len(changes.Gone) > 0 {
				t.Errorf("nothing has happened since, and Changes tells %+v (%v)", changes, err)
			}
		})
	}
}

// Whoever reads by pages and then asks for what has changed since has what the store has, whatever other programs did
// meanwhile; and what none of them touched came exactly once.
func TestPagesAndChangesWhileOthersWrite(t *testing.T) {
	for round := range amount(10, 2, 2) {
		t.Run(fmt.Sprint(round), func(t *testing.T) { readAndDisturb(t, uint64(round)) })
	}
}

func readAndDisturb(t *testing.T, round uint64) {
	path := newPath(t)
	s, other := open(t, path, useFaultDisk(t), small), open(t, path, onFaultDisk) // which does not really sync: fast
	disk.quiet = true
	const n = 700
	fillWith(t, s, n)
	random := mrand.New(mrand.NewPCG(round, 1))
	all, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	touched := map[string]bool{}
	disturb := func() {
		for range 3 {
			key := all[random.IntN(n)]
			switch random.IntN(3) {
			case 0:
				err = other.Delete(t.Context(), key.ID, someone, epoch)
			case 1:
				err = other.Touch(t.Context(), key.ID, epoch.Add(time.Duration(random.Int64N(1e18))))
			case 2:
				rec := newRecord(fmt.Sprint("new ", random.Uint64()), random)
				rec.Key.CreatedAt = epoch.Add(time.Duration(random.IntN(2*n)) * time.Second)
				key, err = rec.Key, other.Put(t.Context(), rec, someone)
			}
			if err != nil && !errors.Is(err, model.ErrNotFound) {
				t.Fatal(err)
			}
			touched[key.ID] = true
		}
	}
	got := map[string]model.Key{}
	var mark int64
	for page, err := range s.Pages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		mark = page.Mark
		for _, key := range page.Keys {
			if _, again := got[key.ID]; again && !touched[key.ID] {
				t.Errorf("%s was given twice", key.Name)
			}
			got[key.ID] = key
		}
		disturb()
	}
	for _, key := range all {
		if _, ok := got[key.ID]; !ok && !touched[key.ID] {
			t.Errorf("%s was not given", key.Name)
		}
	}
	follow(t, s, got, mark)
}

// follow brings keys from the moment of a mark to now, compares them with the store, and returns the mark of now.
func follow(t testing.TB, s *Store, keys map[string]model.Key, mark int64) int64 {
	t.Helper()
	changes, err := s.Changes(t.Context(), mark)
	if err != nil {
		t.Fatal(err)
	}
	if changes.All {
		t.Fatal("too much has changed to tell")
	}
	for _, key := range changes.Keys {
		keys[key.ID] = key
	}
	for _, id := range changes.Gone {
		delete(keys, id)
	}
	want, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameKeys(t, slices.Collect(maps.Values(keys)), want)
	return changes.Mark
}

// Whoever leaves early, or whose context ends, leaves nothing behind: no goroutine, no connection, no transaction.
func TestPagesEndAtOnce(t *testing.T) {
	path := newPath(t)
	s := open(t, path, small)
	fillWith(t, s, 400)
	rec := put(t, s, "production", epoch)
	before := runtime.NumGoroutine()
	for leaveAfter := range 4 {
		pages := 0
		for range s.Pages(t.Context()) {
			if pages++; pages > leaveAfter {
				break
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		pages = 0
		var last error
		for _, err := range s.Pages(ctx) {
			last = err
			if pages++; pages > leaveAfter {
				cancel()
			}
		}
		cancel()
		if !errors.Is(last, context.Canceled) || pages > leaveAfter+2 {
			t.Errorf("after %d pages the reading ended with %v, %d pages later", leaveAfter+1, last, pages-leaveAfter-1)
		}
	}
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	// A transaction that was left would keep the log from being cut.
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if pages, err := pagesOf(ctx, s); !errors.Is(err, context.Canceled) || len(pages) != 0 {
		t.Errorf("%d pages for a caller who had left, and %v", len(pages), err)
	}
}

// A caller who takes a page and does nothing with it for long is in nobody's way.
func TestPagesSlowCallerBlocksNobody(t *testing.T) {
	path := newPath(t)
	s, other := open(t, path, small), open(t, path)
	fillWith(t, s, 600)
	recs := []model.Record{put(t, s, "first", epoch), put(t, s, "second", epoch), put(t, s, "third", epoch)}
	pages := 0
	for _, err := range s.Pages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if pages++; pages > len(recs) {
			continue
		}
		// All readers have filled what they may and wait for us.
		for _, d := range []*Store{s, other} {
			rec := put(t, d, fmt.Sprint("new ", pages, d == s), epoch)
			if err := d.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
				t.Error(err)
			}
		}
		if err := other.Delete(t.Context(), recs[pages-1].Key.ID, someone, epoch); err != nil {
			t.Error(err)
		}
	}
}

func TestPagesOfAClosedStore(t *testing.T) {
	path := newPath(t)
	s := open(t, path, small)
	fillWith(t, s, 400)
	pages := 0
	var last error
	for _, err := range s.Pages(t.Context()) {
		last = err
		if pages++; pages == 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last == nil || !errors.Is(last, errClosed) {
		t.Errorf("the reading ended with %v", last)
	}
	if _, err := pagesOf(t.Context(), s); !errors.Is(err, errClosed) {
		t.Errorf("Pages of a closed store gives %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the log was not folded in: %v (%v)", entries, err)
	}
}

// Several loops at once do not disturb each other.
func TestPagesSideBySide(t *testing.T) {
	s := open(t, newPath(t), small)
	fillWith(t, s, 300)
	want, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan []model.Page)
	for range 4 {
		go func() {
			pages, err := pagesOf(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			ended <- pages
		}()
	}
	for range 4 {
		sameKeys(t, keysOf(<-ended), want)
	}
}

// A file that was moved away is not read in place of another that stands there now.
func TestPagesOfAReplacedStore(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	put(t, s, "production", epoch)
	other := newPath(t)
	closed(t, other, 1)
	if err := errors.Join(os.Rename(path, path+".old"), os.Rename(other, path)); err != nil {
		t.Fatal(err)
	}
	if _, err := pagesOf(t.Context(), s); !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("Pages gives %v", err)
	}
}

// A panic in the caller's loop ends the reading too.
func TestPagesPanicInTheLoop(t *testing.T) {
	s := open(t, newPath(t), small)
	fillWith(t, s, 400)
	before := runtime.NumGoroutine()
	var caught atomic.Bool
	func() {
		defer func() { caught.Store(recover() != nil) }()
		pages := 0
		for range s.Pages(t.Context()) {
			if pages++; pages == 2 {
				panic("out of cheese")
			}
		}
	}()
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	if !caught.Load() {
		t.Error("the panic was swallowed")
	}
}
