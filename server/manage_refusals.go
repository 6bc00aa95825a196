package server

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"clavier/model"
)

// mostRefusals is how many lines about changes that its role does not allow a key gets in a minute. Whoever has a key may ask for such
// changes, and must neither fill the store nor bury what others did.
const mostRefusals = 60

// refusals counts the lines of this minute by the id of the key. The zero value has none.
type refusals struct {
	mu     sync.Mutex
	minute int64
	count  map[string]int
}

// take counts a refusal, and returns which one of this minute it is.
func (r *refusals) take(id string, now time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if minute := now.Unix() / 60; minute != r.minute || r.count == nil { //nolint:mnd // seconds
		r.minute, r.count = minute, map[string]int{}
	}
	r.count[id]++
	return r.count[id]
}

// leavesLine reports whether an error says that a change was refused, and a line of activity is to tell of that.
func (m *manage) leavesLine(c *call, err error) bool {
	if c.op.action == "" || !isRefusal(err) {
		return false
	}
	if !errors.Is(err, model.ErrRole) {
		return true
	}
	n := m.refusals.take(c.caller.ID, m.now())
	if n == mostRefusals+1 {
		m.log.Warn("a key asks again and again for changes that its role does not allow; the activity tells no more of it in this minute",
			slog.String("key", c.caller.ID), slog.String("from", c.from))
	}
	return n <= mostRefusals
}
