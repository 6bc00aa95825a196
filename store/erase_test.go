package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"clavier/model"
)

// raw returns the bytes of all files in the store's directory. Reading them drops this process's locks on them, which
// does no harm where no other process uses the store.
func raw(t testing.TB, dir string) []byte {
	t.Helper()
	var all []byte
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(append(all, b...), 0)
	}
	return all
}

// window is how many bytes in a row count as a remain.
const window = 8

// fragments holds every run of window bytes of what must not be found.
type fragments map[[window]byte]string

func (f fragments) add(label string, secret []byte) {
	for i := 0; i+window <= len(secret); i++ {
		f[[window]byte(secret[i:])] = label
	}
}

// in returns what is found in b, and how often.
func (f fragments) in(b []byte) map[string]int {
	found := map[string]int{}
	for i := 0; i+window <= len(b); i++ {
		if label, ok := f[[window]byte(b[i:])]; ok {
			found[label]++
		}
	}
	return found
}

func TestT2NoSecretIsInTheFiles(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	bodies, digests := fragments{}, fragments{}
	for i := range 50 {
		rec, secret := issue(t, fmt.Sprint("key ", i), epoch)
		body := secret[len(model.DefaultPrefix) : len(secret)-4] // the last four are in the hint
		bodies.add("the body of "+rec.Key.Name, []byte(body))
		digests.add("the digest of "+rec.Key.Name, rec.Sealed.Digest[:])
		if err := s.Put(t.Context(), rec, someone); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(t.Context(), rec.Sealed.Digest); err != nil {
			t.Fatal(err)
		}
	}
	look := func(when string) {
		t.Helper()
		b := raw(t, filepath.Dir(path))
		if found := bodies.in(b); len(found) > 0 {
			t.Errorf("%s the files hold %v", when, found)
		}
		if len(digests.in(b)) == 0 {
			t.Errorf("%s the search does not even find a digest that is there", when)
		}
	}
	look("while open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	look("when closed")
}

// Creates and deletes in random order make SQLite move cells between pages, which leaves copies that secure_delete does
// not reach. Every deleted key must be gone whatever came before it, and while the store stays open.
func TestT2NothingOfADeletedKeyIsLeft(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	path := newPath(t)
	s := open(t, path, useFaultDisk(t)) // which does not really sync: what is looked at is what the files hold
	disk.quiet = true
	steps := amount(5000, 600, 300)
	sizes := []int{430, 430, 430, 430, 430, 430, 431, 650, 5000} // one, more and many recipients; the last needs overflow pages
	var live, deleted []model.Record
	for i := range steps {
		if i < steps/3 || random.IntN(2) == 0 || len(live) == 0 {
			rec := record(t, fmt.Sprint("key ", i), epoch.Add(time.Duration(random.IntN(1000))*time.Hour))
			rec.Sealed.Ciphertext = make([]byte, sizes[random.IntN(len(sizes))])
			_, _ = rand.Read(rec.Sealed.Ciphertext)
			if err := s.Put(t.Context(), rec, someone); err != nil {
				t.Fatal(err)
			}
			live = append(live, rec)
			continue
		}
		n := random.IntN(len(live))
		rec := live[n]
		live[n] = live[len(live)-1]
		live = live[:len(live)-1]
		if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
		deleted = append(deleted, rec)
		if len(deleted)%50 != 0 {
			continue
		}
		b := raw(t, filepath.Dir(path))
		if bytes.Contains(b, rec.Sealed.Digest[:]) || bytes.Contains(b, rec.Sealed.Ciphertext) {
			t.Fatalf("step %d: %s is deleted and still in the files", i, rec.Key.Name)
		}
	}
	holds(t, s, live...)
	gone := fragments{}
	for _, rec := range deleted {
		gone.add("digest of "+rec.Key.Name, rec.Sealed.Digest[:])
		gone.add("ciphertext of "+rec.Key.Name, rec.Sealed.Ciphertext)
	}
	if found := gone.in(raw(t, filepath.Dir(path))); len(found) > 0 {
		t.Errorf("%d of %d deleted secrets left something in the files: %v", len(found), 2*len(deleted), found)
	}
	there := fragments{}
	for _, rec := range live {
		there.add(rec.Key.ID, rec.Sealed.Digest[:])
	}
	if found := there.in(raw(t, filepath.Dir(path))); len(found) != len(live) {
		t.Errorf("the search finds %d digests of %d that are there", len(found), len(live))
	}
}

// A freed slot is used again, so that a store does not grow by what was deleted from it.
func TestFreedSlotsAreUsedAgain(t *testing.T) {
	s := open(t, newPath(t))
	slots := func() (n int) {
		if err := s.db.QueryRow(`SELECT count(*) FROM vault`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 5 {
		rec := put(t, s, "production", epoch)
		if n := slots(); n != 1 {
			t.Fatalf("round %d: %d slots for one key", i, n)
		}
		if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
	}
	bigger := record(t, "bigger", epoch)
	bigger.Sealed.Ciphertext = append(bigger.Sealed.Ciphertext, 1)
	if err := s.Put(t.Context(), bigger, someone); err != nil {
		t.Fatal(err)
	}
	if n := slots(); n != 2 {
		t.Errorf("%d slots, want a second one for the other size", n)
	}
	holds(t, s, bigger)
}

// reading makes a store a reader that has begun and not ended, until the returned function is called.
func reading(t *testing.T, s *Store) (stop func()) {
	t.Helper()
	tx, err := s.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), sqlLastSeq).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// A reader of another program can keep the log from being cut. Delete then says what is true: the key is gone, the
// erasing is not done. Repeating it finishes the job.
func TestDeleteBlockedByAReaderSaysSo(t *testing.T) {
	path := newPath(t)
	s, other := open(t, path, WithWait(400*time.Millisecond)), open(t, path)
	rec := put(t, s, "production", epoch)
	stop := reading(t, other)
	err := s.Delete(t.Context(), rec.Key.ID, someone, epoch)
	if !errors.Is(err, model.ErrNotErased) || errors.Is(err, model.ErrNotFound) || errors.Is(err, model.ErrStoreBusy) {
		t.Fatalf("Delete returns %v", err)
	}
	if _, err := s.Find(t.Context(), rec.Sealed.Digest); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the deleted key is found: %v", err)
	}
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); !errors.Is(err, model.ErrNotErased) {
		t.Errorf("Delete returns %v while the reader still reads", err)
	}
	if !bytes.Contains(raw(t, filepath.Dir(path)), rec.Sealed.Digest[:]) {
		t.Fatal("the reader did not keep the digest in the log; the test proves nothing")
	}
	stop()
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Fatalf("the repeated Delete returns %v", err)
	}
	if bytes.Contains(raw(t, filepath.Dir(path)), rec.Sealed.Digest[:]) {
		t.Error("the digest is still in the files")
	}
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Delete of an erased key returns %v", err)
	}
	if lines, _ := s.Activity(t.Context(), 10); len(lines) != 2 {
		t.Errorf("%d lines of activity, want one creation and one deletion", len(lines))
	}
}

// What a blocked or killed program left to erase, the next opening erases.
func TestOpenFinishesErasing(t *testing.T) {
	path := newPath(t)
	s, other := open(t, path, WithWait(400*time.Millisecond)), open(t, path)
	rec := put(t, s, "production", epoch)
	stop := reading(t, other)
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); !errors.Is(err, model.ErrNotErased) {
		t.Fatalf("Delete returns %v", err)
	}
	stop()
	third := open(t, path)
	if bytes.Contains(raw(t, filepath.Dir(path)), rec.Sealed.Digest[:]) {
		t.Error("the digest is still in the files")
	}
	if err := third.Delete(t.Context(), rec.Key.ID, someone, epoch); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Delete of an erased key returns %v", err)
	}
}
