//go:build linux || darwin

package term

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Send writes keys at once, in one piece.
func (t *Term) Send(keys string) {
	t.tb.Helper()
	if _, err := t.master.WriteString(keys); err != nil {
		t.tb.Fatalf("type into %s: %v", t.argv[0], err)
	}
}

// Type writes text one character at a time, each after the program has read
// the one before.
func (t *Term) Type(text string) {
	t.tb.Helper()
	for _, r := range text {
		t.Send(string(r))
		t.consumed()
	}
}

// Key presses keys, each after the program has read the one before.
func (t *Term) Key(keys ...Key) {
	t.tb.Helper()
	for _, k := range keys {
		if t.emu.Mode(1) {
			k = k.application()
		}
		t.Send(string(k))
		t.consumed()
	}
}

// Paste sends text as a paste: bracketed if the program asked for it.
func (t *Term) Paste(text string) {
	t.tb.Helper()
	if t.emu.Mode(2004) {
		text = "\x1b[200~" + text + "\x1b[201~"
	}
	t.Send(text)
	t.consumed()
}

// consumed waits, a second at most, until the program has read what was
// typed. Input reaches the terminal's queue a little after the write, so the
// queue must be seen empty several times.
func (t *Term) consumed() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for empty, n := 0, 0; empty < 3 && n < 1000; n++ {
		<-tick.C
		left, err := unix.IoctlGetInt(int(t.slave.Fd()), queued)
		if err != nil {
			return
		}
		if empty++; left > 0 {
			empty = 0
		}
	}
}

// Screen waits until the program has written nothing for a moment, and no
// synchronized update is under way, and returns what is visible.
func (t *Term) Screen() Screen {
	t.tb.Helper()
	deadline := time.Now().Add(scaled(DefaultPatience))
	for {
		t.mu.Lock()
		changed, over := t.changed, t.drained
		t.mu.Unlock()
		if over {
			return t.emu.Screen()
		}
		select {
		case <-changed:
			if time.Now().After(deadline) {
				t.tb.Fatalf("%s never stopped writing\n%s", t.argv[0], t.emu.Screen().Frame())
			}
		case <-time.After(quiet):
			if !t.emu.Mode(syncMode) || time.Now().After(deadline) {
				return t.emu.Screen()
			}
		}
	}
}

// WaitFor waits until text stands on a line of the screen.
func (t *Term) WaitFor(text string) Screen {
	t.tb.Helper()
	return t.WaitUntil("the text "+quote(text), func(s Screen) bool { return s.Contains(text) })
}

// WaitGone waits until text stands nowhere on the screen.
func (t *Term) WaitGone(text string) Screen {
	t.tb.Helper()
	return t.WaitUntil("the text "+quote(text)+" to go", func(s Screen) bool { return !s.Contains(text) })
}

// WaitUntil waits for a screen that ok accepts. Screens in the middle of a
// synchronized update are not shown to it. The test fails at once when the
// program has ended and its last screen is not accepted.
func (t *Term) WaitUntil(desc string, ok func(Screen) bool) Screen {
	t.tb.Helper()
	deadline := time.NewTimer(scaled(DefaultPatience))
	defer deadline.Stop()
	for {
		t.mu.Lock()
		changed, over, code := t.changed, t.drained, t.code
		s := t.emu.Screen()
		t.mu.Unlock()
		if (over || !t.emu.Mode(syncMode)) && ok(s) {
			return s
		}
		if over {
			t.tb.Fatalf("%s ended with code %d while waiting for %s\n%s", t.argv[0], code, desc, s.Frame())
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.tb.Fatalf("waited %v for %s\n%s", scaled(DefaultPatience), desc, t.emu.Screen().Frame())
		}
	}
}

func quote(s string) string { return "“" + s + "”" }

// WaitExit waits for the end of the program and of its output and returns its
// exit code: 128 plus the signal if one ended it.
func (t *Term) WaitExit() int {
	t.tb.Helper()
	t.await(t.tb, "the end", func() bool { return t.state == exited && t.drained })
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.code
}

// WaitStopped waits until the program has been stopped, as by ctrl+z, and what
// it wrote before has arrived.
func (t *Term) WaitStopped() {
	t.tb.Helper()
	t.await(t.tb, "the stop", func() bool { return t.state == stopped })
	t.Screen()
}

// Foreground continues a stopped program as the shell's fg does.
func (t *Term) Foreground() {
	t.tb.Helper()
	t.mu.Lock()
	if t.state != stopped {
		t.mu.Unlock()
		t.tb.Fatalf("%s is not stopped", t.argv[0])
		return
	}
	t.state = running
	t.mu.Unlock()
	if _, err := t.orders.WriteString("fg\n"); err != nil {
		t.tb.Fatalf("continue %s: %v", t.argv[0], err)
	}
}

// Resize changes the size of the terminal; the program gets SIGWINCH.
func (t *Term) Resize(cols, rows int) {
	t.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.emu.Resize(cols, rows)
	size := &unix.Winsize{Col: uint16(cols), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(t.slave.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.tb.Errorf("resize the terminal of %s: %v", t.argv[0], err)
	}
	t.broadcast()
}

// Signal sends a signal to the program alone.
func (t *Term) Signal(sig os.Signal) {
	t.tb.Helper()
	if err := unix.Kill(t.Pid(), sig.(syscall.Signal)); err != nil {
		t.tb.Fatalf("signal %v to %s: %v", sig, t.argv[0], err)
	}
}

// Pid is the process id of the program, which leads its process group.
func (t *Term) Pid() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pid
}

// Raw is every byte the program has written so far.
func (t *Term) Raw() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]byte(nil), t.raw...)
}

// Clips are the OSC 52 requests of the program.
func (t *Term) Clips() []Clip { return t.emu.Clips() }

// Bells counts the bells.
func (t *Term) Bells() int { return t.emu.Bells() }

// Mode tells whether DEC private mode n is on now.
func (t *Term) Mode(n int) bool { return t.emu.Mode(n) }

// Damage names everything in which the terminal differs from the one the
// program was given: line settings (termios) and modes left on. It is empty
// for a whole terminal. Ask after WaitExit or WaitStopped.
func (t *Term) Damage() []string {
	t.tb.Helper()
	now, err := unix.IoctlGetTermios(int(t.slave.Fd()), getTermios)
	if err != nil {
		t.tb.Fatalf("read the line settings: %v", err)
	}
	return append(termiosDiff(t.before, now), t.emu.LeftOn()...)
}

// Hangup closes the terminal window: the program loses its terminal and gets
// SIGHUP, as from a shell that ends. Nothing can be read afterwards, and
// WaitExit returns -1.
func (t *Term) Hangup() {
	t.tb.Helper()
	pid := t.Pid()
	_ = t.master.Close()
	if err := unix.Kill(pid, unix.SIGHUP); err != nil {
		t.tb.Fatalf("hang up %s: %v", t.argv[0], err)
	}
}

// MustBeWhole fails the test unless the terminal is whole.
func (t *Term) MustBeWhole(tb testing.TB) {
	tb.Helper()
	if left := t.Damage(); len(left) > 0 {
		tb.Errorf("%s left the terminal with: %s", t.argv[0], strings.Join(left, ", "))
	}
}
