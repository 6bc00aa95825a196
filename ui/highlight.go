package ui

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"clavier/model"
)

// lit is outside text as it is shown, with the ranges of it that are highlighted: in bytes of the shown text, sorted and
// apart. None of them begins or ends within an escape or within what the terminal draws as one character.
type lit struct {
	text   string
	ranges [][2]int
}

// light makes text displayable, in at most w cells, and carries ranges of its bytes over to what is shown. A range that
// is cut off lights the ellipsis.
func light(text string, w int, ranges [][2]int) lit {
	whole := model.Display(text)
	shown := cut(whole, w)
	if len(ranges) == 0 || shown == "" {
		return lit{text: shown}
	}
	kept := len(shown)
	if whole != shown {
		kept -= len(ellipsis)
	}
	l := lit{text: shown}
	for _, r := range ranges {
		start, end := displayed(text, r[0]), displayed(text, min(r[1], len(text)))
		start, end = clusters(whole, start, end)
		if start >= kept { // behind the cut
			start = kept
		}
		if end > kept {
			end = len(shown)
		}
		if n := len(l.ranges); n > 0 && l.ranges[n-1][1] >= start {
			l.ranges[n-1][1] = max(l.ranges[n-1][1], end)
		} else if start < end {
			l.ranges = append(l.ranges, [2]int{start, end})
		}
	}
	return l
}

// displayed returns where byte i of text, at which a rune begins or the text ends, stands in model.Display(text): what is
// shown of a rune depends on what stands before it alone.
func displayed(text string, i int) int { return len(model.Display(text[:i])) }

// clusters widens a range of s until it splits no character as a person sees it.
func clusters(s string, start, end int) (from, to int) {
	if start >= end {
		return start, end
	}
	from, to = -1, len(s)
	for at := 0; at < len(s); {
		size := 1
		if s[at] >= utf8.RuneSelf || at+1 < len(s) && s[at+1] >= utf8.RuneSelf {
			cluster, _ := ansi.FirstGraphemeCluster(s[at:], ansi.GraphemeWidth)
			size = max(len(cluster), 1)
		}
		if from < 0 && at+size > start {
			from = at
		}
		if at+size >= end {
			return max(from, 0), at + size
		}
		at += size
	}
	return max(from, 0), to
}

// in draws the text in two styles.
func (l lit) in(base, bright style) string {
	if len(l.ranges) == 0 {
		return base.on(l.text)
	}
	var b strings.Builder
	at := 0
	for _, r := range l.ranges {
		b.WriteString(base.on(l.text[at:r[0]]))
		b.WriteString(bright.on(l.text[r[0]:r[1]]))
		at = r[1]
	}
	b.WriteString(base.on(l.text[at:]))
	return b.String()
}

// fill adds spaces up to w cells.
func (l lit) fill(w int) lit {
	l.text += spaces(w - width(l.text))
	return l
}

// after puts a text of ours in front.
func (l lit) after(prefix string) lit {
	l.ranges = slices.Clone(l.ranges)
	for i := range l.ranges {
		l.ranges[i][0] += len(prefix)
		l.ranges[i][1] += len(prefix)
	}
	l.text = prefix + l.text
	return l
}
