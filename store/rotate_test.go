package store

import (
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"clavier/model"
)

func TestPutSuccessorAgainChangesNothing(t *testing.T) {
	s := open(t, newPath(t))
	old := put(t, s, "old", epoch)
	rec := succeed(t, s, old, "new")
	before, _ := s.Version(t.Context())
	if err := s.PutSuccessor(t.Context(), rec, old.Key.ID, model.Actor{By: "somebody else"}); err != nil {
		t.Errorf("a repeated successor returns %v", err)
	}
	if err := s.Put(t.Context(), rec, someone); err != nil {
		t.Errorf("a successor that is there is refused as a record: %v", err)
	}
	if after, _ := s.Version(t.Context()); after != before {
		t.Error("repeating a successor changed the store")
	}
	if lines, err := s.Activity(t.Context(), 10); err != nil || len(lines) != 3 {
		t.Errorf("%d lines of activity, want 3 (%v)", len(lines), err)
	}
	want := []model.Rotation{{OldID: old.Key.ID, NewID: rec.Key.ID, BeganAt: rec.Key.CreatedAt}}
	if got := rotationsOf(t, s); !slices.Equal(got, want) {
		t.Errorf("the rotations are %+v, want %+v", got, want)
	}
	holds(t, s, old, rec)
}

func TestPutSuccessorRefuses(t *testing.T) {
	s := open(t, newPath(t))
	old, other := put(t, s, "old", epoch), put(t, s, "other", epoch)
	rotating := put(t, s, "rotating", epoch)
	successor := succeed(t, s, rotating, "successor")
	expired := record(t, "expired", epoch)
	expired.Key.ExpiresAt = epoch.Add(time.Minute)
	disabled := record(t, "disabled", epoch)
	disabled.Key.Disabled = true
	for _, rec := range []model.Record{expired, disabled} {
		if err := s.Put(t.Context(), rec, someone); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		old   model.Record
		spoil func(rec *model.Record)
		want  error
	}{
		"no old key":                 {record(t, "absent", epoch), func(*model.Record) {}, model.ErrNotFound},
		"an old key being rotated":   {rotating, func(*model.Record) {}, model.ErrRotating},
		"a successor":                {successor, func(*model.Record) {}, model.ErrRotating},
		"an expired key":             {expired, func(*model.Record) {}, model.ErrExpired},
		"a disabled key":             {disabled, func(*model.Record) {}, model.ErrExpired},
		"a name that is taken":       {old, func(r *model.Record) { r.Key.Name = "other" }, model.ErrNameTaken},
		"the old key's name":         {old, func(r *model.Record) { r.Key.Name = "old" }, model.ErrNameTaken},
		"a secret that is held":      {old, func(r *model.Record) { r.Sealed.Digest = other.Sealed.Digest }, model.ErrConflict},
		"the old key itself":         {old, func(r *model.Record) { *r = old }, model.ErrConflict},
		"a key that is there":        {old, func(r *model.Record) { *r = other }, model.ErrConflict},
		"another key's successor":    {old, func(r *model.Record) { *r = successor }, model.ErrConflict},
		"another record under an id": {old, func(r *model.Record) { r.Key.ID = other.Key.ID }, model.ErrConflict},
		"no sealed secret":           {old, func(r *model.Record) { r.Sealed.Ciphertext = nil }, nil},
		"an old key that ends now":   {expired, func(r *model.Record) { r.At = expired.Key.ExpiresAt }, model.ErrExpired},
	} {
		rec := record(t, "refused", epoch.Add(time.Hour))
		test.spoil(&rec)
		before, _ := s.Version(t.Context())
		err := s.PutSuccessor(t.Context(), rec, test.old.Key.ID, someone)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: it returns %v, want %v", name, err, test.want)
		}
		if after, _ := s.Version(t.Context()); after != before {
			t.Errorf("%s: the store was changed", name)
		}
		consistent(t, s)
	}
	rec := record(t, "just in time", epoch)
	rec.At = expired.Key.ExpiresAt.Add(-1)
	if err := s.PutSuccessor(t.Context(), rec, expired.Key.ID, someone); err != nil {
		t.Errorf("a key cannot be rotated in its last moment: %v", err)
	}
	consistent(t, s)
}

// Whichever key of a rotation is deleted, alone or among many in one transaction, the rotation is over with it, what is left
// is no longer marked, and its end stays.
func TestDeletionEndsTheRotation(t *testing.T) {
	s := open(t, newPath(t), useFaultDisk(t)) // which does not really sync: fast
	disk.quiet = true
	random := mrand.New(mrand.NewPCG(3, 0))
	for round := range amount(20, 6, 6) {
		mark := markNow(t, s)
		doomed := map[string]bool{}
		ends := map[string]time.Time{}
		for i := range 12 {
			old := put(t, s, fmt.Sprintf("old %d.%d", round, i), epoch)
			successor := succeed(t, s, old, fmt.Sprintf("new %d.%d", round, i))
			if i%3 == 0 {
				ends[old.Key.ID] = epoch.Add(time.Hour)
				if _, err := s.End(t.Context(), old.Key.ID, ends[old.Key.ID], someone, epoch); err != nil {
					t.Fatal(err)
				}
			}
			for _, rec := range []model.Record{old, successor} {
				if random.IntN(2) == 0 {
					doomed[rec.Key.ID] = true
				}
			}
		}
		var deletions sync.WaitGroup // together, they share transactions
		for id := range doomed {
			deletions.Go(func() {
				if err := s.Delete(t.Context(), id, someone, epoch); err != nil {
					t.Error(err)
				}
			})
		}
		deletions.Wait()
		consistent(t, s)
		rotations := rotationsOf(t, s)
		for _, key := range listOf(t, s) {
			if end, ok := ends[key.ID]; ok && !key.ExpiresAt.Equal(end) {
				t.Errorf("the end %v of an old key became %v", end, key.ExpiresAt)
			}
			unfinished := slices.ContainsFunc(rotations, func(r model.Rotation) bool { return r.OldID == key.ID || r.NewID == key.ID })
			if unfinished != key.Rotating {
				t.Errorf("%s is marked: %v, and rotating: %v", key.Name, key.Rotating, unfinished)
			}
		}
		for _, r := range rotations {
			if doomed[r.OldID] || doomed[r.NewID] {
				t.Errorf("a rotation outlives its key: %+v", r)
			}
		}
		keys := map[string]model.Key{}
		for _, key := range listOf(t, s) {
			keys[key.ID] = key
		}
		follow(t, s, keys, mark)
		for id := range keys {
			if err := s.Delete(t.Context(), id, someone, epoch); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := sound(t.Context(), s); err != nil {
		t.Error(err)
	}
}

// Who follows the marks is told of every trait, whichever program changed it.
func TestChangesTellTraits(t *testing.T) {
	path := newPath(t)
	mine, other := open(t, path), open(t, path)
	for round, who := range []*Store{mine, other} {
		old := put(t, mine, fmt.Sprint("old ", round), epoch)
		keys := map[string]model.Key{}
		for _, key := range listOf(t, mine) {
			keys[key.ID] = key
		}
		mark := markNow(t, mine)
		var successor model.Record
		dead := model.Answer{KeyID: old.Key.ID, API: "search", Verdict: model.VerdictDead, Status: 401, At: epoch}
		alive := dead
		alive.Verdict = model.VerdictAlive
		for _, act := range []struct {
			name string
			do   func() error
		}{
			{"a rotation", func() error { successor = succeed(t, who, old, fmt.Sprint("new ", round)); return nil }},
			{"an end", func() error {
				_, err := who.End(t.Context(), old.Key.ID, epoch.Add(time.Hour), someone, epoch)
				return err
			}},
			{"a death", func() error { return who.KeepAnswers(t.Context(), []model.Answer{dead}) }},
			{"a resurrection", func() error { return who.KeepAnswers(t.Context(), []model.Answer{alive}) }},
			{"the end of a rotation", func() error { return who.Delete(t.Context(), successor.Key.ID, someone, epoch) }},
		} {
			if err := act.do(); err != nil {
				t.Fatalf("%s: %v", act.name, err)
			}
			now := follow(t, mine, keys, mark)
			if now == mark {
				t.Errorf("%s was not told", act.name)
			}
			mark = now
		}
		// What is no part of a key is no change of it, and yet a reason to look.
		succeed(t, who, old, fmt.Sprint("newer ", round))
		for name, act := range map[string]func() error{
			"a step": func() error { return who.StepDone(t.Context(), old.Key.ID, model.StepCheck, epoch) },
			"an answer": func() error {
				alive.At = alive.At.Add(time.Second)
				return who.KeepAnswers(t.Context(), []model.Answer{alive})
			},
		} {
			mark := markNow(t, mine)
			before, _ := mine.Version(t.Context())
			if err := act(); err != nil {
				t.Fatal(err)
			}
			if after, _ := mine.Version(t.Context()); after == before {
				t.Errorf("%s leaves the version at %d", name, after)
			}
			if changes := changesOf(t, mine, mark); changes.All || len(changes.Keys) > 0 {
				t.Errorf("%s is told as %+v", name, changes)
			}
		}
	}
}

func TestEndAndTheClock(t *testing.T) {
	s := open(t, newPath(t))
	at := epoch.Add
	for name, test := range map[string]struct {
		ends, now time.Time
		disabled  bool
	}{
		"later":                                  {at(time.Hour), at(0), false},
		"in a moment":                            {at(1), at(0), false},
		"now":                                    {at(0), at(0), true},
		"before":                                 {at(-time.Hour), at(0), true},
		"long before it was made":                {time.Unix(0, 0), at(0), true},
		"later, by a clock that was turned back": {at(time.Hour), at(-1000 * time.Hour), false},
		"before a clock that jumped ahead":       {at(time.Hour), at(1000 * time.Hour), true},
		"earliest":                               {earliest, at(0), true},
		"latest":                                 {latest, at(0), false},
		"in another zone":                        {at(time.Hour).In(time.FixedZone("there", 7200)), at(0), false},
	} {
		rec := put(t, s, name, epoch)
		key, err := s.End(t.Context(), rec.Key.ID, test.ends, someone, test.now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := s.Get(t.Context(), rec.Key.ID)
		if err != nil || got != key || !key.ExpiresAt.Equal(test.ends) || key.Disabled != test.disabled {
			t.Errorf("%s: it is %+v, and returned as %+v (%v)", name, got, key, err)
		}
		if key.StatusAt(test.now) == model.StatusActive != !test.disabled {
			t.Errorf("%s: it is %s", name, key.StatusAt(test.now))
		}
		before, _ := s.Version(t.Context())
		again, err := s.End(t.Context(), rec.Key.ID, test.ends, model.Actor{By: "somebody else"}, test.now)
		switch {
		case test.disabled && !errors.Is(err, model.ErrExpired):
			t.Errorf("%s: a second end returns %v", name, err)
		case !test.disabled && (err != nil || again != key):
			t.Errorf("%s: the same end again gives %+v, %v", name, again, err)
		}
		if after, _ := s.Version(t.Context()); after != before {
			t.Errorf("%s: the same end again changed the store", name)
		}
		for _, now := range []time.Time{earliest, test.now, latest} {
			if test.disabled && got.StatusAt(now) == model.StatusActive {
				t.Errorf("%s: a clock at %v revives it", name, now)
			}
		}
	}
	for _, wrong := range []struct{ ends, now time.Time }{{latest.Add(1), epoch}, {earliest.Add(-1), epoch}, {epoch, time.Time{}}} {
		rec := put(t, s, fmt.Sprint("wrong ", wrong), epoch)
		if _, err := s.End(t.Context(), rec.Key.ID, wrong.ends, someone, wrong.now); err == nil {
			t.Errorf("an end at %v was noted at %v", wrong.ends, wrong.now)
		}
		holdsKey(t, s, listed(rec.Key))
	}
}

// holdsKey fails unless the store has the key as it is.
func holdsKey(t *testing.T, s *Store, want model.Key) {
	t.Helper()
	if got, err := s.Get(t.Context(), want.ID); err != nil || got != want {
		t.Errorf("the store has %+v, want %+v (%v)", got, want, err)
	}
}

func TestStepDoneRefuses(t *testing.T) {
	s := open(t, newPath(t))
	old := put(t, s, "old", epoch)
	successor := succeed(t, s, old, "new")
	for name, test := range map[string]struct {
		id   string
		step model.Step
		at   time.Time
		want error
	}{
		"no key":               {"", model.StepCheck, epoch, model.ErrNotFound},
		"a wild card":          {"%", model.StepCheck, epoch, model.ErrNotFound},
		"the successor":        {successor.Key.ID, model.StepCheck, epoch, model.ErrNotFound},
		"the making":           {old.Key.ID, model.StepCreate, epoch, nil},
		"the deletion":         {old.Key.ID, model.StepDelete, epoch, nil},
		"no step":              {old.Key.ID, 0, epoch, nil},
		"a time out of range":  {old.Key.ID, model.StepCheck, time.Time{}, nil},
		"a time after the end": {old.Key.ID, model.StepCheck, latest.Add(1), nil},
	} {
		err := s.StepDone(t.Context(), test.id, test.step, test.at)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: it returns %v, want %v", name, err, test.want)
		}
	}
	want := model.Rotation{OldID: old.Key.ID, NewID: successor.Key.ID, BeganAt: successor.Key.CreatedAt}
	if got := rotationsOf(t, s); len(got) != 1 || got[0] != want {
		t.Errorf("refused steps made %+v", got)
	}
	// The clock may go back between steps, which does not make them undone.
	for i, step := range []model.Step{model.StepHandOver, model.StepCheck, model.StepWatch} {
		if err := s.StepDone(t.Context(), old.Key.ID, step, epoch.Add(-time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if got := rotationsOf(t, s)[0]; got.Next() != model.StepDelete || !got.WatchedAt.Equal(epoch.Add(-2*time.Hour)) {
		t.Errorf("with a clock that goes back it is %+v", got)
	}
}
