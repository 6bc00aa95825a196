package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// together calls all functions at once, so that their changes are made in one transaction: nothing begins before all of them
// wait. It returns their results.
func together(t testing.TB, s *Store, calls ...func() error) []error {
	t.Helper()
	conn, err := s.db.Conn(t.Context()) // which everybody needs
	if err != nil {
		t.Fatal(err)
	}
	results := make([]error, len(calls))
	ended := make(chan struct{})
	for i, call := range calls {
		go func() {
			defer func() { ended <- struct{}{} }()
			results[i] = call()
		}()
	}
	waitFor(t, "all to wait", func() bool { return waitingIn(s) == len(calls) })
	_ = conn.Close()
	for range calls {
		<-ended
	}
	return results
}

// syncs returns how often the fault disk is asked to sync while something is done.
func syncs(do func()) int {
	count := func() (n int) {
		disk.mu.Lock()
		defer disk.mu.Unlock()
		for _, note := range disk.notes {
			if note.deed == synced {
				n++
			}
		}
		return n
	}
	before := count()
	do()
	return count() - before
}

func waitingIn(s *Store) int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return len(s.queue.jobs)
}

func working(s *Store) bool {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return s.queue.running
}

// waitFor waits until something is so, for at most ten seconds.
func waitFor(t testing.TB, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); !so(); {
		if time.Now().After(until) {
			t.Fatalf("waited too long for %s", what)
		}
		runtime.Gosched()
	}
}

// Each of those whose changes are made together has an outcome of its own, and whoever is refused harms nobody.
func TestTogetherEachHasItsOutcome(t *testing.T) {
	path := newPath(t)
	s := open(t, path, useFaultDisk(t))
	var alone int // syncs of one deletion
	for range 2 { // the first begins a log
		rec := put(t, s, "alone", epoch)
		alone = syncs(func() {
			if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
				t.Fatal(err)
			}
		})
	}
	doomed, kept := put(t, s, "doomed", epoch), put(t, s, "kept", epoch)
	fresh, twin, wanted := record(t, "fresh", epoch), record(t, "wanted", epoch), record(t, "wanted", epoch)
	thief := record(t, "thief", epoch)
	thief.Sealed.Digest = kept.Sealed.Digest
	other := kept
	other.Key.Name = "another"
	putting := func(rec model.Record) func() error {
		return func() error { return s.Put(t.Context(), rec, someone) }
	}
	deleting := func(id string) func() error {
		return func() error { return s.Delete(t.Context(), id, someone, epoch) }
	}
	var results []error
	if n := syncs(func() {
		results = together(t, s, putting(fresh), putting(wanted), putting(twin), putting(thief), putting(other), putting(kept),
			deleting(doomed.Key.ID), deleting("nobody"), deleting(doomed.Key.ID), putting(fresh))
	}); n != alone {
		t.Errorf("all together took %d syncs, and one deletion alone %d", n, alone)
	}
	for i, want := range []error{nil, nil, nil, model.ErrConflict, model.ErrConflict, nil, nil, model.ErrNotFound, nil, nil} {
		if i == 1 || i == 2 { // one of them gets the name
			continue
		}
		if !errors.Is(results[i], want) || (want == nil) != (results[i] == nil) {
			t.Errorf("call %d returns %v, want %v", i, results[i], want)
		}
	}
	if (results[1] == nil) == (results[2] == nil) || !errors.Is(errors.Join(results[1], results[2]), model.ErrNameTaken) {
		t.Errorf("of two that want one name: %v, %v", results[1], results[2])
	}
	if results[1] != nil {
		wanted = twin
	}
	holds(t, s, kept, fresh, wanted)
	var slots int
	if err := s.db.QueryRow(`SELECT count(*) FROM vault WHERE live = 1`).Scan(&slots); err != nil || slots != 3 {
		t.Errorf("%d slots are live for 3 keys (%v): one who was refused has written", slots, err)
	}
	lines, err := tellings(t.Context(), s)
	if err != nil || lines[doomed.Key.ID] != (told{1, 1}) || lines[fresh.Key.ID] != (told{1, 0}) {
		t.Errorf("the activity tells %v (%v)", lines, err)
	}
	if bytes.Contains(raw(t, filepath.Dir(path)), doomed.Sealed.Ciphertext) {
		t.Error("the deleted secret is still in the files")
	}
}

// One change that goes wrong in the middle, or panics, is undone, and the others are made all the same.
func TestTogetherOneGoesWrong(t *testing.T) {
	s := open(t, newPath(t))
	doomed, kept := put(t, s, "doomed", epoch), put(t, s, "kept", epoch)
	first, second := record(t, "first", epoch), record(t, "second", epoch)
	broken := errors.New("broken")
	wreck := func(ctx context.Context, conn *sql.Conn) {
		if _, err := conn.ExecContext(ctx, sqlDelete, kept.Key.ID); err != nil {
			t.Error(err)
		}
	}
	results := together(t, s,
		func() error { return s.Put(t.Context(), first, someone) },
		func() error {
			return s.write(t.Context(), func(ctx context.Context, conn *sql.Conn) error { wreck(ctx, conn); return broken })
		},
		func() error { return s.Delete(t.Context(), doomed.Key.ID, someone, epoch) },
		func() (err error) {
			defer func() {
				if recover() == nil {
					err = errors.New("the panic did not reach its caller")
				}
			}()
			return s.write(t.Context(), func(ctx context.Context, conn *sql.Conn) error { wreck(ctx, conn); panic(broken) })
		},
		func() error { // ends the transaction of all
			return s.write(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
				wreck(ctx, conn)
				rollback(ctx, conn)
				return broken
			})
		},
		func() error { return s.Put(t.Context(), second, someone) })
	for i, err := range results {
		if want := i == 1 || i == 4; errors.Is(err, broken) != want || !want && err != nil {
			t.Errorf("call %d returns %v", i, err)
		}
	}
	holds(t, s, kept, first, second)
	if lines, err := tellings(t.Context(), s); err != nil || lines[doomed.Key.ID] != (told{1, 1}) {
		t.Errorf("the activity tells %v (%v)", lines, err)
	}
}

// A panic below the changes themselves reaches those whose changes it ended, and not the goroutine that made them.
func TestTogetherPanicBelow(t *testing.T) {
	path := newPath(t)
	s := open(t, path, useFaultDisk(t))
	rec, doomed := put(t, s, "production", epoch), put(t, s, "doomed", epoch)
	armed := true
	disk.failWith(func(int, deed) fault {
		if armed {
			armed = false
			panic("out of cheese")
		}
		return fault{}
	})
	caught := func(do func() error) func() error {
		return func() (err error) {
			defer func() {
				if cause := recover(); cause != nil {
					err = errPanicked
				}
			}()
			return do()
		}
	}
	for i, err := range together(t, s,
		caught(func() error { return s.Put(t.Context(), record(t, "first", epoch), someone) }),
		caught(func() error { return s.Delete(t.Context(), doomed.Key.ID, someone, epoch) })) {
		if !errors.Is(err, errPanicked) {
			t.Errorf("call %d returns %v", i, err)
		}
	}
	// Whether the two were made nobody knows. Everything else goes on.
	for _, rec := range []model.Record{rec, put(t, s, "second", epoch)} {
		if err := errors.Join(checkLive(t.Context(), s, rec), sound(t.Context(), s)); err != nil {
			t.Error(err)
		}
	}
}

// Whoever gives up while waiting is let go, nothing of theirs is made, and the others go on waiting.
func TestTogetherOneGivesUp(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(time.Hour))
	rec := put(t, s, "production", epoch)
	release := hold(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	stayed, left := record(t, "stayed", epoch), record(t, "left", epoch)
	results := make(chan error, 3)
	go func() { results <- s.Put(ctx, left, someone) }()
	waitFor(t, "the first", func() bool { return waitingIn(s) == 1 })
	cancel() // the only one who waits
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	waitFor(t, "the work to end", func() bool { return !working(s) })
	ctx, cancel = context.WithCancel(t.Context())
	go func() { results <- s.Put(ctx, left, someone) }()
	waitFor(t, "the second", func() bool { return waitingIn(s) == 1 })
	ended := make(chan error)
	go func() { ended <- s.Put(t.Context(), stayed, someone) }()
	waitFor(t, "the third", func() bool { return waitingIn(s) == 2 })
	cancel() // one of two
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	holds(t, s, rec, stayed)
}

// All who wait for a store that another program holds give up in time, each for itself.
func TestT7TogetherBusy(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(300*time.Millisecond))
	rec := put(t, s, "production", epoch)
	release := hold(t, path)
	ended := make(chan error)
	const callers = 6
	for i := range callers {
		go func() {
			if i%2 == 0 {
				ended <- s.Delete(t.Context(), rec.Key.ID, someone, epoch)
			} else {
				ended <- s.Put(t.Context(), record(t, fmt.Sprint("key ", i), epoch), someone)
			}
		}()
	}
	for range callers {
		if err := <-ended; !errors.Is(err, model.ErrStoreBusy) {
			t.Errorf("the answer is %v", err)
		}
	}
	holds(t, s, rec)
	release()
	holds(t, s, rec, put(t, s, "second", epoch))
}

// While another program reads, the keys of all who delete together are gone and not yet erased; whoever repeats it
// erases them all.
func TestTogetherNotErased(t *testing.T) {
	path := newPath(t)
	s, other := open(t, path, WithWait(400*time.Millisecond)), open(t, path)
	var recs []model.Record
	var calls []func() error
	for i := range 4 {
		rec := put(t, s, fmt.Sprint("key ", i), epoch)
		recs = append(recs, rec)
		calls = append(calls, func() error { return s.Delete(t.Context(), rec.Key.ID, someone, epoch) })
	}
	ctx, cancel := context.WithCancel(t.Context())
	impatient := put(t, s, "impatient", epoch)
	calls = append(calls, func() error { return s.Delete(ctx, impatient.Key.ID, someone, epoch) })
	fresh := record(t, "fresh", epoch)
	calls = append(calls, func() error {
		defer cancel() // the key is stored at once, and then the impatient one leaves
		return s.Put(t.Context(), fresh, someone)
	})
	stop := reading(t, other)
	for i, err := range together(t, s, calls...) {
		if want := i < 5; errors.Is(err, model.ErrNotErased) != want || !want && err != nil {
			t.Errorf("call %d returns %v", i, err)
		}
	}
	holds(t, s, fresh)
	stop()
	if err := s.Delete(t.Context(), recs[2].Key.ID, someone, epoch); err != nil {
		t.Errorf("the repeated Delete returns %v", err)
	}
	for _, rec := range append(recs, impatient) {
		if bytes.Contains(raw(t, filepath.Dir(path)), rec.Sealed.Digest[:]) {
			t.Errorf("%s is still in the files", rec.Key.Name)
		}
	}
}

// A store that is closed refuses what has not begun, at once.
func TestCloseEndsWaiting(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(time.Hour))
	rec := put(t, s, "production", epoch)
	release := hold(t, path)
	ended := make(chan error)
	for range 2 {
		go func() { ended <- s.Delete(t.Context(), rec.Key.ID, someone, epoch) }()
	}
	waitFor(t, "both", func() bool { return waitingIn(s) == 2 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ended; !errors.Is(err, errClosed) {
			t.Errorf("Delete returns %v", err)
		}
	}
	release()
	for name, err := range map[string]error{
		"Put":     s.Put(t.Context(), record(t, "second", epoch), someone),
		"Delete":  s.Delete(t.Context(), rec.Key.ID, someone, epoch),
		"List":    func() error { _, err := s.List(t.Context()); return err }(),
		"Changes": func() error { _, err := s.Changes(t.Context(), 1); return err }(),
	} {
		if !errors.Is(err, errClosed) {
			t.Errorf("%s of a closed store returns %v", name, err)
		}
	}
	holds(t, open(t, path), rec)
}

// parties splits a story into groups of acts that can be done at the same time: no key is deleted in the group that
// makes it.
func parties(acts []act) (groups [][]int) {
	var group []int
	madeHere := map[int]bool{}
	for i, a := range acts {
		if len(group) == 4 || a.erase >= 0 && madeHere[a.erase] {
			groups, group, madeHere = append(groups, group), nil, map[int]bool{}
		}
		group = append(group, i)
		madeHere[i] = true
	}
	return append(groups, group)
}

// tellTogether runs a group of acts in one transaction and returns what each gave; then is called with each act as soon
// as it is acknowledged.
func tellTogether(t testing.TB, s *Store, acts []act, group []int, then func(act int)) []error {
	t.Helper()
	calls := make([]func() error, 0, len(group))
	for _, i := range group {
		calls = append(calls, func() error {
			err := tell(t.Context(), s, acts, i)
			if err == nil {
				then(i)
			}
			return err
		})
	}
	return together(t, s, calls...)
}

// As TestT6PowerCutAtEveryMoment, with puts and deletions that are made together.
func TestT6PowerCutAtEveryMomentTogether(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	acts := story(t, random, amount(20, 10, 10))
	groups := parties(acts)
	path := newPath(t)
	s := open(t, path, useFaultDisk(t))
	const began = 1 << 20 // a label from here on says that a group begins
	for n, group := range groups {
		disk.acknowledge(began + n)
		for _, err := range tellTogether(t, s, acts, group, disk.acknowledge) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	known := make([]outcome, len(acts))
	moments := 0
	for moment, n := range disk.notes {
		switch {
		case n.deed == acknowledged && n.label >= began:
			for _, i := range groups[n.label-began] {
				known[i] = unknown
			}
		case n.deed == acknowledged:
			known[n.label] = done
		default:
			if moments++; moments%amount(1, 5, 5) != 0 {
				continue
			}
			if err := reopen(t, cut(disk.notes, moment+1, random), path, acts, known); err != nil {
				t.Fatalf("power cut after %d of %d: %v", moment+1, len(disk.notes), err)
			}
		}
	}
	t.Logf("%d power cuts in %d acts of %d groups", moments, len(acts), len(groups))
	if moments < 50 {
		t.Error("too few moments to prove anything")
	}
}

// As TestT6EveryWriteAndSyncFails, with puts and deletions that are made together.
func TestT6EveryWriteAndSyncFailsTogether(t *testing.T) {
	acts := story(t, mrand.New(mrand.NewPCG(2, 0)), amount(9, 6, 6))
	groups := parties(acts)
	for _, kind := range []struct {
		name        string
		code        int32
		torn, stays bool
	}{
		{"once", sqlite3.SQLITE_IOERR_WRITE, true, false},
		{"for good", sqlite3.SQLITE_IOERR_WRITE, false, true},
		{"full", sqlite3.SQLITE_FULL, false, true},
	} {
		t.Run(kind.name, func(t *testing.T) {
			for n := 1; ; n += amount(1, 7, 7) {
				option := useFaultDisk(t)
				met := false
				disk.failWith(func(count int, what deed) fault {
					if count < n || count > n && !kind.stays {
						return fault{}
					}
					met = true
					if what == synced {
						return fault{sqlite3.SQLITE_IOERR_FSYNC, kind.torn}
					}
					return fault{kind.code, kind.torn}
				})
				failingTogether(t, n, acts, groups, option)
				if !met {
					t.Logf("%d faults", n-1)
					if n < 30 {
						t.Error("too few deeds to prove anything")
					}
					return
				}
			}
		})
	}
}

// failingTogether lives through the groups on a failing disk, then looks at what is left on a sound one.
func failingTogether(t *testing.T, n int, acts []act, groups [][]int, option Option) {
	t.Helper()
	path := newPath(t)
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	known := make([]outcome, len(acts))
	s, err := Open(t.Context(), path, option)
	if err == nil {
		for _, group := range groups {
			for _, i := range group {
				known[i] = unknown
			}
			for at, err := range tellTogether(t, s, acts, group, func(int) {}) {
				i := group[at]
				switch {
				case err == nil, errors.Is(err, model.ErrNotErased):
					known[i] = done
				case errors.Is(err, model.ErrNotFound) && known[acts[i].erase] != done:
				case !errors.Is(err, model.ErrStoreWrite):
					t.Fatalf("fault %d: act %d returns %v", n, i, err)
				}
			}
		}
		if err := audit(t.Context(), s, acts, known); err != nil && !errors.Is(err, model.ErrStoreWrite) {
			t.Fatalf("fault %d, still open: %v", n, err)
		}
		if err := s.Close(); err != nil && !errors.Is(err, model.ErrStoreWrite) {
			t.Fatalf("fault %d: Close returns %v", n, err)
		}
	} else if !errors.Is(err, model.ErrStoreWrite) {
		t.Fatalf("fault %d: Open returns %v", n, err)
	}
	disk.failWith(nil)
	if err := reaudited(t, path, acts, known); err != nil {
		t.Fatalf("after fault %d: %v", n, err)
	}
}

// reaudited looks at a story's store on a sound disk.
func reaudited(t *testing.T, path string, acts []act, known []outcome) error {
	t.Helper()
	s, err := Open(t.Context(), path, onFaultDisk)
	if err != nil {
		return err
	}
	return errors.Join(audit(t.Context(), s, acts, known), s.Close())
}
