package paint

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/charmbracelet/x/term"
)

// maxSide bounds the columns and rows of a frame, whatever size a terminal
// claims to have.
const maxSide = 4096

// Sequences that Bubble Tea v1.3.10 sends, each by itself in one WriteString.
const (
	enterAlt   = "\x1b[?1049h"
	leaveAlt   = "\x1b[?1049l"
	eraseAll   = "\x1b[2J"
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
)

// Sequences of our own. clearScreen does not use "erase all" (ED 2): several
// terminals save what that erases to their scrollback when there is no
// alternate screen. Erasing the first line and then everything from the second
// saves nothing anywhere. Automatic wrapping is off while we paint, so that a
// cluster wider than believed cannot run into the next row.
const (
	clearScreen = "\x1b[m\x1b[H\x1b[K\x1b[2H\x1b[J"
	beginPaint  = "\x1b[?7l"
	endPaint    = "\x1b[r\x1b[?7h"
	beginSync   = "\x1b[?2026h"
	endSync     = "\x1b[?2026l"
)

// Cursor is where the terminal's own cursor stands in a frame, in columns and
// rows from 0. The zero value hides it.
type Cursor struct {
	X, Y    int
	Visible bool
}

// Frame is one picture of the screen. Content is lines separated by "\n" that
// hold text and SGR sequences; everything else in it is dropped. Lines are cut
// at the screen's width, and the lines that are too many are cut at the bottom.
type Frame struct {
	Content string
	Cursor  Cursor
}

// Output is the terminal as Bubble Tea and the painter share it. Each method
// may be called from any goroutine; what they write never interleaves.
type Output struct {
	w      io.Writer
	synced bool

	mu     sync.Mutex
	err    error // of the last write
	active bool  // the alternate screen is on

	known  bool // the terminal shows rows, and the cursor is as last says
	rows   []*row
	blank  *row
	last   Frame
	width  int
	height int
	shown  bool // the cursor is visible, if known
	brush  brush
}

// NewOutput returns an Output that writes to w, usually os.Stdout. With synced
// every frame is wrapped in synchronized output (mode 2026); see
// [Synchronizes].
func NewOutput(w io.Writer, synced bool) *Output {
	return &Output{w: w, synced: synced}
}

// Paint shows a frame of the given size in columns and rows, with one write,
// or none if nothing changed. It draws nothing while the alternate screen is
// off. After an error of the terminal, which it returns, the next frame is
// painted whole.
func (o *Output) Paint(f Frame, width, height int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.active || width <= 0 || height <= 0 {
		return nil
	}
	width, height = min(width, maxSide), min(height, maxSide)
	if o.known && width == o.width && height == o.height && f == o.last {
		return nil
	}
	b := &o.brush
	b.buf = b.buf[:0]
	if o.synced {
		b.buf = append(b.buf, beginSync...)
	}
	start := len(b.buf)
	if !o.known || width != o.width || height != o.height {
		o.startOver(width, height)
	}
	o.paintRows(f.Content)
	b.setPen(style{})
	o.paintCursor(f.Cursor)
	o.last = f
	if len(b.buf) == start {
		return nil
	}
	if o.synced {
		b.buf = append(b.buf, endSync...)
	}
	return o.write(b.buf)
}

// startOver empties the screen and hides the cursor.
func (o *Output) startOver(width, height int) {
	b := &o.brush
	b.pen, b.xKnown, b.yKnown = style{}, false, false
	b.buf = append(b.buf, hideCursor+beginPaint+clearScreen...)
	o.known, o.shown = true, false
	o.width, o.height = width, height
	o.blank = newBlankRow(width)
	o.rows = make([]*row, height)
	for i := range o.rows {
		o.rows[i] = o.blank
	}
}

// paintRows turns the rows of the screen into those of the content.
func (o *Output) paintRows(content string) {
	next := make([]*row, o.height)
	changed, moved := 0, 0
	pen, more := style{}, true
	for i := range next {
		next[i] = o.blank
		var line string
		if more {
			line, content, more = strings.Cut(content, "\n")
		}
		if line != "" {
			if next[i], moved = o.find(line, pen, i, moved); next[i] == nil {
				next[i] = parseRow(line, pen, o.width)
			}
			pen = next[i].pen
		}
		if next[i].hash != o.rows[i].hash {
			changed++
		}
	}
	b := &o.brush
	if changed > 2 {
		if s, ok := findShift(o.rows, next, o.blank); ok {
			b.scroll(s, o.height)
			s.apply(o.rows, o.blank)
		}
	}
	for i := range next {
		if next[i] != o.rows[i] {
			b.paintRow(i, o.rows[i], next[i])
		}
	}
	o.rows = next
}

// find returns the row of the screen that was made from the same line, if there
// is one, and how far from i it stands. It looks first where it stood, then as
// far away as the line before had moved, then everywhere.
func (o *Output) find(line string, start style, i, moved int) (*row, int) {
	if o.rows[i].is(line, start) {
		return o.rows[i], 0
	}
	if j := i + moved; j >= 0 && j < len(o.rows) && o.rows[j].is(line, start) {
		return o.rows[j], moved
	}
	for j, r := range o.rows {
		if r.is(line, start) {
			return r, j - i
		}
	}
	return nil, moved
}

// paintCursor places and shows the terminal's cursor, or hides it.
func (o *Output) paintCursor(c Cursor) {
	b := &o.brush
	if c.Visible {
		b.moveTo(max(0, min(c.X, o.width-1)), max(0, min(c.Y, o.height-1)))
	}
	if c.Visible != o.shown {
		o.shown = c.Visible
		if c.Visible {
			b.buf = append(b.buf, showCursor...)
		} else {
			b.buf = append(b.buf, hideCursor...)
		}
	}
}

// Invalidate forgets what is on the screen: the next Paint erases it and
// paints everything.
func (o *Output) Invalidate() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known = false
}

// Passthrough writes p as it is, in one write that no frame interleaves with.
// It is for sequences that change neither the screen nor the cursor, such as
// OSC 52.
func (o *Output) Passthrough(p []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.write(p)
}

// Write drops the frames of the stock renderer, which arrive here. While the
// alternate screen is off there are none, and p goes through: it is the output
// of a program that Bubble Tea runs for us.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.active {
		return len(p), nil
	}
	if err := o.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteString lets the mode sequences of Bubble Tea through and keeps track of
// what they do to the screen. Before the alternate screen is left, the screen
// is emptied and the terminal's modes are set back.
func (o *Output) WriteString(s string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := s
	switch {
	case strings.Contains(s, leaveAlt):
		out = clearScreen + endPaint + s
		if o.synced {
			out = endSync + out
		}
		o.active, o.known = false, false
	case strings.Contains(s, enterAlt):
		o.active, o.known = true, false
	case s == eraseAll:
		if o.active {
			out = clearScreen
		}
		o.known = false
	case s == hideCursor:
		o.shown = false
	case s == showCursor:
		o.shown = true
	case strings.HasPrefix(s, "\x1b[?"), strings.HasPrefix(s, "\x1b]"):
		// Other modes and the title change neither screen nor cursor.
	default:
		o.known = false
	}
	if err := o.write([]byte(out)); err != nil {
		return 0, err
	}
	return len(s), nil
}

// write sends p in one write and remembers the error. The lock is held.
func (o *Output) write(p []byte) error {
	n, err := o.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		o.known = false
		err = fmt.Errorf("writing to the terminal: %w", err)
	}
	o.err = err
	return err
}

// Err returns the error of the last write to the terminal, or nil.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// Size asks the terminal for its columns and rows. It reports false if the
// output is no terminal or does not tell.
func (o *Output) Size() (width, height int, ok bool) {
	f, isFile := o.w.(term.File)
	if !isFile {
		return 0, 0, false
	}
	width, height, err := term.GetSize(f.Fd())
	return width, height, err == nil && width > 0 && height > 0
}

// Fd returns the descriptor of the terminal, or an invalid one if the output
// is no file. With Read and Close it makes an Output a term.File, which is
// what Bubble Tea asks for the size and, on Windows, for the console mode.
func (o *Output) Fd() uintptr {
	if f, ok := o.w.(term.File); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// Read reads nothing: an Output is only written to.
func (o *Output) Read([]byte) (int, error) { return 0, io.EOF }

// Close does nothing: the terminal belongs to whoever made the Output.
func (o *Output) Close() error { return nil }

// Synchronizes reports whether frames should be wrapped in synchronized
// output on the terminal that the environment describes. It asks nothing of
// the terminal. Setting a private mode that a terminal does not have is
// ignored (DEC STD 070; the extension's own specification counts on it), so
// the answer is yes but for those that are known never to have it.
func Synchronizes(getenv func(string) string) bool {
	t := getenv("TERM")
	for _, prefix := range []string{"linux", "dumb", "vt", "ansi", "cons25", "eterm", "screen."} {
		if strings.HasPrefix(t, prefix) {
			return false
		}
	}
	return getenv("STY") == "" && (t != "" || getenv("WT_SESSION") != "")
}
