package ui

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// foreign makes a secret that is not ours, at run time.
func foreign() string { return "sk-" + rand.Text() + rand.Text() }

// leaks fails if a frame holds a part of a secret.
func (s *screen) leaks(secret string) {
	s.tb.Helper()
	frame := s.app.View()
	for i := 0; i+8 <= len(secret); i++ {
		if strings.Contains(frame, secret[i:i+8]) {
			s.tb.Fatalf("the screen shows the secret:\n%s", s.text())
		}
	}
}

// TestImport: a pasted secret is masked, its last line break dropped, and what is known of it is kept.
func TestImport(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders"))
	secret := foreign()
	s.press("i")
	s.shows("Import a key", "Secret:", "Name:", "Created:", "Note:    https://console.example.org/settings?tab=api-keys")
	s.press("enter")
	s.says("paste or type the secret first")
	s.paste(secret + "\r\n")
	s.leaks(secret)
	s.shows("•••••")
	s.send(tea.BlurMsg{})
	s.leaks(secret)
	s.press("ctrl+z")
	s.leaks(secret)
	s.press("enter")
	s.typed("mindee")
	s.press("tab")
	s.typed("2026-03-01 09:12")
	s.leaks(secret)
	s.press("enter")
	s.says("imported mindee; t tries it")
	in := o.imports[0]
	if in.Secret.Reveal() != secret || in.Name != "mindee" || !in.CreatedAt.Equal(time.Date(2026, 3, 1, 9, 12, 0, 0, time.UTC)) ||
		in.Note != "https://console.example.org/settings?tab=api-keys" {
		t.Errorf("imported was %+v", in)
	}
	if row := s.cursorRow(); !strings.HasPrefix(row, "mindee ") || !strings.Contains(row, "2026-03-01 09:12") || !strings.Contains(row, "not reported") {
		t.Errorf("the row is %q", row)
	}
}

// TestImportTyped: letters that arrive together are text, and go to the field with the focus.
func TestImportTyped(t *testing.T) {
	var o outside
	s := start(t, abroad(&o), onlyImports)
	secret := foreign()
	s.press("i")
	s.burst(secret)
	s.press("down", "down", "up")
	s.burst("typed")
	s.press("shift+tab", "tab", "enter")
	s.shows("typed")
	if len(o.imports) != 1 || o.imports[0].Secret.Reveal() != secret || !o.imports[0].CreatedAt.IsZero() {
		t.Errorf("%d were imported", len(o.imports))
	}
	s.shows("unknown")
}

// TestImportRefuses in one sentence, and keeps what was typed.
func TestImportRefuses(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	held := s.fakes.secret(s.fakes.keys[0].ID)
	s.press("i")
	s.paste("first\nsecond")
	s.shows("nothing was pasted: the text has a control character (U+000A)")
	s.paste(strings.Repeat("x", model.MaxImportedLen+1))
	s.shows("nothing was pasted: the text is longer than 4096 characters")
	s.paste(held)
	s.press("tab")
	s.typed("staging")
	s.shows("another key of this profile has this name")
	s.press("enter")
	s.shows("another key of this profile has this name", "Name:    staging")
	s.typed("-2")
	s.press("enter")
	s.shows("a key has this secret already: production")
	s.leaks(held)
	s.press("tab")
	s.typed("2026-13-01")
	s.press("enter")
	s.shows("a date of making is like 2026-11-22 or 2026-11-22 09:12, or empty if nobody knows")
	for range len("13-01") {
		s.press("backspace")
	}
	s.typed("11-23")
	s.press("enter")
	s.shows("the date of making lies in the future")
	s.press("esc")
	if s.app.top() != nil || len(o.imports) != 0 {
		t.Error("something was imported")
	}
	s.press("i")
	s.paste(" " + foreign())
	s.press("tab")
	s.typed("x")
	s.press("enter")
	s.shows("a secret has no space at its beginning or end")
	s.press("shift+tab", "home", "delete", "enter")
	s.fakes.fail("import", errors.New("the disk is full"))
	s.press("i")
	s.paste(foreign())
	s.press("enter", "y", "enter")
	s.shows("the disk is full", "Name:    y")
}

// TestImportWarnsOfAWeakSecret, without taking part of it on the screen, and takes it all the same.
func TestImportWarnsOfAWeakSecret(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	s.press("i")
	s.typed("hunter2hunter2")
	s.hides("weak")
	s.press("tab")
	s.shows("this secret is weak")
	s.hides("hunter2")
	s.typed("old")
	s.press("enter")
	s.says("imported old")
	if len(o.imports) != 1 {
		t.Error("a weak secret was not taken")
	}
}

// TestImportCanBeLeft while it is under way.
func TestImportCanBeLeft(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	s.hold("import")
	s.press("i")
	s.paste(foreign())
	s.press("tab", "x", "enter", "y", "enter")
	s.shows("importing …", "Name:    x")
	s.press("ctrl+c")
	s.shows("Leave now?")
	s.press("n", "esc")
	s.await("cancelled; the list shows whether it was imported")
}

// TestManualProfile: nothing is made here, and every key says so.
func TestManualProfile(t *testing.T) {
	var o outside
	s := start(t, abroad(&o, "orders"), onlyImports)
	s.shows("No API keys yet. They are made at console.example.org: press o to open that page, and i to import a key.", "i import")
	s.press("n")
	s.says("keys of this profile are made at console.example.org; o opens it; i imports one")
	if s.app.top() != nil {
		t.Fatal("n opens a dialog")
	}
	s.press("c")
	s.says("there is no key here; i imports one")
	s.press("i")
	s.paste(foreign())
	s.press("enter", "m", "enter", "d")
	s.shows("It was made elsewhere: here it is only forgotten, for good, and goes on working.",
		"Delete it at https://console.example.org/settings?tab=api-keys first; t then proves that it is dead.")
	s.press("esc")
	o.answers["orders"] = answered(model.VerdictDead, 401, time.Millisecond, "")
	s.press("t", "esc", "d")
	s.shows("It was made elsewhere, and an API refused it when it was last tried. Here it is only forgotten, for good.")
	s.typed("m")
	s.press("enter")
	s.shows("No API keys yet.")
	s = start(t, three(t), abroad(&o))
	s.press("i")
	s.paste(foreign())
	s.press("enter", "m", "enter", "a", "d")
	s.shows("Imported ones are only forgotten here: where they were made they go on working.")
}

func TestConsole(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	s.press("o")
	s.says("opened https://console.example.org/settings?tab=api-keys")
	if len(o.opened) != 1 {
		t.Error("it was not opened")
	}
	s.fakes.fail("open", errNoBrowser)
	s.press("2", "o")
	s.shows("Where the keys are managed", "https://console.example.org/settings?tab=api-keys", errNoBrowser.Error())
	s.press("esc")
	s.app.opts.Open = nil
	s.press("o")
	s.shows("Where the keys are managed")
	s = start(t, three(t))
	s.press("o")
	s.says("this profile has no console page; the setting console names one")
}

// TestLookup: the secret is masked and dropped, and the answer names key, profile and whether it works.
func TestLookup(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	secret := foreign()
	s.press("L")
	s.shows("Whose secret is this?")
	s.press("enter")
	s.says("paste or type the secret first")
	s.paste(secret + "\n")
	s.leaks(secret)
	s.hold("lookup")
	s.press("enter", "x")
	s.shows("looking …")
	s.release("lookup")
	s.shows("No key of any profile has it.")
	if len(o.asked) != 1 || o.asked[0] != secret {
		t.Errorf("%d were asked", len(o.asked))
	}
	mine, theirs := s.fakes.keys[1], s.fakes.keys[2]
	theirs.Dead, theirs.Imported = true, true
	o.found = []Found{{Profile: "local", Key: mine}, {Profile: "team\x1b[2J", Key: theirs}}
	s.fakes.fail("lookup", errors.New("profile old could not be asked: no identity"))
	s.burst(secret)
	s.hides("No key")
	s.press("enter")
	s.shows("It is staging of profile local,", "It is live.", "of profile team⟨U+001B⟩[2J", "It is dead: an API refused it when it was last tried.",
		"profile old could not be asked: no identity")
	s.hides("No key of any profile")
	s.press("enter")
	s.shows("Name       staging")
	s.press("esc", "L")
	s.burst(secret)
	s.hold("lookup")
	s.press("enter", "esc")
	s.await("cancelled")
	for status, change := range map[string]func(*model.Key){
		"not live: disabled": func(k *model.Key) { k.Disabled = true }, "not live: expired": func(k *model.Key) { k.ExpiresAt = noon },
		"live, as far as is known here: t tries it": func(k *model.Key) { k.Imported = true },
	} {
		key := mine
		change(&key)
		if got := liveness(key, noon); got != status {
			t.Errorf("a key is %q, not %q", got, status)
		}
	}
}
