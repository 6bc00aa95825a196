package store

import (
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// life is a store's life with rotations in it: events in their order, all of them the same for the same seed, so that two
// programs can have the same one. Whatever its clock says, one key works from the first event on.
type life struct {
	events  []event
	records map[string]model.Record
}

// event is one change, as a person or a program asks for it.
type event struct {
	name string
	do   func(ctx context.Context, s *Store) error
}

// endsAt is the end that the first old key is given.
var endsAt = epoch.Add(time.Hour)

func newLife(seed uint64) *life {
	random := mrand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)})
	l := &life{records: map[string]model.Record{}}
	at := epoch
	rec := func(name string) model.Record {
		secret, err := model.DrawSecret(random, model.DefaultPrefix)
		if err != nil {
			panic(err)
		}
		ciphertext := make([]byte, 430)
		_, _ = random.Read(ciphertext)
		id := uuid.Must(uuid.NewRandomFromReader(random)).String()
		at = at.Add(time.Minute)
		r := model.Record{Key: model.Key{ID: id, Name: name, Hint: secret.Hint(), Owner: "ada", CreatedAt: at, Role: model.RoleManage},
			Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext}}
		l.records[id] = r
		return r
	}
	first, second, elsewhere, third := rec("first"), rec("second"), rec("elsewhere"), rec("third")
	elsewhere.Key.Imported, elsewhere.Key.Note, elsewhere.Key.CreatedAt = true, "https://example.org", time.Time{}
	elsewhere.At = at
	l.records[elsewhere.Key.ID] = elsewhere

	add := func(name string, do func(ctx context.Context, s *Store) error) {
		l.events = append(l.events, event{name, do})
	}
	succeed := func(old, r model.Record) {
		add("successor "+r.Key.Name, func(ctx context.Context, s *Store) error { return s.PutSuccessor(ctx, r, old.Key.ID, someone) })
	}
	step := func(old model.Record, done model.Step, at time.Time) {
		add(done.String(), func(ctx context.Context, s *Store) error { return s.StepDone(ctx, old.Key.ID, done, at) })
	}
	end := func(old model.Record, ends time.Time) {
		add("end of "+old.Key.Name, func(ctx context.Context, s *Store) error {
			_, err := s.End(ctx, old.Key.ID, ends, someone, epoch)
			return err
		})
	}
	remove := func(old model.Record) {
		add("deletion of "+old.Key.Name, func(ctx context.Context, s *Store) error { return s.Delete(ctx, old.Key.ID, someone, epoch) })
	}
	answer := func(old model.Record, verdict model.Verdict) {
		add("answer for "+old.Key.Name, func(ctx context.Context, s *Store) error {
			return s.KeepAnswers(ctx, []model.Answer{{KeyID: old.Key.ID, API: "search", Verdict: verdict, Status: 401, At: epoch}})
		})
	}
	add("put first", func(ctx context.Context, s *Store) error { return s.Put(ctx, first, someone) })
	// One that is brought to its end, with a clock that goes back in the middle.
	succeed(first, second)
	step(first, model.StepHandOver, epoch.Add(time.Hour))
	step(first, model.StepCheck, epoch.Add(-1000*time.Hour))
	end(first, endsAt)
	answer(first, model.VerdictDead)
	step(first, model.StepWatch, epoch.Add(2*time.Hour))
	remove(first)
	// One that is given up.
	succeed(second, elsewhere)
	answer(elsewhere, model.VerdictDead)
	step(second, model.StepHandOver, epoch)
	remove(elsewhere)
	// One of a key that leaked.
	succeed(second, third)
	step(second, model.StepHandOver, epoch)
	end(second, epoch)
	remove(second)
	return l
}

// run lives from one event on to the end, and returns the event that failed.
func (l *life) run(ctx context.Context, s *Store, from int, after func(event int)) (failed int, err error) {
	for i := from; i < len(l.events); i++ {
		if err := l.events[i].do(ctx, s); err != nil && !errors.Is(err, model.ErrNotErased) {
			return i, fmt.Errorf("%s: %w", l.events[i].name, err)
		}
		if after != nil {
			after(i)
		}
	}
	return len(l.events), nil
}

// clocks are what the clock of who looks at a store may say: it may have jumped either way.
var clocks = []time.Time{earliest, epoch, endsAt.Add(-1), endsAt, endsAt.Add(24 * time.Hour), latest}

// picture describes all that a store holds, after it has found that all of it fits together, that each listed key is found
// by its secret and can be unsealed, and that of each rotation one key works, whatever the clock says.
func (l *life) picture(ctx context.Context, s *Store) (string, error) {
	keys, err := s.List(ctx)
	if err != nil {
		return "", err
	}
	rotations, err := s.Rotations(ctx)
	if err != nil {
		return "", err
	}
	answers, err := s.Answers(ctx, 1000)
	if err != nil {
		return "", err
	}
	lines, err := s.Activity(ctx, 1000)
	if err != nil {
		return "", err
	}
	byID := map[string]model.Key{}
	for _, key := range keys {
		byID[key.ID] = key
		if err := checkLive(ctx, s, l.records[key.ID]); err != nil {
			return "", fmt.Errorf("%s is listed, and %w", key.Name, err)
		}
	}
	for id, rec := range l.records {
		if _, listed := byID[id]; !listed && !errors.Is(checkLive(ctx, s, rec), model.ErrNotFound) {
			return "", fmt.Errorf("%s is not listed, and yet found", rec.Key.Name)
		}
	}
	for _, now := range clocks {
		works := func(id string) bool {
			key, there := byID[id]
			return there && key.StatusAt(now) == model.StatusActive
		}
		for _, r := range rotations {
			if !works(r.OldID) && !works(r.NewID) {
				return "", fmt.Errorf("at %v neither key of a rotation works: %+v", now, r)
			}
		}
	}
	if err := errors.Join(fitTogether(ctx, s), sound(ctx, s)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%+v\n%+v\n%+v\n%+v", keys, rotations, answers, lines), nil
}

// pictures lives the life on a sound store, closes it, and returns what it looked like before and after each event.
func (l *life) pictures(t testing.TB, path string, options ...Option) []string {
	t.Helper()
	s := open(t, path, options...)
	first, err := l.picture(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	pictures := []string{first}
	_, err = l.run(t.Context(), s, 0, func(i int) {
		disk.acknowledge(i)
		picture, err := l.picture(t.Context(), s)
		if err != nil {
			t.Fatalf("after %s: %v", l.events[i].name, err)
		}
		if picture == pictures[i] {
			t.Fatalf("%s changed nothing", l.events[i].name)
		}
		pictures = append(pictures, picture)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return pictures
}

// found says how many events a store has lived through, when so many were acknowledged and the next one may have been made.
func (l *life) found(ctx context.Context, s *Store, pictures []string, acknowledged int) (lived int, err error) {
	picture, err := l.picture(ctx, s)
	if err != nil {
		return 0, err
	}
	for lived := acknowledged; lived < min(acknowledged+2, len(pictures)); lived++ {
		if picture == pictures[lived] {
			return lived, nil
		}
	}
	for lived, other := range pictures {
		if picture == other {
			return 0, fmt.Errorf("%d events were acknowledged, and the store has lived through %d", acknowledged, lived)
		}
	}
	return 0, fmt.Errorf("after %d events the store has half of the next:\n%s\nbefore it:\n%s\nafter it:\n%s", acknowledged, picture,
		pictures[acknowledged], strings.Join(pictures[min(acknowledged+1, len(pictures)-1):][:1], ""))
}

// goOn looks at a store, takes up its life where it was left, and brings it to its end.
func (l *life) goOn(ctx context.Context, s *Store, pictures []string, acknowledged int) error {
	lived, err := l.found(ctx, s, pictures, acknowledged)
	if err != nil {
		return err
	}
	if _, err := l.run(ctx, s, lived, nil); err != nil {
		return fmt.Errorf("taken up again after %d events: %w", lived, err)
	}
	_, err = l.found(ctx, s, pictures, len(l.events))
	return err
}
