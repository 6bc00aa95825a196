package store

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/model"
	"clavier/server"
)

func TestPutKeepsTheWholeRecord(t *testing.T) {
	s := open(t, newPath(t))
	rec := record(t, "production", epoch)
	rec.Key.ExpiresAt = epoch.Add(90 * 24 * time.Hour)
	rec.Key.Disabled = true
	if err := s.Put(t.Context(), rec, someone); err != nil {
		t.Fatal(err)
	}
	holds(t, s, rec)
	key, err := s.Get(t.Context(), rec.Key.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := listed(rec.Key); key != want {
		t.Errorf("Get gives %+v, want %+v", key, want)
	}
	if !key.LastUse.Never() {
		t.Errorf("a new key was used: %+v", key.LastUse)
	}
}

func TestTimesKeepEveryNanosecond(t *testing.T) {
	s := open(t, newPath(t))
	for i, at := range []time.Time{
		time.Unix(0, 1), time.Unix(0, -1), epoch, earliest, latest,
		time.Date(2026, 3, 29, 2, 30, 0, 7, time.FixedZone("CEST", 7200)),
	} {
		rec := put(t, s, string(rune('a'+i)), at)
		key, err := s.Get(t.Context(), rec.Key.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !key.CreatedAt.Equal(at) || key.CreatedAt.Location() != time.UTC {
			t.Errorf("%v came back as %v", at, key.CreatedAt)
		}
	}
	for _, at := range []time.Time{{}, earliest.Add(-1), latest.Add(1)} {
		if err := s.Put(t.Context(), record(t, "outside", at), someone); err == nil {
			t.Errorf("a key of the year %d was stored", at.Year())
		}
	}
}

func TestPutAgainChangesNothing(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	before, _ := s.Version(t.Context())
	if err := s.Put(t.Context(), rec, model.Actor{By: "somebody else"}); err != nil {
		t.Fatal(err)
	}
	if after, _ := s.Version(t.Context()); after != before {
		t.Error("repeating a record changed the store")
	}
	lines, err := s.Activity(t.Context(), 10)
	if err != nil || len(lines) != 1 {
		t.Errorf("%d lines of activity, want 1 (%v)", len(lines), err)
	}
	holds(t, s, rec)
}

func TestPutRefuses(t *testing.T) {
	s := open(t, newPath(t))
	first := put(t, s, "production", epoch)
	tests := []struct {
		name   string
		change func(rec *model.Record)
		want   error
	}{
		{"another name under the id", func(r *model.Record) { *r = first; r.Key.Name = "other" }, model.ErrConflict},
		{"another hint under the id", func(r *model.Record) { *r = first; r.Key.Hint = "x" }, model.ErrConflict},
		{"another owner under the id", func(r *model.Record) { *r = first; r.Key.Owner = "grace" }, model.ErrConflict},
		{"another time under the id", func(r *model.Record) { *r = first; r.Key.CreatedAt = epoch.Add(1) }, model.ErrConflict},
		{"an expiry under the id", func(r *model.Record) { *r = first; r.Key.ExpiresAt = epoch }, model.ErrConflict},
		{"another role under the id", func(r *model.Record) { *r = first; r.Key.Role = model.RoleManage }, model.ErrConflict},
		{"disabled under the id", func(r *model.Record) { *r = first; r.Key.Disabled = true }, model.ErrConflict},
		{"another secret under the id", func(r *model.Record) { r.Key.ID = first.Key.ID }, model.ErrConflict},
		{"another ciphertext under the id", func(r *model.Record) {
			ciphertext := r.Sealed.Ciphertext
			*r = first
			r.Sealed.Ciphertext = ciphertext
		}, model.ErrConflict},
		{"the same name", func(r *model.Record) { r.Key.Name = first.Key.Name }, model.ErrNameTaken},
		{"the same secret", func(r *model.Record) { r.Sealed.Digest = first.Sealed.Digest }, model.ErrConflict},
		{"no id", func(r *model.Record) { r.Key.ID = "" }, nil},
		{"no role that there is", func(r *model.Record) { r.Key.Role = model.RoleManage + 1 }, nil},
		{"no sealed secret", func(r *model.Record) { r.Sealed.Ciphertext = nil }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rec := record(t, "second", epoch)
			test.change(&rec)
			err := s.Put(t.Context(), rec, someone)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Put returns %v, want %v", err, test.want)
			}
			holds(t, s, first)
		})
	}
	if lines, _ := s.Activity(t.Context(), 10); len(lines) != 1 {
		t.Errorf("refused records left %d lines of activity", len(lines)-1)
	}
}

// The id of a deleted key is never taken again: a create that is repeated late brings no key back, whoever repeats it and as what.
func TestDeletedIDIsNeverTakenAgain(t *testing.T) {
	path := newPath(t)
	lite := open(t, path)
	address := pgtest.Shared(t).NewDatabase(t)
	for name, s := range map[string]struct{ first, other server.Store }{
		"SQLite":     {lite, open(t, path)},
		"PostgreSQL": {openPostgres(t, address), openPostgres(t, address)},
	} {
		old, rec, kept := record(t, "old", epoch), record(t, "production", epoch), record(t, "kept", epoch)
		for _, one := range []model.Record{old, rec, kept} {
			if _, err := s.first.PutNew(t.Context(), one, "", someone); err != nil {
				t.Fatal(err)
			}
		}
		refused := model.Activity{At: epoch, Action: model.ActionDeleted, KeyID: kept.Key.ID, Refused: "no"}
		if err := s.first.NoteRefusal(t.Context(), refused); err != nil {
			t.Fatal(err)
		}
		if made, err := s.other.PutNew(t.Context(), kept, "", someone); made || err != nil {
			t.Errorf("%s: a key that was not deleted is stored again: %v, %v", name, made, err)
		}
		if err := s.other.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
		late := record(t, "production", epoch)
		late.Key.ID = rec.Key.ID
		imported := late
		imported.Key.Imported, imported.At = true, epoch
		for about, repeat := range map[string]struct {
			rec   model.Record
			oldID string
		}{
			"the same record": {rec, ""}, "as a successor": {rec, old.Key.ID}, "with another secret": {late, ""}, "as an imported key": {imported, ""},
		} {
			made, err := s.first.PutNew(t.Context(), repeat.rec, repeat.oldID, someone)
			if made || !errors.Is(err, model.ErrConflict) || !strings.Contains(err.Error(), "was deleted") || !strings.Contains(err.Error(), "use a new id") {
				t.Errorf("%s, %s: %v, %v", name, about, made, err)
			}
		}
		if key, err := s.first.Find(t.Context(), rec.Sealed.Digest); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: a deleted key is %+v (%v)", name, key, err)
		}
		if made, err := s.first.PutNew(t.Context(), record(t, "production", epoch), "", someone); !made || err != nil {
			t.Errorf("%s: another key with the name: %v, %v", name, made, err)
		}
		if err := s.first.NoteRefusal(t.Context(), model.Activity{At: epoch, Action: model.ActionDeleted, KeyID: "never there", Refused: "no"}); err != nil {
			t.Fatal(err)
		}
		fresh := record(t, "fresh", epoch)
		fresh.Key.ID = "never there"
		if made, err := s.first.PutNew(t.Context(), fresh, "", someone); !made || err != nil {
			t.Errorf("%s: an id whose deletion was refused: %v, %v", name, made, err)
		}
	}
	gone := put(t, lite, "to be filled in", epoch)
	if err := lite.Delete(t.Context(), gone.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	if err := lite.Fill(t.Context(), slices.Values([]model.Record{gone}), someone); !errors.Is(err, model.ErrConflict) {
		t.Errorf("Fill stores a deleted key: %v", err)
	}
}

func TestListIsNewestFirst(t *testing.T) {
	s := open(t, newPath(t))
	if keys, err := s.List(t.Context()); err != nil || len(keys) != 0 || keys == nil {
		t.Fatalf("an empty store lists %v, %v", keys, err)
	}
	oldest := put(t, s, "a", epoch.Add(-time.Hour))
	newest := put(t, s, "b", epoch.Add(time.Nanosecond))
	twin1 := put(t, s, "c", epoch)
	twin2 := put(t, s, "d", epoch)
	keys, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{newest.Key.ID, max(twin1.Key.ID, twin2.Key.ID), min(twin1.Key.ID, twin2.Key.ID), oldest.Key.ID}
	if !slices.Equal(ids(keys), want) {
		t.Errorf("listed %v, want %v", ids(keys), want)
	}
	for _, key := range keys {
		if !key.LastUse.Reported {
			t.Errorf("%s does not report its use", key.Name)
		}
	}
}

func TestAbsentKeys(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	gone := record(t, "gone", epoch)
	calls := map[string]func(id string) error{
		"Get":    func(id string) error { _, err := s.Get(t.Context(), id); return err },
		"Sealed": func(id string) error { _, err := s.Sealed(t.Context(), id); return err },
		"Touch":  func(id string) error { return s.Touch(t.Context(), id, epoch) },
		"Delete": func(id string) error { return s.Delete(t.Context(), id, someone, epoch) },
		"Find":   func(string) error { _, err := s.Find(t.Context(), gone.Sealed.Digest); return err },
	}
	for name, call := range calls {
		for _, id := range []string{gone.Key.ID, "", " ", "%", "' OR 1=1 --"} {
			if err := call(id); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s(%q) returns %v", name, id, err)
			}
		}
	}
	holds(t, s, rec)
}

func TestTouchWritesOnceAMinute(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	steps := []struct {
		after time.Duration
		want  time.Duration
	}{
		{time.Second, time.Second},
		{2 * time.Second, time.Second},
		{61*time.Second - 1, time.Second},
		{61 * time.Second, 61 * time.Second},
		{0, 61 * time.Second}, // a clock that was turned back
		{time.Hour, time.Hour},
	}
	for _, step := range steps {
		key, _ := s.Get(t.Context(), rec.Key.ID)
		before, _ := s.Version(t.Context())
		if err := s.Touch(t.Context(), rec.Key.ID, epoch.Add(step.after)); err != nil {
			t.Fatal(err)
		}
		after, _ := s.Version(t.Context())
		now, _ := s.Get(t.Context(), rec.Key.ID)
		if !now.LastUse.At.Equal(epoch.Add(step.want)) || !now.LastUse.Reported {
			t.Errorf("after %v the last use is %v, want %v", step.after, now.LastUse.At, epoch.Add(step.want))
		}
		if wrote := before != after; wrote != !now.LastUse.At.Equal(key.LastUse.At) {
			t.Errorf("after %v: wrote is %v", step.after, wrote)
		}
	}
	if err := s.Put(t.Context(), rec, someone); err != nil {
		t.Errorf("a used key is no longer the same record: %v", err)
	}
}

func TestActivityOutlivesTheKey(t *testing.T) {
	s := open(t, newPath(t))
	first := put(t, s, "first", epoch)
	second := put(t, s, "second", epoch.Add(time.Second))
	remover := model.Actor{By: "grace", From: "192.0.2.7"}
	if err := s.Delete(t.Context(), first.Key.ID, remover, epoch.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	line := func(at time.Duration, action model.Action, rec model.Record, by model.Actor) model.Activity {
		return model.Activity{At: epoch.Add(at), Action: action, KeyID: rec.Key.ID, KeyName: rec.Key.Name,
			KeyCreatedAt: rec.Key.CreatedAt, Actor: by}
	}
	want := []model.Activity{
		line(time.Minute, model.ActionDeleted, first, remover),
		line(time.Second, model.ActionCreated, second, someone),
		line(0, model.ActionCreated, first, someone),
	}
	for _, limit := range []int{-1, 0, 1, 2, 3, 100} {
		lines, err := s.Activity(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		if n := min(max(limit, 0), len(want)); !slices.Equal(lines, want[:n]) {
			t.Errorf("the last %d lines are %+v, want %+v", limit, lines, want[:n])
		}
	}
}

func TestDeletedNameAndSecretCanBeUsedAgain(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	holds(t, s)
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a second delete returns %v", err)
	}
	holds(t, s, put(t, s, "production", epoch))
}

func TestVersionTellsOfEveryChange(t *testing.T) {
	path := newPath(t)
	mine, other := open(t, path), open(t, path)
	var rec model.Record
	changes := map[string]func(s *Store) error{
		"1 put":    func(s *Store) error { rec = record(t, "production", epoch); return s.Put(t.Context(), rec, someone) },
		"2 touch":  func(s *Store) error { return s.Touch(t.Context(), rec.Key.ID, epoch) },
		"3 delete": func(s *Store) error { return s.Delete(t.Context(), rec.Key.ID, someone, epoch) },
	}
	for _, who := range []*Store{mine, other} {
		for _, name := range []string{"1 put", "2 touch", "3 delete"} {
			before, err := mine.Version(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := mine.Version(t.Context()); again != before {
				t.Errorf("the version went from %d to %d without a change", before, again)
			}
			if err := changes[name](who); err != nil {
				t.Fatal(err)
			}
			if _, err := mine.List(t.Context()); err != nil { // reading must not swallow the news
				t.Fatal(err)
			}
			if after, _ := mine.Version(t.Context()); after == before {
				t.Errorf("%s by another %v left the version at %d", name, who == other, after)
			}
		}
	}
}

func TestVersionSurvivesALostConnection(t *testing.T) {
	path := newPath(t)
	mine, other := open(t, path), open(t, path)
	before, err := mine.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mine.watch.close() // the data_version of another connection begins anew
	put(t, other, "production", epoch)
	if after, _ := mine.Version(t.Context()); after == before {
		t.Error("a change behind a new connection was not told")
	}
}
