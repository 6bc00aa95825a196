package table

import (
	"encoding/binary"
	"hash/maphash"
)

// noRow stands where there is no row.
const noRow = ^Row(0)

// index finds rows by the hash of their id: open addressing with linear probing, in shards. A shard holds a row and a byte
// of its hash in each slot, so that nearly no other row is looked at in vain. Shards grow one by one, each at another
// load, so that no single key waits for all of them. What is in the index stays: a deleted row is replaced when its id
// comes again.
type index struct {
	shards [indexShards]indexShard
}

const indexShards = 64

type indexShard struct {
	rows []Row
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
		case row == noRow:
			return slot, false
		case s.tags[slot] == tag(hash) && same(row):
			return slot, true
		}
	}
}

// room makes sure that the shard takes one more row. hashOf returns the hash of a row in it.
func (s *indexShard) room(number int, hashOf func(Row) uint64) {
	// Between 50 and 80 of 100 slots are used when a shard grows.
	if limit := 128 + number*77/indexShards; (s.used+1)*256 <= len(s.rows)*limit {
		return
	}
	old := *s
	size := max(16, 2*len(old.rows))
	s.rows, s.tags = make([]Row, size), make([]uint8, size)
	for i := range s.rows {
		s.rows[i] = noRow
	}
	for _, row := range old.rows {
		if row != noRow {
			hash := hashOf(row)
			slot, _ := s.find(hash, func(Row) bool { return false })
			s.rows[slot], s.tags[slot] = row, tag(hash)
		}
	}
}
