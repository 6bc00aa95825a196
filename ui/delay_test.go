package ui

import (
	"testing"
	"time"
)

// TestT14ServiceAsksToWait: what takes long because of that says so, whatever it is, until it goes on. What nobody waits for does not.
func TestT14ServiceAsksToWait(t *testing.T) {
	const host = "keys.example.com"
	w := &away{}
	s := start(t, numbered(t, 9), w.service)
	for about, c := range map[string]struct {
		begin  func()
		method string
		label  string
	}{
		"reading":      {func() { s.press("ctrl+r") }, "version", "reading the keys"},
		"a later page": {func() { s.press("ctrl+r") }, "page", "reading the keys 3 of 9"},
		"making": {func() {
			s.press("n")
			s.burst("mine")
			s.clock.advance(time.Second)
			s.press("enter")
		}, "create", "creating mine"},
		"the secret": {func() { s.press("c") }, "reveal", "unsealing key-01"},
	} {
		s.hold(c.method)
		c.begin()
		s.spin()
		s.says("/ " + c.label + " · esc cancels")
		s.fakes.tell(c.method, host, 30*time.Second+90*time.Millisecond)
		s.says("/ " + c.label + " · " + host + " asks to wait 30 s · esc cancels")
		s.clock.advance(18 * time.Second)
		s.says("/ " + c.label + " · " + host + " asks to wait 12 s · esc cancels")
		s.app.width = 40
		s.says("/ " + host + " asks to wait 12 s")
		s.app.width = 80
		s.fakes.tell(c.method, host, 0)
		s.says("/ " + c.label + " · esc cancels")
		s.fakes.tell(c.method, host, 2*time.Second)
		s.clock.advance(3 * time.Second) // it has not said yet that it goes on
		s.says("/ " + c.label + " · esc cancels")
		s.press("esc")
		for len(s.app.ops) > 0 {
			s.next()
		}
		s.release(c.method)
		s.press("esc")
		s.app.status, s.app.dialogs, s.app.spinFrame = status{}, nil, 0
		if t.Failed() {
			t.Fatal(about)
		}
	}

	s.hold("version")
	s.after(time.Second)
	s.spin()
	s.fakes.tell("version", host, 30*time.Second)
	s.says("")
}

// TestT16HostThatAsksToWait is shown as any text from outside, in as much room as there is.
func TestT16HostThatAsksToWait(t *testing.T) {
	w := &away{}
	s := start(t, numbered(t, 9), w.service, shut("version"))
	s.spin()
	s.fakes.tell("version", "keys\x1b[2J.a-very-long-name-of-a-host.example.com", 30*time.Second)
	for width, says := range map[int]string{
		100: "/ reading the keys · keys⟨U+001B⟩[…st.example.com asks to wait 30 s · esc cancels",
		80:  "/ reading the keys · keys⟨U+001B⟩[…st.example.com asks to wait 30 s",
		65:  "/ keys⟨U+001B⟩[…st.example.com asks to wait 30 s · esc cancels",
		40:  "/ keys⟨U+00…ample.com asks to wait 30 s",
		30:  "/ keys….com asks to wait 30 s",
		20:  "/ … asks to wait 30",
	} {
		s.app.width = width
		s.check()
		s.says(says)
	}
}
