package clienttest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"clavier/client"
	"clavier/model"
)

// rotator is what the suite asks of a provider that rotates.
type rotator struct {
	*suite
	client.Rotator
}

func rotating(s *suite) rotator {
	s.Helper()
	return rotator{s, optional[client.Rotator](s)}
}

// rotate makes a successor, or imports one where the provider makes none.
func (r rotator) rotate(ctx context.Context, oldID, name string) (model.Issued, error) {
	if renewer, ok := r.client.(client.Renewer); ok {
		return renewer.Rotate(ctx, oldID, model.Draft{Name: model.Name(name)})
	}
	in := foreign(name)
	key, err := r.RotateImport(ctx, oldID, in)
	if err != nil {
		return model.Issued{Key: key}, err
	}
	return model.Issued{Key: key, Secret: in.Secret}, nil
}

// begin begins a rotation that must be taken.
func (r rotator) begin(oldID, name string) model.Issued {
	r.Helper()
	successor, err := r.rotate(r.Context(), oldID, name)
	if err != nil {
		r.Fatalf("rotate: %v", err)
	}
	return successor
}

func (r rotator) rotations() []model.Rotation {
	r.Helper()
	rotations, err := r.Rotations(r.Context())
	if err != nil {
		r.Fatalf("rotations: %v", err)
	}
	return rotations
}

// wantMarked fails unless the keys that are marked as rotating are exactly these.
func (r rotator) wantMarked(when string, ids ...string) {
	r.Helper()
	var marked []string
	for _, key := range r.list() {
		if key.Rotating {
			marked = append(marked, key.ID)
		}
	}
	slices.Sort(marked)
	slices.Sort(ids)
	if !slices.Equal(marked, ids) {
		r.Errorf("%s: %v are marked as rotating, want %v", when, marked, ids)
	}
}

func (s *suite) testRotate() {
	r := rotating(s)
	if n := len(r.rotations()); n != 0 {
		s.Errorf("a new profile has %d rotations", n)
	}
	other, old := s.create("other"), s.create(production)
	before := time.Now().Truncate(time.Millisecond)
	tick()
	successor := r.begin(old.Key.ID, "production 2026-11")
	if successor.Key.ID == old.Key.ID || successor.Key.Name != "production 2026-11" || !successor.Key.Rotating ||
		successor.Secret.IsZero() || successor.Secret.Reveal() == old.Secret.Reveal() {
		s.Errorf("the successor is %+v", successor.Key)
	}
	rotations := r.rotations()
	if len(rotations) != 1 {
		s.Fatalf("there are %d rotations, want 1", len(rotations))
	}
	began := rotations[0].BeganAt
	if want := (model.Rotation{OldID: old.Key.ID, NewID: successor.Key.ID, BeganAt: began}); rotations[0] != want {
		s.Errorf("the rotation is %+v, want %+v", rotations[0], want)
	}
	if began.Before(before) || began.After(time.Now()) || began.Location() != time.UTC {
		s.Errorf("the rotation began at %v, want a moment in UTC from %v on", began, before.UTC())
	}
	if next := rotations[0].Next(); next != model.StepHandOver {
		s.Errorf("a new rotation goes on with %s", next)
	}
	r.wantMarked("after the beginning", old.Key.ID, successor.Key.ID)
	s.wantVerify("the old key", old.Secret, nil)
	s.wantVerify("the successor", successor.Secret, nil)
	s.wantVerify("another key", other.Secret, nil)
	for _, one := range []model.Issued{old, successor} {
		if revealer, ok := s.client.(client.Revealer); ok {
			if secret, err := revealer.Reveal(s.Context(), one.Key.ID); err != nil || secret.Reveal() != one.Secret.Reveal() {
				s.Errorf("the secret of %s cannot be had again: %v", one.Key.Name, err)
			}
		}
	}
	if reader, ok := s.client.(client.ActivityReader); ok {
		lines, err := reader.Activity(s.Context(), 2)
		if err != nil || len(lines) != 2 || lines[0].Action != model.ActionRotated || lines[0].KeyID != old.Key.ID ||
			lines[1].Action != s.beginning() || lines[1].KeyID != successor.Key.ID {
			s.Errorf("noted as %+v, %v", lines, err)
		}
	}
	tick()
	second := r.begin(other.Key.ID, "other 2026-11")
	if rotations := r.rotations(); len(rotations) != 2 || rotations[0].NewID != second.Key.ID {
		s.Errorf("the rotation that began last is not the first of %+v", rotations)
	}
}

func (s *suite) testRotateRefused() {
	r := rotating(s)
	old, other := s.create("old"), s.create("other")
	_, err := r.rotate(s.Context(), "no such id", "successor")
	s.want("rotate no key", err, model.ErrNotFound)
	_, err = r.rotate(s.Context(), old.Key.ID, "other")
	s.want("rotate to a name that is taken", err, model.ErrNameTaken)
	_, err = r.rotate(s.Context(), old.Key.ID, " ")
	s.want("rotate to a name that is none", err, model.ErrName)
	in := foreign("successor")
	in.Secret = other.Secret
	_, err = r.RotateImport(s.Context(), old.Key.ID, in)
	s.want("rotate to a secret that is held", err, model.ErrHeld)
	if ender, ok := s.client.(client.Ender); ok {
		s.end(ender, other.Key.ID, time.Now())
		_, err = r.rotate(s.Context(), other.Key.ID, "successor")
		s.want("rotate a key that has ended", err, model.ErrExpired)
	}
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err = r.rotate(ctx, old.Key.ID, "successor")
	s.want("rotate for one who has left", err, context.Canceled)
	if keys, rotations := s.list(), r.rotations(); len(keys) != 2 || len(rotations) != 0 {
		s.Errorf("refused rotations left %d keys and %+v", len(keys), rotations)
	}
	r.wantMarked("after nothing but refusals")
	successor := r.begin(old.Key.ID, "successor")
	for what, id := range map[string]string{"the old key": old.Key.ID, "the successor": successor.Key.ID} {
		refused, err := r.rotate(s.Context(), id, "one more")
		s.want("rotate again "+what, err, model.ErrRotating)
		if !refused.Secret.IsZero() {
			s.Error("a refused rotation returned a secret")
		}
	}
	r.wantMarked("after more refusals", old.Key.ID, successor.Key.ID)
}

func (s *suite) testRotationSteps() {
	r := rotating(s)
	old := s.create("old")
	successor := r.begin(old.Key.ID, "new")
	began := r.rotations()[0].BeganAt
	steps := []struct {
		done, next model.Step
		moment     func(model.Rotation) time.Time
	}{
		{model.StepHandOver, model.StepCheck, func(r model.Rotation) time.Time { return r.HandedOverAt }},
		{model.StepCheck, model.StepWatch, func(r model.Rotation) time.Time { return r.CheckedAt }},
		{model.StepWatch, model.StepDelete, func(r model.Rotation) time.Time { return r.WatchedAt }},
	}
	for _, step := range steps {
		before := time.Now().Add(-time.Second)
		s.want("step "+step.done.String(), r.StepDone(s.Context(), old.Key.ID, step.done), nil)
		first := r.rotations()[0]
		if at := step.moment(first); at.Before(before) || at.After(time.Now()) || at.Location() != time.UTC {
			s.Errorf("%s was done at %v", step.done, at)
		}
		if first.Next() != step.next || !first.BeganAt.Equal(began) {
			s.Errorf("after %s the rotation goes on with %s", step.done, first.Next())
		}
		tick()
		s.want("again "+step.done.String(), r.StepDone(s.Context(), old.Key.ID, step.done), nil)
		if second := r.rotations()[0]; second != first {
			s.Errorf("noted again, the rotation is %+v, want %+v", second, first)
		}
	}
	for _, step := range []model.Step{model.StepCreate, model.StepDelete, 0, 9} {
		if r.StepDone(s.Context(), old.Key.ID, step) == nil {
			s.Errorf("%s was noted as done", step)
		}
	}
	for what, id := range map[string]string{"no key": "no such id", "the successor": successor.Key.ID} {
		s.want("a step of "+what, r.StepDone(s.Context(), id, model.StepCheck), model.ErrNotFound)
	}
}

// testRotationEnds holds that a rotation is over with the deletion of either key, and that the end of the old one stays.
func (s *suite) testRotationEnds() {
	r := rotating(s)
	for _, which := range []string{"old", "successor"} {
		old := s.create("old of " + which)
		successor := r.begin(old.Key.ID, "new of "+which)
		gone, left := old, successor
		if which == "successor" {
			gone, left = successor, old
		}
		var ends time.Time
		if ender, ok := s.client.(client.Ender); ok && which == "successor" {
			ends = s.end(ender, old.Key.ID, time.Now().Add(time.Hour)).ExpiresAt
		}
		s.want("delete the "+which, s.client.Delete(s.Context(), gone.Key.ID), nil)
		if rotations := r.rotations(); len(rotations) != 0 {
			s.Errorf("after the %s was deleted there is %+v", which, rotations)
		}
		r.wantMarked("after the " + which + " was deleted")
		s.want("a step after the end", r.StepDone(s.Context(), old.Key.ID, model.StepCheck), model.ErrNotFound)
		s.wantVerify("what is left", left.Secret, nil)
		for _, key := range s.list() {
			if key.ID == left.Key.ID && !key.ExpiresAt.Equal(ends) {
				s.Errorf("what is left ends at %v, want %v", key.ExpiresAt, ends)
			}
		}
		next := r.begin(left.Key.ID, "again "+which)
		r.wantMarked("in a second rotation", left.Key.ID, next.Key.ID)
		s.want("delete", s.client.Delete(s.Context(), next.Key.ID), nil)
	}
	if follower, ok := s.client.(client.Follower); ok {
		f := &followed{suite: s, follower: follower, keys: map[string]model.Key{}}
		f.mark = s.wantPages(optional[client.Pager](s))
		for _, key := range s.list() {
			f.keys[key.ID] = key
		}
		old := s.create("followed")
		f.catchUp("before a rotation")
		successor := r.begin(old.Key.ID, "followed 2")
		f.catchUp("after the beginning of a rotation")
		s.want("delete", s.client.Delete(s.Context(), successor.Key.ID), nil)
		f.catchUp("after the end of a rotation")
	}
}

// testOneKeyOneRotation holds that a key is part of one rotation, however many ask for it at once.
func (s *suite) testOneKeyOneRotation() {
	r := rotating(s)
	old := s.create("wanted")
	const callers = 8
	errs := make(chan error, callers)
	for caller := range callers {
		go func() {
			_, err := r.rotate(s.Context(), old.Key.ID, fmt.Sprintf("successor %d", caller))
			errs <- err
		}()
	}
	winners := 0
	for range callers {
		err := <-errs
		if err == nil {
			winners++
			continue
		}
		s.want("rotate for one who came later", err, model.ErrRotating)
	}
	if keys, rotations := s.list(), r.rotations(); winners != 1 || len(keys) != 2 || len(rotations) != 1 {
		s.Errorf("%d callers began %d rotations, and there are %d keys", winners, len(rotations), len(keys))
	}
}
