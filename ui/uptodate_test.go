package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// untouched fails unless nothing that changes a key of the list can be begun, each with this reason.
func (s *screen) untouched(why string) {
	s.tb.Helper()
	for _, keys := range [][]string{{"d"}, {"r"}, {" ", "d"}} {
		s.app.status = status{}
		s.press(keys...)
		s.says(why)
		if s.app.top() != nil {
			s.tb.Fatalf("%v can be pressed:\n%s", keys, s.text())
		}
	}
	s.press("k", " ", "k") // as it was
	s.app.status = status{}
}

// TestServiceThatFailsIsNotUpToDate: the list of a service that answers with a failure says its age and is not touched, until the
// next good answer.
func TestServiceThatFailsIsNotUpToDate(t *testing.T) {
	for _, is := range []error{model.ErrStoreBusy, model.ErrStoreWrite, model.ErrStoreDamaged, model.ErrModes, model.ErrRole} {
		w, err := &away{}, fmt.Errorf("keys.example.com says: %w", is)
		s := start(t, size(140, 24), numbered(t, 9), w.service)
		s.after(time.Second)
		s.fakes.fails(err)
		var asked []int
		last := s.fakes.called("version")
		for second := range 30 {
			s.after(time.Second)
			if n := s.fakes.called("version"); n != last {
				asked, last = append(asked, second), n
			}
			if second == 0 {
				s.says(err.Error())
				s.shows("9 keys as of 1s ago")
			}
		}
		if fmt.Sprint(asked) != "[0 1 3 7 15]" {
			t.Errorf("%v: the service is asked at %v", is, asked)
		}
		s.shows("9 keys as of 30s ago")
		s.hides("offline")
		s.says("not up to date, ctrl+r tries again: " + err.Error())
		s.untouched(isOld)
		s.press("n")
		s.shows("New API key")
		s.press("esc")
		s.fakes.fails(nil)
		s.after(time.Second)
		s.says("")
		s.hides("as of")
		s.press("d")
		s.shows("Delete key-01?")
	}
}

// TestOneShortFailureIsTakenBack with the next answer, a second later.
func TestOneShortFailureIsTakenBack(t *testing.T) {
	w := &away{}
	s := start(t, numbered(t, 9), w.service)
	s.fakes.fails(model.ErrStoreBusy)
	s.after(time.Second)
	s.says("the store is busy")
	s.shows("as of 1s ago")
	s.fakes.fails(nil)
	s.after(time.Second)
	s.says("")
	s.hides("as of")
	s.shows("9 keys")
}

// TestDialogSaysThatTheListIsOld: what was typed stays, enter does nothing, and works afterwards.
func TestDialogSaysThatTheListIsOld(t *testing.T) {
	for about, open := range map[string]func(*screen){
		"one":  func(s *screen) { s.press("d"); s.typed("production") },
		"many": func(s *screen) { s.press("j", " ", "d"); s.typed("delete 1 key") },
	} {
		w := &away{}
		s := start(t, three(t), w.service)
		open(s)
		s.fakes.fails(model.ErrStoreBusy)
		s.after(time.Second)
		s.shows(isOld)
		s.press("enter")
		s.says(isOld)
		s.fakes.fails(nil)
		s.after(time.Second)
		s.hides(isOld)
		if s.fakes.called("delete") > 0 {
			t.Errorf("%s: a key was deleted", about)
		}
		s.press("enter")
		s.after(time.Second)
		if s.fakes.called("delete") != 1 {
			t.Errorf("%s: no key is deleted:\n%s", about, s.text())
		}
	}
}

// TestStoreOfThisMachineIsAskedOn: that it is busy for a moment is no news.
func TestStoreOfThisMachineIsAskedOn(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.fakes.fail("version", model.ErrStoreBusy)
	last := s.fakes.called("version")
	for range 10 {
		s.after(time.Second)
	}
	s.says("")
	s.hides("as of")
	if n := s.fakes.called("version") - last; n != 10 {
		t.Errorf("it was asked %d times in ten seconds", n)
	}
	s.press("d")
	s.shows("Delete key-01?")
}

// rereads returns a screen that was offline for two hours, of a list that was read here or is remembered, while the keys come in
// again beside it and another key is among them.
func rereads(t *testing.T, remembered bool) *screen {
	t.Helper()
	w := &away{}
	changes := []func(*setup){numbered(t, 9), w.service}
	if remembered {
		changes = append(changes, w.remembers(2*time.Hour), down(unreachable()))
	}
	s := start(t, changes...)
	if !remembered {
		s.fakes.fails(unreachable())
		s.after(time.Second)
		s.after(2*time.Hour - time.Second)
	}
	s.shows("9 keys as of 2h ago · offline")
	s.says(offlineLine)
	s.fakes.fails(nil)
	s.fakes.add(t, "newer", time.Minute)
	s.hold("page")
	s.press("ctrl+r")
	s.spin()
	s.pass("page")
	return s
}

// TestPortionsMakeNoOldListNew: while the keys come in beside it, the list has its age and is not touched.
func TestPortionsMakeNoOldListNew(t *testing.T) {
	for _, remembered := range []bool{false, true} {
		s := rereads(t, remembered)
		s.says("/ reading the keys 6 of 10 · esc cancels")
		s.shows("9 keys as of 2h ago")
		s.hides("offline", "answers again", "newer")
		s.untouched(stillRead)
		s.press("n")
		s.says(stillRead)
		if s.app.top() != nil {
			t.Error("a key can be made")
		}
		s.release("page")
		s.says("keys.example.com answers again")
		s.hides("as of", "offline")
		s.shows("10 keys", "newer")
		s.press("d")
		s.shows("Delete key-01?")
	}
}

// TestOldListAfterAReadingThatFails is as old as before, and is asked for again.
func TestOldListAfterAReadingThatFails(t *testing.T) {
	for _, remembered := range []bool{false, true} {
		s := rereads(t, remembered)
		s.fakes.fails(model.ErrStoreBusy)
		s.release("page")
		s.says("the store is busy")
		s.shows("9 keys as of 2h ago")
		s.hides("offline", "newer")
		s.untouched(isOld)
		s.fakes.fails(nil)
		s.after(time.Second)
		s.says("")
		s.shows("10 keys", "newer")
		s.hides("as of")
	}
}

// giveUp presses esc and waits for the end of the reading.
func (s *screen) giveUp() {
	s.tb.Helper()
	s.press("esc")
	for s.app.reading != nil {
		s.next()
	}
	s.drain()
	s.release("page")
	s.app.status = status{}
}

// TestOldListAfterAReadingThatIsGivenUp: one that is all there is brought up to date by what has changed, another one is as old as
// before until the person reads it.
func TestOldListAfterAReadingThatIsGivenUp(t *testing.T) {
	s := rereads(t, false)
	reads := s.fakes.called("pages")
	s.giveUp()
	s.shows("9 keys as of 2h ago · offline")
	s.untouched(offlineLine)
	s.after(time.Second)
	s.says("keys.example.com answers again")
	s.shows("10 keys", "newer")
	s.hides("as of")
	if n := s.fakes.called("pages"); n != reads {
		t.Error("all keys are read although that was given up")
	}

	s = rereads(t, true)
	reads = s.fakes.called("pages")
	s.giveUp()
	for range 60 {
		s.after(time.Second)
	}
	s.shows("9 keys as of 2h ago")
	s.says("not up to date, ctrl+r tries again: reading the keys was given up")
	s.hides("offline", "newer")
	s.untouched(isOld)
	if n := s.fakes.called("pages"); n != reads {
		t.Error("all keys are read although that was given up")
	}
	s.press("ctrl+r")
	s.shows("10 keys", "newer")
	s.hides("as of")
}

// TestRightListAfterAReadingThatIsGivenUp is right as before, and followed.
func TestRightListAfterAReadingThatIsGivenUp(t *testing.T) {
	w := &away{}
	s := start(t, numbered(t, 9), w.service)
	s.fakes.add(t, "newer", time.Minute)
	s.hold("page")
	s.press("ctrl+r")
	s.spin()
	s.giveUp()
	s.hides("as of", "newer")
	s.says("")
	s.after(time.Second)
	s.shows("10 keys", "newer")
	s.hides("as of")
	s.press("d")
	s.shows("Delete key-01?")
}

// TestPartOfTheFirstReading: what was read of a list before that failed or was given up says its age.
func TestPartOfTheFirstReading(t *testing.T) {
	w := &away{}
	s := start(t, numbered(t, 9), w.service, shut("page"))
	s.shows("3+ keys")
	s.spin()
	s.giveUp()
	s.after(time.Minute)
	s.shows("3+ keys as of 1m ago")
	s.untouched(isOld)

	w = &away{}
	s = start(t, numbered(t, 9), w.service, down(unreachable()))
	s.shows("The keys could not be read.")
	s.fakes.fails(nil)
	s.hold("page")
	s.press("ctrl+r")
	s.shows("3+ keys") // right as far as they go
	s.hides("as of")
	s.fakes.fails(errors.New("500"))
	s.clock.advance(time.Minute)
	s.release("page")
	s.says("500")
	s.shows("3+ keys as of 1m ago")
	if !slices.Equal(s.names(), []string{"key-01", "key-02", "key-03"}) || !strings.HasPrefix(s.cursorRow(), "key-01") {
		t.Errorf("shown are %v", s.names())
	}
}
