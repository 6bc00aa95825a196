//go:build linux || darwin

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"clavier/e2e/term"
)

// script writes a program into the home that the hand-over step can run.
func (p *place) script(name, text string) string {
	p.tb.Helper()
	path := filepath.Join(p.Dir, name)
	p.must(os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	return path
}

// live reports whether a secret belongs to a live key.
func (p *place) live(secret string) bool {
	p.tb.Helper()
	return p.Run(p.tb, secret+"\n", nil, "verify").Code == 0
}

// secretOf is the secret of a key.
func (p *place) secretOf(name string) string {
	p.tb.Helper()
	return strings.TrimSpace(p.run("show", name))
}

// TestRotateInTheScreen goes the whole way: with a command that prints the secret back, one that fails and one that hangs,
// with leaving and coming back, to the last step.
func TestRotateInTheScreen(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 100, Rows: 30}, func(p *place) {
		old := p.create("staging", "production")[1]
		p.script("give", "cat > given; cat given; printf '\\033[2Jset\\n'; cat given | base64")
		p.script("fail", "cat > /dev/null; echo 'no such repository' >&2; exit 3")
		p.script("hang", "sleep 1000 & echo $! $$ > pids; echo waiting; wait")
		x := p.open()
		waitSelected(x, "production")
		x.Type("r")
		x.WaitFor("[ enter makes the new key ]")
		x.WaitFor("Name: production 2")
		x.Key(term.Ctrl('u'))
		x.Type("next")
		x.Key(term.Enter)
		s := x.WaitFor("next was made. Both keys work.")
		mustMask(p.tb, s)
		next := p.secretOf("next")

		x.Type("x./fail")
		x.Key(term.Enter)
		s = x.WaitFor("fail failed with exit status 3")
		if !s.Contains("no such repository") {
			p.tb.Errorf("what it said is missing\n%s", s.Frame())
		}
		x.Key(term.Ctrl('u'))
		x.Type("./hang")
		x.Key(term.Enter)
		x.WaitFor("waiting")
		x.WaitFor("esc cancels")
		x.Key(term.Esc)
		x.WaitFor("the command was ended; look whether it has done something")
		text, err := os.ReadFile(filepath.Join(p.Dir, "pids"))
		p.must(err)
		for word := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(word)
			p.must(err)
			eventually(p.tb, "the command to end", func() bool { return !running(pid) })
		}
		x.Key(term.Esc)
		s = x.WaitUntil("the guide", func(s term.Screen) bool { return s.Contains("> 2 hand over  now") && !s.Contains("Command:") })
		mustMask(p.tb, s)

		x.Type("x./give")
		x.Key(term.Enter)
		s = x.WaitFor("The command ended well")
		mustMask(p.tb, s)
		if strings.Count(s.String(), "[redacted]") != 2 || !s.Contains("⟨U+001B⟩[2Jset") {
			p.tb.Errorf("what it said is not masked and displayable\n%s", s.Frame())
		}
		if given, err := os.ReadFile(filepath.Join(p.Dir, "given")); err != nil || string(given) != next {
			p.tb.Errorf("it was given something else (%v)", err)
		}
		x.Key(term.Esc)
		x.WaitFor("> 4 watch      now")
		x.Key(term.Esc)
		waitList(x, 3)
		x.Type("q")
		x.WaitExit()

		x = p.open()
		x.WaitFor("production waits at step 4 of 5, watch · R goes on")
		x.Type("R")
		x.WaitFor("┌ Unfinished rotations")
		x.Key(term.Enter)
		x.WaitFor("> 4 watch      now")
		x.Type("e24h")
		x.WaitFor("[ enter lets it end on ")
		x.Key(term.Enter)
		x.WaitFor("The old key: ends ")
		if !p.live(old) || !p.live(next) {
			p.tb.Error("one of them does not work")
		}
		x.Type("e0")
		x.WaitFor("[ enter revokes it at once, for good ]")
		x.Key(term.Enter)
		x.WaitFor("revoked production: it works no longer")
		if p.live(old) || !p.live(next) {
			p.tb.Error("the old key works, or the new one does not")
		}
		x.WaitFor("> 5 delete     now")
		x.Type("d")
		x.WaitFor("Delete production?")
		x.Key(term.Enter)
		x.WaitFor("type the exact name first")
		x.Type("production")
		x.Key(term.Enter)
		x.WaitFor("deleted production for good")
		leave(p.tb, x, "┌ ")
		waitList(x, 2)
		if strings.Contains(string(x.Raw()), next) {
			p.tb.Error("the secret was sent to the terminal")
		}
	})
}

// running reports whether a process is there and no zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// TestExportLinesInTheGuide: the secret is on the screen only after it was asked for, and gone with the focus.
func TestExportLinesInTheGuide(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 110, TmuxConf: []string{"set -g focus-events on"}}, func(p *place) {
		p.create("production")
		p.run("rotate", "production", "--name", "next")
		next := p.secretOf("next")
		x := p.open()
		x.WaitFor("waits at step 2 of 5, hand over")
		x.Type("r")
		x.WaitFor("> 2 hand over  now")
		x.Type("lAPI_KEY")
		mustMask(p.tb, x.WaitFor("Variable: API_KEY"))
		x.Key(term.Enter)
		mustShow(p.tb, x.WaitFor("Hidden again in "), next)
		x.Key(term.FocusOut)
		mustMask(p.tb, x.WaitGone("Hidden again in "))
		x.Key(term.FocusIn, term.Enter)
		mustShow(p.tb, x.WaitFor("Hidden again in "), next)
		x.Key(term.Esc)
		mustMask(p.tb, x.WaitGone("Variable:"))
	})
}

// TestTypedAheadMakesNoSuccessor: r and enter in one read make no key.
func TestTypedAheadMakesNoSuccessor(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("production")
		x := p.open()
		waitSelected(x, "production")
		x.Send("r\r\r")
		x.WaitFor("the guide has just opened: press enter again")
		x.WaitFor("[ enter makes the new key ]")
		if n := len(p.keys()); n != 1 {
			p.tb.Errorf("%d keys are there", n)
		}
		x.Key(term.Esc)
		waitList(x, 1)
	})
}
