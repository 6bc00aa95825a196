//go:build linux || darwin

package e2e

import (
	"strings"
	"testing"

	"clavier/e2e/term"
)

// TestProfiles: p switches between the profiles of the settings file, each with its own keys, prefix and store.
func TestProfiles(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 100}, func(p *place) {
		p.WriteSettings(p.tb, "[profiles.work]\nprefix = \"acme_\"\n")
		p.create("private")
		secret := strings.TrimSpace(p.run("create", "--profile", "work", "billing"))
		if !strings.HasPrefix(secret, "acme_") {
			p.tb.Errorf("the secret of the other profile has another prefix")
		}
		x := p.open()
		waitSelected(x, "private")
		x.Type("p")
		s := x.WaitFor("┌ Profiles")
		if !s.Contains("> local · this machine") || !s.Contains("  work · this machine") {
			p.tb.Errorf("the profiles\n%s", s.Frame())
		}
		x.Type("j")
		x.WaitFor("> work · this machine")
		x.Key(term.Enter)
		s = waitSelected(x, "billing")
		if !strings.HasPrefix(s.Line(0), " clavier  work · this machine") || s.Contains("private") || !s.Contains("acme_…") {
			p.tb.Errorf("the other profile\n%s", s.Frame())
		}
		x.Type("c")
		waitClip(p.tb, x, "the secret of the other profile", func(text string) bool { return text == secret })
		x.Type("nprivate")
		x.WaitFor("enter creates it") // a name is taken within a profile only
		x.Key(term.Enter)
		x.WaitFor("private was created")
		leave(p.tb, x, "was created")
		waitList(x, 2)
		x.Type("pk")
		x.WaitFor("> local · this machine")
		x.Key(term.Enter)
		waitSelected(x, "private")
		waitList(x, 1)
		x.Type("q")
		x.WaitExit()

		x = p.open("--profile", "work")
		waitList(x, 2)
	})
}

// TestOnlyProfile: with one profile, p says how to come to another.
func TestOnlyProfile(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		x := p.open()
		x.WaitFor("No API keys yet.")
		x.Type("p")
		x.WaitFor("n add a service")
	})
}
