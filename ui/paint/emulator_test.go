package paint

import (
	"fmt"
	imagecolor "image/color"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// emulator is a terminal that can be looked at cell by cell.
type emulator struct {
	*vt.Emulator
	hidden bool
}

func newEmulator(width, height int) *emulator {
	e := &emulator{Emulator: vt.NewEmulator(width, height)}
	e.SetCallbacks(vt.Callbacks{CursorVisibility: func(visible bool) { e.hidden = !visible }})
	return e
}

// feed writes to the emulator.
func (e *emulator) feed(tb testing.TB, s string) {
	tb.Helper()
	if _, err := e.WriteString(s); err != nil {
		tb.Fatal(err)
	}
}

// visible describes what can be seen of a cell.
func visible(c *uv.Cell) string {
	if c == nil {
		return " "
	}
	if c.Width == 0 {
		return ""
	}
	text, st := c.Content, c.Style
	if text == "" {
		text = " "
	}
	on := func(c imagecolor.Color) string {
		if c == nil {
			return "-"
		}
		r, g, b, _ := c.RGBA()
		return fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, b>>8)
	}
	attrs := st.Attrs
	line := st.Underline != 0
	fg := on(st.Fg)
	if text == " " && !line && attrs&(uv.AttrReverse|uv.AttrStrikethrough) == 0 {
		fg, attrs = "-", 0
	}
	bg := on(st.Bg)
	if fg == "-" && bg == "-" && attrs == 0 && !line {
		return text
	}
	return fmt.Sprintf("%s{%s %s %d %v}", text, fg, bg, attrs, line)
}

// picture is what can be seen of a screen, row by row.
func (e *emulator) picture() []string {
	rows := make([]string, e.Height())
	for y := range rows {
		var b strings.Builder
		for x := range e.Width() {
			b.WriteString(visible(e.CellAt(x, y)))
			b.WriteByte('|')
		}
		rows[y] = b.String()
	}
	return rows
}

// text is what can be read on a screen.
func (e *emulator) text() string {
	var b strings.Builder
	for y := range e.Height() {
		for x := range e.Width() {
			if c := e.CellAt(x, y); c == nil {
				b.WriteByte(' ')
			} else if c.Width > 0 {
				b.WriteString(c.Content)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// drawn shows content on a new emulator, line by line and without painter.
func drawn(tb testing.TB, content string, width, height int) *emulator {
	tb.Helper()
	e := newEmulator(width, height)
	e.feed(tb, "\x1b[?1049h\x1b[?7l")
	for y, line := range strings.Split(content, "\n") {
		if y == height {
			break
		}
		e.feed(tb, fmt.Sprintf("\x1b[%dH", y+1)+ansi.Truncate(line, width, ""))
	}
	return e
}

// same compares two pictures and fails on the first row that differs.
func same(tb testing.TB, what string, g, w []string) {
	tb.Helper()
	if len(g) != len(w) {
		tb.Fatalf("%s: %d rows, want %d", what, len(g), len(w))
	}
	for y := range w {
		if g[y] != w[y] {
			tb.Fatalf("%s: row %d\n got %q\nwant %q", what, y, g[y], w[y])
		}
	}
}

// stage is an Output with an emulator behind it.
type stage struct {
	tb            testing.TB
	w             *recorder
	o             *Output
	e             *emulator
	width, height int
	seen          map[string][]string // pictures of contents at this size
}

func newStage(tb testing.TB, width, height int) *stage {
	tb.Helper()
	s := &stage{tb: tb, w: &recorder{}, e: newEmulator(width, height), width: width, height: height}
	s.o = NewOutput(s.w, true)
	s.say("\x1b[?1049h")
	return s
}

// say sends a mode sequence as Bubble Tea does.
func (s *stage) say(seq string) string {
	s.tb.Helper()
	if _, err := s.o.WriteString(seq); err != nil {
		s.tb.Fatal(err)
	}
	out := s.w.take()
	s.e.feed(s.tb, out)
	return out
}

// paint paints and returns the bytes it took.
func (s *stage) paint(f Frame) string {
	s.tb.Helper()
	if err := s.o.Paint(f, s.width, s.height); err != nil {
		s.tb.Fatal(err)
	}
	if s.w.writes > 1 {
		s.tb.Fatalf("%d writes for one frame", s.w.writes)
	}
	out := s.w.take()
	s.e.feed(s.tb, out)
	return out
}

// check paints and compares the screen with the frame drawn directly.
func (s *stage) check(what string, f Frame) string {
	s.tb.Helper()
	out := s.paint(f)
	if s.seen == nil {
		s.seen = map[string][]string{}
	}
	want, ok := s.seen[f.Content]
	if !ok {
		want = drawn(s.tb, f.Content, s.width, s.height).picture()
		s.seen[f.Content] = want
	}
	same(s.tb, what, s.e.picture(), want)
	if s.e.hidden == f.Cursor.Visible {
		s.tb.Fatalf("%s: cursor hidden is %v", what, s.e.hidden)
	}
	if f.Cursor.Visible {
		want := uv.Pos(min(f.Cursor.X, s.width-1), min(f.Cursor.Y, s.height-1))
		if got := s.e.CursorPosition(); got != want {
			s.tb.Fatalf("%s: cursor at %v, want %v", what, got, want)
		}
	}
	return out
}

// resize changes the size of the terminal.
func (s *stage) resize(width, height int) {
	s.width, s.height, s.seen = width, height, nil
	s.e.Resize(width, height)
}
