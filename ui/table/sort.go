package table

import (
	"encoding/binary"
	"math"
	mathbits "math/bits"
	"slices"
	"sync/atomic"

	"clavier/model"
)

// keyed is a row and a number that puts it in order, as far as eight bytes can.
type keyed struct {
	key uint64
	row Row
	at  uint32 // where the folded name stands in the text; not set where names do not matter
}

// sorter puts rows in the order of a column that is not turned round. It works level by level: rows are sorted by a
// number; those that have the same one by the number of the next level.
type sorter struct {
	snapshot *Snapshot
	by       model.SortBy
	stop     *atomic.Bool // true: leave everything as it is
}

// The levels: those before levelCreated are about the column itself. Names have as many as it takes for eight bytes each.
const (
	levelCreated = math.MaxInt - 4 + iota
	levelIDHigh
	levelIDLow
	levelExact
)

// A part of fewer rows than these is sorted by comparison of numbers, of fewer than those by comparison of rows. One of
// parallelRows or more is sorted by both halves at once.
const (
	radixRows = 256
	exactRows = 8
)

// firstLevel is where the sorting begins.
func (s *sorter) firstLevel() int {
	if s.by == model.SortCreated {
		return levelCreated
	}
	return 0
}

// unreportedKey stands last in both directions.
const unreportedKey = math.MaxUint64

// fill sets the numbers of rows at a level. Numbers order as model.Order does, but that different texts and times can have
// the same one: see next.
func (s *sorter) fill(part []keyed, level int) {
	chunks := s.snapshot.chunks
	switch {
	case level == levelCreated:
		for k := range part {
			part[k].key = ^rank(chunks[part[k].row.chunk()].created[part[k].row.place()])
		}
	case level == levelIDHigh:
		for k := range part {
			part[k].key = ^chunks[part[k].row.chunk()].uuid[part[k].row.place()].hi
		}
	case level == levelIDLow:
		for k := range part {
			part[k].key = ^chunks[part[k].row.chunk()].uuid[part[k].row.place()].lo
		}
	case s.by == model.SortName:
		for k := range part {
			p := &part[k]
			c := chunks[p.row.chunk()]
			if level == 0 {
				p.at = uint32(c.layout(p.row.place()).name.from)
			}
			p.key = c.nameKey(p.row.place(), int(p.at), level)
		}
	default:
		for k := range part {
			part[k].key = s.timeKey(chunks[part[k].row.chunk()], part[k].row.place())
		}
	}
}

// fillAll is fill for many rows: on several cores, and until stop is true.
func (s *sorter) fillAll(part []keyed, level int) {
	pieces := (len(part) + pieceRows - 1) / pieceRows
	parallel(workersFor(len(part)), pieces, func(p int) {
		if !s.stop.Load() {
			s.fill(part[p*pieceRows:min((p+1)*pieceRows, len(part))], level)
		}
	})
}

// timeKey is the number of a row by its last use or end.
func (s *sorter) timeKey(c *chunk, i int) uint64 {
	switch {
	case s.by == model.SortUsed && c.flags[i]&flagReported == 0:
		return unreportedKey
	case s.by == model.SortUsed && c.used[i] == zeroMoment:
		return unreportedKey - 1
	case s.by == model.SortUsed:
		return ^rank(c.used[i])
	case c.expires[i] == zeroMoment:
		return math.MaxUint64
	default:
		return rank(c.expires[i])
	}
}

// nameKey returns eight bytes of a folded name, which begins at a place of the text, as a number. Bytes that are not there
// are 0.
func (c *chunk) nameKey(i, at, level int) uint64 {
	at += 8 * level
	if !c.borders && at+8 <= len(c.text) { // the name ends at the first border
		eight := binary.LittleEndian.Uint64(c.text[at:])
		// The lowest byte that is a border gets its highest bit, none below it gets one.
		ends := (^eight - everyByte) & eight & (everyByte << 7)
		if ends != 0 {
			eight &= ends&-ends>>7 - 1
		}
		return mathbits.ReverseBytes64(eight)
	}
	key := uint64(0)
	end := c.layout(i).name.to
	for shift := 56; shift >= 0 && at < end; shift -= 8 {
		key |= uint64(c.text[at]) << shift
		at++
	}
	return key
}

// everyByte has the lowest bit of each byte.
const everyByte = 0x0101010101010101

// next returns the level that tells rows apart that have the same number at a level.
func (s *sorter) next(level int, tie []keyed) int {
	switch {
	case level == levelIDHigh:
		return levelIDLow
	case level == levelIDLow:
		return levelExact
	case level == levelCreated:
		if s.all(tie, func(a, b place) bool {
			return !b.is(flagTextID) && sameMoment(a.c, a.c.created[a.i], b.c, b.c.created[b.i])
		}) {
			return levelIDHigh
		}
		return levelExact
	case s.by == model.SortName && tie[0].key&0xff != 0: // there may be more bytes
		return level + 1
	}
	if s.all(tie, func(a, b place) bool {
		switch s.by {
		case model.SortName:
			return compareNames(a, b) == 0
		case model.SortExpires:
			return sameMoment(a.c, a.c.expires[a.i], b.c, b.c.expires[b.i])
		default:
			return !a.is(flagReported) || sameMoment(a.c, a.c.used[a.i], b.c, b.c.used[b.i])
		}
	}) {
		return levelCreated
	}
	return levelExact
}

// all reports whether something holds of the first row of a tie and every other, the first too.
func (s *sorter) all(tie []keyed, same func(a, b place) bool) bool {
	first := s.snapshot.place(tie[0].row)
	for i := range tie {
		if i&0xffff == 0 && s.stop.Load() || !same(first, s.snapshot.place(tie[i].row)) {
			return false
		}
	}
	return true
}

// sort puts rows, which have the numbers of a level, in order. spare is as long.
func (s *sorter) sort(part, spare []keyed, level int) {
	if s.stop.Load() || len(part) < 2 {
		return
	}
	if level == levelExact || len(part) < exactRows {
		s.sortExact(part)
		return
	}
	switch {
	case len(part) < radixRows:
		slices.SortFunc(part, compareKeys)
	case len(part) < parallelRows:
		s.radix(part, spare)
	case slices.IsSortedFunc(part, compareKeys):
		// Keys often come in the order of their making.
	default:
		half := len(part) / 2
		parallel(workersFor(len(part)), 2, func(i int) {
			if i == 0 {
				s.radix(part[:half], spare[:half])
			} else {
				s.radix(part[half:], spare[half:])
			}
		})
		if s.stop.Load() {
			return
		}
		s.mergeHalves(part, spare, half)
		copy(part, spare)
	}
	s.sortTies(part, spare, level)
}

func compareKeys(a, b keyed) int {
	switch {
	case a.key < b.key:
		return -1
	case a.key > b.key:
		return 1
	default:
		return 0
	}
}

// sortExact sorts by comparison of the rows themselves.
func (s *sorter) sortExact(part []keyed) {
	order := model.Order{By: s.by}
	slices.SortFunc(part, func(a, b keyed) int {
		if s.stop.Load() {
			return 0 // then it soon ends, in whatever order
		}
		return s.snapshot.compare(order, a.row, b.row)
	})
}

// sortTies sorts what has the same number by the next level.
func (s *sorter) sortTies(part, spare []keyed, level int) {
	if len(part) < parallelRows {
		s.sortTiesOf(part, spare, level)
		return
	}
	// Cut into pieces between numbers. A piece that holds one number alone can be as long as it likes.
	var cuts []int
	for at := 0; at < len(part); {
		cuts = append(cuts, at)
		end := min(at+parallelRows/4, len(part))
		for end < len(part) && part[end].key == part[end-1].key {
			end++
		}
		at = end
	}
	cuts = append(cuts, len(part))
	parallel(workersFor(len(part)), len(cuts)-1, func(i int) {
		s.sortTiesOf(part[cuts[i]:cuts[i+1]], spare[cuts[i]:cuts[i+1]], level)
	})
}

func (s *sorter) sortTiesOf(part, spare []keyed, level int) {
	for at := 0; at < len(part); {
		end := at + 1
		for end < len(part) && part[end].key == part[at].key {
			end++
		}
		if end-at > 1 {
			if s.stop.Load() {
				return
			}
			s.sortTie(part[at:end], spare[at:end], level)
		}
		at = end
	}
}

func (s *sorter) sortTie(tie, spare []keyed, level int) {
	if len(tie) < exactRows {
		s.sortExact(tie)
		return
	}
	level = s.next(level, tie)
	if level != levelExact {
		s.fillAll(tie, level)
	}
	s.sort(tie, spare, level)
}

// radix sorts by the numbers, byte by byte from the lowest, leaving out those bytes that are the same in all.
func (s *sorter) radix(part, spare []keyed) {
	every, some := ^uint64(0), uint64(0)
	for i := range part {
		every &= part[i].key
		some |= part[i].key
	}
	from, to := part, spare
	for shift := 0; shift < 64; shift += 8 {
		if (every^some)>>shift&0xff == 0 {
			continue
		}
		var places [256]int
		for i := range from {
			places[from[i].key>>shift&0xff]++
		}
		sum := 0
		for b, n := range places {
			places[b] = sum
			sum += n
		}
		for piece := range slices.Chunk(from, pieceRows) {
			if s.stop.Load() {
				return
			}
			for i := range piece {
				b := piece[i].key >> shift & 0xff
				to[places[b]] = piece[i]
				places[b]++
			}
		}
		from, to = to, from
	}
	if &from[0] != &part[0] {
		copy(part, from)
	}
}

// mergeHalves puts the two sorted halves of part together.
func (s *sorter) mergeHalves(part, into []keyed, half int) {
	a, b := part[:half], part[half:]
	for i := range into {
		if i&0xffff == 0 && s.stop.Load() {
			return
		}
		if len(b) == 0 || len(a) > 0 && a[0].key <= b[0].key {
			into[i], a = a[0], a[1:]
		} else {
			into[i], b = b[0], b[1:]
		}
	}
}
