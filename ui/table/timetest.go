package table

import (
	"time"

	"clavier/model"
)

// timeTest returns what tells whether a row meets a term that is about no text, without regard to Not.
func timeTest(t model.Term, now time.Time) func(c *chunk, i int) bool {
	reported := func(c *chunk, i int) bool { return c.flags[i]&flagReported != 0 }
	never := func(*chunk, int) bool { return false }
	switch {
	case t.Field == model.FieldStatus:
		return statusTest(t.Statuses, now)
	case t.Op == model.OpNever && t.Field == model.FieldUsed:
		return func(c *chunk, i int) bool { return reported(c, i) && c.used[i] == zeroMoment }
	case t.Op == model.OpNever && t.Field == model.FieldExpires:
		return func(c *chunk, i int) bool { return c.expires[i] == zeroMoment }
	case t.Op == model.OpUnknown && t.Field == model.FieldUsed:
		return func(c *chunk, i int) bool { return !reported(c, i) }
	case t.Op == model.OpNever, t.Op == model.OpUnknown:
		return never
	}
	in := newWindow(t.Window(now))
	switch t.Field {
	case model.FieldAge, model.FieldCreated:
		return func(c *chunk, i int) bool { return in.has(c, c.created[i]) }
	case model.FieldUsed:
		return func(c *chunk, i int) bool { return reported(c, i) && in.has(c, c.used[i]) }
	case model.FieldUnused:
		return func(c *chunk, i int) bool {
			if c.used[i] == zeroMoment {
				return reported(c, i) && in.has(c, c.created[i])
			}
			return reported(c, i) && in.has(c, c.used[i])
		}
	case model.FieldExpires:
		return func(c *chunk, i int) bool { return in.has(c, c.expires[i]) }
	default:
		return never
	}
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

func (w *window) has(c *chunk, code int64) bool {
	if isFar(code) {
		return w.plain.Has(c.time(code))
	}
	return code != zeroMoment && w.from <= code && code < w.to
}

// statusTest returns what tells whether the status of a row is one of these.
func statusTest(statuses model.StatusSet, now time.Time) func(c *chunk, i int) bool {
	active, disabled, expired := statuses.Has(model.StatusActive), statuses.Has(model.StatusDisabled), statuses.Has(model.StatusExpired)
	ended := newWindow(model.Window{To: now.Add(1)})
	return func(c *chunk, i int) bool {
		switch {
		case c.flags[i]&flagDisabled != 0:
			return disabled
		case ended.has(c, c.expires[i]):
			return expired
		default:
			return active
		}
	}
}
