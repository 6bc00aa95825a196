package table

import (
	"encoding/binary"
	"hash/maphash"
	"math"
)

// index finds rows by the hash of their id: open addressing with linear probing, in shards. A slot holds half of the hash,
// so that nearly no other row is looked at in vain, and a shard can grow without looking at rows. Shards grow one by one,
// each at another load, so that no single key waits for all of them. What is in the index stays: a deleted row is replaced
// when its id comes again.
type index struct {
	shards [indexShards]indexShard
}

const indexShards = 64

type indexShard struct {
	slots []slot // their number is a power of two; one at least is empty, if there are any
	used  int
}

type slot struct {
	row  Row // one more than the row; 0 if the slot is empty
	hash uint32
}

// hashID returns the hash of an id.
func hashID(id string) uint64 {
	if u, ok := parseUUID(id); ok {
		return u.hash()
	}
	return maphash.String(seed, id)
}

func (u uuid) hash() uint64 {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], u.hi)
	binary.LittleEndian.PutUint64(b[8:], u.lo)
	return maphash.Bytes(seed, b[:])
}

// shardNumber is the shard of a hash. Its slot there follows from the lower half.
func shardNumber(hash uint64) int { return int(hash >> 58) }

func (x *index) shard(hash uint64) *indexShard { return &x.shards[shardNumber(hash)] }

// find returns the row that has the hash and for which same holds.
func (x *index) find(hash uint64, same func(Row) bool) (Row, bool) {
	s := x.shard(hash)
	if s.used == 0 {
		return 0, false
	}
	at := s.find(uint32(hash), same)
	return s.slots[at].row - 1, s.slots[at].row != 0
}

// put notes a row, instead of an older one that has the hash and for which same holds.
func (x *index) put(hash uint64, row Row, same func(Row) bool) {
	s := x.shard(hash)
	s.room(shardNumber(hash), 1)
	at := s.find(uint32(hash), same)
	if s.slots[at].row == 0 {
		s.used++
	}
	s.slots[at] = slot{row + 1, uint32(hash)}
}

// reserve makes room for this many rows in all shards together.
func (x *index) reserve(rows int) {
	for number := range x.shards {
		s := &x.shards[number]
		// Not all shards get the same: four standard deviations more are enough for all.
		share := float64(rows) / indexShards
		s.room(number, int(share+4*math.Sqrt(share))-s.used)
	}
}

// find returns the place of the row that has the hash and for which same holds; if there is none, the empty one where it
// belongs.
func (s *indexShard) find(hash uint32, same func(Row) bool) int {
	last := uint32(len(s.slots) - 1)
	for at := hash & last; ; at = (at + 1) & last {
		if slot := s.slots[at]; slot.row == 0 || slot.hash == hash && same(slot.row-1) {
			return int(at)
		}
	}
}

// room makes sure that the shard with this number takes some more rows.
func (s *indexShard) room(number, more int) {
	// Between 50 and 80 of 100 slots are used when a shard grows.
	size, limit := len(s.slots), 128+number*77/indexShards
	for (s.used+more)*256 > size*limit {
		size = max(8, 2*size)
	}
	if size == len(s.slots) {
		return
	}
	old := s.slots
	s.slots = make([]slot, size)
	for _, o := range old {
		if o.row != 0 {
			s.slots[s.find(o.hash, func(Row) bool { return false })] = o
		}
	}
}
