package scan

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// pattern is one spelling of a literal.
type pattern struct {
	text    []byte
	literal int // its place among the literals
	stride  int // bytes of a character: 2 in UTF-16
	big     bool
}

// spellings returns how a text may stand in a file: as it is, in Latin-1 and in UTF-16 of both byte orders. Of ASCII text the
// zero at the edge is left out, so that both orders have one spelling.
func spellings(text string) []pattern {
	all := []pattern{{text: []byte(text), stride: 1}}
	if !utf8.ValidString(text) {
		return all
	}
	latin, small, big := []byte{}, []byte{}, []byte{}
	narrow := true
	for _, r := range text {
		narrow = narrow && r < 0x100
		latin = append(latin, byte(r))
		for _, unit := range utf16.Encode([]rune{r}) {
			small = append(small, byte(unit), byte(unit>>8))
			big = append(big, byte(unit>>8), byte(unit))
		}
	}
	if narrow && len(latin) != len(text) {
		all = append(all, pattern{text: latin, stride: 1})
	}
	small, big = bytes.TrimSuffix(small, []byte{0}), bytes.TrimPrefix(big, []byte{0})
	all = append(all, pattern{text: small, stride: 2})
	if !bytes.Equal(small, big) {
		all = append(all, pattern{text: big, stride: 2, big: true})
	}
	return all
}

// literals finds many texts at once, by the algorithm of S. Wu and U. Manber, "A fast algorithm for multi-pattern searching"
// (TR 94-17, University of Arizona, 1994): the last three bytes of a window as long as the shortest text tell how far the
// window can move on.
type literals struct {
	patterns []pattern // by the hash of the last three bytes of their window
	window   int
	shift    [1 << hashBits]uint8
	from     map[uint16]int // the first pattern with a hash
}

const (
	hashBits = 14
	block    = 3
)

func hashOf(a, b, c byte) uint16 {
	return (uint16(a)<<9 ^ uint16(b)<<5 ^ uint16(c)) & (1<<hashBits - 1)
}

// newLiterals returns nil if there are no patterns. They have MinLiteral bytes at least.
func newLiterals(patterns []pattern) *literals {
	if len(patterns) == 0 {
		return nil
	}
	l := &literals{patterns: slices.Clone(patterns), window: 255, from: map[uint16]int{}}
	for _, p := range patterns {
		l.window = min(l.window, len(p.text))
	}
	for i := range l.shift {
		l.shift[i] = uint8(l.window - block + 1)
	}
	for _, p := range patterns {
		for end := block; end <= l.window; end++ {
			h := hashOf(p.text[end-3], p.text[end-2], p.text[end-1])
			l.shift[h] = min(l.shift[h], uint8(l.window-end))
		}
	}
	slices.SortStableFunc(l.patterns, func(a, b pattern) int { return int(l.hash(a)) - int(l.hash(b)) })
	for i, p := range slices.Backward(l.patterns) {
		l.from[l.hash(p)] = i
	}
	return l
}

func (l *literals) hash(p pattern) uint16 {
	return hashOf(p.text[l.window-3], p.text[l.window-2], p.text[l.window-1])
}

// each calls found for each place where a pattern stands in data. A nil receiver has no patterns.
func (l *literals) each(data []byte, found func(start int, p *pattern)) {
	if l == nil {
		return
	}
	for end := l.window; end <= len(data); {
		h := hashOf(data[end-3], data[end-2], data[end-1])
		if step := int(l.shift[h]); step > 0 {
			end += step
			continue
		}
		start := end - l.window
		for i := l.from[h]; i < len(l.patterns) && l.hash(l.patterns[i]) == h; i++ {
			if bytes.HasPrefix(data[start:], l.patterns[i].text) {
				found(start, &l.patterns[i])
			}
		}
		end++
	}
}
