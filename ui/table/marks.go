package table

import mathbits "math/bits"

// SetMark marks a row or takes its mark off. A row that was deleted has none.
func (t *Table) SetMark(r Row, on bool) {
	if !t.isLive(r) || t.Marked(r) == on {
		return
	}
	t.flip(r)
}

// flip turns the mark of a live row round.
func (t *Table) flip(r Row) {
	m := &t.marks[r.chunk()]
	m[r.place()>>6] ^= 1 << (r.place() & 63)
	if m.has(r.place()) {
		t.marked++
	} else {
		t.marked--
	}
}

// Marked reports whether a row is marked.
func (t *Table) Marked(r Row) bool {
	return r.chunk() < len(t.marks) && t.marks[r.chunk()].has(r.place())
}

// MarkedCount returns how many keys are marked.
func (t *Table) MarkedCount() int { return t.marked }

// MarkAll marks rows or takes their marks off. For all rows of a listing, MarkListing is faster.
func (t *Table) MarkAll(rows []Row, on bool) {
	for _, r := range rows {
		t.SetMark(r, on)
	}
}

// Invert turns the marks of rows round. For all rows of a listing, InvertListing is faster.
func (t *Table) Invert(rows []Row) {
	for _, r := range rows {
		if t.isLive(r) {
			t.flip(r)
		}
	}
}

// MarkListing marks all rows of a listing of this table that are not deleted, or takes their marks off. It looks at one
// bit for each row of the table.
func (t *Table) MarkListing(l *Listing, on bool) {
	t.eachWord(l, func(marks *uint64, found uint64) {
		if on {
			*marks |= found
		} else {
			*marks &^= found
		}
	})
}

// InvertListing turns the marks round of all rows of a listing of this table that are not deleted.
func (t *Table) InvertListing(l *Listing) {
	t.eachWord(l, func(marks *uint64, found uint64) { *marks ^= found })
}

// MarkedIn returns how many keys of a listing of this table are marked: the others of MarkedCount are hidden by its
// filter. It looks at one bit for each row of the table.
func (t *Table) MarkedIn(l *Listing) (n int) {
	t.eachWord(l, func(marks *uint64, found uint64) { n += mathbits.OnesCount64(*marks & found) })
	return n
}

// eachWord calls do with the marks of 64 rows, and those of the rows that a listing has and that are live, and counts the
// marks anew.
func (t *Table) eachWord(l *Listing, do func(marks *uint64, found uint64)) {
	for ci := range l.found {
		marks, live := &t.marks[ci], t.chunks[ci].live
		for w, f := range &l.found[ci] {
			if f &= live[w]; f != 0 {
				before := mathbits.OnesCount64(marks[w])
				do(&marks[w], f)
				t.marked += mathbits.OnesCount64(marks[w]) - before
			}
		}
	}
}

// ClearMarks takes all marks off.
func (t *Table) ClearMarks() {
	clear(t.marks)
	t.marked = 0
}

// MarkedRows returns the marked rows, in the order of rows, which is that in which the keys came.
func (t *Table) MarkedRows() []Row {
	rows := make([]Row, 0, t.marked)
	for ci := range t.marks {
		rows = appendRows(rows, ci, &t.marks[ci])
	}
	return rows
}

// appendRows appends the rows of a chunk whose bits are set.
func appendRows(rows []Row, ci int, set *bits) []Row {
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			rows = append(rows, rowOf(ci, w<<6|mathbits.TrailingZeros64(word)))
		}
	}
	return rows
}

// CarryMarks marks the keys that are marked in another table, by their ids: after everything was read again.
func (t *Table) CarryMarks(from *Table) {
	for _, old := range from.MarkedRows() {
		shared := from.chunks[old.chunk()]
		row, found := t.index.find(from.hashOf(old), func(r Row) bool {
			return sameID(t.chunks[r.chunk()], r.place(), shared, old.place())
		})
		if found {
			t.SetMark(row, true)
		}
	}
}
