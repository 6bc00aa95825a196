package paint

// scrollCost is about what the sequences of one scroll cost, in bytes.
const scrollCost = 18

// shift says that rows top to bottom, both included, move up by n rows, or
// down by -n.
type shift struct {
	top, bottom, n int
}

// findShift looks for the one vertical move after which the fewest bytes turn
// old into next. It reports false if none saves anything.
func findShift(old, next []*row, blank *row) (shift, bool) {
	n := likelyShift(old, next)
	if n == 0 {
		return shift{}, false
	}
	s := &scrollPlan{old: old, next: next, blank: blank, n: n}
	s.cost = make([]int, 3*len(next))
	for i := range s.cost {
		s.cost[i] = -1
	}
	top, bottom, ok := s.core()
	if !ok {
		return shift{}, false
	}
	// Rows that moved and changed too, such as the one the cursor left, border
	// on those that only moved: take them in as long as that saves something.
	best := s.gain(top, bottom)
	for grown := true; grown; {
		grown = false
		if bottom+1 < len(next) {
			if g := s.gain(top, bottom+1); g > best {
				best, bottom, grown = g, bottom+1, true
			}
		}
		if top > 0 {
			if g := s.gain(top-1, bottom); g > best {
				best, top, grown = g, top-1, true
			}
		}
	}
	return shift{top, bottom, n}, best > scrollCost
}

// likelyShift returns by how many rows most of the changed rows moved up
// (down, if negative), or 0.
func likelyShift(old, next []*row) int {
	votes := make([]int, 2*len(next))
	best := 0
	for i, r := range next {
		if r.end == 0 || r.hash == old[i].hash {
			continue
		}
		for j, o := range old {
			if o.hash == r.hash {
				v := j - i + len(next)
				votes[v]++
				if best == 0 || votes[v] > votes[best] {
					best = v
				}
			}
		}
	}
	if best == 0 {
		return 0
	}
	return best - len(next)
}

// scrollPlan weighs one distance of scrolling.
type scrollPlan struct {
	old, next []*row
	blank     *row
	n         int
	cost      []int // lazily: per row as it is, moved, and from blank
}

// core returns the region of the longest run of rows that only moved.
func (s *scrollPlan) core() (top, bottom int, ok bool) {
	best, from := 0, -1
	for i := 0; i <= len(s.next); i++ {
		j := i + s.n
		same := i < len(s.next) && j >= 0 && j < len(s.old) && s.next[i].hash == s.old[j].hash
		switch {
		case same && from < 0:
			from = i
		case !same && from >= 0:
			if i-from > best {
				best, top, bottom = i-from, min(from, from+s.n), max(i-1, i-1+s.n)
			}
			from = -1
		}
	}
	return top, bottom, best > 0
}

// gain is how many bytes less it takes if the region is scrolled.
func (s *scrollPlan) gain(top, bottom int) int {
	sum := 0
	for i := top; i <= bottom; i++ {
		sum += s.rowCost(0, i, i)
		if j := i + s.n; j >= top && j <= bottom {
			sum -= s.rowCost(1, i, j)
		} else {
			sum -= s.rowCost(2, i, -1)
		}
	}
	return sum
}

// rowCost estimates the bytes that turn row from of the screen, or a blank
// row, into row i of the frame, and remembers the answer in the given third.
func (s *scrollPlan) rowCost(third, i, from int) int {
	c := &s.cost[third*len(s.next)+i]
	if *c < 0 {
		o := s.blank
		if from >= 0 {
			o = s.old[from]
		}
		*c = differing(o, s.next[i])
	}
	return *c
}

// differing counts the cells of next, up to its end, that old does not have,
// and adds the cost of getting there and of erasing the rest.
func differing(old, next *row) int {
	if old.hash == next.hash {
		return 0
	}
	n := 6
	for x := range next.cells[:next.end] {
		if old.cells[x] != next.cells[x] {
			n += max(1, len(next.cells[x].text))
		}
	}
	if old.end > next.end {
		n += 3
	}
	return n
}

// scroll moves rows with "delete line" and "insert line". Deleting comes
// first: the rows below the region move and come back, and nothing falls out
// at the bottom. Unlike a scroll region this leaves no state behind, and no
// terminal saves a deleted line to its scrollback.
func (b *brush) scroll(s shift, height int) {
	n, del, ins := s.n, s.top, s.bottom-s.n+1
	if n < 0 {
		n = -n
		del, ins = s.bottom-n+1, s.top
	}
	b.setPen(style{}) // new lines get the pen's background on some terminals
	last := s.bottom == height-1
	if s.n > 0 || !last {
		b.moveTo(0, del)
		b.csi(n, 'M')
	}
	if s.n < 0 || !last {
		b.moveTo(0, ins)
		b.csi(n, 'L')
	}
}

// apply moves the rows of the screen as scroll moves them on the terminal.
func (s shift) apply(rows []*row, blank *row) {
	region := rows[s.top : s.bottom+1]
	if s.n > 0 {
		copy(region, region[s.n:])
		region = region[len(region)-s.n:]
	} else {
		copy(region[-s.n:], region)
		region = region[:-s.n]
	}
	for i := range region {
		region[i] = blank
	}
}
