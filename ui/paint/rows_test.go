package paint

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"
)

func TestHostileContentStaysInItsCells(t *testing.T) {
	hostile := []string{
		"\x1b[2J", "\x1b[H", "\x1b[5;5H", "\x1b[A", "\x1b[?1049l", "\x1b[?25h", "\x1bc", "\x1b(0", "\x1b7", "\x1b8", "\x1bM", "\x1bD",
		"\x1b]0;title\x07", "\x1b]52;c;c2VjcmV0\x07", "\x1b]8;;http://evil\x1b\\", "\x1bP1$r\x1b\\", "\x1b_apc\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\",
		"\x1b]never ended", "\x1b[12", "\x1b[", "\x1b", "\x1b[>4m", "\x1b[?4m", "\x1b[1 q", "\x1b[8m", "\x1b[6n", "\x1b[c", "\x1b#8",
		"\r", "\b", "\t", "\v", "\f", "\a", "\x00", "\x0e", "\x0f", "\x18", "\x1a", "\x7f", "\u009b2J", "\u009d0;t\u009c", "\u0084", "\x9b2J",
		"\u202e", "\u2066", "\u200f", "\u200b", "\u2028", "\u2029", "\ufeff", "\u00ad", "\u0301", "\u200d", "\ufe0f", "\xff\xfe", "\xed\xa0\x80",
		"\U000e0041", "\ufff9", "a" + strings.Repeat("\u0301", 5000),
	}
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 400 {
		line := ""
		for range 1 + r.IntN(4) {
			line += hostile[r.IntN(len(hostile))] + "x"
		}
		if i < len(hostile) {
			line = hostile[i] + "x"
		}
		s := newStage(t, 30, 3)
		out := s.paint(Frame{Content: "above\n" + line + "\nbelow"})
		for y, want := range map[int]string{0: "above", 2: "below"} {
			if got := strings.TrimSpace(strings.Split(s.e.text(), "\n")[y]); got != want {
				t.Fatalf("%q: row %d is %q", line, y, got)
			}
		}
		if len(out) > 1000 {
			t.Fatalf("%.40q: %d bytes for a row", line, len(out))
		}
		if bad := foreign(out); bad != "" {
			t.Fatalf("%q: sequence %q went out in %q", line, bad, out)
		}
	}
}

// foreign returns the first sequence or control in the painter's output that
// is not one the painter uses.
func foreign(out string) string {
	for out != "" {
		i := strings.IndexFunc(out, func(r rune) bool {
			return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f && r != 0x200d || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		})
		if i < 0 {
			return ""
		}
		out = out[i:]
		if out[0] == '\r' || out[0] == '\b' {
			out = out[1:]
			continue
		}
		n := 0
		for _, ours := range []string{beginSync, endSync, beginPaint, "\x1b[?25l", "\x1b[?25h"} {
			if strings.HasPrefix(out, ours) {
				n = len(ours)
			}
		}
		if n == 0 && strings.HasPrefix(out, "\x1b[") {
			end := 2 + strings.IndexFunc(out[2:], func(r rune) bool { return r < '0' || r > ';' })
			if end > 1 && strings.IndexByte("mHGCKJXLM", out[end]) >= 0 {
				n = end + 1
			}
		}
		if n == 0 {
			return out[:min(len(out), 12)]
		}
		out = out[n:]
	}
	return ""
}

func TestHalfAWideCharacterIsRepaired(t *testing.T) {
	lines := []string{
		"世界世界", "a世界世b", "ab界世c", "世a界", "x世界世y", "世", "", "aaaaaaaa", "世世世世", " 世世世 ", "👍👍👍", "a👍👍b", "\x1b[44m世\x1b[m界a", "👨‍👩‍👧‍👦b世", "b👨‍👩‍👧‍👦世",
		"       世", "        世", "1234567世", "12345678世", "123456789世",
	}
	for width := 1; width <= 10; width++ {
		s := newStage(t, width, 2)
		for _, from := range lines {
			for _, to := range lines {
				s.check(fmt.Sprintf("then %q", from), Frame{Content: from + "\nbelow"})
				s.check(fmt.Sprintf("%q to %q", from, to), Frame{Content: to + "\nbelow"})
			}
		}
	}
}

func TestScrollMovesLines(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	lines := make([]string, 60)
	for i := range lines {
		for range 60 {
			lines[i] += string(rune('a' + r.IntN(26)))
		}
	}
	frame := func(head, foot, from, height int) Frame {
		var b strings.Builder
		for i := range head {
			fmt.Fprintf(&b, "head %d\n", i)
		}
		b.WriteString(strings.Join(lines[from:from+height-head-foot], "\n"))
		for i := range foot {
			fmt.Fprintf(&b, "\nfoot %d", i)
		}
		return Frame{Content: b.String()}
	}
	const width, height = 100, 20
	for head := range 3 {
		for foot := range 3 {
			s := newStage(t, width, height)
			s.check("first", frame(head, foot, 20, height))
			at := 20
			for _, by := range []int{1, 1, -1, 2, -3, 5, -5, 12, -12, 1, -1} {
				at += by
				out := s.check(fmt.Sprintf("head %d, foot %d, by %d", head, foot, by), frame(head, foot, at, height))
				fresh := max(by, -by)
				if !strings.Contains(out, "M") && !strings.Contains(out, "L") {
					t.Errorf("head %d, foot %d, by %d: not scrolled: %q", head, foot, by, out)
				}
				if len(out) > 60+fresh*90 {
					t.Errorf("head %d, foot %d, by %d: %d bytes", head, foot, by, len(out))
				}
			}
		}
	}
}

func TestWidthsThatTerminalsDisagreeOn(t *testing.T) {
	// This emulator gives every rune one column, so it is wrong about all of
	// these clusters. What follows them must stand in its column all the same.
	clusters := []string{"👍", "👍🏽", "👨‍👩‍👧‍👦", "❤️", "🇩🇪", "e\u0301", "n\u0303\u0323", "1️⃣", "…", "·", "─", "✓", "नि"}
	r := rand.New(rand.NewPCG(3, 3))
	const width, height = 40, 6
	w := &recorder{}
	o := started(t, w, true)
	term := vt10x.New(vt10x.WithSize(width, height))
	for range 300 {
		type mark struct{ x, y int }
		marks := map[mark]byte{}
		var content strings.Builder
		for y := range height {
			x := 0
			for x < width-12 {
				for range r.IntN(4) {
					c := clusters[r.IntN(len(clusters))]
					content.WriteString(c)
					_, n, _ := cluster(c)
					x += n
				}
				for range 1 + r.IntN(3) {
					ch := byte('A' + r.IntN(26))
					marks[mark{x, y}] = ch
					content.WriteByte(ch)
					x++
				}
				n := r.IntN(4)
				content.WriteString(strings.Repeat(" ", n))
				x += n
			}
			if y < height-1 {
				content.WriteByte('\n')
			}
		}
		if err := o.Paint(Frame{Content: content.String()}, width, height); err != nil {
			t.Fatal(err)
		}
		if _, err := term.Write([]byte(w.take())); err != nil {
			t.Fatal(err)
		}
		for m, want := range marks {
			if got := term.Cell(m.x, m.y).Char; got != rune(want) {
				t.Fatalf("column %d of row %d is %q, want %q\n%s", m.x, m.y, got, want, content.String())
			}
		}
	}
}

// TestAmbiguousWidths does the same for a terminal that gives ambiguous
// characters two columns: a wide character is shown in the place of each.
func TestAmbiguousWidths(t *testing.T) {
	wide := strings.NewReplacer("…", "世", "·", "世", "─", "世")
	pieces := []string{"…", "·", "─────", "·…", "A", "B", "CD", " ", "     "}
	r := rand.New(rand.NewPCG(4, 4))
	const width, height = 30, 3
	w := &recorder{}
	o := started(t, w, true)
	e := newEmulator(width, height)
	for range 200 {
		lines := make([]string, height)
		for y := range lines {
			for range 12 {
				lines[y] += pieces[r.IntN(len(pieces))]
			}
		}
		if err := o.Paint(Frame{Content: strings.Join(lines, "\n")}, width, height); err != nil {
			t.Fatal(err)
		}
		e.feed(t, wide.Replace(w.take()))
		for y, line := range lines {
			for x, ch := range []rune(line) {
				if c := e.CellAt(x, y); x < width && ch < 0x80 && (c == nil || c.Content != string(ch)) {
					t.Fatalf("column %d of %q shows %+v", x, line, c)
				}
			}
		}
	}
}

func TestOnlyPlainSGRAndPrintableTextCount(t *testing.T) {
	for _, seq := range []string{
		"\x1b[>4m", "\x1b[?4m", "\x1b[=1m", "\x1b[1 m", "\x1b[1$m", "\x1b[<4m", "\x1b[4\x1b[m", "\x1b]4m\x07", "\x1bP4m\x1b\\", "\x1b_\x1b[4m\x1b[m",
		"\u0600", "\u202e", "\u2066", "\u00ad", "\u009b4m"[:2], "\u200b", "\ufeff", "\u2028", "\a", "\t", "\x7f",
	} {
		if c := parseRow(seq+"x", style{}, 4).cells; c[0] != (cell{text: "x", width: 1}) || c[1] != blankCell {
			t.Errorf("%q before x gives %+v", seq, c)
		}
	}
	for _, long := range []string{"e" + strings.Repeat("\u0301", 9999), "👨" + strings.Repeat("\u200d👨", 999)} {
		if c := parseRow(long, style{}, 4).cells[0]; len(c.text) > maxCluster || c.width == 0 {
			t.Errorf("a cluster of %d bytes is kept", len(c.text))
		}
	}
}

func TestSGRIsReadAndWritten(t *testing.T) {
	for _, tt := range []struct {
		params string
		want   style
	}{
		{"", style{}}, {"0", style{}}, {"1", style{attr: bold}}, {"1;0", style{}}, {";1", style{attr: bold}},
		{"1;2;3;4;5;7;9", style{attr: bold | faint | italic | underline | blink | reverse | strike}},
		{"1;2;22", style{}}, {"3;23;4;24;5;25;7;27;9;29", style{}}, {"4:3", style{attr: underline}}, {"4;4:0", style{}}, {"21", style{attr: underline}},
		{"8", style{}}, {"31", style{fg: 2}}, {"97", style{fg: 16}}, {"40", style{bg: 1}}, {"107", style{bg: 16}}, {"31;39", style{}}, {"41;49", style{}},
		{"38;5;255", style{fg: 256}}, {"48;5;0", style{bg: 1}}, {"38:5:9", style{fg: 10}}, {"38;2;1;2;3", style{fg: rgbColor | 0x010203}},
		{"48:2::1:2:3", style{bg: rgbColor | 0x010203}}, {"48:2:1:2:3;1", style{bg: rgbColor | 0x010203, attr: bold}},
		{"38;5;256", style{}}, {"38;9;1", style{attr: bold}}, {"38", style{}}, {"38;2;1", style{}}, {"58;5;3;1", style{attr: bold}}, {"58:2::1:2:3;1", style{attr: bold}},
		{"99999999999999999999;1", style{attr: bold}}, {"5555", style{}},
	} {
		if got := applySGR(style{}, tt.params); got != tt.want {
			t.Errorf("%q is %+v, want %+v", tt.params, got, tt.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	random := func() style {
		c := func() color {
			return []color{0, color(1 + r.IntN(256)), rgbColor | color(r.IntN(1<<24)), color(1 + r.IntN(16))}[r.IntN(4)]
		}
		return style{fg: c(), bg: c(), attr: attr(r.IntN(128))}
	}
	for range 5000 {
		from, to := random(), random()
		seq := string(appendSGR(nil, from, to))
		if from == to {
			continue
		}
		if got := applySGR(from, strings.TrimSuffix(strings.TrimPrefix(seq, "\x1b["), "m")); got != to {
			t.Fatalf("%+v to %+v wrote %q, which gives %+v", from, to, seq, got)
		}
	}
}
