package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// act is one operation of a story: a put, or the deletion of what an earlier act put.
type act struct {
	put   model.Record
	erase int // index of the act whose key is deleted; -1 for a put
}

// story returns a short life of a store.
func story(t testing.TB, random *mrand.Rand, length int) []act {
	t.Helper()
	var acts []act
	var live []int
	for i := range length {
		if i < 2 || len(live) == 0 || random.IntN(5) < 3 {
			acts = append(acts, act{put: record(t, fmt.Sprint("key ", i), epoch.Add(time.Duration(i))), erase: -1})
			live = append(live, i)
			continue
		}
		n := random.IntN(len(live))
		acts = append(acts, act{erase: live[n]})
		live = slices.Delete(live, n, n+1)
	}
	return acts
}

// tell runs act i of a story.
func tell(ctx context.Context, s *Store, acts []act, i int) error {
	if acts[i].erase < 0 {
		return s.Put(ctx, acts[i].put, someone)
	}
	return s.Delete(ctx, acts[acts[i].erase].put.Key.ID, someone, epoch)
}

// outcome is what is known of an act.
type outcome int

const (
	notBegun outcome = iota
	unknown          // begun, or failed: made wholly or not at all
	done             // acknowledged
)

// audit compares a store with what is known of the story, and returns what is wrong.
func audit(ctx context.Context, s *Store, acts []act, known []outcome) error {
	keys, err := s.List(ctx)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	listed := map[string]bool{}
	for _, key := range keys {
		listed[key.ID] = true
	}
	seen := 0
	for i, a := range acts {
		if a.erase >= 0 {
			continue
		}
		must, may := known[i] == done, known[i] != notBegun
		for j, b := range acts {
			if b.erase == i && known[j] != notBegun {
				must = false
				may = may && known[j] != done
			}
		}
		id := a.put.Key.ID
		switch live := checkLive(ctx, s, a.put); {
		case listed[id] && live != nil:
			return fmt.Errorf("act %d: listed, and %w", i, live)
		case !listed[id] && !errors.Is(live, model.ErrNotFound):
			return fmt.Errorf("act %d: not listed, and yet found (%w)", i, live)
		case must && !listed[id]:
			return fmt.Errorf("act %d: an acknowledged key is lost", i)
		case !may && listed[id]:
			return fmt.Errorf("act %d: a key is there that must not be", i)
		}
		if listed[id] {
			seen++
		}
	}
	if seen != len(keys) {
		return fmt.Errorf("%d keys are listed that nobody made", len(keys)-seen)
	}
	lines, err := tellings(ctx, s)
	if err != nil {
		return fmt.Errorf("activity: %w", err)
	}
	for i, a := range acts {
		if a.erase >= 0 {
			continue
		}
		id := a.put.Key.ID
		if of := lines[id]; listed[id] && of != (told{1, 0}) || !listed[id] && of != (told{1, 1}) && of != (told{}) {
			return fmt.Errorf("act %d: activity tells %+v, listed is %v", i, of, listed[id])
		}
	}
	return sound(ctx, s)
}

// told is how often the activity tells of a key.
type told struct{ created, deleted int }

// tellings counts the lines of activity of each key.
func tellings(ctx context.Context, s *Store) (map[string]told, error) {
	lines, err := s.Activity(ctx, 1<<20)
	if err != nil {
		return nil, err
	}
	count := map[string]told{}
	for _, line := range lines {
		of := count[line.KeyID]
		switch line.Action {
		case model.ActionCreated:
			of.created++
		case model.ActionDeleted:
			of.deleted++
		case model.ActionImported, model.ActionRotated, model.ActionEnded: // told beside these
		}
		count[line.KeyID] = of
	}
	return count, nil
}

// sound runs SQLite's own check.
func sound(ctx context.Context, s *Store) error {
	var result string
	if err := s.db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return errors.New(result)
	}
	return nil
}

// image is what the disk may hold of one file after a power cut: what was synced, and any part of what was not.
type image struct {
	durable []byte
	pending []note
}

func apply(content []byte, n note) []byte {
	if n.deed == truncated {
		return slices.Clone(content[:min(int64(len(content)), n.offset)])
	}
	if need := n.offset + int64(len(n.data)); need > int64(len(content)) {
		content = append(slices.Clone(content), make([]byte, need-int64(len(content)))...)
	}
	copy(content[n.offset:], n.data)
	return content
}

// cut plays the notes up to moment and returns the files that the disk may hold when the power fails then. Of what was
// not synced, each write has arrived wholly, in part (whole sectors) or not at all, in no order.
func cut(notes []note, moment int, random *mrand.Rand) map[string][]byte {
	files := map[string]*image{}
	for _, n := range notes[:moment] {
		if n.deed == acknowledged {
			continue
		}
		file := files[n.name]
		if file == nil {
			file = &image{}
			files[n.name] = file
		}
		switch n.deed {
		case wrote, truncated:
			file.pending = append(file.pending, n)
		case synced:
			for _, p := range file.pending {
				file.durable = apply(slices.Clone(file.durable), p)
			}
			file.pending = nil
		case deleted:
			delete(files, n.name)
		case acknowledged: // not of the disk
		}
	}
	const sector = 512
	out := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := slices.Clone(files[name].durable)
		for _, p := range files[name].pending {
			switch random.IntN(3) {
			case 0:
				content = apply(content, p)
			case 1:
				if p.deed == wrote && len(p.data) > sector {
					p.data = p.data[:sector*(1+random.IntN(len(p.data)/sector))]
					content = apply(content, p)
				}
			}
		}
		out[name] = content
	}
	return out
}

// The power fails after every single write, truncation, sync and deletion of a store's life, from its making to its
// closing; the disk keeps any part of what was not synced.
func TestT6PowerCutAtEveryMoment(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	rounds, length := number(t, "STORE_TEST_ROUNDS", 1), amount(10, 5, 5)
	acts := story(t, random, length)
	path := newPath(t)
	s := open(t, path, useFaultDisk(t))
	for i := range acts {
		if err := tell(t.Context(), s, acts, i); err != nil {
			t.Fatal(err)
		}
		disk.acknowledge(i)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	notes := disk.notes
	moments := 0
	for range rounds {
		known := make([]outcome, len(acts))
		if len(acts) > 0 {
			known[0] = unknown
		}
		for moment := range notes {
			if n := notes[moment]; n.deed == acknowledged {
				known[n.label] = done
				if n.label+1 < len(acts) {
					known[n.label+1] = unknown
				}
				continue
			}
			if moments++; moments%amount(1, 6, 6) != 0 {
				continue
			}
			if err := reopen(t, cut(notes, moment+1, random), path, acts, known); err != nil {
				t.Fatalf("power cut after %d of %d: %v", moment+1, len(notes), err)
			}
		}
	}
	t.Logf("%d power cuts", moments)
	if moments < 50 {
		t.Error("too few moments to prove anything")
	}
}

// reopen writes what is left of a disk into a new directory and looks at the store in it.
func reopen(t *testing.T, files map[string][]byte, path string, acts []act, known []outcome) error {
	t.Helper()
	return onDisk(t, files, path, func(s *Store) error { return audit(t.Context(), s, acts, known) })
}

// The n-th write, truncation, sync or deletion fails, for every n: once, or from then on; with an I/O error, after
// half of it was done, or because the disk is full.
func TestT6EveryWriteAndSyncFails(t *testing.T) {
	length := amount(4, 3, 3)
	acts := story(t, mrand.New(mrand.NewPCG(1, 0)), length)
	kinds := []struct {
		name  string
		code  int32
		torn  bool
		stays bool
	}{
		{"once", sqlite3.SQLITE_IOERR_WRITE, true, false},
		{"for good", sqlite3.SQLITE_IOERR_WRITE, false, true},
		{"full", sqlite3.SQLITE_FULL, false, true},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for n := 1; ; n += amount(1, 9, 9) {
				option := useFaultDisk(t)
				met := false
				disk.failWith(func(count int, what deed) fault {
					if count < n || count > n && !kind.stays {
						return fault{}
					}
					met = true
					code := kind.code
					if what == synced {
						code = sqlite3.SQLITE_IOERR_FSYNC
					}
					return fault{code, kind.torn}
				})
				failing(t, n, acts, option)
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

// failing lives through the story on a failing disk, then looks at what is left on a sound one.
func failing(t *testing.T, n int, acts []act, option Option) {
	t.Helper()
	path := newPath(t)
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	known := make([]outcome, len(acts))
	s, err := Open(t.Context(), path, option)
	if err == nil {
		for i := range acts {
			known[i] = unknown
			err := tell(t.Context(), s, acts, i)
			switch {
			case err == nil, errors.Is(err, model.ErrNotErased):
				known[i] = done
			case errors.Is(err, model.ErrNotFound) && known[acts[i].erase] != done:
			case !errors.Is(err, model.ErrStoreWrite):
				t.Fatalf("fault %d: act %d returns %v", n, i, err)
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
	s, err = Open(t.Context(), path, onFaultDisk)
	if err != nil {
		t.Fatalf("after fault %d: %v", n, err)
	}
	defer func() { _ = s.Close() }()
	if err := audit(t.Context(), s, acts, known); err != nil {
		t.Fatalf("after fault %d: %v", n, err)
	}
}
