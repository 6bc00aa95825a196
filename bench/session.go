//go:build linux || darwin

package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Quiet is the silence that ends the answer to a key press. It is longer than
// a frame of any subject's clock (16.7 ms at 60 Hz).
const Quiet = 60 * time.Millisecond

// patience is how long a subject may take for anything.
const patience = time.Minute

// Answering says when the terminal answers queries: after a delay, or never if
// it is negative.
type Answering time.Duration

// Never answers nothing.
const Never Answering = -1

// Subject is a program to measure.
type Subject struct {
	// Name is what tables call it.
	Name string
	// Argv is the program and its arguments.
	Argv []string
	// Env is its whole environment.
	Env []string
	// Answers says when its terminal answers queries: at once if zero.
	Answers Answering
	// Stdin is a file for its standard input; the terminal if empty.
	Stdin string
	// Ready are the texts that its first complete frame shows.
	Ready []string
	// Down, Up and Quit are the keys.
	Down, Up, Quit string
	// Rows is the length of its list. The selection begins on the first row, at
	// the top of the screen.
	Rows int
	// Tall is what is pressed and read in a long list.
	Tall Tall
}

// session is a subject that runs in a terminal of its own.
type session struct {
	subject Subject
	cmd     *exec.Cmd
	master  *os.File
	answers Answering
	begun   time.Time

	mu      sync.Mutex
	arrived chan struct{}
	out     []byte
	chunks  []chunk   // how out arrived
	at      time.Time // when the last of out arrived
	over    bool
}

// chunk is what one read brought: out up to end.
type chunk struct {
	end int
	at  time.Time
}

// start runs the subject as the leader of a terminal of cols by rows.
func start(s Subject, cols, rows int) (*session, error) {
	master, tty, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = tty.Close() }()
	size := &unix.Winsize{Col: uint16(cols), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, size); err != nil {
		return nil, err
	}
	cmd := exec.Command(s.Argv[0], s.Argv[1:]...)
	cmd.Env = s.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	if s.Stdin != "" {
		in, err := os.Open(s.Stdin)
		if err != nil {
			return nil, err
		}
		defer func() { _ = in.Close() }()
		cmd.Stdin = in
	}
	x := &session{subject: s, cmd: cmd, master: master, answers: s.Answers, arrived: make(chan struct{})}
	x.begun = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go x.read()
	return x, nil
}

// queries are what programs ask a terminal at the start, with the answers of
// an xterm.
var queries = []struct{ ask, answer string }{
	{"\x1b[6n", "\x1b[1;1R"},
	{"\x1b[c", "\x1b[?62;22c"},
	{"\x1b[0c", "\x1b[?62;22c"},
	{"\x1b]10;?", "\x1b]10;rgb:ffff/ffff/ffff\x1b\\"},
	{"\x1b]11;?", "\x1b]11;rgb:0000/0000/0000\x1b\\"},
	{"\x1b[?2026$p", "\x1b[?2026;2$y"},
}

func (x *session) read() {
	buf := make([]byte, 256<<10)
	var tail []byte
	for {
		n, err := x.master.Read(buf)
		x.take(buf[:n], time.Now(), err != nil)
		if err != nil {
			return
		}
		tail = x.answer(append(tail, buf[:n]...))
	}
}

// take notes what has arrived.
func (x *session) take(b []byte, at time.Time, over bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(b) > 0 {
		x.out = append(x.out, b...)
		x.chunks = append(x.chunks, chunk{len(x.out), at})
		x.at = at
	}
	x.over = over
	close(x.arrived)
	x.arrived = make(chan struct{})
}

// answer replies to the queries in b, in order, and returns the end of b that
// may be the beginning of one.
func (x *session) answer(b []byte) []byte {
	for {
		first, which := len(b), -1
		for i, q := range queries {
			if at := bytes.Index(b, []byte(q.ask)); at >= 0 && at < first {
				first, which = at, i
			}
		}
		if which < 0 {
			break
		}
		b = b[first+len(queries[which].ask):]
		reply := queries[which].answer
		switch {
		case x.answers < 0:
		case x.answers == 0:
			_, _ = x.master.WriteString(reply)
		default:
			time.AfterFunc(time.Duration(x.answers), func() { _, _ = x.master.WriteString(reply) })
		}
	}
	return append([]byte(nil), b[max(0, len(b)-16):]...)
}

// frame waits until all texts have arrived, whatever styles and moves stand
// between their characters, and returns how long that took from exec.
func (x *session) frame(texts []string) (time.Duration, error) {
	deadline := time.After(patience)
	missing := append([]string(nil), texts...)
	for {
		x.mu.Lock()
		plain := ansi.Strip(string(x.out))
		kept := missing[:0]
		for _, text := range missing {
			if !strings.Contains(plain, text) {
				kept = append(kept, text)
			}
		}
		missing = kept
		at, arrived, over := x.at, x.arrived, x.over
		x.mu.Unlock()
		if len(missing) == 0 {
			return at.Sub(x.begun), nil
		}
		if over {
			return 0, fmt.Errorf("%s ended before its first frame was complete; %q did not arrive", x.subject.Name, missing)
		}
		select {
		case <-arrived:
		case <-deadline:
			return 0, fmt.Errorf("the first frame of %s was not complete after %v; %q did not arrive", x.subject.Name, patience, missing)
		}
	}
}

// hush waits until nothing has arrived for as long as quiet.
func (x *session) hush(quiet time.Duration) {
	for {
		x.mu.Lock()
		arrived, over := x.arrived, x.over
		x.mu.Unlock()
		if over {
			return
		}
		select {
		case <-arrived:
		case <-time.After(quiet):
			return
		}
	}
}

// pause waits a random part of a 60 Hz frame, so that key presses fall anywhere
// in the period of a subject that draws on a clock.
func pause() { <-time.After(rand.N(17 * time.Millisecond)) }

// send writes a key and returns when, and a channel that is closed when
// something arrives after that.
func (x *session) send(key string) (time.Time, <-chan struct{}, error) {
	x.mu.Lock()
	arrived := x.arrived
	x.mu.Unlock()
	sent := time.Now()
	_, err := x.master.WriteString(key)
	return sent, arrived, err
}

// pid is the process of the subject; 0 if there is none.
func (x *session) pid() int {
	if x.cmd == nil {
		return 0
	}
	return x.cmd.Process.Pid
}

// stop ends the subject.
func (x *session) stop() {
	_ = x.cmd.Process.Kill()
	_ = x.cmd.Wait()
	_ = x.master.Close()
}
