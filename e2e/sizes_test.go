//go:build linux || darwin

package e2e

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"clavier/e2e/term"
)

// TestT22RealResizes: on a walk through sizes, with each dialog open, what stands on the screen after a resize is what a
// whole repaint draws; the header is on top and the footer at the bottom.
func TestT22RealResizes(t *testing.T) {
	t.Parallel()
	surfaces := map[string]string{"list": "", "new": "nstaging", "details": "\r", "delete": "dwi", "help": "?", "activity": "3"}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for surface, keys := range surfaces {
		t.Run(surface, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{})
			p.create("one", "日本語のキー", strings.Repeat("wide ", 12)+"name")
			x := p.Start(p.tb, p.opts)
			waitList(x, 3)
			x.Send(keys)
			x.Screen()
			random := rand.New(rand.NewPCG(seed, uint64(len(surface))))
			sizes := [20][2]int{{20, 5}, {400, 120}, {1, 1}, {19, 5}, {20, 4}, {80, 24}}
			for i := 6; i < len(sizes); i++ {
				sizes[i] = [2]int{1 + random.IntN(200), 1 + random.IntN(60)}
			}
			for _, size := range sizes {
				cols, rows := size[0], size[1]
				drawn := len(x.Raw())
				x.Resize(cols, rows)
				eventually(nowhere{p.tb, func() string { return x.Screen().Frame() }}, "a frame of the new size", func() bool {
					if !bytes.Contains(x.Raw()[drawn:], []byte("\x1b[2H\x1b[J")) { // the painter begins a whole screen with it
						return false
					}
					s := x.Screen()
					if cols < 20 || rows < 5 {
						return s.Line(0) != "" && s.Line(0)[0] == 'c'
					}
					top := strings.HasPrefix(s.Line(0), " clavier") || strings.HasPrefix(s.Line(0), "┌") || surface != "list"
					return top && s.Line(rows-1) != "" && strings.HasPrefix(s.Line(rows-1), " ")
				})
				before := x.Screen()
				mustFit(p, before)
				mark := len(x.Raw())
				x.Key(term.CtrlL)
				eventually(p.tb, "the repaint", func() bool { return len(x.Raw()) > mark })
				after := x.Screen()
				if changing.ReplaceAllString(before.String(), "") != changing.ReplaceAllString(after.String(), "") && !aged(before, after) {
					p.tb.Errorf("at %dx%d a repaint changes the screen from\n%sto\n%s", cols, rows, before.Frame(), after.Frame())
				}
				if before.CursorVisible != after.CursorVisible || before.CursorVisible && (before.CursorX != after.CursorX || before.CursorY != after.CursorY) {
					p.tb.Errorf("at %dx%d a repaint moves the cursor from\n%sto\n%s", cols, rows, before.Frame(), after.Frame())
				}
			}
			x.Key(term.CtrlC)
			if code := x.WaitExit(); code != 0 {
				p.tb.Errorf("code %d", code)
			}
			x.MustBeWhole(p.tb)
		})
	}
}

// aged tells whether two screens differ in digits only, as they do when a second has passed.
func aged(a, b term.Screen) bool {
	digits := func(s term.Screen) string {
		return strings.Join(strings.FieldsFunc(s.String(), func(r rune) bool { return r >= '0' && r <= '9' || r == ' ' }), "")
	}
	return digits(a) == digits(b)
}
