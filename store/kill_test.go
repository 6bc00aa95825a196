package store

import (
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"testing"
	"time"

	"clavier/model"
)

// ledger is what is known of every record that any program of a test ever began to store.
type ledger struct {
	records map[string]model.Record
	put     map[string]outcome
	gone    map[string]outcome

	successor map[string]string       // the old key by its successor, of each rotation that was ever begun
	steps     map[string][]model.Step // acknowledged, by the successor: an old key may have had several
	ended     map[string]bool         // by the key: its end at once was acknowledged
}

func newLedger() *ledger {
	return &ledger{map[string]model.Record{}, map[string]outcome{}, map[string]outcome{}, map[string]string{},
		map[string][]model.Step{}, map[string]bool{}}
}

// enter takes a report into the ledger.
func (l *ledger) enter(r report) error {
	switch {
	case r.Op == "error":
		return errors.New(r.Text)
	case (r.Op == "put" || r.Op == "rotate") && !r.Ended:
		l.records[r.ID], l.put[r.ID] = *r.Record, unknown
		if r.Op == "rotate" {
			l.successor[r.ID] = r.Old
		}
	case (r.Op == "put" || r.Op == "rotate") && r.Result == "done":
		l.put[r.ID] = done
	case r.Op == "put" || r.Op == "rotate":
		l.put[r.ID] = notBegun
	case r.Op == "step" && r.Result == "done":
		l.steps[r.ID] = append(l.steps[r.ID], r.Step)
	case r.Op == "end" && r.Result == "done":
		l.ended[r.ID] = true
	case r.Op == "delete" && !r.Ended:
		l.gone[r.ID] = max(l.gone[r.ID], unknown)
	case r.Op == "delete" && (r.Result == "done" || r.Result == "unerased" || r.Result == "absent"):
		l.gone[r.ID] = done
	}
	return nil
}

// audit compares the store with the ledger and settles what was unknown.
func (l *ledger) audit(t testing.TB, s *Store) error {
	t.Helper()
	keys, err := s.List(t.Context())
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, key := range keys {
		listed[key.ID] = true
		if _, known := l.records[key.ID]; !known {
			return fmt.Errorf("%s is listed and nobody made it", key.Name)
		}
	}
	lines, err := tellings(t.Context(), s)
	if err != nil {
		return err
	}
	for id, rec := range l.records {
		live := checkLive(t.Context(), s, rec)
		switch {
		case listed[id] && live != nil:
			return fmt.Errorf("%s is listed, and %w", rec.Key.Name, live)
		case !listed[id] && !errors.Is(live, model.ErrNotFound):
			return fmt.Errorf("%s is not listed, and yet found (%w)", rec.Key.Name, live)
		case !listed[id] && l.put[id] == done && l.gone[id] == notBegun:
			return fmt.Errorf("%s was acknowledged and is lost", rec.Key.Name)
		case listed[id] && l.gone[id] == done:
			return fmt.Errorf("%s was deleted and is back", rec.Key.Name)
		case listed[id] && l.put[id] == notBegun:
			return fmt.Errorf("%s was refused and is there", rec.Key.Name)
		}
		if listed[id] && lines[id] != (told{1, 0}) || !listed[id] && lines[id] != (told{1, 1}) && lines[id] != (told{}) {
			return fmt.Errorf("listed is %v for %s, and the activity tells it %+v", listed[id], rec.Key.Name, lines[id])
		}
		if listed[id] {
			l.put[id], l.gone[id] = done, notBegun
		} else {
			l.put[id], l.gone[id] = notBegun, notBegun
		}
	}
	return errors.Join(l.auditRotations(t, s, keys), sound(t.Context(), s))
}

// A program is killed at random points of its creates, rotations, ends and deletes, again and again on one store; every other one makes
// several at once. STORE_TEST_KILLS asks for more than the few hundred of a usual run.
func TestT6KillLoop(t *testing.T) {
	t.Parallel()
	kills := number(t, "STORE_TEST_KILLS", amount(200, 30, 15))
	seed := uint64(number(t, "STORE_TEST_KILL_SEED", int(time.Now().UnixNano()&0xffffffff)))
	t.Logf("seed %d, %d kills", seed, kills)
	random := mrand.New(mrand.NewPCG(seed, 2))
	path := newPath(t)
	book := newLedger()
	reports := 0
	for n := range kills {
		p := start(t, "churn", path, random.Uint64(), 0, 1+4*(n%2)) // every other one with five callers at once
		// One in eight is killed by the clock, which also hits the opening; the others so many reports after it began,
		// and up to 2 ms later.
		quota := 1 + random.IntN(12)
		var timer *time.Timer
		if random.IntN(8) == 0 {
			quota = 1 << 30
			timer = time.AfterFunc(time.Duration(random.IntN(40_000))*time.Microsecond, func() { _ = p.cmd.Process.Kill() })
		}
		for range quota {
			r, ok := p.next(t)
			if !ok {
				break
			}
			reports++
			if err := book.enter(r); err != nil {
				t.Fatalf("kill %d: %v", n, err)
			}
		}
		if timer == nil {
			for until := time.Now().Add(time.Duration(random.IntN(2000)) * time.Microsecond); time.Now().Before(until); {
				// A sleep would be coarser than the operations.
			}
			_ = p.cmd.Process.Kill()
		}
		for {
			r, ok := p.next(t)
			if !ok {
				break
			}
			if err := book.enter(r); err != nil {
				t.Fatalf("kill %d: %v", n, err)
			}
		}
		_ = p.cmd.Wait() // it was killed
		if n%3 == 1 && n != kills-1 {
			continue // the next program, and not this one, takes in the log that the killed one left
		}
		if err := reaudit(t, path, book); err != nil {
			t.Fatalf("after kill %d: %v", n, err)
		}
	}
	if reports < kills {
		t.Errorf("only %d reports in %d runs: the program was killed before it did anything", reports, kills)
	}
}

func reaudit(t *testing.T, path string, book *ledger) error {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		return err
	}
	return errors.Join(book.audit(t, s), s.Close())
}
