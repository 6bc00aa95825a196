//go:build linux || darwin

package term

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// leader is the session leader of every terminal: a shell with job control
// that runs the program in the foreground and stays after it. When a session
// leader ends, the kernel hangs the terminal up and resets its modes; a program
// that was the leader itself would always seem to leave the terminal whole.
//
// It reports on descriptor 3 and takes orders on 4: "fg" to continue a stopped
// program; anything else, and the end of the input, to end.
const leader = `exec 5>&2 2>/dev/null
set -m
trap : INT QUIT TSTP HUP TERM
/bin/sh -c 'echo "pid $$" >&3; exec 3>&- 4<&- 2>&5 5>&-; exec "$@"' sh "$@"
code=$?
while echo "code $code" >&3 && read -r order <&4 && [ "$order" = fg ]; do
	fg >/dev/null
	code=$?
done`

// state of the program.
type state int

const (
	starting state = iota
	running
	stopped
	exited
)

// Term is a program in a pseudo-terminal with an Emulator behind it.
type Term struct {
	tb     testing.TB
	argv   []string
	master *os.File
	slave  *os.File
	orders *os.File
	cmd    *exec.Cmd
	emu    *Emulator
	before *unix.Termios
	typist *typist

	mu      sync.Mutex
	changed chan struct{} // closed and replaced on every change
	raw     []byte
	state   state
	pid     int
	code    int
	marker  []byte // ends the output once the program has ended
	held    []byte // output that may be the beginning of the marker
	drained bool
	ending  chan struct{} // closed when the test ends
	readers sync.WaitGroup
}

var _ Terminal = (*Term)(nil)

// Start runs argv in a new terminal. The program and everything it left in its
// process group are killed when the test ends.
func Start(tb testing.TB, o Options, argv ...string) *Term {
	tb.Helper()
	t, err := open(tb, o, argv)
	if err != nil {
		tb.Fatalf("start %s in a terminal: %v", argv[0], err)
	}
	tb.Cleanup(t.end)
	t.await(tb, "the program to start", func() bool { return t.state != starting })
	return t
}

func open(tb testing.TB, o Options, argv []string) (*Term, error) {
	if o.Cols == 0 {
		o.Cols = 80
	}
	if o.Rows == 0 {
		o.Rows = 24
	}
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	t := &Term{tb: tb, argv: argv, changed: make(chan struct{}), ending: make(chan struct{})}
	if err := t.openPty(o.Cols, o.Rows); err != nil {
		return nil, err
	}
	t.typist = newTypist(t.master, o.Answer)
	t.emu = NewEmulator(o.Cols, o.Rows, t.typist.answer)

	report, reportEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ordersEnd, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	t.orders = orders
	t.cmd = exec.Command("/bin/sh", append([]string{"-c", leader, "sh"}, argv...)...)
	t.cmd.Stdin, t.cmd.Stdout, t.cmd.Stderr = t.slave, t.slave, t.slave
	t.cmd.ExtraFiles = []*os.File{reportEnd, ordersEnd}
	t.cmd.Env, t.cmd.Dir = environment(o.Env), o.Dir
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	_, _ = reportEnd.Close(), ordersEnd.Close()
	t.readers.Add(2)
	go t.readOutput()
	go t.readReports(report)
	return t, nil
}

// environment is env, or the least a program needs, with TERM.
func environment(env []string) []string {
	if env == nil {
		env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}
	}
	for _, v := range env {
		if strings.HasPrefix(v, "TERM=") {
			return env
		}
	}
	return append(slices.Clip(env), "TERM=xterm-256color")
}

func (t *Term) openPty(cols, rows int) error {
	master, slave, err := pty.Open()
	if err != nil {
		return err
	}
	t.slave = slave
	size := &unix.Winsize{Col: uint16(cols), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, size); err != nil {
		return err
	}
	if t.before, err = unix.IoctlGetTermios(int(slave.Fd()), getTermios); err != nil {
		return err
	}
	// A descriptor of our own that the runtime polls, so that closing it ends
	// a read.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	_ = master.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	t.master = os.NewFile(uintptr(fd), "ptmx")
	return nil
}

func (t *Term) readOutput() {
	defer t.readers.Done()
	buf := make([]byte, 64<<10)
	for {
		n, err := t.master.Read(buf)
		t.mu.Lock()
		t.take(buf[:n])
		if err != nil {
			t.feed(t.held)
			t.held, t.drained = nil, true
		}
		t.broadcast()
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// take receives output; with t.mu held.
func (t *Term) take(b []byte) {
	if t.marker == nil || t.drained {
		t.feed(b)
		return
	}
	t.held = append(t.held, b...)
	if i := bytes.Index(t.held, t.marker); i >= 0 {
		rest := t.held[i+len(t.marker):]
		t.feed(t.held[:i])
		t.feed(rest)
		t.held, t.drained = nil, true
		return
	}
	if spare := len(t.held) - len(t.marker) + 1; spare > 0 {
		t.feed(t.held[:spare])
		t.held = t.held[spare:]
	}
}

func (t *Term) feed(b []byte) {
	t.raw = append(t.raw, b...)
	_, _ = t.emu.Write(b)
}

func (t *Term) broadcast() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *Term) readReports(r *os.File) {
	defer t.readers.Done()
	defer func() { _ = r.Close() }()
	defer t.lost()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var pid, code int
		t.mu.Lock()
		if _, err := fmt.Sscanf(lines.Text(), "pid %d", &pid); err == nil {
			t.pid, t.state = pid, running
		} else if _, err := fmt.Sscanf(lines.Text(), "code %d", &code); err == nil {
			t.code = code
			if unix.Kill(t.pid, 0) == nil {
				t.state = stopped
			} else {
				t.state = exited
				t.marker = []byte("\x1b]7777;" + rand.Text() + "\x1b\\")
			}
		}
		marker := t.marker
		t.broadcast()
		t.mu.Unlock()
		if marker != nil {
			_, _ = t.slave.Write(marker)
		}
	}
}

// lost watches a program whose leader went away with the terminal. Its exit
// code cannot be known: it is -1.
func (t *Term) lost() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		t.mu.Lock()
		if t.state != exited && (t.pid == 0 || unix.Kill(t.pid, 0) != nil) {
			t.state, t.code = exited, -1
			t.broadcast()
		}
		over := t.state == exited
		t.mu.Unlock()
		if over {
			return
		}
		select {
		case <-tick.C:
		case <-t.ending:
			return
		}
	}
}

// end kills what is left and frees the terminal.
func (t *Term) end() {
	t.mu.Lock()
	pid, over := t.pid, t.state == exited
	t.mu.Unlock()
	close(t.ending)
	// The number of a program that has ended may belong to another by now, but
	// for its group: what it left running there.
	if pid > 0 && (!over || unix.Kill(pid, 0) != nil) {
		_ = unix.Kill(-pid, unix.SIGKILL)
	}
	_ = t.orders.Close()
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
	t.typist.close()
	_ = t.slave.Close()
	_ = t.master.Close()
	t.readers.Wait()
	t.emu.Close()
}

// await waits for a condition on t's fields, which it evaluates with t.mu held.
func (t *Term) await(tb testing.TB, desc string, ok func() bool) {
	tb.Helper()
	deadline := time.NewTimer(scaled(DefaultPatience))
	defer deadline.Stop()
	for {
		t.mu.Lock()
		good, changed := ok(), t.changed
		t.mu.Unlock()
		if good {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			tb.Fatalf("waited %v for %s of %s\n%s", scaled(DefaultPatience), desc, t.argv[0], t.emu.Screen().Frame())
		}
	}
}
