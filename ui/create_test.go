package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

func TestCreate(t *testing.T) {
	s := start(t, with(func(f *fakes) { f.add(t, "staging", 24*time.Hour) }))
	s.press("n")
	s.shows("New API key", "1 to 64 characters, unique in this profile; it never changes")
	s.typed("production")
	s.shows("Name: production", "enter creates it")
	s.press("enter")
	secret := s.fakes.secret(s.fakes.keys[0].ID)
	s.shows("production was created", "Created 2026-11-22 12:00:00 UTC", secret, "Hidden again in 30 s.", "2 keys")
	s.says("created production")
	s.clock.advance(time.Second)
	s.press("enter")
	s.hides("was created", secret)
	if row := s.cursorRow(); !strings.HasPrefix(row, "production  ") || !strings.Contains(row, "2026-11-22 12:00") {
		t.Errorf("the cursor is on %q", row)
	}
	if n := s.fakes.called("create"); n != 1 {
		t.Errorf("%d keys were made", n)
	}
}

func TestCreatedInTheZoneOfThePerson(t *testing.T) {
	s := start(t, func(s *setup) { s.options.Location = time.FixedZone("PST", -8*3600) })
	s.press("n")
	s.typed("a")
	s.press("enter")
	s.shows("Created 2026-11-22 04:00:00 PST")
	s.shows("2026-11-22 04:00")
}

func TestNameRuleSpeaksWhileTyping(t *testing.T) {
	for typed, rule := range map[string]string{
		" ":                           "a name does not start with a space",
		"a ":                          "a name does not end with a space",
		"a\u200b":                     "a name has no control or invisible characters; remove U+200B",
		strings.Repeat("a", 65):       "a name has at most 64 characters; this has 65",
		"\u0301":                      "a combining mark needs a letter before it",
		"staging":                     "another key of this profile has this name",
		"Staging":                     "enter creates it",
		"staging2":                    "enter creates it",
		strings.Repeat("é", 64):       "enter creates it",
		strings.Repeat("e\u0301", 64): "enter creates it",
	} {
		s := start(t, with(func(f *fakes) { f.add(t, "staging", time.Hour) }))
		s.press("n")
		s.typed(typed)
		s.shows(rule)
		s.press("backspace")
		if typed != "staging2" && !strings.HasPrefix(rule, "enter") {
			s.hides(rule)
		}
	}
}

func TestBadNameIsNotSent(t *testing.T) {
	s := start(t)
	s.press("n", "enter")
	s.shows("a name needs at least one character")
	s.typed("a ")
	s.hides("at least one")
	s.press("enter", "enter")
	s.shows("a name does not end with a space", "Name: a")
	if n := s.fakes.called("create"); n != 0 {
		t.Errorf("create was called %d times", n)
	}
}

func TestTakenNameKeepsTheText(t *testing.T) {
	s := start(t)
	s.press("n")
	s.typed("production")
	s.fakes.add(t, "production", 0) // by another program, just now
	s.press("enter")
	s.shows("Name: production", "another key of this profile has this name", "1 key")
	s.typed("-2")
	s.hides("another key")
	s.press("enter")
	s.shows("production-2 was created", "2 keys")
}

func TestSecondEnterMakesNoSecondKey(t *testing.T) {
	s := start(t)
	s.hold("create")
	s.press("n")
	s.typed("production")
	s.press("enter", "enter", "enter")
	s.shows("creating …")
	s.typed("-more")
	s.shows("Name: production ")
	s.hides("-more")
	if c := s.app.Cursor(); c.Visible {
		t.Error("the cursor stands in a locked field")
	}
	s.release("create")
	s.shows("production was created")
	if n := s.fakes.called("create"); n != 1 {
		t.Errorf("create was called %d times", n)
	}
}

func TestCreateEnterInOneBurst(t *testing.T) {
	s := start(t)
	s.burst("nprod")
	s.shows("Name: prod")
	s.press("enter")
	s.shows("prod was created")
}

func TestEscWhileCreatingAsksToEndIt(t *testing.T) {
	s := start(t)
	s.hold("create")
	s.press("n")
	s.typed("production")
	s.press("enter", "esc")
	s.await("cancelled; the list shows whether the key was made")
	s.shows("Name: production", "No API keys yet")
	s.press("esc")
	if s.app.top() != nil {
		t.Error("esc does not leave the dialog")
	}
}

func TestCreatedAlthoughEndedIsShown(t *testing.T) {
	s := start(t)
	s.hold("create").deaf = true
	s.press("n")
	s.typed("production")
	s.press("enter", "esc")
	s.shows("creating …")
	s.release("create")
	s.shows("production was created", s.fakes.secret(s.fakes.keys[0].ID))
}

func TestFailedCreateStaysOpen(t *testing.T) {
	s := start(t)
	s.fakes.fail("create", errors.New("the disk is full; free some space and press enter again"))
	s.press("n")
	s.typed("production")
	s.press("enter")
	s.shows("Name: production", "the disk is full; free some space and press enter again")
	s.fakes.fail("create", nil)
	s.press("enter")
	s.shows("production was created")
}

// TestCreatedTakesNoKeysThatWereMeantForAnother: enter, esc and q close the dialog only after the settle time.
func TestCreatedTakesNoKeysThatWereMeantForAnother(t *testing.T) {
	for _, k := range []string{"enter", "esc", "q"} {
		s := start(t)
		s.press("n", "a", "enter", k)
		s.shows("a was created")
		s.clock.advance(settle - time.Millisecond)
		s.press(k)
		s.shows("a was created")
		s.clock.advance(time.Millisecond)
		s.press(k)
		s.hides("was created")
		if s.quit {
			t.Errorf("%s left the program", k)
		}
	}
}

// TestCreatedOutlivesAClockPutBack: the dialog can be left although its beginning lies ahead.
func TestCreatedOutlivesAClockPutBack(t *testing.T) {
	s := start(t)
	s.press("n", "a", "enter")
	s.clock.advance(-time.Hour)
	s.press("esc")
	s.hides("was created")
}

func TestCreatedCopies(t *testing.T) {
	s := start(t)
	s.press("n", "a", "enter", "c")
	if s.fakes.held() != s.fakes.secret(s.fakes.keys[0].ID) {
		t.Error("the clipboard does not hold the secret")
	}
	s.says("copied a · native (xclip) · clears in 45 s")
	if s.fakes.called("reveal") != 0 {
		t.Error("the secret was fetched although it is here")
	}
}

// TestT19CreatedSecretIsHidden by time, by focus loss, before a suspend and by a signal.
func TestT19CreatedSecretIsHidden(t *testing.T) {
	for about, hide := range map[string]func(*screen){
		"time":           func(s *screen) { s.after(30 * time.Second) },
		"v":              func(s *screen) { s.press("v") },
		"focus":          func(s *screen) { s.send(tea.BlurMsg{}) },
		"suspend":        func(s *screen) { s.press("ctrl+z") },
		"resumed":        func(s *screen) { s.send(tea.SuspendMsg{}) },
		"a signal":       func(s *screen) { s.send(signalMsg{}) },
		"another dialog": func(s *screen) { s.hold("delete"); s.clock.advance(30 * time.Second); s.send(tea.ResumeMsg{}) },
	} {
		s := start(t)
		s.press("n", "a", "enter")
		secret := s.fakes.secret(s.fakes.keys[0].ID)
		s.after(29 * time.Second)
		s.shows(secret, "Hidden again in 1 s.")
		hide(s)
		s.hides(secret, secret[10:20], "Hidden again in")
		s.shows(mask, "The secret is hidden; v shows it.")
		if about == "suspend" != s.suspended {
			t.Errorf("%s: suspended %v", about, s.suspended)
		}
		s.press("v")
		s.shows(secret, "Hidden again in 30 s.")
	}
}

func TestCreateWhereSecretsAreShownOnce(t *testing.T) {
	s := start(t, onlyBasics)
	s.press("n", "a", "enter")
	s.shows("a was created", s.fakes.secret(s.fakes.keys[0].ID), "It cannot be had again once this is closed: copy it now.")
	s.hides("at any time")
	s.clock.advance(time.Second)
	s.press("c")
	s.says("copied a · native (xclip) · clears in 45 s")
	s.press("enter", "c")
	s.says("this provider shows a secret once, when the key is made")
}

func TestPastedNames(t *testing.T) {
	const refused = "nothing was pasted: the text has a control character "
	for pasted, want := range map[string]string{
		"production":             "Name: production ",
		"production\n":           "enter creates it",
		"production\r\n":         "enter creates it",
		"two\nlines":             refused + "(U+000A)",
		"tab\there":              refused + "(U+0009)",
		"a\x1b[31mred":           refused + "(U+001B)",
		"a\x00b":                 refused + "(U+0000)",
		"a\u009b31m":             refused + "(U+009B)",
		"\n":                     "1 to 64 characters",
		"":                       "1 to 64 characters",
		"jjj":                    "Name: jjj ",
		"enter":                  "Name: enter ",
		"ctrl+c":                 "Name: ctrl+c ",
		strings.Repeat("x", 300): "nothing was pasted: the text is longer than 256 characters",
	} {
		s := start(t)
		s.press("n")
		s.paste(pasted)
		s.shows(want)
		if s.quit || s.fakes.called("create") != 0 {
			t.Errorf("pasting %q did something", pasted)
		}
		if strings.HasPrefix(want, "nothing") {
			s.shows("Name: ")
			s.press("a", "enter")
			s.shows("a was created")
		}
	}
}

func TestPasteOverTheListDoesNothing(t *testing.T) {
	s := start(t, with(func(f *fakes) { f.add(t, "staging", time.Hour) }))
	before := s.text()
	s.paste("nprod\r")
	s.paste("q")
	s.paste("d")
	if s.text() != before || s.quit {
		t.Errorf("a paste over the list did something:\n%s", s.text())
	}
}

// TestRunsOfLettersThatSpellAKey: Bubble Tea names a run of letters by its letters, which may be the name of a key.
func TestRunsOfLettersThatSpellAKey(t *testing.T) {
	for _, text := range []string{"enter", "esc", "ctrl+c", "ctrl+z", "home", "end", "left", "right", "delete", "backspace", "up", "down", "ctrl+u", "alt+b"} {
		s := start(t)
		s.press("n")
		s.typed("ab")
		s.burst(text)
		s.shows("Name: ab" + text + " ")
		if s.quit || s.suspended || s.fakes.called("create") != 0 {
			t.Errorf("typing %q quickly did something else", text)
		}
		s = start(t)
		s.burst("n" + text)
		s.shows("Name: " + text + " ")
	}
}

// TestFirstKeySaysThatTheIdentityIsBare, and only that one.
func TestFirstKeySaysThatTheIdentityIsBare(t *testing.T) {
	const sentence = "clavier identity protect puts one on it"
	s := start(t)
	s.press("n", "a", "enter")
	s.shows("a was created", sentence)
	s.clock.advance(time.Second)
	s.press("enter", "n", "b", "enter")
	s.shows("b was created")
	s.hides(sentence)
	for about, prepare := range map[string]func(*fakes){
		"protected": func(f *fakes) { f.locked = passphrase() },
		"unknown":   func(f *fakes) { f.errs["protected"] = errors.New("no answer") },
	} {
		s = start(t, with(prepare))
		s.press("n", "a", "enter")
		s.shows("a was created")
		if strings.Contains(flow(s.text()), sentence) {
			t.Errorf("%s: the screen says that there is no passphrase", about)
		}
	}
}
