package table

import (
	"maps"
	"slices"

	"clavier/model"
)

// columns is a set of what a chunk consists of.
type columns uint8

const (
	ownChunk columns = 1 << iota // the chunk itself, which rows are live, and places beyond the last row
	ownText                      // start, names
	ownSigns                     // also beyond the last row
	ownFlags
	ownTimes
	ownOwner
	ownRare // also beyond the last row
)

// own returns a chunk of which these columns may change in their place.
func (t *Table) own(ci int, which columns) *chunk {
	t.snapshot = nil
	owned := &t.owned[ci]
	if *owned&ownChunk == 0 {
		c := *t.chunks[ci]
		live := *c.live
		c.live = &live
		t.chunks[ci] = &c
	}
	c := t.chunks[ci]
	c.stale = new(staleMemo)
	missing := which &^ *owned
	if missing&ownText != 0 {
		c.start, c.names = slices.Clone(c.start), slices.Clone(c.names)
	}
	if missing&ownSigns != 0 {
		c.signs = slices.Clone(c.signs)
		for i, group := range c.signs {
			own := *group
			c.signs[i] = &own
		}
	}
	if missing&ownFlags != 0 {
		c.flags = slices.Clone(c.flags)
	}
	if missing&ownTimes != 0 {
		c.created, c.used, c.expires = slices.Clone(c.created), slices.Clone(c.used), slices.Clone(c.expires)
	}
	if missing&ownOwner != 0 {
		c.owner = slices.Clone(c.owner)
	}
	if missing&ownRare != 0 {
		c.rare = maps.Clone(c.rare)
	}
	*owned |= which | ownChunk
	return c
}

// Put adds a key, or puts it in the place of the one with its id, and returns its row. A key that takes another's place
// keeps the row and the mark.
func (t *Table) Put(key model.Key) Row {
	t.extent.include(&key)
	hash := hashID(key.ID)
	if row, ok := t.lookUp(key.ID, hash); ok && t.isLive(row) {
		t.update(row, &key)
		return row
	}
	if t.open == 0 || t.chunks[t.open-1].full() {
		t.chunks = append(t.chunks, newChunk(8))
		t.owned = append(t.owned, ^columns(0))
		t.marks = append(t.marks, bits{})
		t.open = len(t.chunks)
	}
	which := ownChunk | ownSigns
	if rareOf(&key) != (rare{}) {
		which |= ownRare
	}
	c := t.own(t.open-1, which)
	row := rowOf(t.open-1, c.rows)
	c.append(&key, c.ownerPlace(key.Owner))
	t.countDead(false, key.Dead)
	t.index.put(hash, row, t.hasID(key.ID))
	t.live++
	return row
}

// update changes a live row to a key with the same id.
func (t *Table) update(r Row, key *model.Key) {
	ci, i := r.chunk(), r.place()
	old := t.chunks[ci].key(i)
	if old == *key {
		return
	}
	if t.chunks[ci].worn() {
		t.renew(ci)
	}
	if old.Name != key.Name || old.Hint != key.Hint {
		c := t.own(ci, ownText|ownSigns|ownFlags)
		c.waste += c.textLen(i)
		text := c.appendText(key)
		c.start[i], c.names[i] = text.start, hashName(key.Name)
		c.signs[i>>signGroupBits].unsign(i)
		c.sign(i, text)
		c.flags[i] = text.flags | c.flags[i]&^textFlags
	}
	if old.Owner != key.Owner {
		c := t.own(ci, ownOwner)
		c.owner[i] = c.ownerPlace(key.Owner)
	}
	if rareOf(&old) != rareOf(key) {
		t.own(ci, ownRare).setRare(i, rareOf(key))
	}
	t.countDead(old.Dead, key.Dead)
	if keyFlags(&old) != keyFlags(key) {
		c := t.own(ci, ownFlags)
		c.flags[i] = c.flags[i]&textFlags | keyFlags(key)
	}
	if old.CreatedAt != key.CreatedAt || old.LastUse.At != key.LastUse.At || old.ExpiresAt != key.ExpiresAt {
		c := t.own(ci, ownTimes)
		c.created[i], c.used[i], c.expires[i] = c.moment(key.CreatedAt), c.moment(key.LastUse.At), c.moment(key.ExpiresAt)
	}
}

// worn reports whether changes have left so much behind in the chunk that it is better made anew.
func (c *chunk) worn() bool {
	full := *c
	full.rows = 0
	return full.full() || c.waste > 64<<10 && c.waste > len(c.text)/2
}

// renew makes a chunk anew, with the same rows in the same places and nothing else.
func (t *Table) renew(ci int) {
	t.snapshot = nil
	old := t.chunks[ci]
	c := newChunk(old.rows)
	for i := range old.rows {
		var key model.Key
		if old.live.has(i) {
			key = old.key(i)
		} else {
			_, _, key.ID = old.texts(i)
		}
		c.append(&key, c.ownerPlace(key.Owner))
	}
	*c.live = *old.live
	t.chunks[ci], t.owned[ci] = c, ^columns(0)
}
