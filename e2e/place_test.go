//go:build linux || darwin

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// secretShape is any secret with the default prefix.
var secretShape = regexp.MustCompile(`clv_[0-9A-Za-z]{38}`)

// discreet keeps the secrets of a screen out of the output of a test.
type discreet struct{ testing.TB }

func redact(text string) string { return secretShape.ReplaceAllString(text, "[redacted]") }

func (d discreet) Fatal(args ...any) { d.Helper(); d.TB.Fatal(redact(fmt.Sprint(args...))) }
func (d discreet) Error(args ...any) { d.Helper(); d.TB.Error(redact(fmt.Sprint(args...))) }

func (d discreet) Fatalf(format string, args ...any) {
	d.Helper()
	d.TB.Fatal(redact(fmt.Sprintf(format, args...)))
}

func (d discreet) Errorf(format string, args ...any) {
	d.Helper()
	d.TB.Error(redact(fmt.Sprintf(format, args...)))
}

// place is a home and the kind of terminal that stands in it.
type place struct {
	*program.Home
	tb   testing.TB
	tmux bool
	opts term.Options
}

// atTerminal is a place with a plain terminal.
func atTerminal(t *testing.T, opts term.Options) *place {
	t.Helper()
	opts.Env = append([]string{"TZ=UTC"}, opts.Env...)
	return &place{Home: program.NewHome(t), tb: discreet{t}, opts: opts}
}

// everywhere runs one flow at a plain terminal and in a tmux, beside each other.
func everywhere(t *testing.T, opts term.Options, flow func(*place)) {
	t.Helper()
	for _, kind := range []string{"terminal", "tmux"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, opts)
			p.tmux = kind == "tmux"
			flow(p)
		})
	}
}

// open starts clavier.
func (p *place) open(args ...string) term.Terminal {
	p.tb.Helper()
	if p.tmux {
		return p.StartTmux(p.tb, p.opts, args...)
	}
	return p.Start(p.tb, p.opts, args...)
}

// run runs a command without a terminal, which must succeed, and returns what it printed.
func (p *place) run(args ...string) string {
	p.tb.Helper()
	r := p.Run(p.tb, "", []string{"TZ=UTC"}, args...)
	if r.Code != 0 {
		p.tb.Fatalf("clavier %s: code %d: %s", strings.Join(args, " "), r.Code, r.Err)
	}
	return r.Out
}

// create makes keys by command, the first the oldest, and returns their secrets.
func (p *place) create(names ...string) []string {
	p.tb.Helper()
	secrets := make([]string, len(names))
	for i, name := range names {
		secrets[i] = strings.TrimSpace(p.run("create", "--", name))
		if !secretShape.MatchString(secrets[i]) {
			p.tb.Fatalf("create printed no secret")
		}
	}
	return secrets
}

// mustShow fails the test unless the only secret on the screen is this one.
func mustShow(tb testing.TB, s term.Screen, secret string) {
	tb.Helper()
	shown := secretShape.FindAllString(s.String(), -1)
	if len(shown) != 1 || shown[0] != secret {
		tb.Errorf("%d secrets are on the screen, or another one\n%s", len(shown), s.Frame())
	}
}

// mustMask fails the test if a secret is on the screen.
func mustMask(tb testing.TB, s term.Screen) {
	tb.Helper()
	if secretShape.MatchString(s.String()) {
		tb.Errorf("a secret is on the screen\n%s", s.Frame())
	}
}

// selected is the name in the row under the cursor.
func selected(s term.Screen) string {
	for _, line := range s.Lines {
		if rest, ok := strings.CutPrefix(line, " > "); ok {
			return strings.Fields(rest + " .")[0]
		}
	}
	return ""
}

// waitSelected waits until the cursor of the list stands on the key with this name.
func waitSelected(x term.Terminal, name string) term.Screen {
	return x.WaitUntil("the cursor on "+name, func(s term.Screen) bool { return selected(s) == name })
}

// waitList waits for the list alone, with this many keys in the header.
func waitList(x term.Terminal, keys int) term.Screen {
	count := fmt.Sprintf("%d keys", keys)
	if keys == 1 {
		count = "1 key"
	}
	return x.WaitUntil("the list with "+count, func(s term.Screen) bool {
		return strings.Contains(s.Line(0)+" ", " "+count+" ") && !s.Contains("┌ ")
	})
}

// leave presses esc until the text has gone from the screen: a dialog that opened by itself takes no key for a moment. It gives
// each key time to be answered, because one too many would be taken by what lies below.
func leave(tb testing.TB, x term.Terminal, text string) {
	tb.Helper()
	var pressed time.Time
	eventually(tb, "“"+text+"” to be left", func() bool {
		if !x.Screen().Contains(text) {
			return true
		}
		if time.Since(pressed) > time.Second {
			x.Key(term.Esc)
			pressed = time.Now()
		}
		return false
	})
}

// leaveToList presses esc until the footer of the list is there. A screen without a dialog would not do: it may be drawn anew at
// this moment, and a letter that was meant for the list would be the dialog's.
func leaveToList(tb testing.TB, x term.Terminal) {
	tb.Helper()
	var pressed time.Time
	eventually(tb, "the list", func() bool {
		if x.Screen().Contains("q quit") {
			return true
		}
		if time.Since(pressed) > time.Second {
			x.Key(term.Esc)
			pressed = time.Now()
		}
		return false
	})
}

// eventually waits until ok, which must take a moment of its own or be cheap.
func eventually(tb testing.TB, desc string, ok func() bool) {
	tb.Helper()
	within(tb, term.Patience(), desc, ok)
}

// within is eventually with another patience.
func within(tb testing.TB, most time.Duration, desc string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(most)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited %v for %s", most, desc)
		}
		<-tick.C
	}
}

// mustBePrivate fails the test unless everything below dir belongs to its owner alone.
func mustBePrivate(tb testing.TB, dir string) (files []string) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			files = append(files, entry.Name())
		}
		if info.Mode().Perm() != want {
			tb.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		tb.Errorf("look at the files: %v", err)
	}
	return files
}
