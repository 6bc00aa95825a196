package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"clavier/model"
)

// rotateSome begins a rotation of one of these keys, or does something to one that is unfinished.
func (p *player) rotateSome(keys []model.Key, name string) error {
	rotations, err := p.store.Rotations(p.ctx)
	if err != nil {
		return err
	}
	key := keys[p.random.IntN(len(keys))]
	if len(rotations) == 0 || p.random.IntN(4) == 0 {
		rec := newRecord(name, p.random)
		return p.do(report{Op: "rotate", Record: &rec, ID: rec.Key.ID, Name: name, Old: key.ID}, func() error {
			return p.store.PutSuccessor(p.ctx, rec, key.ID, someone)
		})
	}
	r := rotations[p.random.IntN(len(rotations))]
	switch p.random.IntN(6) {
	case 0:
		return p.do(report{Op: "end", ID: r.OldID}, func() error {
			_, err := p.store.End(p.ctx, r.OldID, epoch, someone, epoch.Add(time.Hour))
			return err
		})
	case 1:
		return p.do(report{Op: "answer", ID: key.ID}, func() error {
			verdict := []model.Verdict{model.VerdictAlive, model.VerdictDead}[p.random.IntN(2)]
			return p.store.KeepAnswers(p.ctx, []model.Answer{{KeyID: key.ID, API: "search", Verdict: verdict, At: epoch}})
		})
	case 2:
		return p.delete(r.OldID)
	default:
		step := model.StepHandOver + model.Step(p.random.IntN(3))
		return p.do(report{Op: "step", ID: r.NewID, Old: r.OldID, Step: step}, func() error {
			return p.store.StepDone(p.ctx, r.OldID, step, epoch.Add(time.Duration(p.random.Int64N(1e15))-5e14))
		})
	}
}

// auditRotations compares rotations and ends with the ledger, after it was found which keys there are: acknowledged ones are
// there as long as both keys are, with the steps that were acknowledged; the successor of each works, for only old keys were
// given an end; and no key that was ended at once is active again.
func (l *ledger) auditRotations(t testing.TB, s *Store, keys []model.Key) error {
	t.Helper()
	if err := fitTogether(t.Context(), s); err != nil {
		return err
	}
	rotations := rotationsOf(t, s)
	byID := map[string]model.Key{}
	for _, key := range keys {
		byID[key.ID] = key
	}
	for _, r := range rotations {
		if l.successor[r.NewID] != r.OldID {
			return fmt.Errorf("nobody began the rotation %+v", r)
		}
		for step, at := range map[model.Step]time.Time{
			model.StepHandOver: r.HandedOverAt, model.StepCheck: r.CheckedAt, model.StepWatch: r.WatchedAt,
		} {
			if at.IsZero() && slices.Contains(l.steps[r.NewID], step) {
				return fmt.Errorf("%s was acknowledged and is lost of %+v", step, r)
			}
		}
		for _, now := range []time.Time{earliest, epoch, latest} {
			if byID[r.NewID].StatusAt(now) != model.StatusActive && byID[r.OldID].StatusAt(now) != model.StatusActive {
				return fmt.Errorf("at %v neither key of the rotation %+v works", now, r)
			}
		}
	}
	for newID, oldID := range l.successor {
		_, newThere := byID[newID]
		_, oldThere := byID[oldID]
		begun := slices.ContainsFunc(rotations, func(r model.Rotation) bool { return r.NewID == newID })
		if newThere && oldThere && !begun {
			return fmt.Errorf("the successor %s is there, and its rotation is not", l.records[newID].Key.Name)
		}
	}
	for id := range l.ended {
		if key, there := byID[id]; there && (!key.Disabled || key.ExpiresAt.IsZero()) {
			return fmt.Errorf("the key %s was ended for good, and is active: %+v", l.records[id].Key.Name, key)
		}
	}
	return nil
}
