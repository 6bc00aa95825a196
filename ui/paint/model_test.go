package paint

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// display is an emulator that programs write to and tests look at.
type display struct {
	mu    sync.Mutex
	e     *emulator
	out   bytes.Buffer
	leave func(e *emulator) // called just before the alternate screen is left
}

func newDisplay(width, height int) *display {
	return &display{e: newEmulator(width, height)}
}

func (d *display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out.Write(p)
	before, after, left := strings.Cut(string(p), leaveAlt)
	_, _ = d.e.WriteString(before)
	if left {
		if d.leave != nil {
			d.leave(d.e)
		}
		_, _ = d.e.WriteString(leaveAlt + after)
	}
	return len(p), nil
}

func (d *display) picture() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.e.picture()
}

// written returns everything written so far.
func (d *display) written() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.String()
}

// list is a program with a list, a dialog and text of every width.
type list struct {
	*scene
	dialog bool
	steps  int
	size   tea.WindowSizeMsg
}

type (
	nopMsg   struct{}
	panicMsg struct{}
	cmdMsg   struct{ tea.Cmd }
)

func newList() *list {
	names := []string{
		"production", "世界 key", "naïve", "ключ", "日本語の鍵", "👍 thumbs", "plain", "cafe ж\u0301", "한국어", "…", "long " + strings.Repeat("x界", 30),
	}
	l := &list{scene: newScene(0, 0, 200)}
	l.names = func(i int) string {
		return names[i%len(names)] + strings.Repeat(" ", max(0, 38-ansi.StringWidth(names[i%len(names)])))
	}
	return l
}

func (l *list) Init() tea.Cmd { return nil }

func (l *list) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case panicMsg:
		panic("on purpose")
	case cmdMsg:
		return l, msg.Cmd
	case tea.WindowSizeMsg:
		l.size, l.width, l.height = msg, max(msg.Width, 41), msg.Height
		l.move(0)
	case tea.KeyMsg:
		l.steps++
		switch msg.String() {
		case "j":
			l.move(1)
		case "k":
			l.move(-1)
		case "pgdown":
			l.move(l.body())
		case "G":
			l.move(l.rows)
		case "g":
			l.move(-l.rows)
		case "d":
			l.dialog = !l.dialog
		case "ctrl+l":
			return l, tea.ClearScreen
		}
	}
	return l, nil
}

// View is exactly as large as the screen.
func (l *list) View() string {
	lines := strings.Split(l.content(), "\n")
	for len(lines) < l.size.Height {
		lines = append(lines, "")
	}
	lines = lines[:max(1, l.size.Height)]
	if l.dialog {
		box := []string{"╭──────────────╮", "│ delete 世界? │", "╰──────────────╯"}
		for i, b := range box {
			if y := len(lines)/3 + i; y < len(lines) {
				lines[y] = ansi.Truncate(lines[y], 7, "") + "\x1b[m" + b
			}
		}
	}
	lines[len(lines)-1] = fmt.Sprintf("step %d ", l.steps) + lines[len(lines)-1]
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], l.size.Width, "")
	}
	return strings.Join(lines, "\n")
}

var keys = map[string]tea.KeyMsg{
	"pgdown": {Type: tea.KeyPgDown}, "ctrl+l": {Type: tea.KeyCtrlL},
}

func key(name string) tea.KeyMsg {
	if k, ok := keys[name]; ok {
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// session is a running program.
type session struct {
	*tea.Program
	end chan error
}

// start runs a program whose input is silent. It is killed when the test ends.
func start(t *testing.T, m tea.Model, out io.Writer, fps int) *session {
	t.Helper()
	in, silence := io.Pipe()
	s := &session{end: make(chan error, 1), Program: tea.NewProgram(m, tea.WithInput(in), tea.WithOutput(out),
		tea.WithAltScreen(), tea.WithFPS(fps), tea.WithReportFocus(), tea.WithoutSignalHandler())}
	go func() {
		_, err := s.Run()
		s.end <- err
	}()
	t.Cleanup(func() {
		s.Kill()
		silence.Close()
		s.Wait()
	})
	return s
}

// send delivers a message and returns when the screen has been painted.
func (s *session) send(msg tea.Msg) {
	s.Send(msg)
	s.Send(nopMsg{})
}

// await polls for a condition.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// difference describes the first row in which two pictures differ.
func difference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("row %d\n%q\n%q", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d and %d rows", len(a), len(b))
}

func TestSameScreenAsTheStockRenderer(t *testing.T) {
	steps := []string{"j", "j", "k", "d", "j", "d", "G", "k", "k", "j", "g", "j", "pgdown", "j", "j", "pgdown", "k", "ctrl+l", "d", "pgdown", "d"}
	for _, size := range []tea.WindowSizeMsg{{Width: 1, Height: 1}, {Width: 2, Height: 3}, {Width: 5, Height: 2}, {Width: 20, Height: 5}, {Width: 33, Height: 9}, {Width: 80, Height: 24}, {Width: 120, Height: 40}, {Width: 400, Height: 120}} {
		t.Run(fmt.Sprintf("%dx%d", size.Width, size.Height), func(t *testing.T) {
			t.Parallel()
			mine, stock := newDisplay(size.Width, size.Height), newDisplay(size.Width, size.Height)
			o := NewOutput(mine, true)
			a, b := start(t, Wrap(newList(), o), o, 1), start(t, newList(), stock, 120)
			compare := func(what string) {
				t.Helper()
				for deadline := time.Now().Add(10 * time.Second); ; <-time.After(15 * time.Millisecond) {
					// Both are looked at each time: a command of Bubble Tea's own, such as clearing the screen, may run after the key.
					want, got := mine.picture(), stock.picture()
					if slices.Equal(got, want) {
						return
					}
					if time.Now().After(deadline) {
						t.Fatalf("after %s the screens differ: %s", what, difference(want, got))
					}
				}
			}
			a.send(size)
			b.send(size)
			compare("the start")
			for i, k := range steps {
				if cells := size.Width * size.Height; cells > 10000 && i%7 > 1 || cells > 4000 && i%3 == 2 {
					continue // the emulator takes long at this size
				}
				a.send(key(k))
				b.send(key(k))
				compare(fmt.Sprintf("key %d, %s,", i, k))
			}
		})
	}
}

func TestEveryEndLeavesAnEmptyScreenAndAWholeTerminal(t *testing.T) {
	ends := map[string]func(s *session){
		"quit":  func(s *session) { s.Quit() },
		"kill":  func(s *session) { s.Kill() },
		"panic": func(s *session) { s.Send(panicMsg{}) },
		"panic in a command": func(s *session) {
			s.Send(cmdMsg{func() tea.Msg { panic("on purpose") }})
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			secret := rand.Text()
			d := newDisplay(60, 10)
			left := 0
			d.leave = func(e *emulator) {
				left++
				if text := strings.TrimSpace(e.text()); text != "" {
					t.Errorf("the screen was left with text on it")
				}
			}
			l := newList()
			l.names = func(int) string { return secret }
			o := NewOutput(d, true)
			s := start(t, Wrap(l, o), o, 1)
			s.send(tea.WindowSizeMsg{Width: 60, Height: 10})
			if !strings.Contains(strings.Join(d.picture(), ""), strings.Join(strings.Split(secret, ""), "|")[:9]) {
				// The selected row is styled; any other shows the secret plainly.
				t.Fatal("the secret was never on the screen: nothing is proven")
			}
			end(s)
			s.Wait()
			out := d.written()
			_, after, _ := strings.Cut(out, leaveAlt)
			if left != 1 || strings.Contains(after, secret) {
				t.Errorf("left %d times; a secret after that: %v", left, strings.Contains(after, secret))
			}
			for on, off := range map[string]string{
				hideCursor: showCursor, pasteOn: pasteOff,
				focusOn: focusOff, beginPaint: "\x1b[?7h", beginSync: endSync,
			} {
				if strings.LastIndex(out, on) > strings.LastIndex(out, off) {
					t.Errorf("%q was not set back", on)
				}
			}
		})
	}
}

func TestExternalCommandSeesAnEmptyScreenAndItsOutputStays(t *testing.T) {
	if _, err := exec.LookPath("echo"); err != nil {
		t.Skip("echo is missing")
	}
	d := newDisplay(60, 10)
	d.leave = func(e *emulator) {
		if strings.TrimSpace(e.text()) != "" {
			t.Error("the screen was left with text on it")
		}
	}
	o := NewOutput(d, true)
	s := start(t, Wrap(newList(), o), o, 1)
	s.send(tea.WindowSizeMsg{Width: 60, Height: 10})
	before := d.picture()
	done := make(chan error, 1)
	child := exec.Command("echo", "from the child")
	child.Stdin = strings.NewReader("")
	s.Send(cmdMsg{tea.ExecProcess(child, func(err error) tea.Msg {
		done <- err
		return nopMsg{}
	})})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s.send(nopMsg{})
	if after := d.picture(); !slices.Equal(before, after) {
		t.Errorf("not painted anew: %s", difference(after, before))
	}
	_, out, _ := strings.Cut(d.written(), leaveAlt)
	said, rest, back := strings.Cut(out, enterAlt)
	if !back || !strings.Contains(said, "from the child") {
		t.Errorf("the child's output is missing in %q", said)
	}
	if !strings.Contains(rest, clearScreen) || !strings.Contains(rest, "clavier") {
		t.Errorf("not painted whole: %q", rest)
	}
}

// counter counts the sizes its model gets.
type counter struct {
	*list
	sizes chan tea.WindowSizeMsg
}

func (c counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := c.list.Update(msg)
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		c.sizes <- size
	}
	return c, cmd
}

func (c counter) Cursor() Cursor { return Cursor{X: 2, Y: 1, Visible: true} }

func TestFirstFrameIsPaintedFromInit(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pty: %v", err)
	}
	defer master.Close()
	if err := pty.Setsize(master, &pty.Winsize{Cols: 91, Rows: 17}); err != nil {
		t.Fatal(err)
	}
	d := newDisplay(91, 17)
	go io.Copy(d, master)
	o := NewOutput(tty, true)
	c := counter{newList(), make(chan tea.WindowSizeMsg, 9)}
	s := start(t, Wrap(c, o), o, 1)
	want := tea.WindowSizeMsg{Width: 91, Height: 17}
	for _, who := range []string{"Init", "Bubble Tea"} {
		if got := <-c.sizes; got != want {
			t.Fatalf("%s told the size %v, want %v", who, got, want)
		}
	}
	await(t, "the first frame", func() bool { return strings.Contains(d.written(), "step 0") })
	s.send(nopMsg{})
	d.mu.Lock()
	if d.e.hidden || d.e.CursorPosition().X != 2 || d.e.CursorPosition().Y != 1 {
		t.Errorf("cursor hidden %v, at %v", d.e.hidden, d.e.CursorPosition())
	}
	d.mu.Unlock()
	if n := strings.Count(d.written(), "step 0"); n != 1 {
		t.Errorf("the first frame was painted %d times", n)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: 80, Rows: 12}); err != nil {
		t.Fatal(err)
	}
	s.Send(tea.WindowSize()())
	if got := <-c.sizes; got.Width != 80 || got.Height != 12 {
		t.Errorf("after the resize: %v", got)
	}
	s.Quit()
	s.Wait()
	if err := <-s.end; err != nil && !errors.Is(err, tea.ErrProgramKilled) {
		t.Error(err)
	}
	tty.Close()
}

func TestAnySizeMessagePaintsAnew(t *testing.T) {
	d := newDisplay(60, 10)
	o := NewOutput(d, true)
	s := start(t, Wrap(newList(), o), o, 1)
	size := tea.WindowSizeMsg{Width: 60, Height: 10}
	s.send(size)
	n := strings.Count(d.written(), "clavier")
	s.send(nopMsg{})
	if got := strings.Count(d.written(), "clavier"); got != n {
		t.Errorf("painted anew for nothing")
	}
	s.send(size) // resized and back before we looked: the terminal may have cut lines
	if got := strings.Count(d.written(), "clavier"); got != n+1 {
		t.Errorf("painted whole %d times more, want once", got-n)
	}
}

func TestUnwrap(t *testing.T) {
	l := newList()
	if Unwrap(Wrap(l, NewOutput(io.Discard, false))) != tea.Model(l) || Unwrap(l) != tea.Model(l) {
		t.Error("not the model that was wrapped")
	}
}
