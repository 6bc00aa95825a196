package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"clavier/model"
)

// uses makes uses of one key, so long after epoch.
func uses(id string, after ...time.Duration) (all []model.Use) {
	for _, d := range after {
		all = append(all, model.Use{KeyID: id, At: epoch.Add(d)})
	}
	return all
}

func TestNoteUses(t *testing.T) {
	tests := []struct {
		name   string
		noted  time.Duration // after epoch; negative if there is none
		uses   []time.Duration
		want   time.Duration // the same
		writes bool
	}{
		{"the first", -1, []time.Duration{0}, 0, true},
		{"a minute later", 0, []time.Duration{time.Minute}, time.Minute, true},
		{"within the minute", 0, []time.Duration{time.Minute - 1}, 0, false},
		{"the same", 0, []time.Duration{0}, 0, false},
		{"before it", time.Hour, []time.Duration{0}, time.Hour, false},
		{"two, of which the second is within the minute", -1, []time.Duration{0, time.Second}, 0, true},
		{"two", -1, []time.Duration{0, time.Hour}, time.Hour, true},
		{"two, the later first", -1, []time.Duration{time.Hour, 0}, time.Hour, true},
		{"none", -1, nil, -1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, newPath(t))
			rec := put(t, s, "production", epoch)
			if test.noted >= 0 {
				if err := s.Touch(t.Context(), rec.Key.ID, epoch.Add(test.noted)); err != nil {
					t.Fatal(err)
				}
			}
			before, err := s.Version(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			gone := model.Use{KeyID: "gone", At: epoch}
			if err := s.NoteUses(t.Context(), append([]model.Use{gone}, uses(rec.Key.ID, test.uses...)...)); err != nil {
				t.Fatal(err)
			}
			want := model.LastUse{Reported: true}
			if test.want >= 0 {
				want.At = epoch.Add(test.want)
			}
			if key, err := s.Get(t.Context(), rec.Key.ID); err != nil || key.LastUse != want {
				t.Errorf("last used %v (%v), want %v", key.LastUse, err, want)
			}
			if after, err := s.Version(t.Context()); err != nil || (after != before) != test.writes {
				t.Errorf("the store was written: %v (%v), want %v", after != before, err, test.writes)
			}
		})
	}
}

// All uses of a call are one transaction, and each is told as a change.
func TestNoteUsesTogether(t *testing.T) {
	s := open(t, newPath(t), useFaultDisk(t))
	var all []model.Use
	want := []model.Key{}
	for _, name := range []string{"a", "b", "c"} {
		rec := put(t, s, name, epoch)
		key := listed(rec.Key)
		key.LastUse.At = epoch.Add(time.Hour)
		want, all = append(want, key), append(all, uses(key.ID, time.Hour)...)
	}
	mark := markNow(t, s)
	if n := syncs(func() {
		if err := s.NoteUses(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}); n != 1 {
		t.Errorf("three uses took %d syncs, want 1", n)
	}
	sameKeys(t, changesOf(t, s, mark).Keys, want)
	if lines, err := s.Activity(t.Context(), 10); err != nil || len(lines) != len(want) {
		t.Errorf("uses left lines of activity: %d (%v)", len(lines)-len(want), err)
	}
}

// If one use cannot be kept, none is noted; and a store that is busy, or a caller who has left, is told of.
func TestNoteUsesFails(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(50*time.Millisecond))
	rec := put(t, s, "production", epoch)
	good := uses(rec.Key.ID, 0)
	far := model.Use{KeyID: rec.Key.ID, At: time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := s.NoteUses(t.Context(), append(good, far)); err == nil {
		t.Error("a use at a time that no store keeps is noted")
	}
	release := hold(t, path)
	if err := s.NoteUses(t.Context(), good); !errors.Is(err, model.ErrStoreBusy) {
		t.Errorf("NoteUses of a busy store returns %v", err)
	}
	release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, some := range [][]model.Use{nil, good} {
		if err := s.NoteUses(ctx, some); !errors.Is(err, context.Canceled) {
			t.Errorf("NoteUses for a caller who has left returns %v", err)
		}
	}
	if key, err := s.Get(t.Context(), rec.Key.ID); err != nil || !key.LastUse.Never() {
		t.Errorf("%+v (%v)", key, err)
	}
}
