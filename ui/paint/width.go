package paint

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// trust says how far terminals agree on how many columns a cluster takes.
type trust uint8

const (
	// exact: every terminal advances by the cell's width.
	exact trust = iota
	// ambiguous: one column, or two where the terminal is set up for East
	// Asian text (UAX #11, class A). Neighbours that are ambiguous too are
	// written in one go; the position is set anew after them.
	ambiguous
	// loose: emoji, joined and combined clusters, rare scripts. The position
	// is set anew after every one.
	loose
)

// maxSpill bounds how many columns past its own a cluster is believed to
// reach on a terminal that shows its runes one by one.
const maxSpill = 8

// judge says how far the width of a cluster can be trusted, and how many
// columns more than that a terminal may use for it. The cluster is not empty.
func judge(cluster string, cells int) (t trust, spill int) {
	r, n := utf8.DecodeRuneInString(cluster)
	if n == len(cluster) {
		kind := width.LookupRune(r).Kind()
		switch {
		case kind == width.EastAsianAmbiguous && cells == 1:
			return ambiguous, 1
		case cells == 1 && certainNarrow(r, kind), cells == 2 && certainWide(r):
			return exact, 0
		}
	}
	for _, r := range cluster {
		spill += atMost(r)
	}
	return loose, max(0, min(spill-cells, maxSpill))
}

// atMost is the most columns a terminal may use for a rune by itself.
func atMost(r rune) int {
	kind := width.LookupRune(r).Kind()
	if kind == width.EastAsianNarrow || kind == width.EastAsianHalfwidth ||
		unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 1
	}
	return 2
}

// certainNarrow holds the Latin, Greek, Cyrillic and Armenian letters and the
// Braille patterns (spinners), which have been one column since wcwidth(3).
func certainNarrow(r rune, kind width.Kind) bool {
	if kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
		return false
	}
	switch {
	case r < 0x300, r >= 0x370 && r < 0x483, r >= 0x48a && r < 0x590,
		r >= 0x1e00 && r < 0x2000, r >= 0x2800 && r < 0x2900, r >= 0xff61 && r < 0xffa0:
		return true
	}
	return false
}

// certainWide holds the East Asian blocks that were wide before emoji were.
func certainWide(r rune) bool {
	switch {
	case r >= 0x2e80 && r < 0x303e, r >= 0x3041 && r < 0x3248, r >= 0x3250 && r < 0x4dc0,
		r >= 0x4e00 && r < 0xa4d0, r >= 0xac00 && r < 0xd7a4, r >= 0xf900 && r < 0xfb00,
		r >= 0xff01 && r < 0xff61, r >= 0xffe0 && r < 0xffe7, r >= 0x20000 && r < 0x3fffe:
		return true
	}
	return false
}
