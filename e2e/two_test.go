//go:build linux || darwin

package e2e

import (
	"testing"
	"time"

	"clavier/e2e/term"
)

// TestTwoProgramsOnOneStore: what one program makes or deletes shows in the other without a key press, and the cursor
// stays on its key.
func TestTwoProgramsOnOneStore(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("one", "two", "three")
		a, b := p.open(), p.open()
		waitList(a, 3)
		waitList(b, 3)
		b.Type("j")
		waitSelected(b, "two")

		a.Type("nfour")
		a.WaitFor("enter creates it")
		a.Key(term.Enter)
		a.WaitFor("four was created")
		began := time.Now()
		s := waitList(b, 4)
		p.tb.Logf("the new key showed after %v", time.Since(began).Round(10*time.Millisecond))
		if selected(s) != "two" || !s.Contains("   four") {
			p.tb.Errorf("the other program after a create\n%s", s.Frame())
		}
		leave(p.tb, a, "was created")

		// The key above the cursor goes, then the one under it.
		a.Type("jdthree")
		a.WaitFor("[ enter deletes it for good ]")
		a.Key(term.Enter)
		a.WaitFor("deleted three for good")
		if s := waitList(b, 3); selected(s) != "two" {
			p.tb.Errorf("the other program after a delete\n%s", s.Frame())
		}
		b.Key(term.Enter)
		b.WaitFor("┌ two")
		waitSelected(a, "two")
		a.Type("dtwo")
		a.WaitFor("[ enter deletes it for good ]")
		a.Key(term.Enter)
		s = b.WaitFor("two was deleted by another program")
		if s.Contains("┌ two") {
			p.tb.Errorf("the details of a deleted key stay\n%s", s.Frame())
		}
		waitList(b, 2)

		// Both want to delete the same key: the second is told.
		for _, x := range []term.Terminal{a, b} {
			x.Type("gG")
			waitSelected(x, "one")
			x.Type("done")
			x.WaitFor("[ enter deletes it for good ]")
		}
		a.Send("\r")
		b.Send("\r")
		for _, x := range []term.Terminal{a, b} {
			waitSelected(x, "four")
			waitList(x, 1)
		}
	})
}
