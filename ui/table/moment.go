package table

import (
	"math"
	"time"
)

// A moment is a time.Time in a column: nanoseconds since 1970 where they fit, which is from 1677 to 2262, else the
// place of the time in a list that belongs to the chunk. Codes of the second kind compare with those of the first as the
// times do, but say nothing among each other: compareMoments does.
const (
	// zeroMoment is the zero time: never, or not known.
	zeroMoment = math.MinInt64
	// lastLow and firstHigh bound the codes of times that are too early and too late to be counted in nanoseconds.
	lastLow   = math.MinInt64 + farMost
	firstHigh = math.MaxInt64 - farMost
	// farMost is how many such times a chunk holds at most.
	farMost = 1 << 16
)

// The bounds of what is counted in nanoseconds, in seconds: a second at least from both ends, and so far from the codes of
// far times.
const (
	minSeconds = math.MinInt64/int64(time.Second) + 1
	maxSeconds = math.MaxInt64/int64(time.Second) - 1
)

// nanoseconds returns the code of a time that needs no list.
func nanoseconds(t time.Time) (code int64, ok bool) {
	if t.IsZero() {
		return zeroMoment, true
	}
	if s := t.Unix(); s < minSeconds || s > maxSeconds {
		return 0, false
	}
	return t.UnixNano(), true
}

// moment returns the code of a time, which may add it to the chunk's list of far times.
func (c *chunk) moment(t time.Time) int64 {
	code, ok := nanoseconds(t)
	if ok {
		return code
	}
	place := len(c.far)
	for i := place - 1; i >= max(0, place-8); i-- { // 9999-12-31 for all keys is usual
		if c.far[i].Equal(t) {
			place = i
		}
	}
	if place == len(c.far) {
		c.far = append(c.far, t.UTC())
	}
	if t.Unix() < 0 {
		return zeroMoment + 1 + int64(place)
	}
	return math.MaxInt64 - int64(place)
}

// isFar reports whether a code is a place in the list of far times. The zero time is not.
func isFar(code int64) bool { return code != zeroMoment && (code <= lastLow || code >= firstHigh) }

// time returns the time of a code, in UTC.
func (c *chunk) time(code int64) time.Time {
	switch {
	case code == zeroMoment:
		return time.Time{}
	case code <= lastLow:
		return c.far[code-zeroMoment-1]
	case code >= firstHigh:
		return c.far[math.MaxInt64-code]
	default:
		return time.Unix(0, code).UTC()
	}
}

// compareMoments compares the times of two codes. The zero time is what it is: in year 1.
func compareMoments(a *chunk, x int64, b *chunk, y int64) int {
	if isFar(x) || isFar(y) {
		return a.time(x).Compare(b.time(y))
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	default:
		return 0
	}
}

// sameMoment reports whether the times of two codes are the same.
func sameMoment(a *chunk, x int64, b *chunk, y int64) bool {
	return x == y && !isFar(x) || compareMoments(a, x, b, y) == 0
}

// rank returns a number for a code that orders as its time does, but that times which do not fit into nanoseconds have
// one number before, and one after all others; the zero time is among those before. It is neither of the two greatest
// numbers, nor their complements.
func rank(code int64) uint64 {
	code = min(max(code, lastLow), firstHigh)
	return uint64(code) ^ 1<<63
}
