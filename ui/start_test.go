package ui

import (
	"strings"
	"testing"
	"time"
)

func TestFirstStartSaysHowToBegin(t *testing.T) {
	s := start(t)
	s.shows("clavier  local · this machine", "0 keys", "[1 API keys]", "No API keys yet. Press n to make the first one.")
	if got := s.footer(); got != "n new  ? help  q quit" {
		t.Errorf("the footer of an empty list is %q", got)
	}
	s.press("d")
	s.says("there is no key here; n makes one")
	s.press("enter", "c", "j", "G", "ctrl+d")
	if s.app.top() != nil {
		t.Error("a dialog is open over an empty list")
	}
}

func TestBeforeTheFirstAnswer(t *testing.T) {
	c := start(t, with(func(f *fakes) { f.gates["list"] = &gate{open: make(chan struct{})} }))
	c.hides("No API keys yet", "0 keys")
	c.says("")
	c.spin()
	c.says(`/ reading the keys · esc cancels`)
	c.press("d")
	c.says("the keys are still being read")
	c.after(statusFor)
	c.release("list")
	c.shows("No API keys yet")
	c.says("")
}

func TestGivingUpTheFirstReading(t *testing.T) {
	s := start(t, with(func(f *fakes) { f.gates["list"] = &gate{open: make(chan struct{})} }))
	s.press("esc")
	s.hides("given up")
	s.spin()
	s.press("esc")
	s.await("The keys could not be read.")
	s.shows("reading the keys was given up", "ctrl+r tries again.")
	s.fakes.gates = map[string]*gate{}
	s.press("ctrl+r")
	s.shows("No API keys yet")
}

func TestHeaderCountsKeys(t *testing.T) {
	s := start(t, with(func(f *fakes) { f.add(t, "one", time.Hour) }))
	if head := s.lines()[0]; !strings.HasSuffix(head, " 1 key ") {
		t.Errorf("the header is %q", head)
	}
	s.fakes.add(t, "two", time.Minute)
	s.after(time.Second)
	if head := s.lines()[0]; !strings.HasSuffix(head, " 2 keys ") {
		t.Errorf("the header is %q", head)
	}
}
