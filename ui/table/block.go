package table

import (
	"slices"

	"clavier/model"
)

// Block is some keys in columns, ready to be added to a table.
type Block struct {
	chunks []*chunk
	hashes [][]uint64 // of the ids
	extent Extent
}

// NewBlock puts keys into columns, in their order. It keeps nothing of the slice, and makes no use of a table: it is made
// for a goroutine of its own. Blocks of thousands of keys are best; each takes a chunk of its own at least.
func NewBlock(keys []model.Key) *Block {
	b := &Block{}
	for len(keys) > 0 {
		n := min(len(keys), chunkRows)
		b.fill(newChunk(n), keys[:n])
		keys = keys[b.chunks[len(b.chunks)-1].rows:]
	}
	return b
}

// fill adds a chunk with the first of keys, until it is full.
func (b *Block) fill(c *chunk, keys []model.Key) {
	places := make(map[string]uint16)
	hashes := make([]uint64, 0, len(keys))
	for i := range keys {
		if c.full() {
			break
		}
		k := &keys[i]
		place, ok := places[k.Owner]
		if !ok {
			place = c.addOwner(k.Owner)
			places[k.Owner] = place
		}
		if t := c.append(k, place); t.flags&flagTextID == 0 {
			hashes = append(hashes, t.uuid.hash())
		} else {
			hashes = append(hashes, hashID(k.ID))
		}
		b.extent.include(k)
	}
	c.text = slices.Clone(c.text) // it was made with room to spare
	b.chunks = append(b.chunks, c)
	b.hashes = append(b.hashes, hashes)
}

// Len returns how many keys the block was made of.
func (b *Block) Len() int {
	n := 0
	for _, c := range b.chunks {
		n += c.rows
	}
	return n
}
