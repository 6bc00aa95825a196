package paint

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

const (
	pasteOn, pasteOff = "\x1b[?2004h", "\x1b[?2004l"
	focusOn, focusOff = "\x1b[?1004h", "\x1b[?1004l"
)

func TestModeSequencesGoThrough(t *testing.T) {
	for _, active := range []bool{false, true} {
		w := &recorder{}
		o := NewOutput(w, true)
		if active {
			o = started(t, w, true)
		}
		for _, seq := range []string{
			hideCursor, showCursor, pasteOn, pasteOff,
			focusOn, focusOff, "\x1b[?1002h", "\x1b[?1003l",
			"\x1b[?1006h", ansi.SetWindowTitle("keys"), "\x1b[H", "\x1b[2K", "\r",
			enterAlt,
		} {
			n, err := io.WriteString(o, seq)
			if got := w.take(); got != seq || n != len(seq) || err != nil {
				t.Errorf("active %v: %q went through as %q (%d, %v)", active, seq, got, n, err)
			}
		}
	}
}

func TestFramesOfTheStockRendererAreDropped(t *testing.T) {
	w := &recorder{}
	o := NewOutput(w, true)
	if n, err := o.Write([]byte("child")); n != 5 || err != nil || w.take() != "child" {
		t.Errorf("before the alternate screen: %d, %v", n, err)
	}
	_, _ = o.WriteString(enterAlt)
	w.take()
	if n, err := o.Write([]byte("frame")); n != 5 || err != nil || w.take() != "" {
		t.Errorf("on the alternate screen: %d, %v", n, err)
	}
	_, _ = o.WriteString(leaveAlt)
	w.take()
	if _, _ = o.Write([]byte("child")); w.take() != "child" {
		t.Error("after the alternate screen: dropped")
	}
}

func TestScreenIsEmptiedBeforeItIsLeft(t *testing.T) {
	s := newStage(t, 30, 6)
	s.paint(Frame{Content: "one\ntwo\n\x1b[41mthree\n\n\nlast line of the screen, full"})
	if _, err := s.o.WriteString(leaveAlt); err != nil {
		t.Fatal(err)
	}
	if s.w.writes != 1 {
		t.Errorf("%d writes, want 1", s.w.writes)
	}
	out := s.w.take()
	before, _, found := strings.Cut(out, leaveAlt)
	if !found {
		t.Fatalf("the screen was not left: %q", out)
	}
	s.e.feed(t, before)
	same(t, "the screen before it is left", s.e.picture(), drawn(t, "", 30, 6).picture())
	for _, want := range []string{endSync, "\x1b[m", "\x1b[r", "\x1b[?7h"} {
		if !strings.Contains(before, want) {
			t.Errorf("%q is missing in %q", want, before)
		}
	}
	if strings.Contains(out, eraseAll) {
		t.Error("erase all was sent, which some terminals save to scrollback")
	}
	if err := s.o.Paint(Frame{Content: "late"}, 30, 6); err != nil || s.w.take() != "" {
		t.Errorf("painted off the alternate screen (%v)", err)
	}
}

func TestEverythingIsPaintedAnew(t *testing.T) {
	frame := Frame{Content: "first line\nsecond line"}
	tests := map[string]func(s *stage){
		"invalidate":            func(s *stage) { s.o.Invalidate() },
		"clear screen (ctrl+l)": func(s *stage) { s.say(eraseAll); s.say("\x1b[H") },
		"back from a suspend":   func(s *stage) { s.say(leaveAlt); s.say(enterAlt) },
		"resize":                func(s *stage) { s.resize(31, 7) },
		"an unknown sequence":   func(s *stage) { s.say("\x1b[5;5Hx") },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 30, 6)
			s.check("first", frame)
			spoil(s)
			s.e.feed(t, "\x1b[2;3H\x1b[41mgarbage\x1b[5;1Hmore\x1b[m")
			out := s.check("anew", frame)
			if !strings.Contains(out, clearScreen) || !strings.Contains(out, "first line") {
				t.Errorf("not erased and painted whole: %q", out)
			}
		})
	}
}

func TestNothingIsWrittenForNoChange(t *testing.T) {
	s := newStage(t, 30, 6)
	f := Frame{Content: "a\nb", Cursor: Cursor{X: 1, Y: 1, Visible: true}}
	s.check("first", f)
	if out := s.check("same", f); out != "" {
		t.Errorf("same frame: %q", out)
	}
	f.Content = "a  \nb\n\n"
	if out := s.check("trailing blanks", f); out != "" {
		t.Errorf("a frame that looks the same: %q", out)
	}
	f.Cursor.X = 0
	if out := s.check("cursor", f); out == "" || len(out) > 20 {
		t.Errorf("a cursor that moved: %q", out)
	}
	for _, size := range [][2]int{{0, 5}, {5, 0}, {-1, -1}} {
		if err := s.o.Paint(f, size[0], size[1]); err != nil || s.w.take() != "" {
			t.Errorf("size %v painted (%v)", size, err)
		}
	}
}

func TestSynchronizedOutputWrapsTheFrame(t *testing.T) {
	for _, synced := range []bool{true, false} {
		w := &recorder{}
		o := started(t, w, synced)
		if err := o.Paint(Frame{Content: "x"}, 10, 2); err != nil {
			t.Fatal(err)
		}
		out := w.take()
		if got := strings.HasPrefix(out, beginSync) && strings.HasSuffix(out, endSync); got != synced {
			t.Errorf("synced %v: %q", synced, out)
		}
	}
	env := func(kv ...string) func(string) string {
		return func(k string) string {
			for i := 0; i < len(kv); i += 2 {
				if kv[i] == k {
					return kv[i+1]
				}
			}
			return ""
		}
	}
	for _, tt := range []struct {
		env  func(string) string
		want bool
	}{
		{env("TERM", "xterm-256color"), true}, {env("TERM", "tmux-256color"), true}, {env("TERM", "foot"), true},
		{env("TERM", "linux"), false}, {env("TERM", "dumb"), false}, {env("TERM", "vt220"), false}, {env(), false},
		{env("TERM", "screen.xterm-256color", "STY", "1.tty"), false}, {env("WT_SESSION", "1"), true},
	} {
		if got := Synchronizes(tt.env); got != tt.want {
			t.Errorf("TERM=%q: %v", tt.env("TERM"), got)
		}
	}
}

// failing takes limit bytes and then fails, with or without an error.
type failing struct {
	limit int
	err   error
	got   strings.Builder
}

func (f *failing) Write(p []byte) (int, error) {
	n := min(len(p), f.limit)
	f.limit -= n
	f.got.Write(p[:n])
	if n < len(p) {
		return n, f.err
	}
	return n, nil
}

func TestFailedWriteIsAnErrorAndTheNextFrameIsWhole(t *testing.T) {
	gone := errors.New("gone")
	f := Frame{Content: strings.Repeat("second\n", 6)}
	picture := drawn(t, f.Content, 20, 4).picture()
	for _, fail := range []error{gone, nil} {
		for limit := 8; limit < 90; limit++ {
			w := &failing{limit: 1 << 20, err: fail}
			o := NewOutput(w, true)
			_, _ = o.WriteString(enterAlt)
			if err := o.Paint(Frame{Content: "first"}, 20, 4); err != nil {
				t.Fatal(err)
			}
			w.limit = min(limit, 30)
			want := fail
			if fail == nil {
				want = io.ErrShortWrite
			}
			if err := o.Paint(f, 20, 4); !errors.Is(err, want) || !errors.Is(o.Err(), want) {
				t.Fatalf("limit %d: error %v, want %v", limit, err, want)
			}
			w.limit = 1 << 20
			w.got.Reset()
			if err := o.Paint(f, 20, 4); err != nil || o.Err() != nil {
				t.Fatal(err)
			}
			e := newEmulator(20, 4)
			e.feed(t, w.got.String())
			same(t, "after the failure", e.picture(), picture)
		}
	}
	o := NewOutput(&failing{err: gone}, false)
	if err := o.Passthrough([]byte("x")); !errors.Is(err, gone) {
		t.Errorf("passthrough: %v", err)
	}
	if _, err := o.WriteString("\x1b[?25l"); !errors.Is(err, gone) {
		t.Errorf("mode: %v", err)
	}
	if _, err := o.Write([]byte("x")); !errors.Is(err, gone) {
		t.Errorf("child: %v", err)
	}
}

// units checks that every write is one of those that were asked for.
type units struct {
	mu  sync.Mutex
	bad []string
}

func (u *units) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := string(p)
	whole := strings.HasPrefix(s, beginSync) && strings.HasSuffix(s, endSync)
	if !whole && s != "\x1b]52;c;YQ==\x07" && !strings.HasPrefix(s, "\x1b[?") {
		u.bad = append(u.bad, s)
	}
	return len(p), nil
}

func TestWritesNeverInterleave(t *testing.T) {
	u := &units{}
	o := NewOutput(u, true)
	_, _ = o.WriteString(enterAlt)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				switch i {
				case 0, 1:
					_ = o.Paint(Frame{Content: strings.Repeat("x", n%20+i)}, 20, 4)
				case 2:
					_ = o.Passthrough([]byte("\x1b]52;c;YQ==\x07"))
				default:
					_, _ = o.WriteString(pasteOn)
					_, _ = o.Write([]byte("frame"))
					o.Invalidate()
				}
			}
		})
	}
	wg.Wait()
	if len(u.bad) > 0 {
		t.Errorf("broken writes: %q", u.bad)
	}
}

func TestOutputIsATerminalFile(t *testing.T) {
	var _ term.File = (*Output)(nil)
	o := NewOutput(io.Discard, true)
	if _, _, ok := o.Size(); ok || term.IsTerminal(o.Fd()) {
		t.Error("no file, but a terminal")
	}
	if n, err := o.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("read %d, %v", n, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pty: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	if err := pty.Setsize(master, &pty.Winsize{Cols: 91, Rows: 17}); err != nil {
		t.Fatal(err)
	}
	o = NewOutput(tty, true)
	if w, h, ok := o.Size(); w != 91 || h != 17 || !ok || !term.IsTerminal(o.Fd()) {
		t.Errorf("size %dx%d, %v, terminal %v", w, h, ok, term.IsTerminal(o.Fd()))
	}
}
