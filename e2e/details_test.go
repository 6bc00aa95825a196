//go:build linux || darwin

package e2e

import (
	"testing"

	"clavier/e2e/term"
)

// TestDetailsAndReveal: enter shows everything known of a key, v shows its secret and hides it again; so does the loss of
// the focus.
func TestDetailsAndReveal(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{TmuxConf: []string{"set -g focus-events on"}}, func(p *place) {
		secrets := p.create("staging", "production")
		x := p.open()
		waitSelected(x, "production")
		x.Key(term.Down, term.Enter)
		s := x.WaitFor("┌ staging")
		for _, label := range []string{"Name ", "Key ", "Secret ", "Created ", "Age ", "Last used ", "Expires ", "Status ", "ID "} {
			if !s.Contains("│ " + label) {
				p.tb.Errorf("no line %q\n%s", label, s.Frame())
			}
		}
		mustMask(p.tb, s)
		x.Type("v")
		s = x.WaitFor("Hidden again in ")
		mustShow(p.tb, s, secrets[0])
		x.Type("v")
		mustMask(p.tb, x.WaitGone("Hidden again in "))

		x.Type("v")
		mustShow(p.tb, x.WaitFor("Hidden again in "), secrets[0])
		x.Key(term.FocusOut)
		mustMask(p.tb, x.WaitGone("Hidden again in "))
		x.Key(term.FocusIn)
		s = x.Screen()
		mustMask(p.tb, s)
		if !s.Contains("┌ staging") {
			p.tb.Errorf("the focus closed the dialog\n%s", s.Frame())
		}

		// What was shown is gone with its dialog.
		x.Type("v")
		x.WaitFor("Hidden again in ")
		x.Key(term.Esc)
		mustMask(p.tb, waitList(x, 2))
		x.Key(term.Enter)
		mustMask(p.tb, x.WaitFor("┌ staging"))
	})
}

// TestRevealEnds: a secret is shown for as long as the setting says and no longer.
func TestRevealEnds(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.WriteSettings(p.tb, "reveal = \"1s\"\n")
		secrets := p.create("production")
		x := p.open()
		waitSelected(x, "production")
		x.Key(term.Enter)
		x.WaitFor("┌ production")
		x.Type("v")
		mustShow(p.tb, x.WaitFor("Hidden again in 1 s."), secrets[0])
		s := x.WaitGone("Hidden again in ")
		mustMask(p.tb, s)
		if !s.Contains("••••") {
			p.tb.Errorf("no mask\n%s", s.Frame())
		}
	})
}

// TestSuspendHides: ctrl+z leaves nothing of a shown secret on the terminal, and fg brings the dialog back masked.
func TestSuspendHides(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	secrets := p.create("production")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "production")
	x.Key(term.Enter)
	x.WaitFor("┌ production")
	x.Type("v")
	mustShow(p.tb, x.WaitFor("Hidden again in "), secrets[0])
	x.Send(string(term.CtrlZ))
	x.WaitStopped()
	x.MustBeWhole(p.tb)
	s := x.Screen()
	mustMask(p.tb, s)
	if s.Alt || s.Contains("production") {
		p.tb.Errorf("the suspended program is still on the screen\n%s", s.Frame())
	}
	x.Foreground()
	mustMask(p.tb, x.WaitFor("┌ production"))
	x.Type("v")
	mustShow(p.tb, x.WaitFor("Hidden again in "), secrets[0])
}
