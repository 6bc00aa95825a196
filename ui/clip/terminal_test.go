//go:build linux

package clip

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
)

// terminal is the terminal emulator at the far end: it runs a program and records what that writes to it.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	ptmx *os.File
	done chan struct{}

	mu     sync.Mutex
	stream strings.Builder
}

// openTerminal runs a program in a terminal of its own. vars are added to the environment, without what would tell the
// program that these tests run in tmux, in screen or over SSH.
func openTerminal(t *testing.T, vars []string, name string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command(name, args...)
	for _, v := range os.Environ() {
		switch key, _, _ := strings.Cut(v, "="); key {
		case "TMUX", "TMUX_PANE", "STY", "WINDOW", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "WAYLAND_DISPLAY", "TERM", "TERM_PROGRAM":
		default:
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, vars...)
	ptmx, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	o := &terminal{t: t, cmd: cmd, ptmx: ptmx, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		buf := make([]byte, 32<<10)
		for {
			n, err := ptmx.Read(buf)
			o.mu.Lock()
			o.stream.Write(buf[:n])
			o.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(o.close)
	return o
}

// close hangs up.
func (o *terminal) close() {
	_ = o.cmd.Process.Kill()
	_ = o.ptmx.Close()
	_ = o.cmd.Wait()
	<-o.done
}

func (o *terminal) recorded() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stream.String()
}

// clips are the copies by OSC 52 that arrived, in order.
func (o *terminal) clips() []string { return clipsIn(o.t, o.recorded()) }

// holds waits until the clipboard of the terminal holds text.
func (o *terminal) holds(what, text string) {
	o.t.Helper()
	eventually(o.t, what, func() bool {
		clips := o.clips()
		return len(clips) > 0 && clips[len(clips)-1] == text
	})
}

// hides fails the test if any part of the secret or its encoding was put on the screen.
func (o *terminal) hides(secret string) {
	o.t.Helper()
	rest := osc52Pattern.ReplaceAllString(o.recorded(), "")
	for _, form := range []string{secret, strings.SplitN(sequence(secret, plain), ";", 3)[2]} {
		if part := form[:16]; strings.Contains(rest, part) {
			o.t.Error("a part of the secret was written outside OSC 52")
		}
	}
	for _, word := range []string{"tmux;", "52;c"} {
		if strings.Contains(rest, word) {
			o.t.Errorf("%q was written to the screen", word)
		}
	}
}
