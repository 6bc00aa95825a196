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
// as ignorable when drawn (variation selectors, Hangul fillers, the grapheme joiner), and a combining mark that has
// nothing of its own text to stand on. It is the one function for this: whatever outside text is shown goes
// through it.
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
		case unicode.Is(unicode.M, r) && !based, isHidden(r):
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
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
