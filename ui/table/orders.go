package table

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"clavier/model"
)

// orders keeps the rows of a table in the orders that were asked for. The snapshots of a table share it.
type orders struct {
	mu   sync.Mutex
	last map[model.SortBy]*ordering
}

// ordering is the rows that were live at a snapshot, by one column, not turned round.
type ordering struct {
	rows   []Row
	rising bool // the rows are in the order of their numbers
	of     *Snapshot
}

func (o *orders) get(by model.SortBy) *ordering {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last[by]
}

// put keeps an ordering unless there is one of a later snapshot.
func (o *orders) put(by model.SortBy, ord *ordering) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last == nil {
		o.last = make(map[model.SortBy]*ordering)
	}
	if old := o.last[by]; old == nil || old.of.version <= ord.of.version {
		o.last[by] = ord
	}
	for by, old := range o.last { // each holds the columns that have changed since
		if old.of.version < ord.of.version-mostBehind {
			delete(o.last, by)
		}
	}
}

// mostBehind is how many snapshots ago an ordering that is kept was made at most.
const mostBehind = 16

// ready returns the ordering of the snapshot if it takes no sorting; nil otherwise.
func (s *Snapshot) ready(by model.SortBy) *ordering {
	if o := s.orders.get(by); o != nil && o.of == s {
		return o
	}
	return nil
}

// order returns the ordering of the snapshot. It returns nil once stop is true.
func (s *Snapshot) order(by model.SortBy, stop *atomic.Bool) *ordering {
	if o := s.ready(by); o != nil {
		return o
	}
	var rows []Row
	old := s.orders.get(by)
	if old != nil && old.of.version < s.version {
		rows = s.reorder(by, old, stop)
	}
	if rows == nil {
		rows = make([]Row, 0, s.live)
		for ci, c := range s.chunks {
			rows = appendRows(rows, ci, c.live)
		}
		s.sortRows(by, rows, stop)
	}
	if stop.Load() {
		return nil
	}
	o := &ordering{rows: rows, of: s}
	o.rising = slices.IsSorted(rows)
	s.orders.put(by, o)
	return o
}

// reported returns how many rows, which are in order, are turned round with it: those that are not reported stand last in
// both directions.
func (s *Snapshot) reported(by model.SortBy, rows []Row) int {
	if by != model.SortUsed {
		return len(rows)
	}
	return sort.Search(len(rows), func(i int) bool { return !s.place(rows[i]).is(flagReported) })
}

// sortRows sorts rows by a column. The rows are in any order once stop is true.
func (s *Snapshot) sortRows(by model.SortBy, rows []Row, stop *atomic.Bool) {
	sorter := sorter{s, by, stop}
	part := make([]keyed, len(rows))
	level := sorter.firstLevel()
	for i, r := range rows {
		part[i].row = r
	}
	sorter.fillAll(part, level)
	sorter.sort(part, make([]keyed, len(part)), level)
	for i := range part {
		rows[i] = part[i].row
	}
}

// mostMoved is how many rows, of all, are put into an older ordering one by one at most: one of so many.
const mostMoved = 16

// reorder returns the rows in order, from the ordering of an earlier snapshot: without the rows that are deleted, and with
// those that are new, or not what they were, in their places. It returns nil if these are too many.
func (s *Snapshot) reorder(by model.SortBy, old *ordering, stop *atomic.Bool) []Row {
	stays := make([]*bits, len(s.chunks))
	var moved []Row
	for ci, c := range s.chunks {
		var before *chunk
		if ci < len(old.of.chunks) {
			before = old.of.chunks[ci]
		}
		if before == c {
			stays[ci] = c.live
			continue
		}
		stays[ci] = new(bits)
		for i := range c.rows {
			switch {
			case !c.live.has(i):
			case before != nil && i < before.rows && sameOrder(by, before, c, i):
				stays[ci].set(i)
			default:
				moved = append(moved, rowOf(ci, i))
			}
		}
		if stop.Load() || len(moved) > s.live/mostMoved {
			return nil
		}
	}
	s.sortRows(by, moved, stop)
	rows := make([]Row, 0, s.live)
	kept := slices.DeleteFunc(slices.Clone(old.rows), func(r Row) bool { return !stays[r.chunk()].has(r.place()) })
	order := model.Order{By: by}
	for _, r := range moved {
		at, _ := slices.BinarySearchFunc(kept, r, func(a, b Row) int { return s.compare(order, a, b) })
		rows = append(append(rows, kept[:at]...), r)
		kept = kept[at:]
	}
	return append(rows, kept...)
}

// sameOrder reports whether nothing has changed in a row that its place in the order follows from.
func sameOrder(by model.SortBy, old, c *chunk, i int) bool {
	if compareMoments(old, old.created[i], c, c.created[i]) != 0 {
		return false
	}
	switch by {
	case model.SortName:
		return compareNames(place{old, i}, place{c, i}) == 0
	case model.SortUsed:
		return compareMoments(old, old.used[i], c, c.used[i]) == 0 && (old.flags[i]^c.flags[i])&flagReported == 0
	case model.SortExpires:
		return compareEnds(place{old, i}, place{c, i}) == 0
	default:
		return true
	}
}
