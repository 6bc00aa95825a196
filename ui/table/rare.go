package table

import (
	"strings"

	"clavier/model"
)

// rare is what few keys have, so that it has no column: those that have none of it take no memory for it.
type rare struct {
	note     string
	rotating bool
	role     model.Role
}

// rareOf returns what of the key has no column.
func rareOf(k *model.Key) rare { return rare{k.Note, k.Rotating, k.Role} }

// setRare sets what a row has that has no column.
func (c *chunk) setRare(i int, r rare) {
	if r == (rare{}) {
		delete(c.rare, uint16(i))
		return
	}
	if c.rare == nil {
		c.rare = make(map[uint16]rare)
	}
	r.note = c.notes.one(r.note)
	c.rare[uint16(i)] = r
}

// notes holds a note that many keys have once: it often names the one place where they are managed.
type notes struct{ last string }

// one returns the note, in memory of its own or in that of the last one if they are the same.
func (n *notes) one(note string) string {
	if note != n.last {
		n.last = strings.Clone(note)
	}
	return n.last
}
