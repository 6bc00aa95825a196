//go:build linux

package clip

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// inTmux is a program in a tmux in a terminal.
type inTmux struct {
	*program
	outer  *terminal
	socket string
	conf   string
}

// startTmux runs the program in a tmux server of its own. command precedes the program, as `env NAME=value`.
func startTmux(t *testing.T, term string, options string, command ...string) *inTmux {
	t.Helper()
	need(t, "tmux")
	sock, accept := socket(t)
	w := &inTmux{socket: sock + "t", conf: filepath.Join(t.TempDir(), "conf")}
	if err := os.WriteFile(w.conf, []byte(options), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-S", w.socket, "-f", w.conf, "new-session"}
	args = append(args, command...)
	args = append(args, os.Args[0])
	w.outer = openTerminal(t, []string{"TERM=" + term, socketVar + "=" + sock, "DISPLAY="}, "tmux", args...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", w.socket, "kill-server").Run() })
	w.program = accept()
	return w
}

// tmux runs a command of the user.
func (w *inTmux) tmux(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// anyBufferHolds reports whether a tmux buffer holds text.
func (w *inTmux) anyBufferHolds(text string) bool {
	for name := range strings.FieldsSeq(w.tmux("list-buffers", "-F", "#{buffer_name}")) {
		if strings.Contains(w.tmux("show-buffer", "-b", name), text) {
			return true
		}
	}
	return false
}

func TestTmuxReachesTheTerminal(t *testing.T) {
	t.Parallel()
	for _, clipboard := range []string{"external", "on", "off"} {
		t.Run(clipboard, func(t *testing.T) {
			w := startTmux(t, "xterm-256color", "set -s set-clipboard "+clipboard+"\n")
			if c := w.choose("auto"); c.Way != Tmux || c.Label != "tmux + terminal" {
				t.Fatalf("chose %+v", c)
			}
			secret := newSecret()
			if r := w.copy(secret, Tmux, "tmux + terminal (unconfirmed)"); r.Confirmed || r.Note != "" {
				t.Errorf("receipt %+v", r)
			}
			w.outer.holds("the secret reaches the terminal", secret)
			if w.tmux("show-buffer", "-b", "clavier") != secret {
				t.Error("the tmux buffer does not hold the secret")
			}
			if a := w.clear(Asked); a.Cleared.Text != "tmux cleared; terminal asked to clear, unconfirmed" {
				t.Errorf("cleared: %q", a.Cleared.Text)
			}
			w.outer.holds("the terminal is asked to overwrite it", blank)
			if got := w.tmux("list-buffers"); got != "" {
				t.Errorf("tmux still has buffers: %q", got)
			}
			w.outer.hides(secret)
		})
	}
}

func TestTmuxTellsThatTheTerminalCannot(t *testing.T) {
	t.Parallel()
	w := startTmux(t, "vt100", "")
	w.choose("auto")
	secret := newSecret()
	r := w.copy(secret, Tmux, "tmux buffer only")
	if !strings.Contains(r.Note, "no way to set the clipboard of its terminal (vt100)") {
		t.Errorf("note %q", r.Note)
	}
	if len(w.outer.clips()) != 0 {
		t.Error("the terminal was sent a copy")
	}
	w.clear(Gone)
	if w.tmux("list-buffers") != "" || strings.Contains(w.outer.recorded(), secret) {
		t.Error("the secret is left")
	}
}

func TestTmuxTellsThatNoTerminalIsAttached(t *testing.T) {
	t.Parallel()
	w := startTmux(t, "xterm-256color", "")
	w.choose("auto")
	w.tmux("detach-client")
	eventually(t, "the client is detached", func() bool { return w.tmux("list-clients") == "" })
	secret := newSecret()
	r := w.copy(secret, Tmux, "tmux buffer only")
	if !strings.Contains(r.Note, "no terminal is attached") {
		t.Errorf("note %q", r.Note)
	}
	w.clear(Gone)
	if w.anyBufferHolds(secret) {
		t.Error("the secret is left")
	}
}

func TestTmuxTellsThatTheTerminalHasGone(t *testing.T) {
	t.Parallel()
	w := startTmux(t, "xterm-256color", "")
	w.choose("auto")
	secret := newSecret()
	w.copy(secret, Tmux, "tmux + terminal (unconfirmed)")
	w.outer.holds("the secret reaches the terminal", secret)
	w.tmux("detach-client")
	eventually(t, "the client is detached", func() bool { return w.tmux("list-clients") == "" })
	a := w.clear(Left)
	if !strings.Contains(a.Err, "has gone and may still hold it") || a.Cleared.Text != "clipboard NOT cleared" {
		t.Errorf("cleared %+v, %q", a.Cleared, a.Err)
	}
	if w.anyBufferHolds(secret) {
		t.Error("the secret is left in tmux")
	}
}

func TestTmuxLeavesTheUsersLaterCopyAlone(t *testing.T) {
	t.Parallel()
	w := startTmux(t, "xterm-256color", "")
	w.choose("auto")
	secret := newSecret()
	w.copy(secret, Tmux, "tmux + terminal (unconfirmed)")
	w.outer.holds("the secret reaches the terminal", secret)
	w.tmux("set-buffer", "-w", "the user's later copy") // what copy mode does
	w.outer.holds("the user's copy reaches the terminal", "the user's later copy")
	w.clear(Gone)
	if got := w.tmux("list-buffers", "-F", "#{buffer_name} #{buffer_sample}"); strings.Contains(got, "clavier") || !strings.Contains(got, "the user's later copy") {
		t.Errorf("buffers %q", got)
	}
	w.outer.holds("the user's copy stays", "the user's later copy")
	if slices.Contains(w.outer.clips(), blank) {
		t.Error("the user's copy was overwritten")
	}

	// Somebody, such as a second clavier, has put something else in our buffer.
	w.copy(newSecret(), Tmux, "tmux + terminal (unconfirmed)")
	w.tmux("set-buffer", "-b", "clavier", "of another")
	w.clear(Changed)
	if got := w.tmux("show-buffer", "-b", "clavier"); got != "of another" {
		t.Errorf("the buffer became %q", got)
	}
}

// The setting osc52 inside tmux, and what a tmux at the near end of an SSH connection makes of it.
func TestOSC52ThroughTmux(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, options string
		command       []string
		arrives       bool
	}{
		{"set-clipboard on", "set -s set-clipboard on\n", nil, true},
		{"passthrough", "set -g allow-passthrough on\n", nil, true},
		{"default", "", nil, false},
		{"from afar", "set -s set-clipboard on\nset -g default-terminal tmux-256color\n", []string{"env", "-u", "TMUX", "-u", "TMUX_PANE"}, true},
		{"from afar, TERM=screen", "set -s set-clipboard on\nset -g default-terminal screen\n", []string{"env", "-u", "TMUX", "-u", "TMUX_PANE"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := startTmux(t, "xterm-256color", tt.options, tt.command...)
			w.choose("osc52")
			secret := newSecret()
			w.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
			if tt.arrives {
				w.outer.holds("the secret reaches the terminal", secret)
				w.clear(Asked)
				w.outer.holds("the terminal is asked to overwrite it", blank)
			} else {
				w.call(request{Op: "print", Secret: "printed"})
				eventually(t, "tmux has read what follows the copy", func() bool { return strings.Contains(w.tmux("capture-pane", "-p"), "printed") })
				w.tmux("set-buffer", "-w", "marker")
				w.outer.holds("the marker arrives", "marker")
				if slices.Contains(w.outer.clips(), secret) {
					t.Error("it arrived; Reason says that it needs an option")
				}
			}
			w.outer.hides(secret)
			if pane := w.tmux("capture-pane", "-p"); strings.TrimSpace(strings.ReplaceAll(pane, "printed", "")) != "" {
				t.Errorf("the pane shows %q", strings.TrimSpace(pane))
			}
		})
	}
}

func TestStaleTmuxFallsBack(t *testing.T) {
	t.Parallel()
	need(t, "tmux")
	sock, accept := socket(t)
	outer := openTerminal(t, []string{"TERM=xterm-256color", "DISPLAY=", socketVar + "=" + sock, "TMUX=" + sock + "none,1,0"}, os.Args[0])
	p := accept()
	p.choose("auto")
	secret := newSecret()
	r := p.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
	if !strings.HasPrefix(r.Note, "tmux failed: ") {
		t.Errorf("note %q", r.Note)
	}
	outer.holds("the secret reaches the terminal", secret)
}

// The process that clears later must work from inside tmux after the program, but not its pane, has ended.
func TestTmuxIsClearedAfterTheProgramEnded(t *testing.T) {
	t.Parallel()
	w := startTmux(t, "xterm-256color", "set -g remain-on-exit on\n")
	w.choose("auto")
	secret := newSecret()
	w.copy(secret, Tmux, "tmux + terminal (unconfirmed)")
	w.outer.holds("the secret reaches the terminal", secret)
	a := w.call(request{Op: "later", After: 50 * time.Millisecond})
	if a.Err != "" || a.Pending.Text != "clears in 0.05 s" {
		t.Fatalf("later = %+v, %q", a.Pending, a.Err)
	}
	w.quit()
	w.outer.holds("the terminal is asked to overwrite it", blank)
	eventually(t, "tmux holds nothing", func() bool { return w.tmux("list-buffers") == "" })
}
