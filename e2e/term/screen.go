package term

import (
	"fmt"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Cell is one position of the screen.
type Cell struct {
	// Text is the cluster in the cell: " " if blank, "" for the second half of
	// a wide character.
	Text string
	// Width is 1, 2, or 0 for the second half of a wide character.
	Width int
	// The attributes that carry meaning on a screen.
	Bold, Faint, Italic, Underline, Reverse, Strike bool
	// Fg and Bg are "" for the default, "0" to "255" for a palette colour,
	// "#rrggbb" otherwise.
	Fg, Bg string
	// Link is the target of an OSC 8 link.
	Link string
}

// Screen is what was visible at one moment.
type Screen struct {
	// Cols and Rows are the size.
	Cols, Rows int
	// Lines has one entry a row, without trailing blanks.
	Lines []string
	// CursorX and CursorY count from 0.
	CursorX, CursorY int
	// CursorVisible is false while the program hides the cursor.
	CursorVisible bool
	// Alt is true while the alternate screen is shown.
	Alt bool
	// Title is the window title last set; of tmux, the title of the pane.
	Title string

	cells [][]Cell
}

// Contains tells whether text stands on one line of the screen.
func (s Screen) Contains(text string) bool {
	_, _, ok := s.Find(text)
	return ok
}

// Find returns the cell where text begins: the topmost, then the leftmost.
func (s Screen) Find(text string) (x, y int, ok bool) {
	for y, line := range s.Lines {
		if before, _, ok := strings.Cut(line, text); ok {
			return ansi.StringWidth(before), y, true
		}
	}
	return 0, 0, false
}

// Line returns row y without trailing blanks, and "" outside the screen.
func (s Screen) Line(y int) string {
	if y < 0 || y >= len(s.Lines) {
		return ""
	}
	return s.Lines[y]
}

// LineWith returns the first line that contains text, and "" if none does.
func (s Screen) LineWith(text string) string {
	_, y, ok := s.Find(text)
	if !ok {
		return ""
	}
	return s.Lines[y]
}

// Cell returns the cell at x, y; the zero Cell outside the screen. A screen
// from tmux has text and widths but no styles.
func (s Screen) Cell(x, y int) Cell {
	if y < 0 || y >= len(s.cells) || x < 0 || x >= len(s.cells[y]) {
		return Cell{}
	}
	return s.cells[y][x]
}

// String is the text of the screen, one row a line, trailing blank rows left
// out: what a golden file should hold.
func (s Screen) String() string {
	return strings.TrimRight(strings.Join(s.Lines, "\n"), "\n")
}

// Frame is String in a ruled box with size, cursor and title, for messages of
// failed tests.
func (s Screen) Frame() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%dx%d cursor %d,%d visible=%t alt=%t title=%q\n",
		s.Cols, s.Rows, s.CursorX, s.CursorY, s.CursorVisible, s.Alt, s.Title)
	rule := "+" + strings.Repeat("-", s.Cols) + "+\n"
	b.WriteString(rule)
	for _, line := range s.Lines {
		pad := max(0, s.Cols-ansi.StringWidth(line))
		b.WriteString("|" + line + strings.Repeat(" ", pad) + "|\n")
	}
	b.WriteString(rule)
	return b.String()
}

// Screen returns what is visible now.
func (e *Emulator) Screen() Screen {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.snapshot()
}

func (e *Emulator) snapshot() Screen {
	w, h := e.vt.Width(), e.vt.Height()
	at := e.vt.CursorPosition()
	s := Screen{
		Cols: w, Rows: h, CursorX: at.X, CursorY: at.Y,
		CursorVisible: !e.modes.cursorHidden,
		Alt:           e.modes.on[1049] || e.modes.on[1047],
		Title:         e.title,
		Lines:         make([]string, h),
		cells:         make([][]Cell, h),
	}
	var b strings.Builder
	for y := range h {
		b.Reset()
		row := make([]Cell, w)
		for x := range w {
			row[x] = cellOf(e.vt.CellAt(x, y))
			b.WriteString(row[x].Text)
		}
		s.cells[y] = row
		s.Lines[y] = strings.TrimRight(b.String(), " ")
	}
	return s
}

func cellOf(c *uv.Cell) Cell {
	if c == nil {
		return Cell{Text: " ", Width: 1}
	}
	return Cell{
		Text: c.Content, Width: c.Width,
		Bold:      c.Style.Attrs&uv.AttrBold != 0,
		Faint:     c.Style.Attrs&uv.AttrFaint != 0,
		Italic:    c.Style.Attrs&uv.AttrItalic != 0,
		Reverse:   c.Style.Attrs&uv.AttrReverse != 0,
		Strike:    c.Style.Attrs&uv.AttrStrikethrough != 0,
		Underline: c.Style.Underline != uv.UnderlineStyleNone,
		Fg:        colorName(c.Style.Fg), Bg: colorName(c.Style.Bg),
		Link: c.Link.Params, // x/vt has the two fields of OSC 8 the wrong way round
	}
}

func colorName(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return ""
	case ansi.BasicColor:
		return fmt.Sprint(uint8(c))
	case ansi.IndexedColor:
		return fmt.Sprint(uint8(c))
	default:
		r, g, b, _ := c.RGBA()
		return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
}
