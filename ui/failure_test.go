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

func TestFailedFirstReading(t *testing.T) {
	s := start(t, three(t), with(func(f *fakes) { f.errs["list"] = fmt.Errorf("local.db: %w", model.ErrStoreDamaged) }))
	s.shows("The keys could not be read.", "local.db: the store is damaged or not a clavier store", "ctrl+r tries again.")
	s.hides("No API keys yet", "0 keys")
	s.press("j", "d", "enter", "c")
	if s.app.top() != nil {
		t.Error("a dialog is open over nothing")
	}
	s.says("the keys could not be read; ctrl+r tries again")
	s.after(time.Minute)
	s.shows("The keys could not be read.")
	s.fakes.fail("list", nil)
	s.press("ctrl+r")
	s.shows("production", "3 keys")
	s.hides("could not be read")
}

func TestFailedReadingKeepsTheOldRows(t *testing.T) {
	s := start(t, three(t))
	s.press("j")
	s.fakes.fail("list", errors.New("local.db: the store is busy"))
	s.press("ctrl+r")
	s.shows("production", "staging", "local.db: the store is busy")
	s.after(time.Minute)
	s.shows("staging")
	s.says("not up to date, ctrl+r tries again: local.db: the store is busy") // for as long as the rows are not
	s.press("c")
	s.says("copied staging · native (xclip) · clears in 45 s")
	s.fakes.fail("list", nil)
	s.after(time.Second) // by itself, as soon as it can
	s.hides("the store is busy")
	s.after(time.Minute)
	s.hides("not up to date")
	if !strings.HasPrefix(s.cursorRow(), "staging") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
}

func TestFailedWatchingIsTriedAgain(t *testing.T) {
	s := start(t, three(t))
	s.fakes.fail("version", model.ErrStoreBusy)
	s.fakes.add(t, "newer", time.Minute)
	s.after(time.Second)
	s.hides("newer")
	s.says("")
	s.fakes.fail("version", nil)
	s.after(time.Second)
	s.shows("newer")
}

func TestHungWatchingAsksOnce(t *testing.T) {
	s := start(t, three(t))
	s.hold("version")
	for range 5 {
		s.after(time.Second)
	}
	if n := s.fakes.called("version"); n != 2 { // one of them for the first reading
		t.Errorf("the version was asked for %d times", n)
	}
	s.press("ctrl+r") // takes the place of the question
	s.spin()
	s.says("/ reading the keys · esc cancels")
	s.release("version")
	s.shows("production")
	s.says("")
}

func TestReadingAnewTakesThePlaceOfAnOlderOne(t *testing.T) {
	s := start(t, three(t))
	slow := s.hold("list")
	slow.deaf = true
	s.press("ctrl+r")
	s.fakes.mu.Lock()
	delete(s.fakes.gates, "list")
	s.fakes.mu.Unlock()
	s.fakes.add(t, "newer", time.Minute)
	s.press("ctrl+r")
	s.shows("newer")
	s.fakes.fail("list", errors.New("too late"))
	close(slow.open)
	for slow.parked > 0 {
		s.next()
	}
	s.drain()
	s.hides("too late")
	s.shows("newer")
}

// TestSpinner: nothing is shown of what is quick; a longer wait names what is being done.
func TestSpinner(t *testing.T) {
	s := start(t, three(t))
	s.hold("list")
	s.press("ctrl+r")
	s.says("")
	s.clock.advance(spinnerAfter - time.Millisecond)
	s.send(spinMsg{})
	s.says("")
	s.clock.advance(time.Millisecond)
	s.send(spinMsg{})
	first := s.status()
	if !strings.HasSuffix(first, " reading the keys · esc cancels") {
		t.Errorf("the status is %q", first)
	}
	s.send(spinMsg{})
	if s.status() == first {
		t.Error("the spinner does not turn")
	}
	s.press("j") // the list is alive meanwhile
	if !strings.HasPrefix(s.cursorRow(), "staging") {
		t.Error("the cursor does not move while reading")
	}
	s.release("list")
	s.says("")
	timers := s.timers
	s.send(spinMsg{})
	if s.timers != timers {
		t.Error("the spinner turns although there is nothing to wait for")
	}
}

func TestQuickChangesAreNotShownAsWaiting(t *testing.T) {
	s := start(t, three(t))
	s.fakes.add(t, "newer", time.Minute)
	s.hold("list")
	s.after(time.Second)
	s.spin()
	s.says("") // what is read because it may have changed is nobody's wait
	s.release("list")
	s.shows("newer")
}

func TestActivity(t *testing.T) {
	s := start(t, three(t), size(120, 24))
	s.press("d")
	s.typed("production")
	s.press("enter")
	s.press("3")
	s.shows("[3 Activity]", "WHEN", "WHAT", "NAME", "BY", "CREATED", "FROM, ID", "jump-1", "ada")
	lines := s.lines()[3:]
	if !strings.HasPrefix(lines[0], " > 2026-11-22 12:00  deleted  production  ada  2026-11-22") {
		t.Errorf("the first line is %q", lines[0])
	}
	if !strings.Contains(lines[1], "created  production") {
		t.Errorf("the second line is %q", lines[1])
	}
	s.press("j", "j")
	if !strings.HasPrefix(s.lines()[5], " > ") {
		t.Error("the cursor does not move")
	}
	s.fakes.add(t, "newer", 0)
	s.after(time.Second)
	s.shows("created  newer") // another program's change
	s.press("1")
	s.shows("[1 API keys]", "LAST USED")
}

func TestActivityEmptyAndMissing(t *testing.T) {
	s := start(t)
	s.press("3")
	s.shows("Nothing has happened yet: keys made and keys deleted are noted here.")
	s = start(t, onlyBasics)
	s.press("3")
	s.says("this provider does not tell what happened")
	s.shows("[1 API keys]")
}

func TestActivityFails(t *testing.T) {
	s := start(t, three(t))
	s.fakes.fail("activity", errors.New("local.db: the store is busy"))
	s.press("3")
	s.shows("The activity could not be read.", "local.db: the store is busy", "ctrl+r tries again.")
	s.fakes.fail("activity", nil)
	s.press("ctrl+r")
	s.shows("created  production")
	s.fakes.fail("activity", errors.New("local.db: the store is busy"))
	s.press("ctrl+r")
	s.shows("created  production")
	s.says("local.db: the store is busy")
}

func TestActivityGivenUp(t *testing.T) {
	s := start(t, three(t))
	s.hold("activity")
	s.press("3")
	s.spin()
	s.says("/ reading the activity · esc cancels")
	s.press("esc")
	s.await("The activity could not be read.")
	s.shows("reading the activity was given up")
	s.hides("context canceled")
}

func TestQuit(t *testing.T) {
	for _, k := range []string{"q", "ctrl+c"} {
		s := start(t, three(t))
		s.press(k)
		if !s.quit {
			t.Errorf("%s does not leave", k)
		}
	}
	for about, open := range map[string][]string{
		"new": {"n"}, "details": {"enter"}, "delete": {"d"}, "help": {"?"}, "created": {"n", "x", "enter"},
	} {
		s := start(t, three(t))
		s.press(open...)
		s.press("ctrl+c")
		if !s.quit {
			t.Errorf("ctrl+c does not leave from %s", about)
		}
	}
}

// TestQuitWhileWriting asks, and the answer is No unless it is y.
func TestQuitWhileWriting(t *testing.T) {
	for _, no := range []string{"enter", "esc", "n"} {
		s := start(t, three(t))
		s.hold("create")
		s.press("n", "x", "enter", "ctrl+c")
		s.shows("Leave now?", "clavier is still creating x.")
		s.press("q", " ", "j")
		s.press(no)
		s.hides("Leave now?")
		if s.quit {
			t.Errorf("%s leaves", no)
		}
		s.release("create")
		s.shows("x was created")
	}
	for _, yes := range []string{"y", "ctrl+c"} {
		s := start(t, three(t))
		s.hold("delete")
		s.press("d")
		s.typed("production")
		s.press("enter", "ctrl+c")
		s.shows("clavier is still deleting production.")
		s.press(yes)
		if !s.quit {
			t.Errorf("%s does not leave", yes)
		}
	}
	s := start(t, three(t))
	s.hold("list")
	s.press("ctrl+r", "q")
	if !s.quit {
		t.Error("leaving waits for a reading")
	}
}

// TestQuitQuestionEndsWithItsReason: when the write is done there is nothing left to ask.
func TestQuitQuestionEndsWithItsReason(t *testing.T) {
	s := start(t, three(t))
	s.hold("create")
	s.press("n", "x", "enter", "ctrl+c")
	s.release("create")
	s.hides("Leave now?", "still creating")
	s.shows("x was created")
	if s.quit {
		t.Error("the program was left")
	}
}

func TestSignalEndsTheProgram(t *testing.T) {
	s := start(t, three(t))
	s.press("enter", "v")
	s.send(signalMsg{})
	var interrupted *InterruptedError
	if !s.quit || !errors.As(s.app.ended, &interrupted) {
		t.Errorf("quit %v, ended by %v", s.quit, s.app.ended)
	}
	s.hides(s.fakes.secret(s.fakes.keys[0].ID))
}

// TestT20PanicInACommand becomes an error of its operation; what was thrown is shown nowhere.
func TestT20PanicInACommand(t *testing.T) {
	for method, keys := range map[string][]string{
		"list": {"ctrl+r"}, "reveal": {"c"}, "copy": {"c"}, "activity": {"3"}, "create": {"n", "x", "enter"}, "version": {"ctrl+r"},
	} {
		s := start(t, three(t))
		thrown := passphrase()
		s.mayCrash = true
		s.fakes.mu.Lock()
		s.fakes.panics[method] = errors.New(thrown)
		s.fakes.mu.Unlock()
		s.press(keys...)
		if !strings.Contains(flow(s.text()), "failed inside clavier") {
			t.Errorf("%s: the screen does not say that it failed:\n%s", method, s.text())
		}
		traces := s.app.crashes.all()
		if len(traces) != 1 || !strings.Contains(traces[0], "fakes_test.go") {
			t.Errorf("%s: %d traces are kept", method, len(traces))
		}
		if strings.Contains(s.text(), thrown) || strings.Contains(strings.Join(traces, ""), thrown) {
			t.Errorf("%s: what was thrown is shown", method)
		}
		if s.quit {
			t.Errorf("%s: the program ended", method)
		}
		s.press("esc", "j", "?")
		s.shows("Keys")
	}
}

// explosive is a dialog that fails where it is told to.
type explosive struct{ where, thrown string }

func (e *explosive) bindings(*app) []binding {
	return []binding{bind("explode", func(*app) tea.Cmd {
		if e.where == "update" {
			panic(e.thrown)
		}
		return nil
	}, "x")}
}

func (e *explosive) content(*app, int) content {
	if e.where == "view" {
		panic(e.thrown)
	}
	return content{title: "x"}
}

func TestT20PanicInUpdate(t *testing.T) {
	s := start(t, three(t))
	thrown := passphrase()
	s.mayCrash = true
	s.app.open(&explosive{"update", thrown})
	if shown, _ := s.app.Update(nil); shown != s.app {
		t.Error("Update returns another model")
	}
	s.press("x")
	if !s.quit || !errors.Is(s.app.ended, errPanic) || len(s.app.crashes.all()) != 1 {
		t.Errorf("quit %v, ended by %v", s.quit, s.app.ended)
	}
	if strings.Contains(s.text()+s.app.ended.Error()+strings.Join(s.app.crashes.all(), ""), thrown) {
		t.Error("what was thrown is shown")
	}
}

func TestT20PanicInView(t *testing.T) {
	s := start(t, three(t))
	thrown := passphrase()
	s.mayCrash = true
	s.app.open(&explosive{"view", thrown})
	s.send(tickMsg{})
	s.shows("clavier failed inside; ctrl+c leaves and prints the trace")
	if strings.Contains(s.text()+strings.Join(s.app.crashes.all(), ""), thrown) {
		t.Error("what was thrown is shown")
	}
	for range 1000 {
		s.app.View()
	}
	if n := len(s.app.crashes.all()); n > 20 {
		t.Errorf("%d traces are kept", n)
	}
	s.press("ctrl+c")
	if !s.quit {
		t.Error("ctrl+c does not leave")
	}
}
