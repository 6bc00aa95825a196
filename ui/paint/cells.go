package paint

import (
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxCluster bounds the bytes of one cluster: the longest emoji sequences in
// use (families with skin tones, flags of regions) need fewer than 45.
const maxCluster = 64

// cell is one column of a row.
type cell struct {
	text  string // one grapheme cluster; empty in the second half of a wide one
	style style
	width uint8 // columns: 1 or 2, and 0 in the second half of a wide one
	trust trust
	spill uint8 // columns beyond width that a terminal may use
}

var blankCell = cell{text: " ", width: 1}

// row is one line of a frame or of the screen. It is never changed once made,
// so that frames and the screen can share it.
type row struct {
	cells []cell
	end   int    // the column after the last cell that is not blank
	hash  uint64 // equal rows have equal hashes; used to find what scrolled

	src        string // what it was parsed from, starting with the pen start
	start, pen style  // the pen before and after src
}

var hashSeed = maphash.MakeSeed()

// newBlankRow returns a row of blank cells.
func newBlankRow(width int) *row {
	r := &row{cells: make([]cell, width)}
	for i := range r.cells {
		r.cells[i] = blankCell
	}
	r.finish()
	return r
}

// is reports whether parsing line with the pen start gives this row.
func (r *row) is(line string, start style) bool {
	return r.src == line && r.start == start
}

// finish computes what is derived from the cells.
func (r *row) finish() {
	r.end = len(r.cells)
	for r.end > 0 && r.cells[r.end-1] == blankCell {
		r.end--
	}
	var h maphash.Hash
	h.SetSeed(hashSeed)
	last := style{}
	for i := range r.cells[:r.end] {
		c := &r.cells[i]
		if c.style != last {
			last = c.style
			h.Write([]byte{0, byte(last.attr),
				byte(last.fg), byte(last.fg >> 8), byte(last.fg >> 16), byte(last.fg >> 24),
				byte(last.bg), byte(last.bg >> 8), byte(last.bg >> 16), byte(last.bg >> 24)})
		}
		h.WriteString(c.text)
	}
	r.hash = h.Sum64()
}

// parseRow makes a row of exactly width cells from one line of content, whose
// text starts with the pen start. What does not fit is cut.
func parseRow(line string, start style, width int) *row {
	r := &row{cells: make([]cell, width), src: line, start: start}
	pen, x := start, 0
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == 0x1b:
			n, params, isSGR := escape(line[i:])
			if isSGR {
				pen = applySGR(pen, params)
			}
			i += n
		case c < 0x20 || c == 0x7f:
			i++
		case x >= width:
			// Only sequences matter once the row is full.
			n := strings.IndexByte(line[i:], 0x1b)
			if n < 0 {
				n = len(line) - i
			}
			i += n
		case c < 0x80 && (i+1 == len(line) || line[i+1] < 0x80):
			st := pen
			if c == ' ' {
				st = pen.forBlank()
			}
			r.cells[x] = cell{text: line[i : i+1], style: st, width: 1}
			x++
			i++
		default:
			cluster, w, n := cluster(line[i:])
			i += n
			if w == 0 {
				continue
			}
			if x+w > width { // half a wide character: nothing after it fits either
				for ; x < width; x++ {
					r.cells[x] = blankCell
				}
				continue
			}
			t, spill := judge(cluster, w)
			r.cells[x] = cell{text: cluster, style: pen, width: uint8(w), trust: t, spill: uint8(spill)}
			if w == 2 {
				r.cells[x+1] = cell{style: pen}
			}
			x += w
		}
	}
	for ; x < width; x++ {
		r.cells[x] = blankCell
	}
	r.pen = pen
	r.finish()
	return r
}

// cluster returns the first grapheme cluster of s as it may be printed, its
// width in columns, and how many bytes of s it took. A width of 0 means that
// nothing is to be printed: a control, a format character, a mark that has
// nothing to stand on. The width is that of ansi.StringWidth, by which Lip
// Gloss lays out.
func cluster(s string) (text string, width, n int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size <= 1 {
		return string(utf8.RuneError), 1, max(1, size)
	}
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return "", 0, size
	}
	text, width = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	n = max(size, len(text))
	text = s[:n]
	if n > size {
		text = clean(text)
	}
	return text, min(width, 2), n
}

// clean keeps the runes of a cluster that may be printed, up to maxCluster.
func clean(text string) string {
	for i, r := range text {
		bad := r == utf8.RuneError || unicode.Is(unicode.Cc, r)
		if bad || i+utf8.RuneLen(r) > maxCluster {
			return text[:i]
		}
	}
	return text
}

// escape measures the escape sequence at the start of s, which begins with
// ESC, and returns its parameters if it is an SGR. A sequence that is broken
// off by the end of s, by another ESC or by a control ends there.
func escape(s string) (n int, params string, isSGR bool) {
	if len(s) < 2 {
		return len(s), "", false
	}
	switch s[1] {
	case '[':
		i := 2
		for i < len(s) && s[i] >= 0x30 && s[i] <= 0x3f {
			i++
		}
		end := i
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
			i++
		}
		if i == len(s) || s[i] < 0x40 || s[i] > 0x7e {
			return i, "", false
		}
		params = s[2:end]
		isSGR = s[i] == 'm' && i == end && (params == "" || params[0] <= ';')
		return i + 1, params, isSGR
	case ']', 'P', 'X', '^', '_':
		for i := 2; i < len(s); i++ {
			switch s[i] {
			case 0x07, 0x18, 0x1a:
				return i + 1, "", false
			case 0x1b:
				if i+1 < len(s) && s[i+1] == '\\' {
					return i + 2, "", false
				}
				return i, "", false
			}
		}
		return len(s), "", false
	}
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		i++
	}
	return i, "", false
}
