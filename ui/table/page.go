package table

import (
	mathbits "math/bits"
	"slices"
	"sync/atomic"

	"clavier/model"
)

// firstPage returns the first rows that match, in order, before all are put in order: the rows are looked through once,
// and a heap holds the first so far.
func (s *Search) firstPage(stop *atomic.Bool) []Row {
	order, snapshot := s.request.Order, s.snapshot
	sorter := sorter{snapshot, order.By, stop}
	level := sorter.firstLevel()
	before := func(a, b keyed) bool {
		if a.key != b.key {
			return a.key < b.key
		}
		return snapshot.compare(order, a.row, b.row) < 0
	}
	var heap []keyed // the last row first
	for ci, found := range s.found {
		if stop.Load() {
			return nil
		}
		for w, word := range found {
			for ; word != 0; word &= word - 1 {
				row := rowOf(ci, w<<6|mathbits.TrailingZeros64(word))
				k := keyed{sorter.key(level, row), row}
				if order.Reverse && (order.By != model.SortUsed || k.key != unreportedKey) {
					k.key = ^k.key
				}
				if len(heap) < s.request.Page {
					heap = append(heap, k)
					up(heap, before)
				} else if before(k, heap[0]) {
					heap[0] = k
					down(heap, before)
				}
			}
		}
	}
	slices.SortFunc(heap, func(a, b keyed) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	rows := make([]Row, len(heap))
	for i := range heap {
		rows[i] = heap[i].row
	}
	return rows
}

// up moves the last of a heap to its place.
func up(heap []keyed, before func(a, b keyed) bool) {
	for i := len(heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !before(heap[parent], heap[i]) {
			return
		}
		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}
}

// down moves the first of a heap to its place.
func down(heap []keyed, before func(a, b keyed) bool) {
	for i := 0; ; {
		last := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(heap) && before(heap[last], heap[child]) {
				last = child
			}
		}
		if last == i {
			return
		}
		heap[i], heap[last] = heap[last], heap[i]
		i = last
	}
}
