package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
)

// Several programs use one store at once, which does not exist when they begin; half of them do three things at once. Every acknowledged change is there at the end,
// a name that all want goes to one, a key is deleted once, and no wait is longer than it may be.
func TestT7EightPrograms(t *testing.T) {
	t.Parallel()
	programs, operations := 8, number(t, "STORE_TEST_OPERATIONS_EACH", amount(1000, 120, 60))
	path := newPath(t)
	running := make([]*program, programs)
	for i := range running {
		running[i] = start(t, "share", path, uint64(i+1), operations, 1+2*(i%2))
		if r, ok := running[i].next(t); !ok || r.Op != "ready" {
			t.Fatalf("program %d: %+v", i, r)
		}
	}
	for _, p := range running {
		if _, err := fmt.Fprintln(p.in, "go"); err != nil {
			t.Fatal(err)
		}
	}
	all := make([][]report, programs)
	var readers sync.WaitGroup
	for i, p := range running {
		readers.Go(func() {
			for r, ok := p.next(t); ok; r, ok = p.next(t) {
				all[i] = append(all[i], r)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("program %d: %v", i, err)
			}
		})
	}
	readers.Wait()

	total := tally{book: newLedger(), won: map[string]int{}, deleted: map[string]int{}}
	for i, reports := range all {
		for _, r := range reports {
			if err := total.add(r, path); err != nil {
				t.Errorf("program %d: %v", i, err)
			}
		}
	}
	book, won, deleted := total.book, total.won, total.deleted
	// A deletion that finds the key gone and not yet erased completes the erasing and succeeds too: who did it is
	// what the activity says, in one line a key.
	lines := map[string]int{}
	s := open(t, path)
	activity, err := s.Activity(t.Context(), 3*programs*operations)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range activity {
		if line.Action == model.ActionDeleted {
			lines[line.KeyID]++
		}
	}
	for id := range deleted {
		if lines[id] != 1 {
			t.Errorf("%s was deleted %d times", id, lines[id])
		}
		book.gone[id] = done
	}
	for id, gone := range book.gone {
		if gone == unknown { // it was absent or busy for everybody who tried; then nobody deleted it
			book.gone[id] = notBegun
		}
	}
	for i := range (operations + 49) / 50 {
		if name := fmt.Sprintf("wanted %d", i); won[name] != 1 && total.busy == 0 {
			t.Errorf("%q went to %d programs", name, won[name])
		}
	}
	t.Logf("%d keys made, %d deleted, %d times busy, %d not erased at once, longest operation %v", len(won), len(deleted), total.busy,
		total.unerased, total.longest.Round(time.Millisecond))
	if total.longest > 3*Wait {
		t.Errorf("an operation took %v; it may wait %v", total.longest, Wait)
	}
	if err := book.audit(t, s); err != nil {
		t.Error(err)
	}
	b := raw(t, filepath.Dir(path))
	for id := range deleted {
		if total.unerased == 0 && bytes.Contains(b, book.records[id].Sealed.Ciphertext) {
			t.Errorf("%s is deleted and still in the files", id)
		}
	}
}

// tally is what several programs did, all together.
type tally struct {
	book           *ledger
	won, deleted   map[string]int // by name; by id
	busy, unerased int
	longest        time.Duration
}

func (c *tally) add(r report, path string) error {
	// That a key is absent is another program's deletion, which that one reports; that the store is busy is no change.
	if r.Op != "delete" || r.Result != "absent" && r.Result != "busy" {
		if err := c.book.enter(r); err != nil {
			return err
		}
	}
	c.longest = max(c.longest, r.Took)
	switch {
	case r.Op == "put" && r.Result == "done":
		c.won[r.Name]++
	case r.Op == "delete" && (r.Result == "done" || r.Result == "unerased"):
		c.deleted[r.ID]++
	}
	switch r.Result {
	case "unerased":
		c.unerased++
	case "busy":
		c.busy++
		if !strings.Contains(r.Text, path) {
			return fmt.Errorf("the message does not name the store: %s", r.Text)
		}
	}
	return nil
}

// Programs that open the same missing store at the same moment make it once, and all of them can use it.
func TestT7ManyMakeTheStoreAtOnce(t *testing.T) {
	for range amount(5, 2, 2) {
		path := newPath(t)
		running := make([]*program, 8)
		for i := range running {
			running[i] = start(t, "list", path, uint64(i), 0, 1)
		}
		for i, p := range running {
			for r, ok := p.next(t); ok; r, ok = p.next(t) {
				if r.Op == "error" || r.Ended && r.Result != "done" {
					t.Errorf("program %d: %s %s", i, r.Result, r.Text)
				}
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("program %d: %v", i, err)
			}
		}
		holds(t, open(t, path), put(t, open(t, path), "production", epoch))
	}
}
