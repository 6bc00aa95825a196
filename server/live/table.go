package live

// A word of a table leads to an entry. Its upper bits are a part of the hash of what the entry is found by, so that nearly no
// entry is read in vain; the lower ones are the entry's ref: its shard and its slot there. Slot 0 is not used, so that no word
// is 0.
const (
	shardBits = 6
	slotBits  = 20
	refBits   = shardBits + slotBits

	shards   = 1 << shardBits
	maxSlots = 1 << slotBits
)

// The parts of a hash: the shard, the tag of a word; the lower bits are the place in a table.
func shardOf(hash uint64) int  { return int(hash >> (64 - shardBits)) }
func tagOf(hash uint64) uint32 { return uint32(hash>>32) << refBits }

func refOf(shard, slot int) uint32 { return uint32(shard)<<slotBits | uint32(slot) }
func slotOf(ref uint32) int        { return int(ref & (maxSlots - 1)) }

// table finds refs by hash: open addressing with linear probing, filled to three quarters at most.
type table struct {
	words []uint32 // a power of two of them; 0 is free
	count int
}

// smallest is how many words a table has at least.
const smallest = 8

// newTable returns a table with room for count refs.
func newTable(count int) table {
	size := smallest
	for size*3 < count*4 {
		size *= 2
	}
	return table{words: make([]uint32, size)}
}

// next returns the first ref at or behind a place whose tag is that of hash, and the place behind it. Begin at hash. It reports
// false if there is none.
func (t *table) next(hash, place uint64) (ref uint32, behind uint64, ok bool) {
	if len(t.words) == 0 {
		return 0, 0, false
	}
	mask, tag := uint64(len(t.words)-1), tagOf(hash)
	for {
		word := t.words[place&mask]
		place++
		switch {
		case word == 0:
			return 0, 0, false
		case word&^(1<<refBits-1) == tag:
			return word & (1<<refBits - 1), place, true
		}
	}
}

// add adds a ref. The hashes of the others are asked for if the table has to grow.
func (t *table) add(hash uint64, ref uint32, hashOf func(ref uint32) uint64) {
	if (t.count+1)*4 > len(t.words)*3 {
		t.resize(t.count+1, hashOf)
	}
	t.set(hash, ref)
	t.count++
}

func (t *table) set(hash uint64, ref uint32) {
	mask := uint64(len(t.words) - 1)
	place := hash & mask
	for t.words[place] != 0 {
		place = (place + 1) & mask
	}
	t.words[place] = tagOf(hash) | ref
}

// resize makes room for count refs, which must be at least those that are there.
func (t *table) resize(count int, hashOf func(ref uint32) uint64) {
	fresh := newTable(count)
	fresh.count = t.count
	for _, word := range t.words {
		if word != 0 {
			ref := word & (1<<refBits - 1)
			fresh.set(hashOf(ref), ref)
		}
	}
	*t = fresh
}

// find returns the place of a ref.
func (t *table) find(hash uint64, ref uint32) (place uint64, ok bool) {
	for behind := hash; ; {
		found, next, ok := t.next(hash, behind)
		if !ok {
			return 0, false
		}
		if behind = next; found == ref {
			return (next - 1) & uint64(len(t.words)-1), true
		}
	}
}

// replace lets a word lead to another ref.
func (t *table) replace(hash uint64, ref, by uint32) {
	if place, ok := t.find(hash, ref); ok {
		t.words[place] = tagOf(hash) | by
	}
}

// remove takes a ref out. What stands behind it and would no longer be reached moves up, so that there are no marks of what
// was deleted (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm R). A table that has become much too
// large shrinks.
func (t *table) remove(hash uint64, ref uint32, hashOf func(ref uint32) uint64) {
	free, ok := t.find(hash, ref)
	if !ok {
		return
	}
	mask := uint64(len(t.words) - 1)
	for place := (free + 1) & mask; t.words[place] != 0; place = (place + 1) & mask {
		home := hashOf(t.words[place]&(1<<refBits-1)) & mask
		if (place-home)&mask >= (place-free)&mask {
			t.words[free] = t.words[place]
			free = place
		}
	}
	t.words[free] = 0
	t.count--
	if len(t.words) > smallest && t.count*8 < len(t.words) {
		t.resize(t.count*2, hashOf)
	}
}
