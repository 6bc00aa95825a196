package table

import (
	"bytes"
	"cmp"

	"clavier/model"
)

// place is a row of a snapshot.
type place struct {
	c *chunk
	i int
}

func (s *Snapshot) place(r Row) place { return place{s.chunks[r.chunk()], r.place()} }

func (p place) is(f flag) bool { return p.c.flags[p.i]&f != 0 }

// compare is what o.Compare says of the keys of two rows.
func (s *Snapshot) compare(o model.Order, x, y Row) int {
	a, b := s.place(x), s.place(y)
	if o.By == model.SortUsed && (!a.is(flagReported) || !b.is(flagReported)) {
		return cmp.Or(compareFalse(!a.is(flagReported), !b.is(flagReported)), newestFirst(a, b))
	}
	c := 0
	switch o.By {
	case model.SortCreated:
	case model.SortName:
		c = compareNames(a, b)
	case model.SortUsed:
		c = compareUses(a, b)
	case model.SortExpires:
		c = compareEnds(a, b)
	}
	if c == 0 {
		c = newestFirst(a, b)
	}
	if o.Reverse {
		return -c
	}
	return c
}

func newestFirst(a, b place) int {
	return cmp.Or(compareMoments(b.c, b.c.created[b.i], a.c, a.c.created[a.i]), compareIDs(b.c, b.i, a.c, a.i))
}

func compareNames(a, b place) int {
	x, y := a.c.layout(a.i).name, b.c.layout(b.i).name
	if c := bytes.Compare(a.c.text[x.from:x.to], b.c.text[y.from:y.to]); c != 0 {
		return c
	}
	x, _, _ = a.c.rawSpans(a.i)
	y, _, _ = b.c.rawSpans(b.i)
	return bytes.Compare(a.c.text[x.from:x.to], b.c.text[y.from:y.to])
}

// compareUses puts the most recent use first and what was never used last.
func compareUses(a, b place) int {
	x, y := a.c.used[a.i], b.c.used[b.i]
	if x == zeroMoment || y == zeroMoment {
		return compareFalse(x == zeroMoment, y == zeroMoment)
	}
	return compareMoments(b.c, y, a.c, x)
}

// compareEnds puts the soonest end first and what never ends last.
func compareEnds(a, b place) int {
	x, y := a.c.expires[a.i], b.c.expires[b.i]
	if x == zeroMoment || y == zeroMoment {
		return compareFalse(x == zeroMoment, y == zeroMoment)
	}
	return compareMoments(a.c, x, b.c, y)
}

// compareFalse puts false before true.
func compareFalse(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// compareIDs compares the texts of two ids.
func compareIDs(a *chunk, i int, b *chunk, j int) int {
	if (a.flags[i]|b.flags[j])&flagTextID == 0 {
		return a.uuid[i].compare(b.uuid[j])
	}
	var x, y [uuidLen]byte
	return bytes.Compare(a.idText(i, x[:0]), b.idText(j, y[:0]))
}

// idText returns the id of a row; it may use buffer for it.
func (c *chunk) idText(i int, buffer []byte) []byte {
	if c.flags[i]&flagTextID == 0 {
		return c.uuid[i].append(buffer)
	}
	_, _, at := c.rawSpans(i)
	return c.text[at.from:at.to]
}
