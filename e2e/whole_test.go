//go:build linux || darwin

package e2e

import (
	"fmt"
	"syscall"
	"testing"

	"clavier/e2e/term"
)

// scenes are what may stand on the screen when the program ends.
var scenes = map[string]func(p *place, x term.Terminal){
	"list": func(*place, term.Terminal) {},
	"new": func(_ *place, x term.Terminal) {
		x.Type("nstaging")
		x.WaitFor("enter creates it")
	},
	"secret": func(_ *place, x term.Terminal) {
		x.Key(term.Enter)
		x.WaitFor("┌ production")
		x.Type("v")
		x.WaitFor("Hidden again in ")
	},
	"delete": func(_ *place, x term.Terminal) {
		x.Type("dprod")
		x.WaitFor("┌ Delete production?")
	},
}

// endings are the ways out of the program, and the exit code of each.
var endings = []struct {
	name string
	code int
	do   func(p *place, x term.Terminal)
}{
	{"ctrl+c", 0, func(_ *place, x term.Terminal) { x.Send(string(term.CtrlC)) }},
	{"TERM", 1, func(_ *place, x term.Terminal) { x.Signal(syscall.SIGTERM) }},
	{"HUP", 1, func(_ *place, x term.Terminal) { x.Signal(syscall.SIGHUP) }},
	{"INT", 1, func(_ *place, x term.Terminal) { x.Signal(syscall.SIGINT) }},
	{"esc and q", 0, func(p *place, x term.Terminal) {
		leaveToList(p.tb, x)
		x.Type("q")
	}},
}

// TestT21TerminalIsWhole: line settings and modes are as before after every ending, whatever dialog is open; nothing of
// the screen stays.
func TestT21TerminalIsWhole(t *testing.T) {
	t.Parallel()
	for scene, show := range scenes {
		for _, end := range endings {
			t.Run(fmt.Sprintf("%s/%s", scene, end.name), func(t *testing.T) {
				t.Parallel()
				p := atTerminal(t, term.Options{})
				p.create("production")
				x := p.Start(p.tb, p.opts)
				waitSelected(x, "production")
				show(p, x)
				end.do(p, x)
				if code := x.WaitExit(); code != end.code {
					p.tb.Errorf("code %d, want %d", code, end.code)
				}
				x.MustBeWhole(p.tb)
				s := x.Screen()
				mustMask(p.tb, s)
				if s.Alt || !s.CursorVisible || s.Contains("production") {
					p.tb.Errorf("the screen after\n%s", s.Frame())
				}
			})
		}
	}
}

// TestT21WholeWhileSuspended: ctrl+z gives the terminal back as it was, and fg goes on where it was left.
func TestT21WholeWhileSuspended(t *testing.T) {
	t.Parallel()
	for scene, show := range scenes {
		t.Run(scene, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{})
			p.create("production")
			x := p.Start(p.tb, p.opts)
			waitSelected(x, "production")
			show(p, x)
			before := x.Screen()
			for range 2 {
				x.Send(string(term.CtrlZ))
				x.WaitStopped()
				x.MustBeWhole(p.tb)
				if s := x.Screen(); s.Alt || s.Contains("production") {
					p.tb.Errorf("the screen while suspended\n%s", s.Frame())
				}
				x.Resize(90, 30)
				x.Foreground()
				x.WaitUntil("the screen again", func(s term.Screen) bool {
					return s.Alt && s.Cols == 90 && s.Contains("> production")
				})
				s := x.Screen()
				mustMask(p.tb, s)
				if scene == "new" && !s.Contains("│ Name: staging ") || scene == "delete" && !s.Contains("│ Name: prod ") {
					p.tb.Errorf("what was typed is lost\n%s", s.Frame())
				}
				if s.CursorVisible != before.CursorVisible {
					p.tb.Errorf("the cursor is visible: %t, and was before: %t", s.CursorVisible, before.CursorVisible)
				}
			}
			leave(p.tb, x, "┌ ")
			x.Type("q")
			if code := x.WaitExit(); code != 0 {
				p.tb.Errorf("code %d", code)
			}
			x.MustBeWhole(p.tb)
		})
	}
}

// TestHangup: when the terminal goes away the program ends, and the store is as it was.
func TestHangup(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	p.create("production")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "production")
	x.Hangup()
	x.WaitExit()
	if names := p.keys(); len(names) != 1 {
		p.tb.Errorf("the keys are %v", names)
	}
}
