package model

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Display makes a string that came from outside safe and honest to show on a terminal: every rune that could move
// the cursor, hide, reorder or link text becomes a visible escape such as ⟨U+202E⟩, and every byte that is not
// UTF-8 becomes one such as ⟨0xFF⟩. Escaped are the categories Cc, Cf, Zl, Zp, Co and Cs, runes that Unicode marks
// as ignorable when drawn (variation selectors, Hangul fillers, the grapheme joiner), runes that the Unicode tables of
// this program do not know, and what would share a cell with text around it: a combining mark that has nothing of its
// own text to stand on, and the few letters that join whatever follows. It is the one function for this: whatever
// outside text is shown goes through it.
func Display(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	based := false // the rune before can carry a combining mark
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "⟨0x%02X⟩", s[i])
			based = false
		case combines(r) && !based, isHidden(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
			based = false
		default:
			b.WriteRune(r)
			based = r != ' '
		}
		i += size
	}
	return b.String()
}

// IsDisplayable reports whether Display leaves s as it is.
func IsDisplayable(s string) bool { return Display(s) == s }

// isPlain is the fast path: printable ASCII only.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// isHidden reports whether r must never reach a terminal as it is.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs, unicode.Cn,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, prepended)
}

// combines reports whether r is drawn in the cell of the rune before it.
func combines(r rune) bool { return unicode.In(r, unicode.M, appended) }

// appended are the runes outside of category M that extend the grapheme cluster before them: Grapheme_Cluster_Break
// Extend or SpacingMark in Unicode 17 (UAX 29).
var appended = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0e33, Hi: 0x0eb3, Stride: 0x80}, {Lo: 0xff9e, Hi: 0xff9f, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}},
}

// prepended are the letters that pull whatever follows into their grapheme cluster, a space too:
// Grapheme_Cluster_Break Prepend in Unicode 17, without those of category Cf.
var prepended = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1}, {Lo: 0x113d1, Hi: 0x113d1, Stride: 1}, {Lo: 0x1193f, Hi: 0x11941, Stride: 2},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1}, {Lo: 0x11d46, Hi: 0x11d46, Stride: 1}, {Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}
