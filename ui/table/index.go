package table

import (
	"encoding/binary"
	"hash/maphash"
)

// index finds rows by the hash of their id: open addressing with linear probing, in shards. A shard holds a row and a byte
// of its hash in each slot, so that nearly no other row is looked at in vain. Shards grow one by one, each at another
// load, so that no single key waits for all of them. What is in the index stays: a deleted row is replaced when its id
// comes again.
type index struct {
	shards [indexShards]indexShard
}

const indexShards = 64

type indexShard struct {
	rows []Row // each one more than the row; 0 where there is none
	tags []uint8
	used int
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

// shardOf returns the shard of a hash and its number.
func (x *index) shardOf(hash uint64) (s *indexShard, number int) {
	number = int(hash >> 58)
	return &x.shards[number], number
}

// tag is the byte of a hash that a slot holds. It is no part of what the place follows from.
func tag(hash uint64) uint8 { return uint8(hash >> 50) }

// find returns the slot of the row that has the hash and for which same holds; if there is none, the slot where it
// belongs, which is empty. The shard must have an empty slot.
func (s *indexShard) find(hash uint64, same func(Row) bool) (slot int, found bool) {
	last := len(s.rows) - 1
	for slot = int(hash) & last; ; slot = (slot + 1) & last {
		switch row := s.rows[slot]; {
		case row == 0:
			return slot, false
		case s.tags[slot] == tag(hash) && same(row-1):
			return slot, true
		}
	}
}

// row returns the row in a slot that is not empty.
func (s *indexShard) row(slot int) Row { return s.rows[slot] - 1 }

// put puts a row in a slot that find returned.
func (s *indexShard) put(slot int, found bool, hash uint64, row Row) {
	if !found {
		s.used++
	}
	s.rows[slot], s.tags[slot] = row+1, tag(hash)
}

// reserve makes room for this many rows in all shards.
func (x *index) reserve(rows int, hashOf func(Row) uint64) {
	for number := range x.shards {
		s := &x.shards[number]
		size := 16
		for (rows/indexShards+rows/indexShards/32)*256 > size*limitOf(number) {
			size *= 2
		}
		if size > len(s.rows) {
			s.resize(size, hashOf)
		}
	}
}

// limitOf is how many of 256 slots of a shard are used when it grows: between 50 and 80 of 100.
func limitOf(number int) int { return 128 + number*77/indexShards }

// room makes sure that the shard takes one more row. hashOf returns the hash of a row in it.
func (s *indexShard) room(number int, hashOf func(Row) uint64) {
	if (s.used+1)*256 > len(s.rows)*limitOf(number) {
		s.resize(max(16, 2*len(s.rows)), hashOf)
	}
}

func (s *indexShard) resize(size int, hashOf func(Row) uint64) {
	old := s.rows
	s.rows, s.tags, s.used = make([]Row, size), make([]uint8, size), 0
	for _, row := range old {
		if row != 0 {
			hash := hashOf(row - 1)
			slot, _ := s.find(hash, func(Row) bool { return false })
			s.put(slot, false, hash, row-1)
		}
	}
}
