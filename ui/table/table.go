package table

import (
	"slices"

	"clavier/model"
)

// Row names a key of one table for as long as the table lives, also when the key changes. It is never given to another
// key; not even to one with the same id, if the first was deleted.
type Row uint32

func rowOf(chunk, i int) Row { return Row(chunk<<chunkBits | i) }

func (r Row) chunk() int { return int(r >> chunkBits) }
func (r Row) place() int { return int(r & (chunkRows - 1)) }

// Table holds keys by their ids, and marks. The zero value is an empty table. It belongs to one goroutine; what others
// need of it, they take from a [Snapshot].
type Table struct {
	chunks []*chunk
	owned  []columns // by chunk: what nobody else has, so that it may change in its place
	live   int
	dead   int // of those that are live, how many an API refused
	index  index
	gone   map[string]struct{} // ids that were reported as deleted before they came
	open   int                 // the chunk that Put adds to, counted from 1; 0 if there is none
	extent Extent
	marks  []bits // by chunk
	marked int

	version  int
	snapshot *Snapshot // of the table as it is; nil if it has changed since the last
	orders   *orders
}

// Len returns how many keys there are.
func (t *Table) Len() int { return t.live }

// Key returns the key of a row as it was given, with its times in UTC; false if it was deleted.
func (t *Table) Key(r Row) (model.Key, bool) { return keyOf(t.chunks, r) }

func keyOf(chunks []*chunk, r Row) (model.Key, bool) {
	ci, i := r.chunk(), r.place()
	if ci >= len(chunks) || i >= chunks[ci].rows || !chunks[ci].live.has(i) {
		return model.Key{}, false
	}
	return chunks[ci].key(i), true
}

// Find returns the row of the key with this id.
func (t *Table) Find(id string) (Row, bool) {
	row, found := t.lookUp(id, hashID(id))
	if !found || !t.isLive(row) {
		return 0, false
	}
	return row, true
}

// lookUp returns the last row that has the id, be it live or not.
func (t *Table) lookUp(id string, hash uint64) (Row, bool) { return t.index.find(hash, t.hasID(id)) }

// hasID returns what tells whether a row has this id.
func (t *Table) hasID(id string) func(Row) bool {
	u, isUUID := parseUUID(id)
	return func(r Row) bool {
		c, i := t.chunks[r.chunk()], r.place()
		if c.flags[i]&flagTextID == 0 {
			return isUUID && c.uuid[i] == u
		}
		if isUUID {
			return false
		}
		_, _, at := c.rawSpans(i)
		return string(c.text[at.from:at.to]) == id
	}
}

// hashOf returns the hash of the id of a row.
func (t *Table) hashOf(r Row) uint64 {
	c, i := t.chunks[r.chunk()], r.place()
	if c.flags[i]&flagTextID == 0 {
		return c.uuid[i].hash()
	}
	_, _, id := c.texts(i)
	return hashID(id)
}

func (t *Table) isLive(r Row) bool {
	ci, i := r.chunk(), r.place()
	return ci < len(t.chunks) && i < t.chunks[ci].rows && t.chunks[ci].live.has(i)
}

// Reserve makes room for this many keys in all, so that Add does not make it bit by bit.
func (t *Table) Reserve(keys int) { t.index.reserve(keys) }

// Add adds the keys of a block. A key whose id is there already is left out, and so is one that was deleted before: a
// block is part of a list that may have begun earlier. It takes some 20 to 50 ns for each key.
func (t *Table) Add(b *Block) {
	for i, c := range b.chunks {
		t.addChunk(c, b.hashes[i])
	}
	t.extent.join(b.extent)
	t.snapshot = nil
}

func (t *Table) addChunk(shared *chunk, hashes []uint64) {
	c := *shared
	c.live, c.stale = new(bits), new(staleMemo)
	// What grows here must not grow into what another table that has the block sees.
	c.text, c.far, c.owners = slices.Clip(c.text), slices.Clip(c.far), slices.Clip(c.owners)
	t.chunks = append(t.chunks, &c)
	t.owned = append(t.owned, ownChunk) // the block has the columns too
	t.marks = append(t.marks, bits{})
	var more [indexShards]int
	for _, hash := range hashes {
		more[shardNumber(hash)]++
	}
	for number := range more {
		t.index.shards[number].room(number, more[number])
	}
	// The processor fetches slots side by side if they are asked for in a row, before anything is done with one.
	const ahead = 32
	var homes [ahead]slot
	for first := 0; first < len(hashes); first += ahead {
		part := hashes[first:min(first+ahead, len(hashes))]
		for i, hash := range part {
			s := t.index.shard(hash)
			homes[i] = s.slots[uint32(hash)&uint32(len(s.slots)-1)]
		}
		for i, hash := range part {
			t.enter(&c, first+i, hash, homes[i])
		}
	}
}

// enter makes a row of the last chunk live, and enters it in the index, unless its id is known. home is what was in the
// slot of its hash some rows before.
func (t *Table) enter(c *chunk, i int, hash uint64, home slot) {
	s := t.index.shard(hash)
	at := int(uint32(hash) & uint32(len(s.slots)-1))
	if home.row != 0 || s.slots[at].row != 0 {
		at = s.find(uint32(hash), func(r Row) bool { return sameID(t.chunks[r.chunk()], r.place(), c, i) })
		if s.slots[at].row != 0 {
			return
		}
	}
	if len(t.gone) > 0 {
		_, _, id := c.texts(i)
		if _, gone := t.gone[id]; gone {
			return
		}
	}
	s.slots[at] = slot{rowOf(len(t.chunks)-1, i) + 1, uint32(hash)}
	s.used++
	c.live.set(i)
	t.live++
	t.countDead(false, c.flags[i]&flagDead != 0)
}

// DeadCount returns how many keys an API refused when they were last tried.
func (t *Table) DeadCount() int { return t.dead }

// countDead counts a key that was dead before, or not, and now is, or is not.
func (t *Table) countDead(before, now bool) {
	if before {
		t.dead--
	}
	if now {
		t.dead++
	}
}

// sameID reports whether two rows have the same id.
func sameID(a *chunk, i int, b *chunk, j int) bool {
	if (a.flags[i]|b.flags[j])&flagTextID == 0 {
		return a.uuid[i] == b.uuid[j]
	}
	return compareIDs(a, i, b, j) == 0
}

// Apply does what a provider reports: it puts the keys, and removes those that are gone. An id that is gone before its key
// came with a block is remembered, and stays out. If everything has to be read again, it does nothing.
func (t *Table) Apply(c model.Changes) {
	for i := range c.Keys {
		t.Put(c.Keys[i])
	}
	for _, id := range c.Gone {
		if row, ok := t.Find(id); ok {
			t.Remove(row)
			continue
		}
		if _, known := t.lookUp(id, hashID(id)); !known {
			if t.gone == nil {
				t.gone = make(map[string]struct{})
			}
			t.gone[id] = struct{}{}
		}
	}
}

// Remove takes a key out, and its mark off.
func (t *Table) Remove(r Row) {
	if !t.isLive(r) {
		return
	}
	t.SetMark(r, false)
	t.countDead(t.chunks[r.chunk()].flags[r.place()]&flagDead != 0, false)
	t.own(r.chunk(), ownChunk).live.clear(r.place())
	t.live--
}
