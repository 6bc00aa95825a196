package table

import (
	mathbits "math/bits"
	"time"

	"clavier/model"
)

// wordTest returns those of the rows in word that meet a condition: 64 rows, from the row first on.
type wordTest func(c *chunk, first int, word uint64) uint64

// timeTest returns what tells which rows meet a term that is about no text, without regard to Not.
func timeTest(t model.Term, now time.Time) wordTest {
	switch {
	case t.Field == model.FieldStatus:
		return statusTest(t.Statuses, now)
	case t.Op == model.OpNever && t.Field == model.FieldUsed:
		return func(c *chunk, first int, word uint64) uint64 { return reported(c, first, zeros(c.used, first, word)) }
	case t.Op == model.OpNever && t.Field == model.FieldExpires:
		return func(c *chunk, first int, word uint64) uint64 { return zeros(c.expires, first, word) }
	case t.Op == model.OpUnknown && t.Field == model.FieldUsed:
		return func(c *chunk, first int, word uint64) uint64 { return word &^ reported(c, first, word) }
	case t.Op == model.OpNever, t.Op == model.OpUnknown:
		return noRows
	}
	in := newWindow(t.Window(now))
	switch t.Field {
	case model.FieldAge, model.FieldCreated:
		return func(c *chunk, first int, word uint64) uint64 { return in.among(c, c.created, first, word) }
	case model.FieldUsed:
		return func(c *chunk, first int, word uint64) uint64 {
			return in.among(c, c.used, first, reported(c, first, word))
		}
	case model.FieldUnused:
		return func(c *chunk, first int, word uint64) uint64 {
			word = reported(c, first, word)
			never := zeros(c.used, first, word)
			return in.among(c, c.created, first, never) | in.among(c, c.used, first, word&^never)
		}
	case model.FieldExpires:
		return func(c *chunk, first int, word uint64) uint64 { return in.among(c, c.expires, first, word) }
	default:
		return noRows
	}
}

func noRows(*chunk, int, uint64) uint64 { return 0 }

// rowTest is a wordTest that looks at one row after the other.
func rowTest(is func(c *chunk, i int) bool) wordTest {
	return func(c *chunk, first int, word uint64) (met uint64) {
		for ; word != 0; word &= word - 1 {
			if i := first | mathbits.TrailingZeros64(word); is(c, i) {
				met |= word & -word
			}
		}
		return met
	}
}

// reported returns those of the rows in word whose use is reported.
func reported(c *chunk, first int, word uint64) (met uint64) {
	if word == 0 {
		return 0
	}
	for j, f := range c.flags[first:min(first+64, c.rows)] {
		met |= uint64(f&flagReported) << (j & 63) // flagReported is 1
	}
	return met & word
}

// zeros returns those of the rows in word whose time is the zero time.
func zeros(column []int64, first int, word uint64) (met uint64) {
	if word == 0 {
		return 0
	}
	for j, code := range column[first:min(first+64, len(column))] {
		if code == zeroMoment {
			met |= 1 << (j & 63)
		}
	}
	return met & word
}

// window is a model.Window for moments.
type window struct {
	from, to int64 // for what nanoseconds can count
	plain    model.Window
}

func newWindow(w model.Window) window {
	in := window{from: lastLow + 1, to: firstHigh, plain: w}
	if !w.From.IsZero() {
		in.from = bound(w.From)
	}
	if !w.To.IsZero() {
		in.to = bound(w.To)
	}
	in.to = max(in.from, in.to)
	return in
}

// bound returns the code of a time, or the one of those that nanoseconds can count that bounds them in its stead.
func bound(t time.Time) int64 {
	code, ok := nanoseconds(t)
	switch {
	case ok:
		return code
	case t.Unix() < 0:
		return lastLow + 1
	default:
		return firstHigh
	}
}

// has reports whether the time of a code lies in the window.
func (w *window) has(c *chunk, code int64) bool {
	if isFar(code) {
		return w.plain.Has(c.time(code))
	}
	return code != zeroMoment && w.from <= code && code < w.to
}

// among returns those of the rows in word whose time in a column lies in the window.
func (w *window) among(c *chunk, column []int64, first int, word uint64) (met uint64) {
	switch {
	case word == 0:
		return 0
	case len(c.far) > 0:
		return rowTest(func(c *chunk, i int) bool { return w.has(c, column[i]) })(c, first, word)
	}
	span := uint64(w.to - w.from)
	for j, code := range column[first:min(first+64, len(column))] {
		_, in := mathbits.Sub64(uint64(code-w.from), span, 0) // 1 if it is less
		met |= in << (j & 63)
	}
	return met & word
}

// statusTest returns what tells which rows have one of these statuses.
func statusTest(statuses model.StatusSet, now time.Time) wordTest {
	active, disabled, expired := statuses.Has(model.StatusActive), statuses.Has(model.StatusDisabled), statuses.Has(model.StatusExpired)
	ended := newWindow(model.Window{To: now.Add(1)})
	return rowTest(func(c *chunk, i int) bool {
		switch {
		case c.flags[i]&flagDisabled != 0:
			return disabled
		case ended.has(c, c.expires[i]):
			return expired
		default:
			return active
		}
	})
}
