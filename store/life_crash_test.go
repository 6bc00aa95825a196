package store

import (
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// onDisk opens what is left of a disk in a directory of its own, calls use, and removes it.
func onDisk(t *testing.T, files map[string][]byte, path string, use func(s *Store) error) error {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), filepath.Join(dir, filepath.Base(path)), onFaultDisk) // which does not really sync: fast
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(use(s), s.Close())
}

// The power fails at every moment of a life with rotations; the disk keeps any part of what was not synced. Each event was
// made wholly or not at all, what was acknowledged stands, of each rotation one key works, and it can be taken up again.
func TestT6RotationsAndPowerCuts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	l := newLife(seed)
	path := newPath(t)
	pictures := l.pictures(t, path, useFaultDisk(t))
	notes := disk.notes
	disk.quiet = true // what follows is not to be played back
	lived, moments, cuts := 0, 0, 0
	for moment := range notes {
		if notes[moment].deed == acknowledged {
			lived = notes[moment].label + 1
			continue
		}
		if moments++; moments%amount(3, 40, 40) != 0 {
			continue
		}
		cuts++
		err := onDisk(t, cut(notes, moment+1, random), path, func(s *Store) error {
			if cuts%4 == 0 {
				return l.goOn(t.Context(), s, pictures, lived)
			}
			_, err := l.found(t.Context(), s, pictures, lived)
			return err
		})
		if err != nil {
			t.Fatalf("power cut after %d of %d: %v", moment+1, len(notes), err)
		}
	}
	t.Logf("%d power cuts at %d moments", cuts, moments)
	if moments < 100 {
		t.Error("too few moments to prove anything")
	}
}

// The n-th write, truncation, sync or deletion of a life with rotations fails, once or from then on.
func TestT6RotationsOnAFailingDisk(t *testing.T) {
	l := newLife(2)
	pictures := l.pictures(t, newPath(t), useFaultDisk(t))
	random := mrand.New(mrand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for _, kind := range []struct {
		name  string
		code  int32
		torn  bool
		stays bool
	}{
		{"once", sqlite3.SQLITE_IOERR_WRITE, true, false},
		{"for good", sqlite3.SQLITE_IOERR_WRITE, false, true},
		{"full", sqlite3.SQLITE_FULL, false, true},
	} {
		t.Run(kind.name, func(t *testing.T) {
			runs, every := 0, amount(8, 70, 70)
			for n := 1 + random.IntN(every); ; n += every {
				option, met := useFaultDisk(t), false
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
				if err := failingLife(t, l, pictures, option); err != nil {
					t.Fatalf("fault %d: %v", n, err)
				}
				if !met {
					break
				}
				runs++
			}
			if t.Logf("%d faults", runs); runs < 3 {
				t.Error("too few faults to prove anything")
			}
		})
	}
}

// failingLife lives on a failing disk until an event fails, looks at the store, and takes the life up again on a sound one.
func failingLife(t *testing.T, l *life, pictures []string, option Option) error {
	t.Helper()
	path := newPath(t)
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	lived := 0
	s, err := Open(t.Context(), path, option)
	if err == nil {
		if lived, err = l.run(t.Context(), s, 0, nil); err != nil && !errors.Is(err, model.ErrStoreWrite) {
			return err
		}
		if _, err := l.found(t.Context(), s, pictures, lived); err != nil && !errors.Is(err, model.ErrStoreWrite) {
			return fmt.Errorf("still open: %w", err)
		}
		err = s.Close()
	}
	if err != nil && !errors.Is(err, model.ErrStoreWrite) {
		return err
	}
	disk.failWith(nil)
	disk.quiet = true
	if s, err = Open(t.Context(), path, onFaultDisk); err != nil {
		return fmt.Errorf("afterwards: %w", err)
	}
	return errors.Join(l.goOn(t.Context(), s, pictures, lived), s.Close())
}

// live runs the events of a life, telling of each.
func (p *player) live() error {
	if err := p.open(); err != nil {
		return err
	}
	for i, event := range newLife(p.seed).events {
		number := strconv.Itoa(i)
		if err := p.do(report{Op: "event", ID: number, Name: event.name}, func() error { return event.do(p.ctx, p.store) }); err != nil {
			return err
		}
	}
	return nil
}

// A program is killed at the boundary of every event of its rotations, and at random points within them.
func TestT6RotationsKilled(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) & 0xffffffff
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	l := newLife(seed)
	pictures := l.pictures(t, newPath(t))
	boundaries := 2*len(l.events) + 1
	for n := 0; n < 2*boundaries; n += amount(1, 9, 9) {
		path := newPath(t)
		p := start(t, "live", path, seed, 0, 1)
		acknowledged := 0
		listen := func(reports int) {
			for range reports {
				r, more := p.next(t)
				if !more {
					return
				}
				if r.Op == "error" {
					t.Fatal(r.Text)
				}
				if r.Ended {
					acknowledged++
				}
			}
		}
		listen(n % boundaries)
		if n >= boundaries { // somewhere behind the boundary, and not at it
			for until := time.Now().Add(time.Duration(random.IntN(3000)) * time.Microsecond); time.Now().Before(until); {
				// A sleep would be coarser than the operations.
			}
		}
		_ = p.cmd.Process.Kill()
		listen(2 * boundaries)
		_ = p.cmd.Wait()
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.goOn(t.Context(), s, pictures, acknowledged), s.Close()); err != nil {
			t.Fatalf("killed after report %d, %d acknowledged: %v", n, acknowledged, err)
		}
	}
}
