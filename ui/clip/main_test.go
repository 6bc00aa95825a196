package clip

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/term"
)

// patience bounds every wait of these tests; none of them waits that long unless something is broken.
const patience = 20 * time.Second

// socketVar names the socket on which the test tells a copy of this binary what to do, when that runs as a program
// inside tmux, screen or ssh.
const socketVar = "CLIP_TEST_SOCKET"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == HelperCommand {
		if err := RunHelper(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(socketVar); path != "" {
		os.Exit(obey(path))
	}
	// A program built with -race sleeps a second before it ends, and each step here is such a program.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// request and answer are what test and program say to each other, one JSON line each.
type request struct {
	Op      string        `json:"op"` // choose, copy, clear, later, print, quit
	Setting string        `json:"setting"`
	Secret  string        `json:"secret"`
	After   time.Duration `json:"after"`
}

type answer struct {
	Choice  Choice  `json:"choice"`
	Receipt Receipt `json:"receipt"`
	Cleared Cleared `json:"cleared"`
	Pending Pending `json:"pending"`
	Err     string  `json:"err"`
}

// obey is the program: it uses the package the way clavier does.
func obey(path string) int {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return 1
	}
	defer func() { _ = conn.Close() }()
	// Raw, as the screen is: whatever comes back from the terminal is not echoed into the recording.
	if state, err := term.MakeRaw(0); err == nil {
		defer func() { _ = term.Restore(0, state) }()
	}
	in, out := json.NewDecoder(conn), json.NewEncoder(conn)
	c := New(Choice{}, os.Stdout)
	c.Timeout = patience
	ctx := context.Background()
	for {
		var r request
		var a answer
		if in.Decode(&r) != nil {
			return 1
		}
		switch r.Op {
		case "choose":
			c.Choice = Choose(r.Setting, Here())
			a.Choice = c.Choice
		case "copy":
			a.Receipt, err = c.Copy(ctx, r.Secret)
		case "clear":
			a.Cleared, err = c.Clear(ctx)
		case "later":
			a.Pending, err = c.Later(r.After)
		case "print":
			_, err = os.Stdout.WriteString(r.Secret)
		case "quit":
			return 0
		}
		if err != nil {
			a.Err = err.Error()
		}
		if out.Encode(a) != nil {
			return 1
		}
	}
}

// program is the test's end of a running obey.
type program struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// socket listens for one program; the returned function waits for it to call.
func socket(t *testing.T) (path string, accept func() *program) {
	t.Helper()
	dir, err := os.MkdirTemp("", "clip") // t.TempDir may be too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return path, func() *program {
		t.Helper()
		_ = l.(*net.UnixListener).SetDeadline(time.Now().Add(patience))
		conn, err := l.Accept()
		if err != nil {
			t.Fatalf("the program did not start: %v", err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return &program{t: t, conn: conn, in: bufio.NewReader(conn)}
	}
}

func (p *program) call(r request) answer {
	p.t.Helper()
	_ = p.conn.SetDeadline(time.Now().Add(2 * patience))
	if err := json.NewEncoder(p.conn).Encode(r); err != nil {
		p.t.Fatal(err)
	}
	var a answer
	line, err := p.in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err != nil {
		p.t.Fatalf("no answer to %s: %v", r.Op, err)
	}
	return a
}

func (p *program) choose(setting string) Choice {
	p.t.Helper()
	return p.call(request{Op: "choose", Setting: setting}).Choice
}

// copy copies, and fails the test unless the receipt is for the way and has the text.
func (p *program) copy(secret string, way Way, text string) Receipt {
	p.t.Helper()
	a := p.call(request{Op: "copy", Secret: secret})
	if a.Err != "" || a.Receipt.Way != way || a.Receipt.Text != text {
		p.t.Fatalf("copy = %+v, %q; want %s, %q", a.Receipt, a.Err, way, text)
	}
	return a.Receipt
}

func (p *program) clear(want Outcome) answer {
	p.t.Helper()
	a := p.call(request{Op: "clear"})
	if a.Cleared.Outcome != want {
		p.t.Fatalf("clear = %+v, %q; want %s", a.Cleared, a.Err, want)
	}
	return a
}

func (p *program) quit() { _ = json.NewEncoder(p.conn).Encode(request{Op: "quit"}) }

// newSecret makes a secret of the usual length.
func newSecret() string { return "clv_" + (rand.Text() + rand.Text())[:38] }

// need returns the path of a program that the test cannot do without.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatalf("%s is missing", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}
