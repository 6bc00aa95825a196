package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// TestRotateThroughAllSteps goes the whole way, leaving and coming back at every step.
func TestRotateThroughAllSteps(t *testing.T) {
	w := &ways{}
	s := start(t, turns, three(t), handsOver(w, "invoices", "receipts"))
	old := s.idOf("production")
	again := func() {
		s.press("esc")
		if _, open := s.app.top().(*rotateDialog); open {
			t.Fatalf("the guide is still open:\n%s", s.text())
		}
		if s.app.top() != nil {
			s.press("esc")
		}
		s.press("R", "enter")
		s.shows("Rotate production")
	}

	s.toGuide()
	s.shows("Rotate production", "> 1 create     now", "2 hand over  to come", "3 check      to come", "4 watch      to come", "5 delete     to come",
		"New  not made yet", "Name: production 2026-11", "[ enter makes the new key ]")
	s.press("enter")
	s.shows("1 create     done 2026-11-22 12:00", "> 2 hand over  now", "production 2026-11 was made. Both keys work.")
	again()
	s.shows("1 create     done 2026-11-22 12:00", "> 2 hand over  now", "c  copy it", "w  write it into a .env file", "x  give it to a command")

	s.press("x")
	s.typed("gh secret set API_KEY")
	w.says = []string{"ok: set"}
	s.press("enter")
	s.shows("The command ended well: the key is handed over.", "ok: set")
	if len(w.took) != 1 || w.took[0] != s.fakes.secret(s.idOf("production 2026-11")) || w.lines[0].Text != "gh secret set API_KEY" || w.lines[0].Shell {
		t.Errorf("%d commands got it: %v", len(w.took), w.lines)
	}
	s.press("esc")
	s.shows("2 hand over  done 2026-11-22 12:00", "> 3 check      now", "A command has taken it.")
	again()

	s.press("t")
	s.shows("3 check      done 2026-11-22 12:00", "> 4 watch      now", "Every API takes the new key.")
	s.press("up")
	s.shows("invoices", "receipts", "alive    200  120 ms")
	if len(s.rows().kept) != 2 || s.rows().kept[0].KeyID != s.idOf("production 2026-11") {
		t.Errorf("kept are %v", s.rows().kept)
	}
	again()
	s.shows("The old key was not used since the new one was handed over.")
	s.fakes.change(old, func(k *model.Key) { k.LastUse.At = noon.Add(time.Hour) })
	s.after(2 * time.Hour)
	s.shows("The old key was used 1h ago, after the new one was handed over: something still sends it.")
	s.press("e")
	s.typed("24h")
	s.shows("[ enter lets it end on 2026-11-23 14:00 ]")
	s.press("enter")
	s.shows("ends 2026-11-23 14:00", "> 4 watch      now")
	again()
	s.shows("The old key: ends 2026-11-23 14:00.")
	s.press("o")
	s.shows("4 watch      done 2026-11-22 14:00", "> 5 delete     now")
	again()
	s.press("d", "enter")
	s.shows("Delete production?", "[ delete ] waits for the exact name")
	s.typed("production")
	s.press("enter")
	s.says("deleted production for good")
	s.shows("Unfinished rotations", "None: each successor")
	s.press("esc")
	if s.app.top() != nil || len(s.app.rotations.list) != 0 || len(s.rows().rows) != 0 {
		t.Errorf("the rotation is not over:\n%s", s.text())
	}
	if got := fmt.Sprint(s.names()); got != "[production 2026-11 staging ci-2024]" {
		t.Errorf("the list is %s", got)
	}
	s.press("R")
	s.says("no rotation is unfinished; r on a key begins one")
}

// TestRotateTakesNoEnterTypedAhead: what was typed before the guide opened makes no key, and neither does a clock that was
// put back lock it.
func TestRotateTakesNoEnterTypedAhead(t *testing.T) {
	s := start(t, turns, three(t))
	s.press("r", "enter", "enter")
	s.says("the guide has just opened: press enter again")
	s.clock.advance(settle - time.Millisecond)
	s.press("enter")
	if s.fakes.called("rotate") != 0 {
		t.Fatal("a key was made")
	}
	s.clock.advance(-time.Hour)
	s.press("enter")
	s.shows("production 2026-11 was made")

	for _, keys := range [][]string{{"e"}, {"w"}, {"x"}, {"l"}} {
		w := &ways{}
		s := rotated(t, handsOver(w, "invoices"))
		s.press(append(keys, "enter", "enter", "enter")...)
		for _, method := range []string{"end", "envFile", "handOver", "stepDone"} {
			if s.fakes.called(method) != 0 {
				t.Errorf("%v and enter call %s", keys, method)
			}
		}
		if s.pieceOfSecret() != "" {
			t.Errorf("%v and enter show the secret", keys)
		}
	}
}

// TestStartSaysWhatWaits: which rotation waits at which step is in the status line of the next start.
func TestStartSaysWhatWaits(t *testing.T) {
	rotating := func(rows ...model.Rotation) func(*setup) {
		return func(s *setup) {
			for i := range rows {
				rows[i].OldID, rows[i].NewID = s.fakes.keys[2*i].ID, s.fakes.keys[2*i+1].ID
			}
			s.options.Service = turning{full{bare{s.fakes}}, &rotating{f: s.fakes, rows: rows}}
		}
	}
	w := &ways{}
	for step, c := range map[model.Rotation][2]string{
		{BeganAt: noon}:                                      {"2, hand over", "2, hand over"},
		{BeganAt: noon, HandedOverAt: noon}:                  {"3, check", "4, watch"},
		{BeganAt: noon, CheckedAt: noon}:                     {"4, watch", "4, watch"},
		{BeganAt: noon, HandedOverAt: noon, WatchedAt: noon}: {"5, delete", "5, delete"},
	} {
		for i, change := range []func(*setup){handsOver(w, "invoices"), func(*setup) {}} {
			s := start(t, three(t), size(100, 24), rotating(step), change)
			num, word, _ := strings.Cut(c[i], ", ")
			s.says("production waits at step " + num + " of 5, " + word + " · R goes on")
			s.after(waitsFor - time.Second)
			s.hides("0 rotations")
			s.shows("waits at step")
			s.after(time.Second)
			s.says("")
			s.press("R")
			s.shows("Unfinished rotations", num+" "+word)
			s.press("enter")
			s.shows("Rotate production", "> "+num+" "+word)
		}
	}
	s := start(t, three(t), with(func(f *fakes) { f.add(t, "newest", time.Hour) }), size(100, 24), rotating(model.Rotation{}, model.Rotation{}))
	s.says("2 rotations wait · newest at step 2 of 5, hand over · R shows them")
	s.press("R", "j")
	s.shows("> staging")
	s.press("enter")
	s.shows("Rotate staging")
	s.press("esc", "esc")
	s.press("j", "r") // on the successor
	s.shows("Rotate newest")
	start(t, turns, three(t)).says("")
}

// TestRotateAnImportedKey: the successor's secret is pasted, masked, and nothing of it is shown.
func TestRotateAnImportedKey(t *testing.T) {
	secret := passphrase()
	for len(secret) < 1000 { // as long as a signed token
		secret += passphrase()
	}
	for about, prepare := range map[string][]func(*setup){
		"imported":            {turns, three(t), with(func(f *fakes) { f.change(f.keys[0].ID, func(k *model.Key) { k.Imported, k.Note = true, "a page" }) })},
		"provider keeps only": {keeps, three(t)},
	} {
		s := start(t, prepare...)
		s.toGuide()
		s.shows("Name: production 2026-11", "Secret:", "[ make the new key ]")
		s.press("enter")
		s.says("make the new key where the old one is managed, and paste its secret")
		s.press("tab")
		s.paste(secret)
		s.press("x", "backspace")
		s.hides(secret[:8])
		s.shows("••••••••", "[ enter makes the new key ]")
		s.press("enter")
		s.shows("production 2026-11 was made")
		if got := s.fakes.secret(s.idOf("production 2026-11")); got != secret {
			t.Errorf("%s: another secret was kept", about)
		}
		if s.fakes.called("rotate") != 0 {
			t.Errorf("%s: a secret was made", about)
		}
		s.press("down", "down", "e")
		if about == "imported" {
			s.says("its end is set where it is managed")
		} else {
			s.says("this provider cannot give a key an end")
		}
	}
}

// TestWeakSecretIsSaid: a pasted secret of low entropy is taken with a warning.
func TestWeakSecretIsSaid(t *testing.T) {
	s := start(t, keeps, three(t))
	s.toGuide()
	s.press("tab")
	s.paste("aaaaaaaa")
	why := model.WeakSecret("aaaaaaaa")
	if why == "" {
		t.Fatal("the model finds it strong")
	}
	s.shows(strings.Fields(why)[0], "[ enter makes the new key ]")
	s.press("enter")
	s.shows("was made")
}

// TestWhatCannotBeRotated: the binding is off, with the reason.
func TestWhatCannotBeRotated(t *testing.T) {
	for want, changes := range map[string][]func(*setup){
		"there is no key here; n makes one":                   {turns},
		"this provider does not remember rotations":           {three(t)},
		"an expired key cannot be rotated; n makes a new one": {turns, three(t), with(func(f *fakes) { f.change(f.keys[0].ID, func(k *model.Key) { k.ExpiresAt = noon }) })},
		"a disabled key cannot be rotated; n makes a new one": {turns, three(t), with(func(f *fakes) { f.change(f.keys[0].ID, func(k *model.Key) { k.Disabled = true }) })},
	} {
		s := start(t, changes...)
		s.press("r")
		s.says(want)
		if s.app.top() != nil {
			t.Errorf("%s: the guide is open", want)
		}
	}
}

// TestRotatedKeyThatHasEndedGoesOn: the rotation of a key that was ended in it is taken up again.
func TestRotatedKeyThatHasEndedGoesOn(t *testing.T) {
	s := rotated(t)
	s.press("e")
	s.typed("0")
	s.shows("[ enter revokes it at once, for good ]", "The new key is not handed over yet")
	s.press("enter")
	s.says("revoked production: it works no longer")
	s.shows("revoked", "4 watch      done", "2 hand over  left out", "> 2 hand over")
	s.press("e")
	s.says("the old key has ended already")
	s.press("esc", "r")
	s.shows("Rotate production", "> 5 delete     now")
}

// TestEndTakesASpan: 0 to 30 days, and a sentence for everything else.
func TestEndTakesASpan(t *testing.T) {
	for typed, want := range map[string]string{
		"31d": `"31d" is longer than 30 days`, "soon": `"soon" is not a span such as 90d`, "24": "units h, d, w, mo, y", "": "type how long it goes on working",
		"-1d": `"-1d" is not a span`,
	} {
		s := rotated(t)
		s.press("e")
		s.typed(typed)
		s.press("enter")
		if typed == "" {
			s.shows(want)
		} else {
			s.shows(want, "[ end it ] waits for a time")
		}
		if s.fakes.called("end") != 0 {
			t.Errorf("%q was taken", typed)
		}
	}
	s := rotated(t)
	s.fakes.fail("end", errors.New("the disk is full"))
	s.press("e")
	s.typed("7d")
	s.press("enter")
	s.shows("the disk is full", "Time: 7d")
	s.fakes.fail("end", nil)
	s.press("enter")
	s.says("production ends 2026-11-29 12:00")
}

// TestCreateFailures: the field stays with what was typed, and a rotation that began all the same is gone on with.
func TestCreateFailures(t *testing.T) {
	s := start(t, turns, three(t))
	s.toGuide()
	s.press("ctrl+u")
	s.typed("staging")
	s.shows("another key of this profile has this name")
	s.press("enter")
	s.shows("another key of this profile has this name", "Name: staging")
	s.press("ctrl+u")
	s.typed(" x")
	s.shows("a name does not start with a space")
	s.press("enter")
	s.says("a name does not start with a space")
	s.press("ctrl+u")
	s.typed("next")
	s.fakes.fail("rotate", errors.New("the store \x1b[2J is busy"))
	s.press("enter")
	s.shows("the store ⟨U+001B⟩[2J is busy", "Name: next")
	s.fakes.fail("rotate", nil)

	// Another program begins it first.
	if _, err := s.rows().begin(s.idOf("production"), "theirs", model.NewSecret(passphrase()), false); err != nil {
		t.Fatal(err)
	}
	s.press("enter")
	s.shows("Rotate production", "> 2 hand over  now", "theirs")
	if s.fakes.called("rotate") != 3 {
		t.Errorf("rotate was called %d times", s.fakes.called("rotate"))
	}
	s.press("x") // letters are keys again
	s.says("no command can be run here")
}

// TestCreateIsLocked: while the successor is being made the field takes nothing, and a second enter does nothing.
func TestCreateIsLocked(t *testing.T) {
	s := start(t, turns, three(t))
	s.hold("rotate")
	s.toGuide()
	s.press("enter", "enter", "x", "y")
	s.shows("making the new key …")
	s.release("rotate")
	s.shows("production 2026-11 was made")
	if s.fakes.called("rotate") != 1 {
		t.Errorf("it was made %d times", s.fakes.called("rotate"))
	}
}

// TestSuccessorNameIsFree: the name that is proposed is that of no key.
func TestSuccessorNameIsFree(t *testing.T) {
	s := start(t, turns, three(t), with(func(f *fakes) { f.add(t, "production 2026-11", time.Hour) }))
	s.press("r")
	s.shows("Rotate production 2026-11", "Name: production 2026-11 2")
}

// TestKeysGoWhileTheGuideIsOpen: it stays, says so, and takes no key that would act on the list.
func TestKeysGoWhileTheGuideIsOpen(t *testing.T) {
	s := start(t, turns, three(t))
	s.toGuide()
	s.fakes.remove(s.idOf("production"))
	s.after(time.Second)
	s.shows("production was deleted by another program")
	s.press("enter", "d", "x")
	s.press("esc")
	if s.fakes.called("rotate") != 0 || s.app.top() != nil {
		t.Error("it goes on")
	}
	s = rotated(t)
	s.fakes.remove(s.idOf("production 2026-11"))
	s.after(time.Second)
	s.shows("production 2026-11 was deleted: production goes on as before")
	s.press("o", "e", "d")
	if s.fakes.called("stepDone") != 0 {
		t.Error("a step was noted")
	}
	s.press("esc")
	if s.app.top() != nil {
		t.Errorf("it is still open:\n%s", s.text())
	}
}

// TestStepIsNotedByTheProvider: what it refuses is said, and the step stays open.
func TestStepIsNotedByTheProvider(t *testing.T) {
	s := rotated(t)
	s.fakes.fail("stepDone", errors.New("the disk is full"))
	s.press("o")
	s.shows("the step was not noted: the disk is full", "> 2 hand over  now")
	s.fakes.fail("stepDone", nil)
	s.press("o")
	s.shows("2 hand over  done", "> 4 watch      now", "3 check      left out")
}

// TestTimesJump: with a clock that goes back and forth the guide says the same next step, and what has ended has ended.
func TestTimesJump(t *testing.T) {
	s := rotated(t)
	s.press("o", "e")
	s.typed("24h")
	s.press("enter")
	for _, jump := range []time.Duration{-400 * day, 400 * day, 12 * time.Hour, -12 * time.Hour} {
		s.after(jump)
		s.shows("> 4 watch      now", "ends 2026-11-23 12:00")
	}
	s.after(2 * day)
	s.shows("ended", "> 4 watch      now")
	s.press("e")
	s.says("the old key has ended already")
	s.after(-2 * day)
	s.shows("ends 2026-11-23 12:00")
	s.press("e")
	s.typed("0")
	s.press("enter")
	s.shows("revoked")
	s.after(-400 * day)
	s.shows("revoked", "> 5 delete     now")
	s.press("e")
	s.says("the old key has ended already")
}

// TestLettersThatArriveTogetherAreKeys: once there is nothing to type, as everywhere.
func TestLettersThatArriveTogetherAreKeys(t *testing.T) {
	s := rotated(t)
	s.burst("jjj")
	s.shows("> 5 delete")
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("kk")})
	s.shows("> 3 check")
}
