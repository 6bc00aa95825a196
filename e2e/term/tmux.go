//go:build linux || darwin

package term

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"
)

// Tmux is a program in a tmux of its own, with a tmux client attached to it in
// a Term. Screens are tmux's own view of the pane; Outer is the terminal around
// it, which records what tmux passes on (OSC 52 for instance).
type Tmux struct {
	// Outer is the terminal that the tmux client runs in.
	Outer *Term

	tb     testing.TB
	argv   []string
	bin    string
	socket string
	env    []string
}

var _ Terminal = (*Tmux)(nil)

// tmuxConf makes a pane the size of the terminal, keeps it after the program
// and takes an escape for an escape. All else is tmux's default.
const tmuxConf = `set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ""
set -s escape-time 0
set -g default-terminal tmux-256color
`

// paneLeader is the shell that a pane runs: $0 is a directory, $1 is tmux, the
// rest is the program. The program starts when its terminal is attached, since
// nothing drawn before reaches that. Its number and exit code go to files: of a
// program that ends, tmux 3.3 does not always learn the code.
const paneLeader = `trap : INT QUIT TSTP HUP TERM
dir=$0 tmux=$1
shift
"$tmux" wait-for go
/bin/sh -c 'echo $$ >"$0/pid"; exec "$@"' "$dir" "$@"
echo $? >"$dir/code"`

// StartTmux runs argv in the only pane of a new tmux server, with its socket
// and configuration in a temporary directory. It skips the test if tmux is
// missing, unless CLAVIER_REQUIRE_ALL=1. The server is ended with the test.
func StartTmux(tb testing.TB, o Options, argv ...string) *Tmux {
	tb.Helper()
	t := &Tmux{tb: tb, argv: argv, bin: NeedTool(tb, "tmux"), env: environment(o.Env)}
	// The path of a socket may not be longer than about 100 bytes, and that of
	// tb.TempDir holds the test's name.
	dir, err := os.MkdirTemp("", "tmux")
	if err != nil {
		tb.Fatalf("make a directory for tmux: %v", err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.socket = filepath.Join(dir, "s")
	conf := filepath.Join(dir, "tmux.conf")
	lines := tmuxConf + strings.Join(o.TmuxConf, "\n") + "\n"
	if err := os.WriteFile(conf, []byte(lines), 0o600); err != nil {
		tb.Fatalf("write the tmux configuration: %v", err)
	}
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	// The server fills the environment of the pane from the client's.
	client := append([]string{
		t.bin, "-u", "-S", t.socket, "-f", conf, "new-session", "-c", o.Dir,
		"--", "/bin/sh", "-c", paneLeader, dir, t.bin,
	}, argv...)
	tb.Cleanup(t.end)
	t.Outer = Start(tb, o, client...)
	t.await("tmux to start", func() bool { return t.query("#{session_attached}") == "1" })
	t.Tmux("wait-for", "-S", "go")
	t.await("the program to start", func() bool { _, ok := t.number("pid"); return ok })
	return t
}

// end stops the server through its own socket, and with it the program.
func (t *Tmux) end() {
	if leads, err := strconv.Atoi(t.query("#{?pane_dead,,#{pane_pid}}")); err == nil && leads > 0 {
		_ = unix.Kill(-leads, unix.SIGKILL)
	}
	_, _ = t.run("kill-server")
}

// run gives tmux a command and returns what it printed.
func (t *Tmux) run(args ...string) (string, error) {
	cmd := exec.Command(t.bin, append([]string{"-S", t.socket}, args...)...)
	cmd.Env = t.env
	out, err := cmd.Output()
	return string(out), err
}

// query is the value of a tmux format, and "" if the server does not answer.
func (t *Tmux) query(format string) string {
	out, err := t.run("display-message", "-p", format)
	if err != nil {
		return ""
	}
	return strings.TrimRight(out, "\n")
}

// Tmux runs a tmux command on the server, such as "list-buffers", and returns
// what it printed.
func (t *Tmux) Tmux(args ...string) string {
	t.tb.Helper()
	out, err := t.run(args...)
	if err != nil {
		t.tb.Fatalf("tmux %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// await waits for ok, asked after every change of the terminal around tmux and
// ten times a second besides, since not all that tmux knows is drawn.
func (t *Tmux) await(desc string, ok func() bool) {
	t.tb.Helper()
	deadline := time.NewTimer(scaled(DefaultPatience))
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		t.Outer.mu.Lock()
		changed := t.Outer.changed
		t.Outer.mu.Unlock()
		if ok() {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline.C:
			t.tb.Fatalf("waited %v for %s of %s in tmux\n%s", scaled(DefaultPatience), desc, t.argv[0], t.snapshot().Frame())
		}
	}
}

// number reads a number that paneLeader left in the file of that name.
func (t *Tmux) number(file string) (int, bool) {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(t.socket), file))
	n, notNumber := strconv.Atoi(strings.TrimSpace(string(b)))
	return n, err == nil && notNumber == nil && strings.HasSuffix(string(b), "\n")
}

// Capture is the visible text of the pane as capture-pane prints it.
func (t *Tmux) Capture() string { return t.Tmux("capture-pane", "-p") }

// CaptureScrollback is the visible text and all the history of the pane.
func (t *Tmux) CaptureScrollback() string { return t.Tmux("capture-pane", "-p", "-S", "-") }

// snapshot asks for state and text in one command, so that they agree.
func (t *Tmux) snapshot() Screen {
	const format = "#{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on} #{pane_title}"
	out, err := t.run("display-message", "-p", format, ";", "capture-pane", "-p")
	head, body, ok := strings.Cut(out, "\n")
	var s Screen
	if err != nil || !ok {
		return s
	}
	var visible, alt int
	if _, err := fmt.Sscanf(head, "%d %d %d %d %d %d", &s.Cols, &s.Rows, &s.CursorX, &s.CursorY, &visible, &alt); err != nil {
		t.tb.Fatalf("tmux described its pane as %q: %v", head, err)
	}
	s.CursorVisible, s.Alt = visible == 1, alt == 1
	if fields := strings.SplitN(head, " ", 7); len(fields) == 7 {
		s.Title = fields[6]
	}
	s.Lines = make([]string, s.Rows)
	for y, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if y < s.Rows {
			s.Lines[y] = strings.TrimRight(line, " ")
		}
	}
	s.cells = make([][]Cell, s.Rows)
	for y := range s.cells {
		s.cells[y] = plainCells(s.Lines[y], s.Cols)
	}
	return s
}

// plainCells lays a line of text out in cells without style.
func plainCells(line string, cols int) []Cell {
	row := make([]Cell, 0, cols)
	for line != "" {
		text, width := ansi.FirstGraphemeCluster(line, ansi.GraphemeWidth)
		line = line[len(text):]
		row = append(row, Cell{Text: text, Width: width})
		for range width - 1 {
			row = append(row, Cell{})
		}
	}
	for len(row) < cols {
		row = append(row, Cell{Text: " ", Width: 1})
	}
	return row
}

// Send writes keys to the tmux client at once.
func (t *Tmux) Send(keys string) { t.tb.Helper(); t.Outer.Send(keys) }

// Type writes text one character at a time.
func (t *Tmux) Type(text string) { t.tb.Helper(); t.Outer.Type(text) }

// Key presses keys, one after the other.
func (t *Tmux) Key(keys ...Key) { t.tb.Helper(); t.Outer.Key(keys...) }

// Paste pastes into the terminal around tmux, which passes it on as the pane
// asked for it. tmux asks its own terminal for brackets a little after it has
// started.
func (t *Tmux) Paste(text string) {
	t.tb.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(Patience()); !t.Outer.emu.Mode(2004); {
		if <-tick.C; time.Now().After(deadline) {
			t.tb.Fatal("tmux does not ask for pastes in brackets")
		}
	}
	t.Outer.Paste(text)
}

// Screen waits until the client is quiet and returns the pane.
func (t *Tmux) Screen() Screen {
	t.tb.Helper()
	t.Outer.Screen()
	return t.snapshot()
}

// WaitFor waits until text stands on a line of the pane.
func (t *Tmux) WaitFor(text string) Screen {
	t.tb.Helper()
	return t.WaitUntil("the text "+quote(text), func(s Screen) bool { return s.Contains(text) })
}

// WaitGone waits until text stands nowhere in the pane.
func (t *Tmux) WaitGone(text string) Screen {
	t.tb.Helper()
	return t.WaitUntil("the text "+quote(text)+" to go", func(s Screen) bool { return !s.Contains(text) })
}

// WaitUntil waits for a screen of the pane that ok accepts.
func (t *Tmux) WaitUntil(desc string, ok func(Screen) bool) Screen {
	t.tb.Helper()
	var s Screen
	t.await(desc, func() bool { s = t.snapshot(); return ok(s) })
	return s
}

// WaitExit waits for the end of the program and returns its exit code: 128
// plus the signal if one ended it. The pane stays and can be captured.
func (t *Tmux) WaitExit() int {
	t.tb.Helper()
	var code int
	t.await("the end", func() bool {
		n, ok := t.number("code")
		code = n
		return ok && t.query("#{pane_dead}") == "1"
	})
	return code
}

// Resize changes the size of the terminal around tmux, and so of the pane.
func (t *Tmux) Resize(cols, rows int) {
	t.tb.Helper()
	t.Outer.Resize(cols, rows)
	t.await("the new size", func() bool { s := t.snapshot(); return s.Cols == cols && s.Rows == rows })
}

// Signal sends a signal to the program alone.
func (t *Tmux) Signal(sig os.Signal) {
	t.tb.Helper()
	if err := unix.Kill(t.Pid(), sig.(syscall.Signal)); err != nil {
		t.tb.Fatalf("signal %v to %s: %v", sig, t.argv[0], err)
	}
}

// Pid is the process id of the program.
func (t *Tmux) Pid() int {
	pid, _ := t.number("pid")
	return pid
}

// Raw is every byte that the tmux client wrote to its terminal.
func (t *Tmux) Raw() []byte { return t.Outer.Raw() }

// Clips are the OSC 52 requests that tmux passed on to its terminal.
func (t *Tmux) Clips() []Clip { return t.Outer.Clips() }
