package table

import (
	"slices"

	"clavier/model"
)

// Snapshot is a table as it was at one moment. It never changes and is safe for concurrent use.
type Snapshot struct {
	chunks  []*chunk
	live    int
	version int // greater than that of every earlier snapshot of the table
	orders  *orders
}

// Snapshot returns the table as it is now. It is the same one for as long as nothing changes; else it takes some
// microseconds for a million keys, and the next change of a key copies the columns that it changes, of 8192 rows at most.
// Marks are no part of it.
func (t *Table) Snapshot() *Snapshot {
	if t.snapshot == nil {
		if t.orders == nil {
			t.orders = &orders{}
		}
		t.version++
		t.snapshot = &Snapshot{slices.Clone(t.chunks), t.live, t.version, t.orders}
		clear(t.owned)
	}
	return t.snapshot
}

// Len returns how many keys there are.
func (s *Snapshot) Len() int { return s.live }

// Key returns the key of a row as it was at the moment of the snapshot; false if it was deleted by then.
func (s *Snapshot) Key(r Row) (model.Key, bool) { return keyOf(s.chunks, r) }
