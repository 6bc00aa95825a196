package table

import (
	"slices"
	"sync/atomic"

	"clavier/model"
)

// firstPage returns the first rows that match, in order, before all are put in order: the rows are looked through once,
// and the first so far are kept.
func (s *Search) firstPage(stop *atomic.Bool) []Row {
	pieces := min(workersFor(s.snapshot.live), len(s.found))
	firsts := make([][]keyed, pieces)
	parallel(pieces, pieces, func(p int) {
		from, to := p*len(s.found)/pieces, (p+1)*len(s.found)/pieces
		f := s.newFirst(stop)
		for ci := from; ci < to && !stop.Load(); ci++ {
			f.offer(ci, &s.found[ci])
		}
		firsts[p] = f.heap
	})
	if stop.Load() {
		return nil
	}
	all := slices.Concat(firsts...)
	f := s.newFirst(stop)
	slices.SortFunc(all, f.compare)
	rows := make([]Row, min(len(all), s.request.Page))
	for i := range rows {
		rows[i] = all[i].row
	}
	return rows
}

// first keeps the first rows of those that it is offered.
type first struct {
	sorter sorter
	order  model.Order
	page   int
	offers []keyed // room for the rows of a chunk
	rows   []Row   // likewise
	heap   []keyed // the last row is at the top
}

func (s *Search) newFirst(stop *atomic.Bool) *first {
	order := s.request.Order
	return &first{sorter: sorter{s.snapshot, order.By, stop}, order: order, page: s.request.Page}
}

// compare compares two rows whose numbers are set.
func (f *first) compare(a, b keyed) int {
	if c := compareKeys(a, b); c != 0 {
		return c
	}
	return f.sorter.snapshot.compare(f.order, a.row, b.row)
}

// offer looks at the rows of a chunk that match.
func (f *first) offer(ci int, found *bits) {
	f.rows = appendRows(f.rows[:0], ci, found)
	f.offers = f.offers[:0]
	for _, row := range f.rows {
		f.offers = append(f.offers, keyed{row: row})
	}
	f.sorter.fill(f.offers, f.sorter.firstLevel())
	for _, k := range f.offers {
		if f.order.Reverse && (f.order.By != model.SortUsed || k.key != unreportedKey) {
			k.key = ^k.key
		}
		switch {
		case len(f.heap) < f.page:
			f.heap = append(f.heap, k)
			f.up()
		case k.key <= f.heap[0].key && f.compare(k, f.heap[0]) < 0:
			f.heap[0] = k
			f.down()
		}
	}
}

// up moves the last of the heap to its place.
func (f *first) up() {
	for i := len(f.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if f.compare(f.heap[parent], f.heap[i]) >= 0 {
			return
		}
		f.heap[i], f.heap[parent] = f.heap[parent], f.heap[i]
		i = parent
	}
}

// down moves the top of the heap to its place.
func (f *first) down() {
	for i := 0; ; {
		last := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(f.heap); child++ {
			if f.compare(f.heap[last], f.heap[child]) < 0 {
				last = child
			}
		}
		if last == i {
			return
		}
		f.heap[i], f.heap[last] = f.heap[last], f.heap[i]
		i = last
	}
}
