package clienttest_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"clavier/model"
)

func (m *memory) End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error) {
	if err := m.enter(ctx); err != nil {
		return model.Key{}, err
	}
	defer m.mu.Unlock()
	i := m.index(id)
	if i < 0 {
		return model.Key{}, model.ErrNotFound
	}
	key := &m.records[i].Key
	if key.StatusAt(at) != model.StatusActive && !m.is("revives") {
		return model.Key{}, model.ErrExpired
	}
	if m.is("ends nothing") || m.is("takes no end away") && ends.IsZero() {
		return *key, nil
	}
	key.ExpiresAt = ends.UTC()
	key.Disabled = !ends.IsZero() && !ends.After(at) && !m.is("ends for a while")
	if m.is("an end takes the role") {
		key.Role = model.RoleUse
	}
	if !m.is("notes no ends") {
		m.note(model.ActionEnded, *key, by, at)
	}
	return *key, nil
}

func (m *memory) rotationOf(id string) int {
	return slices.IndexFunc(m.rotations, func(r model.Rotation) bool { return r.OldID == id || r.NewID == id })
}

func (m *memory) PutSuccessor(ctx context.Context, record model.Record, oldID string, by model.Actor) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	rotating := m.rotationOf(oldID) >= 0
	if m.is("races for rotations") {
		m.mu.Unlock()
		meet()
		m.mu.Lock()
	}
	defer m.mu.Unlock()
	i := m.index(oldID)
	if i < 0 && !m.is("rotates without a successor") {
		return model.ErrNotFound
	}
	at := record.MadeAt()
	if i >= 0 {
		if rotating && !m.is("rotates twice") {
			return model.ErrRotating
		}
		if m.records[i].Key.StatusAt(at) != model.StatusActive && !m.is("rotates what has ended") {
			return model.ErrExpired
		}
	}
	if err := m.put(record, by); err != nil {
		return err
	}
	if i < 0 || m.is("begins no rotation") {
		return nil
	}
	m.rotations = append(m.rotations, model.Rotation{OldID: oldID, NewID: record.Key.ID, BeganAt: at})
	m.records[len(m.records)-1].Key.Rotating = true
	if m.is("successors lose the role") {
		m.records[len(m.records)-1].Key.Role = model.RoleUse
	}
	m.records[i].Key.Rotating = !m.is("marks the new key alone")
	switch {
	case m.is("notes no rotation"):
	case m.is("notes the wrong key"):
		m.note(model.ActionRotated, record.Key, by, at)
	default:
		m.note(model.ActionRotated, m.records[i].Key, by, at)
	}
	return nil
}

func (m *memory) Rotations(ctx context.Context) ([]model.Rotation, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return slices.SortedFunc(slices.Values(m.rotations), func(a, b model.Rotation) int {
		if m.is("rotations oldest first") {
			return a.BeganAt.Compare(b.BeganAt)
		}
		return b.BeganAt.Compare(a.BeganAt)
	}), nil
}

func (m *memory) StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	i := m.rotationOf(oldID)
	if i < 0 || m.rotations[i].OldID != oldID && !m.is("notes steps of the successor") {
		return model.ErrNotFound
	}
	r := &m.rotations[i]
	moments := map[model.Step]*time.Time{
		model.StepHandOver: &r.HandedOverAt, model.StepCheck: &r.CheckedAt, model.StepWatch: &r.WatchedAt,
	}
	moment, ok := moments[step]
	switch {
	case !ok && !m.is("notes any step"):
		return errors.New("this step cannot be noted")
	case !ok, m.is("forgets steps"), !moment.IsZero() && !m.is("notes steps again"):
		return nil
	}
	*moment = at.Truncate(time.Millisecond)
	return nil
}

// forget ends what a deleted key was part of.
func (m *memory) forget(id string) {
	if !m.is("answers outlive the key") {
		m.answers = slices.DeleteFunc(m.answers, func(a model.Answer) bool { return a.KeyID == id })
	}
	i := m.rotationOf(id)
	if i < 0 {
		return
	}
	r := m.rotations[i]
	if m.is("rotations outlive the old key") && r.OldID == id || m.is("rotations outlive the successor") && r.NewID == id {
		return
	}
	m.rotations = slices.Delete(m.rotations, i, i+1)
	for n := range m.records {
		key := &m.records[n].Key
		if key.ID != r.OldID && key.ID != r.NewID {
			continue
		}
		if m.is("the end goes with the successor") {
			key.ExpiresAt = time.Time{}
		}
		key.Rotating = m.is("marks outlive rotations")
		if !m.is("tells no marks") {
			m.changes = append(m.changes, key.ID)
		}
	}
}

func (m *memory) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, a := range answers {
		if !slices.Contains([]model.Verdict{model.VerdictAlive, model.VerdictDead, model.VerdictUnknown}, a.Verdict) &&
			!m.is("takes any verdict") {
			return errors.New("no such verdict")
		}
	}
	dead := map[string]bool{} // what the answers say, if they do
	for _, a := range answers {
		if m.index(a.KeyID) < 0 && !m.is("keeps answers of nobody") {
			continue
		}
		m.keep(a)
		said, so := dead[a.KeyID]
		switch {
		case a.Verdict == model.VerdictUnknown && m.is("no answer is a no"):
			dead[a.KeyID] = true
		case a.Verdict == model.VerdictUnknown:
		case m.is("the last verdict decides"), !so:
			dead[a.KeyID] = a.Verdict == model.VerdictDead
		default:
			dead[a.KeyID] = said && a.Verdict == model.VerdictDead
		}
	}
	for id, now := range dead {
		i := m.index(id)
		if i < 0 || m.records[i].Key.Dead == now || !now && m.is("never alive again") {
			continue
		}
		m.records[i].Key.Dead = now
		if m.is("answers take the role") {
			m.records[i].Key.Role = model.RoleUse
		}
		if !m.is("tells no deaths") {
			m.changes = append(m.changes, id)
		}
	}
	return nil
}

func (m *memory) keep(a model.Answer) {
	i := slices.IndexFunc(m.answers, func(b model.Answer) bool { return a.KeyID == b.KeyID && a.API == b.API })
	switch {
	case m.is("forgets answers"), i >= 0 && m.is("keeps the latest time") && a.At.Before(m.answers[i].At):
		return
	case i >= 0 && !m.is("keeps every answer"):
		m.answers = slices.Delete(m.answers, i, i+1)
	}
	m.answers = append(m.answers, a)
}

func (m *memory) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	answers := slices.SortedFunc(slices.Values(m.answers), func(a, b model.Answer) int {
		c := cmp.Or(b.At.Compare(a.At), cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.API, b.API))
		if m.is("answers oldest first") {
			return -c
		}
		return c
	})
	if m.is("answers past the limit") {
		return answers, nil
	}
	return answers[:min(limit, len(answers))], nil
}
