package store

import (
	"errors"
	"testing"
	"time"

	"clavier/model"
)

// A line about a refused change comes back as it was noted, among the others, and is no change of any key.
func TestRefusalsAreNoted(t *testing.T) {
	path := newPath(t)
	s, other := open(t, path), open(t, path)
	rec := put(t, s, "production", epoch)
	mark := markNow(t, s)
	before, err := other.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := []model.Activity{
		{At: epoch.Add(time.Hour), Action: model.ActionDeleted, KeyID: rec.Key.ID, KeyName: "production", KeyCreatedAt: epoch,
			Actor: someone, Refused: "the role of the token does not allow this"},
		{At: epoch, Action: model.ActionCreated, KeyID: "an id that is no key's", KeyName: "\x1b[2J", Actor: model.Actor{By: "x"}, Refused: "why"},
	}
	for _, line := range lines {
		if err := s.NoteRefusal(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	got, err := other.Activity(t.Context(), 10)
	if err != nil || len(got) != 4 || got[0].Refused != "" || got[1] != lines[1] || got[2] != lines[0] || got[3].Refused != "" {
		t.Errorf("the activity is %+v (%v)", got, err)
	}
	if after, err := other.Version(t.Context()); err != nil || after == before {
		t.Errorf("another program is not told (%v)", err)
	}
	if changes := changesOf(t, s, mark); len(changes.Keys) != 0 || len(changes.Gone) != 1 || changes.Mark != mark+3 {
		t.Errorf("the changes are %+v", changes)
	}
	if changes, err := s.DigestChanges(t.Context(), mark); err != nil || len(changes.Keys) != 0 || len(changes.Gone) != 1 {
		t.Errorf("the changes are %+v (%v)", changes, err)
	}
	if err := sound(t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestRefusalsThatCannotBeNoted(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(50*time.Millisecond))
	good := model.Activity{At: epoch, Action: model.ActionEnded, KeyID: "id", Actor: someone, Refused: "why"}
	for name, spoil := range map[string]func(line *model.Activity){
		"no reason":     func(line *model.Activity) { line.Refused = "" },
		"no time":       func(line *model.Activity) { line.At = time.Time{} },
		"made too late": func(line *model.Activity) { line.KeyCreatedAt = time.Date(4012, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		line := good
		spoil(&line)
		if err := s.NoteRefusal(t.Context(), line); err == nil {
			t.Errorf("%s: it is noted", name)
		}
	}
	release := hold(t, path)
	if err := s.NoteRefusal(t.Context(), good); !errors.Is(err, model.ErrStoreBusy) {
		t.Errorf("NoteRefusal of a busy store returns %v", err)
	}
	release()
	if lines, err := s.Activity(t.Context(), 10); err != nil || len(lines) != 0 {
		t.Errorf("the activity is %+v (%v)", lines, err)
	}
}
