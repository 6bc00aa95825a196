//go:build linux || darwin

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/e2e/program"
	"clavier/e2e/service"
	"clavier/e2e/term"
)

// TestTeam: a key service is added on the screen, its keys are made there, and without it the screen shows what it had last and
// changes nothing.
func TestTeam(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 110}, func(p *place) {
		s := service.Start(p.tb, program.NewHome(p.tb), nil)
		token := s.Token.Reveal()

		x := p.open()
		x.WaitFor("No API keys yet.")
		x.Type("p")
		x.WaitFor("n add a service")
		x.Type("n")
		x.WaitFor("Add a key service")
		for _, text := range []string{"team", s.URL, token} {
			x.Type(text)
			x.Key(term.Enter)
		}
		waitSelected(x, "management")
		if first := x.Screen().Line(0); !strings.Contains(first, "team · "+s.Address()) {
			p.tb.Errorf("the header is %s", first)
		}
		mustMask(p.tb, x.Screen())
		x.Type("nproduction")
		x.WaitFor("enter creates it")
		x.Key(term.Enter)
		x.WaitFor("production was created")
		leave(p.tb, x, "was created")
		waitList(x, 2)
		x.Type("q")
		x.WaitExit()

		if out := p.run("--profile", "team", "list"); !strings.Contains(out, "\nproduction ") {
			p.tb.Errorf("the list is\n%s", out)
		}
		content, err := os.ReadFile(filepath.Join(p.Data(), "team.list"))
		if err != nil || secretShape.Match(content) || !strings.Contains(string(content), `"production"`) {
			p.tb.Errorf("what is remembered: %v", err)
		}
		s.Stop()
		x = p.open("--profile", "team")
		waitSelected(x, "production")
		waitList(x, 2)
		x.WaitFor("offline")
		x.Type("q")
		x.WaitExit()
	})
}
