package ui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// ellipsis stands where text was cut.
const ellipsis = "…"

// width returns how many cells s takes on screen.
func width(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cut returns s in at most w cells, with an ellipsis where it was cut.
func cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if width(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, ellipsis)
}

// cutMiddle returns s in at most w cells, with an ellipsis in the middle if it was cut: of a host the start and the end tell
// most. It must hold no styles.
func cutMiddle(s string, w int) string {
	all := width(s)
	if all <= w {
		return s
	}
	if w < 8 {
		return cut(s, w)
	}
	head := ansi.Truncate(s, (w-1)/2, "")
	tail := ansi.TruncateLeft(s, all-(w-1-width(head)), "")
	return cut(head+ellipsis+tail, w)
}

// fit returns s in exactly w cells, cut or padded on the right.
func fit(s string, w int) string {
	s = cut(s, w)
	return s + spaces(w-width(s))
}

func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(" ", n)
}

// count writes a number with its digits in groups of three: 100 000. The space is a plain one, which is as wide
// everywhere.
func count(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// wrap breaks s into lines of at most w cells, between words where it can.
func wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// hardWrap breaks s into lines of at most w cells anywhere; for ids and secrets, which have no words.
func hardWrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Hardwrap(s, w, true), "\n")
}

// splice lays box over line from cell x on, for a line of total cells. A wide character that the box cuts in half
// leaves a space in its place.
func splice(line, box string, x, total int) string {
	left := fit(ansi.Truncate(line, x, ""), x)
	from := x + width(box)
	right := ansi.TruncateLeft(line, from, "")
	want := max(total-from, 0)
	if got, has := width(right), width(line)-from; got > has && has >= 0 {
		// TruncateLeft kept a wide character that begins inside the box.
		right = " " + ansi.TruncateLeft(right, got-has+1, "")
	}
	if got := width(right); got < want && width(line) >= total {
		right = spaces(want-got) + right
	}
	return left + box + ansi.Truncate(right, want, "")
}
