//go:build linux

package clip

import (
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestLaterClearsTheNativeClipboard(t *testing.T) {
	startX(t)
	onlyOnPath(t, nil, "xclip")
	ctx := context.Background()
	c := here(t, "native")
	secret := newSecret()
	if _, err := c.Copy(ctx, secret); err != nil {
		t.Fatal(err)
	}
	p, err := c.Later(50 * time.Millisecond)
	if err != nil || p.PID == 0 || p.Text != "clears in 0.05 s" {
		t.Fatalf("later = %+v, %v", p, err)
	}
	if c.Holding() {
		t.Error("the copy belongs to the other process now")
	}
	eventually(t, "the clipboard is cleared", func() bool { return pasted(t, "xclip") == "" })

	if p, err = c.Later(time.Hour); err != nil || p.PID != 0 {
		t.Errorf("later without a copy = %+v, %v", p, err)
	}
}

func TestLaterLeavesTheUsersCopyAlone(t *testing.T) {
	startX(t)
	onlyOnPath(t, nil, "xclip")
	c := here(t, "native")
	if _, err := c.Copy(context.Background(), newSecret()); err != nil {
		t.Fatal(err)
	}
	p, err := c.Later(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	userCopies(t, "xclip", "the user's later copy")
	end(t, p.PID)
	if got := pasted(t, "xclip"); got != "the user's later copy" {
		t.Errorf("the user's copy became %q", got)
	}
}

// end tells a waiting process to end and waits until it has.
func end(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the waiting process ends", func() bool { return sessionOf(t, strconv.Itoa(pid)) == "" })
}

// A script that captures the output of the program must get its end although the process that clears still waits; and
// that process must hold no secret, no terminal and no file of ours. SIGTERM makes it clear at once.
func TestLaterHoldsNothingOfOurs(t *testing.T) {
	startX(t)
	need(t, "xclip")
	onlyOnPath(t, nil, "xclip")
	sock, accept := socket(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), socketVar+"="+sock)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	complaints, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	extra, theirs, err := os.Pipe() // as `exec 3>&1` in a script
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{theirs}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	p := accept()
	p.choose("native")
	secret := newSecret()
	p.copy(secret, Native, "native (xclip)")
	a := p.call(request{Op: "later", After: time.Hour})
	if a.Err != "" {
		t.Fatal(a.Err)
	}
	pid := a.Pending.PID
	p.quit()
	ended := make(chan error, 1)
	go func() {
		for _, pipe := range []io.Reader{out, complaints, extra} {
			if _, err := io.Copy(io.Discard, pipe); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("a pipe of ours is still held open")
	}
	_ = cmd.Wait()

	waiting := processes(t)
	i := slices.IndexFunc(waiting, func(p process) bool { return p.pid == pid })
	if i < 0 {
		t.Fatal("the waiting process has ended early")
	}
	w := waiting[i]
	if w.session != strconv.Itoa(pid) || w.terminal != "0" {
		t.Errorf("session %s, terminal %s of process %d", w.session, w.terminal, pid)
	}
	if !strings.Contains(w.cmdline, HelperCommand) || strings.Contains(w.cmdline+w.environ, secret) {
		t.Error("the secret is in its arguments or environment")
	}
	if pasted(t, "xclip") != secret {
		t.Error("the clipboard was cleared early")
	}
	end(t, pid)
	if got := pasted(t, "xclip"); got != "" {
		t.Errorf("the clipboard still holds %d bytes", len(got))
	}
}

func TestLaterNeedsATerminalThatCanBeFound(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if name, err := nameTerminal(w); err == nil && !hasTerminal() {
		t.Errorf("a pipe has the name %+v", name)
	}
}

// hasTerminal reports whether a standard stream of these tests is a terminal.
func hasTerminal() bool {
	for fd := range 3 {
		if link, _ := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); strings.HasPrefix(link, "/dev/pts/") {
			return true
		}
	}
	return false
}

func TestTerminalIsTheSameOrNone(t *testing.T) {
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	name, err := nameTerminal(tty)
	if err != nil || name.Path != tty.Name() {
		t.Fatalf("name %+v, %v", name, err)
	}
	f, err := name.open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "x\n"); err != nil {
		t.Error(err)
	}
	_ = f.Close()
	if f, err = name.open(); err != nil {
		t.Fatalf("after output: %v", err)
	}
	_ = f.Close()

	other := name
	other.Born++
	if _, err := other.open(); err == nil || !strings.Contains(err.Error(), "not the same any more") {
		t.Errorf("another terminal of the same name: %v", err)
	}
	_, _ = ptmx.Close(), tty.Close()
	if _, err := name.open(); err == nil {
		t.Error("a closed terminal was opened")
	}
	if _, err := (ttyName{Path: "/etc/passwd"}).open(); err == nil {
		t.Error("a file was opened as a terminal")
	}
}

// The one-shot command in a plain terminal: the shell stays, the clearing reaches it by name.
func TestLaterReachesTheTerminal(t *testing.T) {
	t.Setenv("DISPLAY", "")
	sock, accept := socket(t)
	outer := openTerminal(t, []string{"TERM=xterm-256color", socketVar + "=" + sock}, "sh", "-c", os.Args[0]+"; read x")
	p := accept()
	p.choose("osc52")
	secret := newSecret()
	p.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
	a := p.call(request{Op: "later", After: time.Hour})
	if a.Err != "" || !strings.Contains(a.Pending.Text, "if this terminal stays open, unconfirmed") {
		t.Fatalf("later = %+v, %q", a.Pending, a.Err)
	}
	p.quit()
	outer.holds("the secret reaches the terminal", secret)
	end(t, a.Pending.PID)
	outer.holds("the terminal is asked to overwrite it", blank)
	outer.hides(secret)
}
