//go:build linux || darwin

package e2e

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"clavier/e2e/term"
)

// demoPlace is a place with a directory of its own for temporary files, outside of its home.
func demoPlace(t *testing.T, opts term.Options) (p *place, temp string) {
	t.Helper()
	temp = t.TempDir()
	opts.Env = append([]string{"TMPDIR=" + temp}, opts.Env...)
	return atTerminal(t, opts), temp
}

// pictured is everything below dir: names, modes, times of change and content.
func pictured(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sum := ""
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum = fmt.Sprintf("%x", sha256.Sum256(content))
		}
		all[path] = fmt.Sprint(info.Mode(), info.ModTime().UnixNano(), sum)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// mustBeEmpty fails the test unless nothing is in dir.
func mustBeEmpty(tb testing.TB, dir string) {
	tb.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		tb.Errorf("left behind: %v, %v", entries, err)
	}
}

// waitDemo waits for the keys of the demo.
func waitDemo(x term.Terminal) term.Screen {
	return x.WaitUntil("the demo", func(s term.Screen) bool {
		return strings.HasPrefix(s.Line(0), " clavier  demo · throwaway store") && s.Contains(" > ")
	})
}

// TestDemo: everything works in the demo, and nothing of the person's is touched: settings, identity and store are as
// they were, byte for byte.
func TestDemo(t *testing.T) {
	t.Parallel()
	p, temp := demoPlace(t, term.Options{Cols: 120, Rows: 30})
	p.WriteSettings(p.tb, "clipboard = \"none\"\n")
	p.create("production")
	before := pictured(p.tb, p.Dir)

	x := p.open("demo")
	s := waitDemo(x)
	if !strings.Contains(s.Line(0), "200 keys") || selected(s) == "production" {
		p.tb.Errorf("the first screen\n%s", s.Frame())
	}
	mustMask(p.tb, s)
	entries, err := os.ReadDir(temp)
	if err != nil || len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), "clavier-demo-") {
		t.Fatalf("temporary files: %v, %v", entries, err)
	}
	if files := mustBePrivate(p.tb, filepath.Join(temp, entries[0].Name())); !slices.Contains(files, "demo.db") {
		t.Errorf("files of the demo: %v", files)
	}

	name := selected(s)
	x.Key(term.Enter)
	x.WaitFor("┌ " + name)
	x.Type("v")
	x.WaitUntil("the secret", func(s term.Screen) bool { return secretShape.MatchString(s.String()) })
	leave(p.tb, x, "┌ "+name)
	x.Type("nmine\r")
	x.WaitFor("mine was created")
	leave(p.tb, x, "was created")
	waitSelected(x, "mine")
	x.Type("d")
	x.WaitFor("Delete mine?")
	x.Type("mine\r")
	x.WaitFor("deleted mine for good")
	waitSelected(x, name)
	x.Type("q")
	if code := x.WaitExit(); code != 0 {
		t.Errorf("code %d", code)
	}
	mustBeEmpty(t, temp)
	if after := pictured(p.tb, p.Dir); !maps.Equal(before, after) {
		t.Errorf("the home was\n%v\nand is\n%v", before, after)
	}
}

// TestDemoNeedsNoHome: neither a home nor anything that stands for one.
func TestDemoNeedsNoHome(t *testing.T) {
	t.Parallel()
	p, temp := demoPlace(t, term.Options{Env: []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}})
	before := pictured(p.tb, p.Dir)
	x := p.Start(p.tb, p.opts, "demo", "--keys", "30")
	if s := waitDemo(x); !strings.Contains(s.Line(0), "30 keys") {
		t.Errorf("the first screen\n%s", s.Frame())
	}
	x.Type("q")
	if code := x.WaitExit(); code != 0 {
		t.Errorf("code %d", code)
	}
	x.MustBeWhole(t)
	mustBeEmpty(t, temp)
	if after := pictured(p.tb, p.Dir); !maps.Equal(before, after) {
		t.Errorf("the home was\n%v\nand is\n%v", before, after)
	}
}

// demoEndings are ways in which a program ends that it can do something about, with the exit code if that is certain.
var demoEndings = []struct {
	name string
	code int // -1: any
	do   func(x *term.Term)
}{
	{"q", 0, func(x *term.Term) { x.Type("q") }},
	{"ctrl+c", 0, func(x *term.Term) { x.Send("\x03") }},
	{"TERM", 1, func(x *term.Term) { x.Signal(syscall.SIGTERM) }},
	{"HUP", 1, func(x *term.Term) { x.Signal(syscall.SIGHUP) }},
	{"INT", 1, func(x *term.Term) { x.Signal(syscall.SIGINT) }},
	{"QUIT", -1, func(x *term.Term) { x.Signal(syscall.SIGQUIT) }},
	{"hangup", -1, func(x *term.Term) { x.Hangup() }},
	{"TERM twice", 1, func(x *term.Term) { x.Signal(syscall.SIGTERM); x.Signal(syscall.SIGTERM) }},
}

// TestDemoLeavesNothing: however it ends, the throwaway store is gone, also with a secret on the screen or work under way.
func TestDemoLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, end := range demoEndings {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			p, temp := demoPlace(t, term.Options{})
			x := p.Start(p.tb, p.opts, "demo")
			waitDemo(x)
			end.do(x)
			if code := x.WaitExit(); end.code >= 0 && code != end.code {
				t.Errorf("code %d, want %d", code, end.code)
			}
			mustBeEmpty(t, temp)
		})
	}
}

// TestDemoInterruptedWhileFilling: before the screen there is a line that tells how far it is, and a signal ends it.
func TestDemoInterruptedWhileFilling(t *testing.T) {
	t.Parallel()
	for _, end := range demoEndings[1:] {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			p, temp := demoPlace(t, term.Options{})
			x := p.Start(p.tb, p.opts, "demo", "--keys", "1000000")
			x.WaitFor("filling a throwaway store with 1000000 keys: ")
			if entries, err := os.ReadDir(temp); err != nil || len(entries) != 1 {
				t.Errorf("there is %v, %v", entries, err)
			}
			end.do(x)
			if code := x.WaitExit(); code == 0 || end.code == 1 && code != 1 {
				t.Errorf("code %d, want %d", code, end.code)
			}
			if end.code >= 0 && !x.Screen().Contains("clavier: interrupted; nothing is left of the demo") {
				t.Errorf("it says\n%s", x.Screen().Frame())
			}
			mustBeEmpty(t, temp)
		})
	}
}
