package paint

import "strconv"

// Bounds on when a shorter way pays, in bytes: a step over cells that stay
// costs 3 to 6, an erase to the end of the line 3, an erase of some cells and
// the step over them about 10.
const (
	stepOver  = 4
	eraseTail = 4
	eraseRun  = 12
)

// brush collects the bytes of one frame and knows where they leave the
// terminal's cursor and pen.
type brush struct {
	buf []byte
	pen style

	x, y           int  // the cursor's column and row
	xKnown, yKnown bool // whether they can be relied on
}

func (b *brush) setPen(s style) {
	b.buf = appendSGR(b.buf, b.pen, s)
	b.pen = s
}

// suits reports whether a cell looks right in the pen as it is.
func (b *brush) suits(c *cell) bool {
	return b.pen == c.style || c.text == " " && b.pen.forBlank() == c.style
}

// moveTo puts the cursor at a column and a row with the fewest bytes. It never
// uses a line feed, which would scroll a terminal that has just been made
// smaller.
func (b *brush) moveTo(x, y int) {
	switch {
	case b.yKnown && b.y == y && b.xKnown && b.x == x:
		return
	case !b.yKnown || b.y != y:
		b.buf = append(b.buf, "\x1b["...)
		if y > 0 || x > 0 {
			b.buf = strconv.AppendInt(b.buf, int64(y)+1, 10)
		}
		if x > 0 {
			b.buf = append(b.buf, ';')
			b.buf = strconv.AppendInt(b.buf, int64(x)+1, 10)
		}
		b.buf = append(b.buf, 'H')
	case x == 0:
		b.buf = append(b.buf, '\r')
	case b.xKnown && x < b.x && b.x-x <= 3:
		for range b.x - x {
			b.buf = append(b.buf, '\b')
		}
	case b.xKnown && x > b.x && x-b.x < 10:
		b.csi(x-b.x, 'C')
	default:
		b.csi(x+1, 'G')
	}
	b.x, b.y, b.xKnown, b.yKnown = x, y, true, true
}

// csi appends a control sequence with one parameter, for which 1 is the
// default.
func (b *brush) csi(n int, final byte) {
	b.buf = append(b.buf, "\x1b["...)
	if n != 1 {
		b.buf = strconv.AppendInt(b.buf, int64(n), 10)
	}
	b.buf = append(b.buf, final)
}

// paintRow turns row y of the screen from old into next, which is as wide.
func (b *brush) paintRow(y int, old, next *row) {
	// Cells before force are written even if they did not change: what was
	// written before them may have spilled over them.
	force := 0
	for x := 0; x < next.end; {
		c := &next.cells[x]
		if x >= force && *c == old.cells[x] {
			x++
			continue
		}
		if n := blanks(old, next, x, force); n >= eraseRun {
			b.moveTo(x, y)
			b.setPen(style{})
			b.csi(n, 'X')
			x += n
			continue
		}
		b.approach(x, y, next)
		end := x + 1
		switch c.trust {
		case exact:
			end = x + b.put(c)
			if end < len(next.cells) {
				b.x = end
			} else {
				b.lost(true) // the next column is on this row or the next
			}
		case ambiguous:
			for end < next.end && next.cells[end].trust == ambiguous {
				end++
			}
			for i := x; i < end; i++ {
				b.put(&next.cells[i])
			}
			force = max(force, end+end-x)
			b.lost(end+end-x >= len(next.cells))
		case loose:
			if c.width == 2 && (!blankAs(&old.cells[x], c) || !blankAs(&old.cells[x+1], c)) {
				// A terminal that uses one column would show what was in the other.
				b.setPen(c.style)
				b.buf = append(b.buf, "  "...)
				if end+1 < len(next.cells) {
					b.buf = append(b.buf, "\b\b"...)
				} else {
					b.csi(x+1, 'G') // from the last column, how far back is up to the terminal
				}
			}
			end = x + b.put(c)
			force = max(force, end+int(c.spill))
			b.lost(end+int(c.spill) >= len(next.cells))
		}
		x = end
	}
	stale := max(force, old.end) - next.end
	if stale <= 0 || next.end == len(next.cells) {
		return
	}
	b.moveTo(next.end, y)
	if stale < eraseTail && stale < len(next.cells)-next.end && b.suits(&blankCell) {
		for range stale {
			b.buf = append(b.buf, ' ')
		}
		b.x += stale
		return
	}
	b.setPen(style{})
	b.buf = append(b.buf, "\x1b[K"...)
}

// put writes one cell where the cursor is and returns its columns.
func (b *brush) put(c *cell) int {
	if !b.suits(c) {
		b.setPen(c.style)
	}
	b.buf = append(b.buf, c.text...)
	return max(1, int(c.width))
}

// lost forgets the cursor's column, and its row too if the terminal may have
// wrapped.
func (b *brush) lost(row bool) {
	b.xKnown = false
	b.yKnown = b.yKnown && !row
}

// approach puts the cursor at x, by writing the few cells on the way again if
// that is shorter than stepping over them. They are as the screen has them.
func (b *brush) approach(x, y int, next *row) {
	if b.yKnown && b.y == y && b.xKnown && b.x < x && x-b.x <= stepOver {
		n := 0
		for i := b.x; i < x; i++ {
			c := &next.cells[i]
			if c.trust != exact || c.width != 1 || !b.suits(c) {
				n = stepOver + 1
				break
			}
			n += len(c.text)
		}
		if n <= stepOver {
			for i := b.x; i < x; i++ {
				b.buf = append(b.buf, next.cells[i].text...)
			}
			b.x = x
			return
		}
	}
	b.moveTo(x, y)
}

// blanks counts the unstyled blank cells from x on, up to the last of them
// that has to be written.
func blanks(old, next *row, x, force int) int {
	n := 0
	for i := x; i < next.end && next.cells[i] == blankCell; i++ {
		if i < force || old.cells[i] != blankCell {
			n = i + 1 - x
		}
	}
	return n
}

// blankAs reports whether a cell of the screen is blank with the background
// of c.
func blankAs(old, c *cell) bool {
	return old.text == " " && old.style == style{bg: c.style.bg} && c.style.attr&onBlank == 0
}
