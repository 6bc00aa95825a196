//go:build linux || darwin

package e2e

import (
	"testing"

	"clavier/e2e/term"
)

// TestSuspendWithoutAShell: where nobody could continue the program (it is all that runs in a tmux pane or at the end of
// ssh -t), ctrl+z does not hang it.
func TestSuspendWithoutAShell(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	p.tmux = true
	p.create("production")
	x := p.open()
	waitSelected(x, "production")
	x.Key(term.CtrlZ)
	x.Type("?")
	x.WaitFor("┌ Keys")
}
