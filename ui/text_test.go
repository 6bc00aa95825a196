package ui

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"clavier/model"
)

// TestT16EveryRuneKeepsToItsCells: between any two neighbours of ours, each character of Unicode takes the cells that are
// counted for it and at least one.
func TestT16EveryRuneKeepsToItsCells(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x20000 && r < 0xe0000 {
			r += 98 // ideographs, and planes that are empty
		}
		if r > 0xf0000 {
			r += 998 // private use
		}
		if r > 0x3000 && !thorough {
			r += 9
		}
		if !utf8.ValidRune(r) {
			continue
		}
		shown := model.Display(string(r))
		cells := width(shown)
		if cells == 0 {
			t.Errorf("%U takes no cell", r)
		}
		if got := width(" " + shown + "│"); got != cells+2 {
			t.Errorf("%U takes %d cells alone, and %d between a space and a border", r, cells, got-2)
		}
	}
}
