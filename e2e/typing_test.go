//go:build linux || darwin

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"clavier/e2e/term"
)

// TestTypingFasterThanItDraws: keys that arrive in one read are keys of their own.
func TestTypingFasterThanItDraws(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("one", "two", "three", "four", "five")
		x := p.open()
		waitSelected(x, "five")
		x.Send("jjj")
		waitSelected(x, "two")
		x.Send("Gkkg")
		waitSelected(x, "five")
		x.Send("nproduction\r")
		s := x.WaitFor("production was created")
		if !secretShape.MatchString(s.String()) {
			p.tb.Errorf("no secret\n%s", s.Frame())
		}
		leave(p.tb, x, "was created")
		// Down the list, into details, show, hide, back, delete with its name: one write.
		x.Send("jvdfive\x15five\r")
		x.WaitFor("deleted five for good")
		if s := waitList(x, 5); selected(s) != "four" {
			p.tb.Errorf("after the delete\n%s", s.Frame())
		}
	})
}

// TestPastedNames: a line end after a pasted name is dropped and creates nothing, one within refuses the paste, and what
// is pasted where there is no field does nothing.
func TestPastedNames(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("one", "two")
		x := p.open()
		waitSelected(x, "two")
		x.Paste("jdtwo\r")
		x.Type("n")
		s := x.WaitFor("┌ New API key")
		if selected(s) != "two" {
			p.tb.Errorf("a paste moved the cursor\n%s", s.Frame())
		}
		x.Paste("two\nlines")
		x.WaitFor("nothing was pasted: the text has a control character (U+000")
		x.Paste("staging\n")
		x.WaitFor("enter creates it")
		if s := x.Screen(); !s.Contains("│ Name: staging ") || s.Contains("was created") {
			p.tb.Errorf("after a paste with a line end\n%s", s.Frame())
		}
		x.Key(term.Enter)
		x.WaitFor("staging was created")
		if names := strings.Join(p.keys(), " "); names != "staging two one" {
			p.tb.Errorf("the keys are %s", names)
		}
	})
}

// TestResizeDuringDialogs: what was typed survives every size, and below the smallest one a sentence stands.
func TestResizeDuringDialogs(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("one", "two")
		x := p.open()
		waitSelected(x, "two")
		x.Type("nstaging")
		x.WaitFor("enter creates it")
		for _, size := range [][2]int{{20, 5}, {20, 24}, {400, 40}, {19, 24}, {80, 4}, {30, 6}, {80, 24}} {
			cols, rows := size[0], size[1]
			x.Resize(cols, rows)
			if cols < 20 || rows < 5 {
				x.WaitFor("clavier needs")
				continue
			}
			s := x.WaitUntil(fmt.Sprintf("the dialog at %dx%d", cols, rows), func(s term.Screen) bool {
				return s.Contains("Name: staging") && (rows < 12 || strings.HasPrefix(s.Line(0), " clavier"))
			})
			x.WaitUntil("the footer", func(s term.Screen) bool { return strings.Contains(s.Line(rows-1), "esc leave") })
			mustFit(p, s)
		}
		x.Key(term.Enter)
		s := x.WaitFor("staging was created")
		secret := secretShape.FindString(s.String())
		x.Resize(30, 12)
		s = x.WaitUntil("the secret in lines", func(s term.Screen) bool { return s.Contains("Hidden again") || s.Contains(secret[:20]) })
		mustFit(p, s)
		x.Resize(80, 24)
		mustShow(p.tb, x.WaitFor(secret), secret)
	})
}

// mustFit fails the test if a line is wider than the screen or the cursor is off it.
func mustFit(p *place, s term.Screen) {
	p.tb.Helper()
	for _, line := range s.Lines {
		if ansi.StringWidth(line) > s.Cols {
			p.tb.Errorf("a line is wider than the screen\n%s", s.Frame())
		}
	}
}

// TestSmallestScreen: the whole job can be done on 20 columns and 5 rows.
func TestSmallestScreen(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 20, Rows: 5}, func(p *place) {
		p.create("one")
		x := p.open()
		waitSelected(x, "one")
		x.Type("ntwo")
		x.WaitFor("Name: two")
		x.Key(term.Enter)
		x.WaitFor("two was created")
		leave(p.tb, x, "was created")
		waitSelected(x, "two")
		x.Type("c")
		x.WaitFor("copied two")
		x.Key(term.Enter)
		x.WaitFor("Name")
		x.Key(term.Esc)
		waitSelected(x, "two")
		x.Type("dtwo")
		s := x.Screen()
		mustFit(p, s)
		x.Key(term.Enter)
		waitSelected(x, "one")
		x.Type("?")
		x.WaitFor("Keys")
		leave(p.tb, x, "Keys")
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
	})
}

// TestWideScreen: at 400 columns a row stays readable: its columns stand together.
func TestWideScreen(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 400, Rows: 24}, func(p *place) {
		p.create("one", strings.Repeat("w", 64))
		x := p.open()
		s := waitList(x, 2)
		if !strings.HasSuffix(s.LineWith("   one"), "never") || ansi.StringWidth(s.LineWith("   one")) > 160 {
			p.tb.Errorf("the row\n%s", s.LineWith("   one"))
		}
	})
}

// TestTooSmall: below 20x5 one sentence says so, and the program can be left.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 19, Rows: 4}, func(p *place) {
		x := p.open()
		s := x.WaitFor("clavier needs 20")
		mustFit(p, s)
		x.Resize(40, 10)
		x.WaitFor("No API keys yet.")
		x.Resize(10, 2)
		x.WaitFor("clavier")
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
	})
}
