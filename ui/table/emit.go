package table

import (
	mathbits "math/bits"
	"slices"
	"sync/atomic"
)

const (
	// pieceRows is how many rows of an ordering are looked at in one go.
	pieceRows = 1 << 15
	// If fewer than one row of fewMatch matches, those that match are sorted, instead of looking through all in order.
	fewMatch = 100
)

// inOrder returns the rows that match, in order; nil once stop is true.
func (s *Search) inOrder(count int, stop *atomic.Bool) []Row {
	order := s.request.Order
	if o := s.snapshot.ready(order.By); count < s.snapshot.live/fewMatch && (o == nil || !o.rising) {
		rows := s.rowsFound(count)
		s.snapshot.sortRows(order.By, rows, stop)
		return s.turned(rows, s.snapshot.reported(order.By, rows))
	}
	o := s.snapshot.order(order.By, stop)
	switch {
	case o == nil:
		return nil
	case count == len(o.rows) && !order.Reverse:
		return o.rows
	case o.rising:
		rows := s.rowsFound(count)
		return s.turned(rows, s.snapshot.reported(order.By, rows))
	default:
		rows := s.pick(o, count, stop)
		return s.turned(rows, s.snapshot.reported(order.By, rows))
	}
}

// rowsFound returns the rows that match, by their numbers.
func (s *Search) rowsFound(count int) []Row {
	rows := make([]Row, 0, count)
	for ci := range s.found {
		rows = appendRows(rows, ci, &s.found[ci])
	}
	return rows
}

// turned turns the rows round that are reported, if that is the order.
func (s *Search) turned(rows []Row, reported int) []Row {
	if s.request.Order.Reverse {
		slices.Reverse(rows[:reported])
	}
	return rows
}

// pick returns those rows of an ordering that match.
func (s *Search) pick(o *ordering, count int, stop *atomic.Bool) []Row {
	pieces := (len(o.rows) + pieceRows - 1) / pieceRows
	// First it is seen which rows match, and how many in each piece; then all pieces know where their rows go.
	match := make([]uint64, (len(o.rows)+63)/64)
	counts := make([]int, pieces)
	parallel(workersFor(len(o.rows)), pieces, func(p int) {
		if stop.Load() {
			return
		}
		from, to := p*pieceRows, min((p+1)*pieceRows, len(o.rows))
		counts[p] = s.matching(o.rows[from:to], match[from/64:])
	})
	if stop.Load() {
		return nil
	}
	rows := make([]Row, count)
	starts := make([]int, pieces)
	for p, at := 0, 0; p < pieces; p++ {
		starts[p] = at
		at += counts[p]
	}
	parallel(workersFor(len(o.rows)), pieces, func(p int) {
		if stop.Load() {
			return
		}
		from, to := p*pieceRows, min((p+1)*pieceRows, len(o.rows))
		place := starts[p]
		for w, word := range match[from/64 : (to+63)/64] {
			for ; word != 0; word &= word - 1 {
				rows[place] = o.rows[from|w<<6|mathbits.TrailingZeros64(word)]
				place++
			}
		}
	})
	return rows
}

// matching sets the bits of rows that match and returns how many these are.
func (s *Search) matching(rows []Row, match []uint64) (count int) {
	found := s.found
	for w := 0; w*64 < len(rows); w++ {
		word := uint64(0)
		for j, r := range rows[w*64 : min((w+1)*64, len(rows))] {
			word |= found[r>>chunkBits][r>>6&(chunkRows/64-1)] >> (r & 63) & 1 << (j & 63)
		}
		match[w] = word
		count += mathbits.OnesCount64(word)
	}
	return count
}
