//go:build linux || darwin

package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clavier/e2e/term"
)

var createdLine = regexp.MustCompile(`Created \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)

// TestFirstStartAndCreate: with nothing but an empty home the program asks nothing, says how to make the first key, and
// makes it.
func TestFirstStartAndCreate(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		if entries, _ := os.ReadDir(p.Dir); len(entries) != 1 { // the runtime directory that a login makes
			p.tb.Fatalf("the home is not empty: %v", entries)
		}
		x := p.open()
		s := x.WaitFor("No API keys yet. Press n to make the first one.")
		if !s.Alt || !strings.HasPrefix(s.Line(0), " clavier  local · this machine") || !strings.HasSuffix(s.Line(0), " 0 keys") {
			p.tb.Errorf("first screen\n%s", s.Frame())
		}
		if files := mustBePrivate(p.tb, p.Data()); !slices.Contains(files, "local.db") {
			p.tb.Errorf("files of the store: %v", files)
		}

		x.Type("n")
		x.WaitFor("1 to 64 characters, unique in this profile")
		x.Type(" production")
		x.WaitFor("a name does not start with a space")
		x.Key(term.Enter)
		x.WaitFor("a name does not start with a space") // and nothing was made
		x.Key(term.Home, term.Delete)
		x.WaitFor("enter creates it")

		// Both arrive in one read, so that the second is there while the key is being stored.
		x.Send("\r\r")
		s = x.WaitFor("production was created")
		if !createdLine.MatchString(s.LineWith("Created ")) {
			p.tb.Errorf("no date and time of the creation\n%s", s.Frame())
		}
		shown := secretShape.FindString(s.String())
		secret := strings.TrimSpace(p.run("show", "production"))
		if shown == "" || shown != secret {
			p.tb.Errorf("the dialog does not show the secret of the key\n%s", s.Frame())
		}

		leave(p.tb, x, "was created")
		s = waitList(x, 1)
		row := s.LineWith("> production")
		if hint := "clv_…" + secret[len(secret)-4:]; !strings.Contains(row, hint) || !strings.Contains(row, "never") {
			p.tb.Errorf("the row of the new key\n%s", s.Frame())
		}
		mustMask(p.tb, s)
		mustBePrivate(p.tb, p.Data())
		if files := mustBePrivate(p.tb, p.Config()); !slices.Contains(files, "identity.txt") {
			p.tb.Errorf("files of the settings: %v", files)
		}

		// The same name again is refused while it is typed, and nothing is made.
		x.Type("nproduction")
		x.WaitFor("another key of this profile has this name")
		x.Key(term.Enter)
		leave(p.tb, x, "┌ New API key")
		waitList(x, 1)
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		if r := p.Run(p.tb, shown+"\n", nil, "verify"); r.Code != 0 || r.Out != "production\n" {
			p.tb.Errorf("the secret does not verify: code %d, %s", r.Code, r.Err)
		}
		if list := p.run("list"); strings.Count(list, "clv_…") != 1 {
			p.tb.Errorf("the list\n%s", list)
		}
	})
}
