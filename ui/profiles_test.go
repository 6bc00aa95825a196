package ui

import (
	"errors"
	"testing"
	"time"
)

func TestProfiles(t *testing.T) {
	s := start(t, three(t), profiles)
	s.press("p")
	s.shows("Profiles", "> local · this machine", "team · keys.example.org", "evil⟨U+001B⟩[2J · nowhere⟨U+202E⟩")
	s.press("k", "j", "j", "j", "up")
	s.shows("> team · keys.example.org")
	s.press("enter")
	s.shows("clavier  team · keys.example.org", "3 keys")
	s.press("3")
	s.says("this provider does not tell what happened")
	s.press("p")
	s.shows("> team · keys.example.org")
	n := s.fakes.called("switch")
	s.press("enter")
	if s.fakes.called("switch") != n {
		t.Error("the profile that is open was opened again")
	}
	s.press("p", "esc")
	if s.app.top() != nil {
		t.Error("esc does not leave the profiles")
	}
}

func TestOnlyOneProfile(t *testing.T) {
	s := start(t)
	s.press("p")
	s.says("this is the only profile; clavier profile add NAME makes another")
}

func TestProfileCannotBeOpened(t *testing.T) {
	s := start(t, three(t), profiles)
	s.fakes.fail("switch", errors.New("keys.example.org\x1b[2J does not answer"))
	s.press("p", "j", "enter")
	s.shows("clavier  local · this machine", "keys.example.org⟨U+001B⟩[2J does not answer", "Profiles", "3 keys")
	s.fakes.fail("switch", nil)
	s.press("enter")
	s.shows("clavier  team")
}

// TestOpeningAProfileCanBeLeft, and then it is not opened behind the person's back.
func TestOpeningAProfileCanBeLeft(t *testing.T) {
	s := start(t, three(t), profiles)
	s.hold("switch")
	s.press("p", "j", "enter", "enter", "j")
	s.shows("opening team …")
	if n := s.fakes.called("switch"); n != 1 {
		t.Errorf("the profile was opened %d times", n)
	}
	s.press("esc")
	s.hides("opening team")
	s.release("switch")
	s.shows("clavier  local · this machine", "3 keys")
}

// TestOldAnswersDoNotReachTheNewProfile: what was asked of one profile is not shown in another.
func TestOldAnswersDoNotReachTheNewProfile(t *testing.T) {
	s := start(t, three(t), profiles)
	old := s.hold("activity")
	old.deaf = true
	s.press("3")
	reads := s.hold("list")
	reads.deaf = true
	s.press("ctrl+r")
	s.fakes.mu.Lock()
	delete(s.fakes.gates, "list")
	s.fakes.keys = nil
	s.fakes.mu.Unlock()
	s.press("p", "j", "enter")
	s.shows("clavier  team", "No API keys yet")
	s.fakes.add(t, "of-the-old-profile", time.Hour)
	close(old.open)
	close(reads.open)
	for old.parked+reads.parked > 0 {
		s.next()
	}
	s.drain()
	s.shows("clavier  team", "No API keys yet")
	if s.app.activity.loaded || s.app.list.newest().Len() > 0 {
		t.Error("answers of the old profile are kept")
	}
}
