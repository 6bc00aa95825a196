package paint

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// pieces are what frames are made of: narrow, wide, ambiguous, combining and
// joined text, and styles. Marks stand on letters beyond ASCII only: the emulator
// gives a mark after an ASCII letter a column of its own. The tmux tests have
// those.
var pieces = []string{
	"a", "b", "x", "0", "~", " ", " ", "    ", "              ", "name", "clv_…9f3Q", "·", "─────", "│", "é", "ß", "Жук",
	"世", "界", "日本語", "한국", "ｱ", "Ａ", "　", "Ж\u0301", "ы\u0303\u0323", "👍", "👍🏽", "👨‍👩‍👧‍👦", "❤️", "❤", "🇩🇪", "✓", "⠋", "ก็", "नि", "\u00a0",
	"\x1b[m", "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[22m", "\x1b[3m", "\x1b[4m", "\x1b[24m", "\x1b[7m", "\x1b[27m", "\x1b[9m", "\x1b[29m",
	"\x1b[31m", "\x1b[96m", "\x1b[39m", "\x1b[44m", "\x1b[103m", "\x1b[49m", "\x1b[38;5;200m", "\x1b[48;5;17m",
	"\x1b[38;2;1;2;3m", "\x1b[48;2;9;8;7m", "\x1b[1;4;35m", "\x1b[0;7m",
}

// film makes frames that follow from one another: edited, scrolled, replaced.
type film struct {
	*rand.Rand
	lines []string
}

func (f *film) line(width int) string {
	var b strings.Builder
	for range f.IntN(width/2 + 3) {
		b.WriteString(pieces[f.IntN(len(pieces))])
	}
	if f.IntN(4) > 0 {
		b.WriteString("\x1b[m")
	}
	return b.String()
}

// next changes the lines in one of the ways that programs do.
func (f *film) next(width, height int) Frame {
	if len(f.lines) == 0 {
		f.lines = []string{""}
	}
	at := f.IntN(len(f.lines))
	switch f.IntN(8) {
	case 0: // another page
		f.lines = f.lines[:0]
		for range f.IntN(height + 3) {
			f.lines = append(f.lines, f.line(width))
		}
	case 1, 2: // up within a region, and a new line
		to := at + f.IntN(len(f.lines)-at)
		n := min(1+f.IntN(3), to-at+1)
		copy(f.lines[at:to+1], f.lines[at+n:to+1])
		for i := to - n + 1; i <= to; i++ {
			f.lines[i] = f.line(width)
		}
	case 3, 4: // down
		to := at + f.IntN(len(f.lines)-at)
		n := min(1+f.IntN(3), to-at+1)
		copy(f.lines[at+n:to+1], f.lines[at:to+1-n])
		for i := at; i < at+n; i++ {
			f.lines[i] = f.line(width)
		}
	case 5: // a line more or less
		if f.IntN(2) == 0 {
			f.lines = append(f.lines, f.line(width))
		} else {
			f.lines = f.lines[:len(f.lines)-1]
		}
	default: // some lines
		for range 1 + f.IntN(3) {
			f.lines[f.IntN(len(f.lines))] = f.line(width)
		}
	}
	fr := Frame{Content: strings.Join(f.lines, "\n")}
	if f.IntN(2) == 0 {
		fr.Cursor = Cursor{X: f.IntN(width + 1), Y: f.IntN(height + 1), Visible: true}
	}
	return fr
}

// play paints frames that the seed makes and compares each with the same frame
// drawn directly.
func play(t *testing.T, seed uint64, width, height, frames int) {
	f := &film{Rand: rand.New(rand.NewPCG(seed, 1))}
	s := newStage(t, width, height)
	for range frames {
		switch f.IntN(30) {
		case 0:
			s.o.Invalidate()
		case 1:
			s.say("\x1b[2J")
			s.say("\x1b[H")
		case 2:
			s.resize(1+f.IntN(2*width), 1+f.IntN(2*height))
		case 3:
			s.say("\x1b[?1049l")
			s.say("\x1b[?1049h")
		case 4:
			s.say("\x1b]2;title\x07")
		}
		fr := f.next(s.width, s.height)
		s.check("frame", fr)
		if again := s.check("frame again", fr); again != "" {
			t.Fatalf("an unchanged frame took %q", again)
		}
	}
}

func FuzzPaint(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint8(1+seed*7%60), uint8(1+seed*5%20))
	}
	f.Fuzz(func(t *testing.T, seed uint64, width, height uint8) {
		play(t, seed, max(1, int(width)%100), max(1, int(height)%40), 25)
	})
}
