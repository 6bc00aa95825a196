//go:build linux

package clip

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startScreen runs the program in GNU screen in a terminal.
func startScreen(t *testing.T, command ...string) (*program, *terminal) {
	t.Helper()
	need(t, "screen")
	sock, accept := socket(t)
	dir := sock + "d"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(conf, []byte("startup_message off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-c", conf, "-S", "clip"}, command...)
	vars := []string{"TERM=xterm-256color", "DISPLAY=", "SCREENDIR=" + dir, socketVar + "=" + sock}
	outer := openTerminal(t, vars, "screen", append(args, os.Args[0])...)
	t.Cleanup(func() {
		quit := exec.Command("screen", "-S", "clip", "-X", "quit")
		quit.Env = append(os.Environ(), "SCREENDIR="+dir)
		_ = quit.Run()
	})
	return accept(), outer
}

func TestScreenReachesTheTerminal(t *testing.T) {
	t.Parallel()
	p, outer := startScreen(t)
	if c := p.choose("auto"); c.Way != Screen || c.Label != "screen + terminal" {
		t.Fatalf("chose %+v", c)
	}
	for _, secret := range []string{newSecret(), strings.Repeat(newSecret(), 100)[:MaxSecret]} {
		if r := p.copy(secret, Screen, "screen + terminal, unconfirmed"); r.Confirmed {
			t.Error("nobody can have confirmed it")
		}
		outer.holds("the secret reaches the terminal", secret)
		p.clear(Asked)
		outer.holds("the terminal is asked to overwrite it", blank)
		outer.hides(secret)
	}
}

// A GNU screen at the near end of an SSH connection: TERM tells of it, STY does not.
func TestOSC52ThroughScreenFromAfar(t *testing.T) {
	t.Parallel()
	p, outer := startScreen(t, "env", "-u", "STY")
	if c := p.choose("auto"); c.Way != OSC52 {
		t.Fatalf("chose %+v", c)
	}
	secret := newSecret()
	p.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
	outer.holds("the secret reaches the terminal", secret)
	outer.hides(secret)
}
