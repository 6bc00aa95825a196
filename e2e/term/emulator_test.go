package term

import (
	"strings"
	"testing"
	"time"
)

// TestEmulatorScreen replays streams whose screens follow from the VT manuals
// and from how xterm behaves.
func TestEmulatorScreen(t *testing.T) {
	tests := []struct {
		name, in   string
		cols, rows int
		want       string
		x, y       int
	}{
		{"plain", "hello\r\nworld", 10, 3, "hello\nworld", 5, 1},
		{"wrap", "abcdef", 4, 2, "abcd\nef", 2, 1},
		{"pending wrap", "abcd\rX", 4, 2, "Xbcd", 1, 0},
		{"wide", "日本x", 10, 1, "日本x", 5, 0},
		{"wide fills the line, then text", "ab日x", 4, 2, "ab日\nx", 1, 1},
		{"wide fills the line, then return", "ab日\rx", 4, 2, "xb日", 1, 0},
		{"wide fills the line, then style and text", "ab日\x1b[1mx", 4, 2, "ab日\nx", 1, 1},
		{"wide does not fit", "abc日", 4, 2, "abc\n日", 2, 1},
		{"wide after a full line", "abcd日", 4, 2, "abcd\n日", 2, 1},
		{"half of a wide overwritten", "日本\x1b[1;2HX", 6, 1, " X本", 2, 0},
		{"combining on ascii", "e\u0301a\u0308!", 10, 1, "e\u0301a\u0308!", 3, 0},
		{"combining in the last column", "abe\u0301x", 3, 2, "abe\u0301\nx", 1, 1},
		{"family is one cell", "👨\u200d👩\u200d👧x", 10, 1, "👨\u200d👩\u200d👧x", 3, 0},
		{"absolute position and erase", "aaaa\r\nbbbb\x1b[1;3H\x1b[K", 4, 2, "aa\nbbbb", 2, 0},
		{"scroll region up", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx", 4, 4, "1\n3\nx\n4", 1, 2},
		{"scroll region down", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bMx", 4, 4, "1\nx\n2\n4", 1, 1},
		{"scroll by SU", "1\r\n2\r\n3\r\n4\x1b[2;4r\x1b[S", 4, 4, "1\n3\n4", 0, 0},
		{"insert and delete line", "1\r\n2\r\n3\x1b[2;1H\x1b[L", 4, 3, "1\n\n2", 0, 1},
		{"insert and delete character", "abcd\x1b[1;2H\x1b[P\x1b[@", 4, 1, "a cd", 1, 0},
		{"back to the main screen", "main\x1b[?1049hother\x1b[?1049l", 10, 2, "main", 4, 0},
		{"tab", "a\tb", 12, 1, "a       b", 9, 0},
		{"no wrap", "\x1b[?7labcdef", 4, 2, "abcf", 3, 0},
		{"line drawing", "\x1b(0qx\x1b(Bq", 4, 1, "─│q", 3, 0},
	}
	for _, tt := range tests {
		// A stream means the same however it is cut.
		for _, cut := range []int{len(tt.in), 1, 2, 3, 5} {
			e := NewEmulator(tt.cols, tt.rows, nil)
			for b := []byte(tt.in); len(b) > 0; {
				n := min(cut, len(b))
				_, _ = e.Write(b[:n])
				b = b[n:]
			}
			s := e.Screen()
			e.Close()
			if s.String() != tt.want || s.CursorX != tt.x || s.CursorY != tt.y {
				t.Errorf("%s, %d bytes at a time: want %q and cursor %d,%d, got\n%s", tt.name, cut, tt.want, tt.x, tt.y, s.Frame())
			}
		}
	}
}

func TestEmulatorCells(t *testing.T) {
	e := NewEmulator(20, 2, nil)
	defer e.Close()
	_, _ = e.Write([]byte("\x1b[1;7;31mA\x1b[0;4;38;5;200mB\x1b[0;48;2;1;2;3m日\x1b[m\x1b]8;;http://h/\x1b\\L\x1b]8;;\x1b\\\x1b]2;a;b\a"))
	s := e.Screen()
	if c := s.Cell(0, 0); !c.Bold || !c.Reverse || c.Fg != "1" || c.Text != "A" {
		t.Errorf("bold reverse red A: %+v", c)
	}
	if c := s.Cell(1, 0); !c.Underline || c.Fg != "200" || c.Bold {
		t.Errorf("underlined B in colour 200: %+v", c)
	}
	if c := s.Cell(2, 0); c.Width != 2 || c.Bg != "#010203" {
		t.Errorf("wide cell: %+v", c)
	}
	if c := s.Cell(3, 0); c.Width != 0 || c.Text != "" {
		t.Errorf("second half of a wide cell: %+v", c)
	}
	if c := s.Cell(4, 0); c.Link != "http://h/" {
		t.Errorf("link: %+v", c)
	}
	if s.Title != "a;b" {
		t.Errorf("title %q", s.Title)
	}
	if x, y, ok := s.Find("L"); x != 4 || y != 0 || !ok {
		t.Errorf("L found at %d,%d %t", x, y, ok)
	}
}

func TestEmulatorLeftOn(t *testing.T) {
	tests := []struct{ in, want string }{
		{"hello\r\n", ""},
		{"\x1b[?1049h\x1b[?2004h\x1b[?25l", "alternate screen,bracketed paste,cursor hidden"},
		{"\x1b[?1049h\x1b[?25l\x1b[?1049l", "cursor hidden"},
		{"\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l", ""},
		{"\x1b[?1002;1006h\x1b[?1004h", "focus reporting,mouse (1002),mouse (1006)"},
		{"\x1b[?1000h\x1b[?1000l", ""},
		{"\x1b[2;5r", "scroll region"},
		{"\x1b[2;5r\x1b[r", ""},
		{"\x1b[31m", "text style"},
		{"\x1b[31m\x1b[0m", ""},
		{"\x1b[?1049h\x1b[31m\x1b[?1049l", ""},
		{"\x1b[>1u", "kitty keyboard (1)"},
		{"\x1b[>1u\x1b[<u", ""},
		{"\x1b[?2026h", "synchronized output"},
		{"\x1b[?7l", "no automatic wrap"},
		{"\x1b[?1h\x1b=", "application cursor keys,application keypad"},
		{"\x1b[?1049h\x1b[?25l\x1b[1m\x1b[2;3r\x1bc", ""},
	}
	for _, tt := range tests {
		e := NewEmulator(20, 6, nil)
		_, _ = e.Write([]byte(tt.in))
		got := strings.Join(e.LeftOn(), ",")
		e.Close()
		if got != tt.want {
			t.Errorf("after %q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestEmulatorClips(t *testing.T) {
	e := NewEmulator(20, 2, nil)
	defer e.Close()
	_, _ = e.Write([]byte("\x1b]52;c;aGVsbG8=\a\x1b]52;c;?\x1b\\\x1b]52;p;\a\x1b]52;c;!\a"))
	want := []Clip{
		{Selection: "c", Text: "hello", Payload: "aGVsbG8="},
		{Selection: "c", Query: true, Payload: "?"},
		{Selection: "p"},
		{Selection: "c", Payload: "!"},
	}
	got := e.Clips()
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("request %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestEmulatorAnswers(t *testing.T) {
	answers := make(chan string, 16)
	e := NewEmulator(20, 4, func(b []byte) { answers <- string(b) })
	defer e.Close()
	tests := []struct{ query, want string }{
		{"\x1b[c", "\x1b[?62;1;6;22c"},
		{"ab\x1b[6n", "\x1b[1;3R"},
		{"\x1b[5n", "\x1b[0n"},
		{"\x1b]11;?\x1b\\", "\x1b]11;rgb:0000/0000/0000\a"},
		{"\x1b]10;?\a", "\x1b]10;rgb:ffff/ffff/ffff\a"},
		{"\x1b[?2026$p", "\x1b[?2026;2$y"},
		{"\x1b[?2026h\x1b[?2026$p\x1b[?2026l", "\x1b[?2026;1$y"},
		{"\x1b[?9999$p", "\x1b[?9999;0$y"},
	}
	for _, tt := range tests {
		_, _ = e.Write([]byte(tt.query))
		var got string
		for got != tt.want && strings.HasPrefix(tt.want, got) {
			select {
			case part := <-answers:
				got += part
				continue
			case <-time.After(scaled(DefaultPatience)):
			}
			break
		}
		if got != tt.want {
			t.Errorf("answer to %q: %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestEmulatorResize(t *testing.T) {
	e := NewEmulator(10, 3, nil)
	defer e.Close()
	_, _ = e.Write([]byte("one\r\ntwo\r\nthree"))
	e.Resize(20, 5)
	_, _ = e.Write([]byte("\x1b[5;20HX"))
	s := e.Screen()
	if s.Cols != 20 || s.Rows != 5 || s.Line(4) != strings.Repeat(" ", 19)+"X" || s.Line(2) != "three" {
		t.Errorf("after growing:\n%s", s.Frame())
	}
	e.Resize(2, 2)
	if s := e.Screen(); s.Cols != 2 || s.Rows != 2 || s.String() != "on\ntw" {
		t.Errorf("after shrinking:\n%s", s.Frame())
	}
}
