package table

import (
	mathbits "math/bits"
)

// Listing is the answer to a request: rows of a snapshot, in order. It never changes and is safe for concurrent use. A
// listing that is not complete holds the first rows, and is followed by another.
type Listing struct {
	of       *Snapshot
	request  Request
	rows     []Row
	found    []bits // by chunk, the rows that match; nil in a listing that is not complete
	count    int
	stale    StaleCount
	complete bool
}

// Rows returns the rows that match, in order; the first of them if the listing is not complete. The slice is shared:
// nobody changes it.
func (l *Listing) Rows() []Row { return l.rows }

// Len returns how many rows Rows returns.
func (l *Listing) Len() int { return len(l.rows) }

// Row returns the row at a place; false if there is none.
func (l *Listing) Row(at int) (Row, bool) {
	if at < 0 || at >= len(l.rows) {
		return 0, false
	}
	return l.rows[at], true
}

// Count returns how many rows match, which is known before all of them are in order; -1 while it is not.
func (l *Listing) Count() int { return l.count }

// Complete reports whether Rows returns all rows that match.
func (l *Listing) Complete() bool { return l.complete }

// Total returns how many keys the snapshot has.
func (l *Listing) Total() int {
	if l.of == nil {
		return 0
	}
	return l.of.live
}

// Stale returns how many keys of the snapshot are stale by the rule of the request, whether they match or not. It is
// known when Count is.
func (l *Listing) Stale() int { return l.stale.All }

// StaleCount says more than Stale.
func (l *Listing) StaleCount() StaleCount { return l.stale }

// Request returns what was asked.
func (l *Listing) Request() Request { return l.request }

// Has reports whether a row matches. A listing that is not complete has none.
func (l *Listing) Has(r Row) bool {
	return r.chunk() < len(l.found) && l.found[r.chunk()].has(r.place())
}

// Place returns the place of a row in Rows; false if it is not there.
func (l *Listing) Place(r Row) (at int, ok bool) {
	if l.complete && !l.Has(r) || l.of == nil || r.chunk() >= len(l.of.chunks) || r.place() >= l.of.chunks[r.chunk()].rows {
		return 0, false
	}
	for at, row := range l.rows {
		if row == r {
			return at, true
		}
	}
	return 0, false
}

func countBits(set *bits) (n int) {
	for _, word := range set {
		n += mathbits.OnesCount64(word)
	}
	return n
}
