package live

import (
	"math"
	"sync"
	"time"

	"clavier/model"
)

// entry is a key. The zero entry is a free slot.
type entry struct {
	digest model.Digest
	ends   int64  // nanoseconds since 1970 from which on it does not verify
	used   uint32 //nolint:modernize // Seconds since 1970 of the use noted last; 0 if none was. Atomic, and entries move: no atomic.Uint32
	text   uint32 // where its id stands, and its name behind it
	idLen  uint16
	name   uint16 // bytes of the name
	role   model.Role
	flags  uint8
}

const (
	flagTaken = 1 << iota
	flagDisabled
)

// never is the end of a key that has none, always that of one whose end lies before all that can be told in nanoseconds.
const (
	never  = math.MaxInt64
	always = math.MinInt64
)

// activeAt reports whether the key verifies at a moment, in nanoseconds since 1970.
func (e *entry) activeAt(now int64) bool { return e.flags&flagDisabled == 0 && now < e.ends }

// endOf returns the end of a key as an entry has it.
func endOf(at time.Time) int64 {
	switch {
	case at.IsZero() || at.Year() > 2261:
		return never
	case at.Year() < 1679:
		return always
	default:
		return at.UnixNano()
	}
}

// secondOf returns a moment in seconds since 1970; 0 if that is not known.
func secondOf(at time.Time) uint32 {
	if at.IsZero() {
		return 0
	}
	return uint32(min(max(at.Unix(), 0), math.MaxUint32))
}

// shard is a part of the keys: those whose digests hash alike.
type shard struct {
	mu      sync.RWMutex
	digests table
	entries []entry // by slot; the first is not used
	texts   texts
	free    []uint32 // slots
}

func (s *shard) idOf(e *entry) string { return s.texts.get(e.text, int(e.idLen)) }

func (s *shard) nameOf(e *entry) string {
	return s.texts.get(e.text, int(e.idLen)+int(e.name))[e.idLen:]
}

// take returns a free slot, or 0 if the shard is full.
func (s *shard) take() int {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return int(slot)
	}
	if len(s.entries) == 0 {
		s.entries = append(s.entries, entry{})
	}
	if len(s.entries) == maxSlots {
		return 0
	}
	s.entries = append(s.entries, entry{})
	return len(s.entries) - 1
}

// wasteful reports whether more than half of the shard is unused, and that is worth a packing.
func (s *shard) wasteful() bool {
	const worth = 64
	return len(s.free) > worth && len(s.free)*2 > len(s.entries) || s.texts.dead > 1<<chunkBits && s.texts.dead*2 > s.texts.size
}
