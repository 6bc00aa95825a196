//go:build linux || darwin

package bench

import (
	"os"
	"strings"
	"testing"
	"time"

	"clavier/e2e/term"
)

// played is a subject of 20x3 that a test plays: what it writes is given to
// take, and the keys that it gets are read from keys.
func played(t *testing.T) (l *live, keys *os.File) {
	t.Helper()
	keys, master, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	l = &live{
		session: &session{subject: Subject{Name: "played"}, master: master, arrived: make(chan struct{}), begun: time.Now()},
		screen:  term.NewEmulator(20, 3, nil),
	}
	l.last = l.screen.Screen()
	t.Cleanup(func() {
		l.screen.Close()
		_ = master.Close()
		_ = keys.Close()
	})
	return l, keys
}

// TestAskTakesTheLastByteThatChangesTheScreen plays an answer in three parts:
// an echo, the result after a silence, and a byte that changes nothing.
func TestAskTakesTheLastByteThatChangesTheScreen(t *testing.T) {
	l, keys := played(t)
	var echo, result time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		var key [1]byte
		if _, err := keys.Read(key[:]); err != nil || key[0] != 'x' {
			t.Errorf("the subject got %q, %v", key, err)
		}
		echo = time.Now()
		l.take([]byte("\x1b[Hx"), echo, false)
	}()
	looks := 0
	took, err := l.ask("x", Quiet, want{"the result", func(s term.Screen) bool {
		if looks++; looks == 1 {
			<-done
			if s.Line(0) != "x" {
				t.Errorf("after the echo the screen is %q", s.Line(0))
			}
			result = time.Now()
			l.take([]byte("\x1b[H7 of 9"), result, false)
			l.take([]byte("\x1b[H7"), result.Add(time.Second), false)
		}
		return s.Line(0) == "7 of 9"
	}})
	if err != nil {
		t.Fatal(err)
	}
	if least, most := result.Sub(echo), result.Sub(l.begun); took < least || took > most {
		t.Errorf("the answer took %v, not between %v and %v", took, least, most)
	}
}

func TestAskEndsWithTheSubject(t *testing.T) {
	l, _ := played(t)
	l.take([]byte("bye"), time.Now(), true)
	_, err := l.ask("x", Quiet, want{"a result", func(term.Screen) bool { return false }})
	if err == nil || !strings.Contains(err.Error(), "ended before it showed a result") || !strings.Contains(err.Error(), "bye") {
		t.Errorf("the error is %v", err)
	}
}

// TestMomentsAreThoseOfTheChunks: what a screen shows counts from the chunk that
// brought it, although it is looked at later.
func TestMomentsAreThoseOfTheChunks(t *testing.T) {
	l, _ := played(t)
	at := func(ms int) time.Time { return l.begun.Add(time.Duration(ms) * time.Millisecond) }
	l.take([]byte("\x1b[Hfirst"), at(10), false)
	l.take([]byte("\x1b[2;1Hhalf"), at(20), false)
	l.take([]byte("\x1b[2;1Hwhole"), at(30), false)
	l.take([]byte("\x1b[3;1Hmore"), at(40), true)
	on := func(text string) want {
		return want{text, func(s term.Screen) bool { return s.Contains(text) }}
	}
	got, err := l.moments(Quiet, on("first"), on("whole"))
	if err != nil || got[0] != 10*time.Millisecond || got[1] != 30*time.Millisecond {
		t.Errorf("moments are %v, %v", got, err)
	}
	if _, err := l.moments(Quiet, on("half"), on("whole")); err == nil {
		t.Error("a moment was found on screens that have passed")
	}
}

func TestPressRefusesAnAnswerThatShowsNothing(t *testing.T) {
	l, keys := played(t)
	go func() {
		var key [1]byte
		_, _ = keys.Read(key[:])
		l.take([]byte("\x1b[H\x1b[m"), time.Now(), false)
	}()
	if _, err := l.press("j"); err == nil || !strings.Contains(err.Error(), "change nothing") {
		t.Errorf("the error is %v", err)
	}
}

func TestPressSaysThatTheSubjectHasEnded(t *testing.T) {
	l, keys := played(t)
	go func() {
		var key [1]byte
		_, _ = keys.Read(key[:])
		l.take(nil, time.Now(), true)
	}()
	if _, err := l.press("j"); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("the error is %v", err)
	}
}
