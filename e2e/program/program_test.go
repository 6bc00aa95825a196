//go:build linux || darwin

package program

import (
	"os"
	"strings"
	"testing"

	"clavier/e2e/term"
)

func TestMain(m *testing.M) {
	code := m.Run()
	Clean()
	os.Exit(code)
}

func smallHome(t *testing.T) *Home {
	t.Helper()
	h := NewHome(t)
	h.Bin = Build(t, "./e2e/program/testdata/small")
	return h
}

func TestBuildOnce(t *testing.T) {
	if a, b := Build(t, "./e2e/program/testdata/small"), Build(t, "./e2e/program/testdata/small"); a != b {
		t.Errorf("built twice: %s and %s", a, b)
	}
}

func TestRunIsAlone(t *testing.T) {
	t.Setenv("SECRET_OF_THE_MACHINE", "x")
	h := smallHome(t)
	r := h.Run(t, "words", []string{"CLAVIER_PROFILE=p", "LANG"}, "read", "a b")
	if r.Code != 3 || r.Err != "read words" || !strings.Contains(r.Out, "args read,a b\n") {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"env HOME=" + h.Dir, "env XDG_CONFIG_HOME=" + h.Dir + "/config", "env CLAVIER_PROFILE=p"} {
		if !strings.Contains(r.Out, want+"\n") {
			t.Errorf("no %q in\n%s", want, r.Out)
		}
	}
	for _, not := range []string{"SECRET_OF_THE_MACHINE", "LANG"} {
		if strings.Contains(r.Out, not) {
			t.Errorf("%s is in\n%s", not, r.Out)
		}
	}
}

func TestStartInBoth(t *testing.T) {
	h := smallHome(t)
	for name, start := range map[string]func() term.Terminal{
		"terminal": func() term.Terminal { return h.Start(t, term.Options{Cols: 200, Env: []string{"X=1"}}, "one", "two") },
		"tmux": func() term.Terminal {
			return h.StartTmux(t, term.Options{Cols: 200, Env: []string{"X=1"}}, "one", "two")
		},
	} {
		x := start()
		if code := x.WaitExit(); code != 0 {
			t.Errorf("%s: code %d", name, code)
		}
		for _, want := range []string{"args one,two", "env X=1", "env HOME=" + h.Dir, "env PWD=" + h.Dir} {
			if s := x.Screen(); !s.Contains(want) {
				t.Errorf("%s: no %q in\n%s", name, want, s.Frame())
			}
		}
	}
}

func TestHomePaths(t *testing.T) {
	h := NewHome(t)
	h.WriteSettings(t, "a = 1\n")
	for path, mode := range map[string]os.FileMode{h.Dir: 0o700, h.Config(): 0o700, h.Settings(): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}
