package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// TestCommandFailureKeepsTheStepOpen: its sentence and its output are shown, and it can be mended and run again.
func TestCommandFailureKeepsTheStepOpen(t *testing.T) {
	w := &ways{says: []string{"error: no such repository"}}
	s := rotated(t, handsOver(w))
	s.fakes.fail("handOver", errors.New("gh failed with exit status 1"))
	s.press("x", "enter")
	s.says("type a command that reads the secret, such as gh secret set API_KEY")
	s.typed("gh secret set API")
	s.press("tab")
	s.shows("sh -c: gh secret set API")
	s.press("tab", "enter")
	s.shows("gh failed with exit status 1", "error: no such repository", "Command: gh secret set API")
	s.press("esc")
	s.shows("> 2 hand over  now")
	s.press("x", "ctrl+p")
	s.shows("Command: gh secret set API")
	s.fakes.fail("handOver", nil)
	s.typed("_KEY")
	s.press("tab", "enter", "esc")
	s.shows("2 hand over  done")
	if len(w.lines) != 1 || w.lines[0] != (HandOverLine{Text: "gh secret set API_KEY", Shell: true}) {
		t.Errorf("it was run as %v", w.lines)
	}
}

// TestCommandThatHangs: what it says is shown meanwhile, letters do nothing, and esc ends it.
func TestCommandThatHangs(t *testing.T) {
	w := &ways{says: []string{"asking the server"}}
	s := rotated(t, handsOver(w))
	s.hold("handOver")
	s.press("x")
	s.typed("gh")
	s.press("enter", "q", "enter")
	s.shows("asking the server", "running …", "Command: gh")
	s.spin()
	s.says("/ running the command · esc cancels")
	s.press("ctrl+c")
	s.shows("Leave now?")
	s.press("n", "esc")
	s.await("the command was ended; look whether it has done something")
	s.press("esc")
	s.shows("> 2 hand over  now")
	if len(w.took) != 0 || s.fakes.called("handOver") != 1 {
		t.Error("it got it, or twice")
	}
}

// TestLongOutputScrolls: the end is shown, and pgup goes back.
func TestLongOutputScrolls(t *testing.T) {
	w := &ways{}
	for i := range 2 * outputMost {
		w.says = append(w.says, fmt.Sprintf("line %d.", i))
	}
	s := rotated(t, handsOver(w))
	s.press("x")
	s.typed("gh")
	s.press("enter")
	s.shows(fmt.Sprintf("line %d.", outputMost-1))
	s.hides(fmt.Sprintf("line %d.", outputMost-25))
	s.press("pgup", "pgup", "pgup")
	s.shows(fmt.Sprintf("line %d.", outputMost-25))
	for range outputMost {
		s.press("pgup")
	}
	s.shows("line 0.")
	for range outputMost {
		s.press("pgdown")
	}
	s.shows(fmt.Sprintf("line %d.", outputMost-1))
}

// TestEnvFile: the variable is asked for, a file that git tracks needs a word, one that it does not ignore is offered to be
// ignored.
func TestEnvFile(t *testing.T) {
	w := &ways{tracked: true, exposed: true}
	s := rotated(t, handsOver(w))
	secret := s.fakes.secret(s.idOf("production 2026-11"))
	s.press("w", "enter")
	s.says("type the variable's name first, such as API_KEY")
	s.typed("API_KEY")
	s.press("tab")
	s.typed(".local")
	s.fakes.fail("envFile", errors.New("the directory is gone"))
	s.press("enter")
	s.shows("the directory is gone", "File:     .env.local", "Variable: API_KEY")
	s.fakes.fail("envFile", nil)
	s.press("enter")
	s.shows("Write into .env.local?", "git tracks this file")
	for _, typed := range []string{"", "Tracked", "tracked ", "write"} {
		s.press("ctrl+u")
		s.typed(typed)
		s.press("enter")
		s.says("type the word tracked first")
	}
	if len(w.env) != 0 {
		t.Fatal("it was written")
	}
	s.press("esc")
	s.shows("File:     .env.local")
	s.press("enter")
	s.typed("tracked")
	s.press("enter")
	if w.env[".env.local:API_KEY"] != secret {
		t.Fatal("another secret was written, or none")
	}
	s.shows("Let git ignore .env.local?", "i adds it to .gitignore")
	s.press("i")
	if !slices.Equal(w.ignored, []string{".env.local"}) {
		t.Errorf("ignored are %v", w.ignored)
	}
	s.says("git ignores .env.local now")
	s.shows("2 hand over  done", "Written into .env.local as API_KEY.")
}

// TestLines: masked until asked for, shown for 30 s at most, gone when the focus is lost and on suspend.
func TestLines(t *testing.T) {
	w := &ways{}
	s := rotated(t, handsOver(w), size(100, 24))
	secret := s.fakes.secret(s.idOf("production 2026-11"))
	s.press("l")
	s.shows("••••", "Format: shell, for sh and bash")
	s.typed("API_KEY")
	s.hides(secret)
	s.press("enter")
	s.shows("export API_KEY='"+secret+"'", "Hidden again in 30 s.")
	s.press("enter")
	s.hides(secret)
	for about, hide := range map[string]func(){
		"time":    func() { s.after(30 * time.Second) },
		"blur":    func() { s.send(tea.BlurMsg{}) },
		"suspend": func() { s.send(tea.SuspendMsg{}) },
		"leaving": func() { s.press("esc", "l"); s.typed("API_KEY") },
	} {
		s.press("enter")
		s.shows(secret)
		hide()
		if s.pieceOfSecret() != "" {
			t.Errorf("after %s it is still there", about)
		}
		s.send(tea.FocusMsg{})
	}
	s.press("tab", "enter")
	s.shows("Format: fish", "fish does not take API_KEY")
	s.press("esc")
	s.hold("reveal") // what is typed meanwhile is for the dialog
	s.press("l")
	s.burst("eod")
	s.press("enter")
	s.shows("Variable: eod", "••••")
	s.release("reveal")
	if s.fakes.called("stepDone")+s.fakes.called("end") != 0 {
		t.Error("letters for the variable did something else")
	}
	s.press("esc")
	s.shows("> 2 hand over  now") // showing them hands nothing over
}

// TestCopyInTheGuide: c copies the successor and not the key that is under the cursor of the list.
func TestCopyInTheGuide(t *testing.T) {
	s := rotated(t)
	s.press("c")
	if s.fakes.held() != s.fakes.secret(s.idOf("production 2026-11")) {
		t.Error("another secret was copied")
	}
	s.shows("then o says that it is handed over", "> 2 hand over  now")
	s.press("o")
	s.shows("2 hand over  done")
}

// TestLockedIdentityInTheGuide: the passphrase is asked for, and what was wanted goes on from there.
func TestLockedIdentityInTheGuide(t *testing.T) {
	secret := passphrase()
	w := &ways{}
	s := rotated(t, handsOver(w), with(func(f *fakes) { f.locked = secret }))
	s.press("x")
	s.typed("gh")
	s.press("enter")
	s.shows("Unlock the identity")
	s.typed(secret)
	s.press("enter")
	s.shows("The command ended well")
	if len(w.took) != 1 {
		t.Error("it was not run")
	}
}

// TestCheckSaysWhatTheAPIsSay: dead keeps the step open and says so, unknown too, and only if all are alive it is done.
func TestCheckSaysWhatTheAPIsSay(t *testing.T) {
	w := &ways{}
	s := rotated(t, handsOver(w, "invoices", "receipts", "a", "b", "c", "d"), size(100, 30))
	s.press("o", "t")
	s.shows("3 check      done", "> 4 watch")
	s.press("up")
	w.verdicts["receipts"] = model.Answer{Verdict: model.VerdictUnknown, Why: "no answer within 10 s"}
	s.press("t")
	s.shows("receipts", "unknown  no answer within 10 s", "Not every API has answered")
	w.verdicts["invoices"] = model.Answer{Verdict: model.VerdictDead, Status: 401, Took: time.Second}
	s.press("t")
	s.shows("invoices", "dead     401  1000 ms", "invoices says that the new key is dead")
	if n := s.fakes.called("stepDone"); n != 2 {
		t.Errorf("%d steps were noted", n)
	}

	s = rotated(t, handsOver(&ways{}, "invoices"))
	s.press("o", "o")
	s.shows("3 check      left out", "> 4 watch      now")
	s.press("esc", "r")
	s.shows("> 3 check      now") // it was left out for that time

	s = rotated(t)
	s.press("o", "up")
	s.shows("Nothing can be checked: this profile has no APIs to ask")
	s.press("t")
	s.says("this profile has no APIs to ask")
}

// TestCheckFourAtATime: no more APIs are asked at the same time.
func TestCheckFourAtATime(t *testing.T) {
	s := rotated(t, handsOver(&ways{}, "1", "2", "3", "4", "5", "6", "7", "8", "9"))
	g := s.hold("try")
	s.press("o", "t", "t")
	if g.parked != triesAtOnce || s.fakes.called("try") != triesAtOnce {
		t.Errorf("%d are asked, %d calls", g.parked, s.fakes.called("try"))
	}
	s.says("the APIs are being asked already")
	s.release("try")
	s.shows("3 check      done")
	if s.fakes.called("try") != 9 {
		t.Errorf("%d were asked", s.fakes.called("try"))
	}
}

// TestCheckGivenUp: esc ends what is asked, and says that nobody knows.
func TestCheckGivenUp(t *testing.T) {
	s := rotated(t, handsOver(&ways{}, "1", "2", "3", "4", "5", "6"))
	s.hold("try")
	s.press("o", "t", "esc")
	s.await("Not every API has answered")
	s.shows("> 3 check      now", "unknown  given up")
	if s.fakes.called("try") != triesAtOnce {
		t.Errorf("%d were asked", s.fakes.called("try"))
	}
}

// TestOldKeyLeaked: from the first step after the successor is made, two keys and a 0 revoke the old one.
func TestOldKeyLeaked(t *testing.T) {
	for _, moves := range [][]string{{}, {"down"}, {"down", "down"}, {"up"}} {
		s := rotated(t, handsOver(&ways{}, "invoices"))
		s.press(moves...)
		s.press("e", "0", "enter")
		s.says("revoked production: it works no longer")
		for _, key := range s.fakes.keys {
			if key.Name == "production" && key.StatusAt(noon.Add(-time.Hour)) == model.StatusActive {
				t.Error("it works again when the clock goes back")
			}
		}
	}
}

// TestT19TheGuideShowsNoSecret walks through all of it and looks at every frame.
func TestT19TheGuideShowsNoSecret(t *testing.T) {
	w := &ways{exposed: true, says: []string{"ok"}}
	s := rotated(t, handsOver(w, "invoices"))
	for _, step := range []string{"c", "w", "A", "enter", "i", "up", "x", "g", "enter", "esc", "k", "l", "A", "esc", "j", "t", "e", "7", "d", "enter", "o", "d", "esc", "esc", "R", "enter", "esc", "esc"} {
		s.press(step)
		s.after(time.Second)
		if s.pieceOfSecret() != "" {
			t.Fatalf("after %s the screen shows a secret", step)
		}
	}
	if len(w.env) != 1 || len(w.took) != 1 {
		t.Errorf("the walk did not reach everything: %d, %d\n%s", len(w.env), len(w.took), s.text())
	}
}

// TestGuideOnALowScreen: what is typed stays in sight at every size, and the step that is looked at.
func TestGuideOnALowScreen(t *testing.T) {
	for h := minHeight; h <= 24; h++ {
		for _, width := range []int{20, 30, 80} {
			s := start(t, turns, three(t), size(width, h), handsOver(&ways{}, "invoices"))
			s.toGuide()
			if !s.app.Cursor().Visible {
				t.Errorf("at %d x %d the name cannot be seen:\n%s", width, h, s.text())
			}
			s.press("enter")
			s.shows("> 2 hand")
			for _, key := range []string{"w", "x", "l", "e"} {
				s.press(key)
				if !s.app.Cursor().Visible {
					t.Errorf("at %d x %d the field of %s cannot be seen:\n%s", width, h, key, s.text())
				}
				s.press("esc")
			}
			s.press("j", "j", "j")
			s.shows("> 5 delete")
		}
	}
}

// rotateSurfaces are those of the rotation, for the sweeps over all of them.
func rotateSurfaces(at func(prepare func(*screen), changes ...func(*setup)) func(...func(*setup)) *screen) map[string]func(...func(*setup)) *screen {
	over := func(keys ...string) func(*screen) {
		return func(s *screen) {
			s.toGuide()
			s.press("enter")
			s.press(keys...)
		}
	}
	w := &ways{says: []string{"ok: " + strings.Repeat("set ", 100), "done"}, exposed: true}
	given := handsOver(w, "invoices", "receipts")
	tracked := handsOver(&ways{tracked: true}, "invoices")
	return map[string]func(...func(*setup)) *screen{
		"rotate":           at(func(s *screen) { s.toGuide() }, turns, given),
		"rotate elsewhere": at(func(s *screen) { s.toGuide(); s.press("tab", "x", "y") }, keeps, given),
		"rotating":         at(func(s *screen) { s.hold("rotate"); over()(s); s.spin() }, turns, given),
		"rotate refused":   at(func(s *screen) { s.fakes.fail("rotate", errors.New("no room")); over()(s) }, turns, given),
		"hand over":        at(over("c"), turns, given),
		"command":          at(over("x", "g"), turns, given),
		"command running":  at(func(s *screen) { s.hold("handOver"); over("x", "g", "enter")(s); s.spin() }, turns, given),
		"command failed":   at(func(s *screen) { s.fakes.fail("handOver", errors.New("no room")); over("x", "g", "enter")(s) }, turns, given),
		"command done":     at(over("x", "g", "enter"), turns, given),
		"env file":         at(over("w", "A"), turns, given),
		"env tracked":      at(over("w", "A", "enter"), turns, tracked),
		"env exposed":      at(over("w", "A", "enter"), turns, given),
		"lines":            at(over("l", "A"), turns, given),
		"lines shown":      at(over("l", "A", "enter"), turns, given),
		"check":            at(over("o"), turns, given),
		"check none":       at(over("j"), turns),
		"checked":          at(func(s *screen) { over("o", "t", "k")(s) }, turns, given),
		"watch":            at(over("o", "o"), turns, given),
		"end":              at(over("e", "7", "d"), turns, given),
		"end now":          at(over("e", "0"), turns, given),
		"ended":            at(over("e", "7", "d", "enter", "j", "j"), turns, given),
		"last step":        at(over("j", "j", "j"), turns, given),
		"rotation over": at(func(s *screen) {
			over()(s)
			s.fakes.remove(s.idOf("key-01"))
			s.after(time.Second)
		}, turns, given),
		"rotations":    at(over("esc", "R"), turns, given),
		"no rotations": at(func(s *screen) { s.app.open(&rotationsDialog{}) }, turns, given),
	}
}

// hostileRotations are the places of the rotation where outside text is shown. The key under the cursor has the text.
func hostileRotations(text string) map[string]func(*screen) {
	guide := func(w *ways, keys ...string) func(*screen) {
		return func(s *screen) {
			s.app.service = turning{full{bare{s.fakes}}, &rotating{f: s.fakes}}
			set := &setup{fakes: s.fakes, options: s.app.opts}
			handsOver(w, text)(set)
			s.app.opts = set.options
			s.app.opts.Formats = []Format{{Name: text, About: text, Write: func(string, model.Secret) (string, error) {
				return strings.ReplaceAll(text, "\n", "\x01"), nil // a line end is one
			}}}
			s.press("j", "r")
			s.clock.advance(settle)
			s.press("ctrl+u", "b", "enter")
			for _, row := range s.rows().rows { // the same in every run
				s.fakes.change(row.NewID, func(k *model.Key) { k.Hint = "clv_…0000" })
			}
			s.after(time.Second)
			s.press(keys...)
		}
	}
	failing := func(method string, keys ...string) func(*screen) {
		return func(s *screen) {
			s.fakes.fail(method, fmt.Errorf("%s", text))
			guide(&ways{}, keys...)(s)
		}
	}
	return map[string]func(*screen){
		"rotate":          guide(&ways{}),
		"rotations":       guide(&ways{}, "esc", "R"),
		"rotate left":     guide(&ways{}, "esc"),
		"rotate failed":   failing("rotate"),
		"rotate command":  failing("handOver", "x", "g", "enter"),
		"rotate env":      failing("envFile", "w", "A", "enter"),
		"rotate step":     failing("stepDone", "o"),
		"rotate lines":    guide(&ways{}, "l", "A", "enter"),
		"rotate checking": guide(&ways{}, "o", "k", "t"),
		"rotate revoke":   guide(&ways{}, "e", "0", "enter"),
		"rotate check": func(s *screen) {
			w := &ways{}
			guide(w, "o")(s)
			w.verdicts[text] = model.Answer{Verdict: model.VerdictDead, Why: text}
			s.press("t")
		},
		"rotate env exposed": guide(&ways{exposed: true, path: text}, "w", "A", "enter"),
	}
}
