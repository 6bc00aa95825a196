package model

import (
	"testing"
	"time"
)

func TestRotationNext(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name                      string
		handed, checked, watched  bool
		want                      Step
		backwards, beforeItsBegin bool
	}{
		{name: "just begun", want: StepHandOver},
		{name: "handed over", handed: true, want: StepCheck},
		{name: "checked", handed: true, checked: true, want: StepWatch},
		{name: "watched", handed: true, checked: true, watched: true, want: StepDelete},
		{name: "checked by hand alone", checked: true, want: StepWatch},
		{name: "not checked, and watched", handed: true, watched: true, want: StepDelete},
		{name: "watched alone", watched: true, want: StepDelete},
		{name: "a clock that went back at each step", handed: true, checked: true, want: StepWatch, backwards: true},
		{name: "a clock that went back to 1970", handed: true, checked: true, watched: true, want: StepDelete, beforeItsBegin: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			step := time.Minute
			if test.backwards {
				step = -time.Hour
			}
			r := Rotation{OldID: "old", NewID: "new", BeganAt: at}
			moment := at
			for _, s := range []struct {
				done bool
				at   *time.Time
			}{{test.handed, &r.HandedOverAt}, {test.checked, &r.CheckedAt}, {test.watched, &r.WatchedAt}} {
				if moment = moment.Add(step); s.done {
					*s.at = moment
				}
				if s.done && test.beforeItsBegin {
					*s.at = time.Unix(0, 0)
				}
			}
			if got := r.Next(); got != test.want {
				t.Errorf("it goes on with %s, want %s", got, test.want)
			}
		})
	}
}

func TestStepWords(t *testing.T) {
	want := []string{"unknown step", "create", "hand over", "check", "watch", "delete", "unknown step"}
	for i, word := range want {
		if got := Step(i).String(); got != word {
			t.Errorf("step %d is %q, want %q", i, got, word)
		}
	}
}

func TestRecordMadeAt(t *testing.T) {
	made, stored := time.Unix(1, 0), time.Unix(2, 0)
	if at := (Record{Key: Key{CreatedAt: made}}).MadeAt(); !at.Equal(made) {
		t.Errorf("without a moment of its own it is %v", at)
	}
	if at := (Record{Key: Key{CreatedAt: made}, At: stored}).MadeAt(); !at.Equal(stored) {
		t.Errorf("with a moment of its own it is %v", at)
	}
}
