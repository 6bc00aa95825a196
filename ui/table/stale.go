package table

import (
	"math"
	mathbits "math/bits"
	"sync/atomic"
	"time"

	"clavier/model"
)

// StaleCount says how many keys a rule finds stale.
type StaleCount struct {
	// All is how many are stale, for whatever reason.
	All int
	// ByAge is how many of them were judged by their age alone, because their use is not reported.
	ByAge int
}

// staleMemo remembers how many rows of a chunk are stale. Time only makes keys stale, so that a count holds until the
// next of them becomes it.
type staleMemo struct{ last atomic.Pointer[staleAnswer] }

type staleAnswer struct {
	rule        model.StaleRule
	from, until int64 // moments between which it holds, both included
	count       StaleCount
}

// judge is a rule at one moment, ready for columns.
type judge struct {
	rule model.StaleRule
	now  time.Time
	// What was made before old is old, what was used before unused is unused, what was made before never and was never
	// used is stale. They are moments if plain is true; else rows are judged as keys.
	at, old, unused, never int64
	plain                  bool
}

func newJudge(rule model.StaleRule, now time.Time) judge {
	j := judge{rule: rule, now: now, plain: true}
	for _, bound := range [...]struct {
		moment *int64
		back   time.Duration
	}{{&j.at, 0}, {&j.old, rule.Older}, {&j.unused, rule.Unused}, {&j.never, rule.Never}} {
		code, ok := nanoseconds(now.Add(-bound.back))
		*bound.moment = code
		j.plain = j.plain && ok && code != zeroMoment
	}
	return j
}

// judge is what model.StaleRule.Judge says of a row.
func (j *judge) judge(c *chunk, i int) model.Staleness {
	created, used := c.created[i], c.used[i]
	old := created < j.old
	switch {
	case !j.plain:
		return j.rule.Judge(c.key(i), j.now)
	case created == zeroMoment:
		return model.Fresh
	case c.flags[i]&flagReported == 0:
		if old {
			return model.StaleByAge
		}
	case used == zeroMoment:
		if created < j.never {
			return model.Stale
		}
	case old && used < j.unused:
		return model.Stale
	}
	return model.Fresh
}

// keep takes the rows out of set that are not stale.
func (j *judge) keep(c *chunk, set *bits) {
	for w, word := range set {
		for rest := word; rest != 0; rest &= rest - 1 {
			bit := rest & -rest
			if j.judge(c, w<<6|mathbits.TrailingZeros64(rest)) == model.Fresh {
				word &^= bit
			}
		}
		set[w] = word
	}
}

// count returns how many live rows of a chunk are stale.
func (j *judge) count(c *chunk) StaleCount {
	if last := c.stale.last.Load(); last != nil && j.plain && last.rule == j.rule && last.from <= j.at && j.at <= last.until {
		return last.count
	}
	answer := &staleAnswer{rule: j.rule, from: j.at, until: math.MaxInt64}
	for w, word := range c.live {
		for ; word != 0; word &= word - 1 {
			i := w<<6 | mathbits.TrailingZeros64(word)
			switch j.judge(c, i) {
			case model.StaleByAge:
				answer.count.ByAge++
				answer.count.All++
			case model.Stale:
				answer.count.All++
			default:
				answer.until = min(answer.until, j.freshUntil(c, i))
			}
		}
	}
	if j.plain {
		c.stale.last.Store(answer)
	}
	return answer.count
}

// freshUntil returns the last moment at which a fresh row certainly is still fresh.
func (j *judge) freshUntil(c *chunk, i int) int64 {
	created, used := c.created[i], c.used[i]
	switch {
	case created == zeroMoment:
		return math.MaxInt64
	case c.flags[i]&flagReported == 0:
		return later(created, j.rule.Older)
	case used == zeroMoment:
		return later(created, j.rule.Never)
	default:
		return max(later(created, j.rule.Older), later(used, j.rule.Unused))
	}
}

// later returns a moment some time later, at most the last and at least the first.
func later(moment int64, by time.Duration) int64 {
	sum := moment + int64(by)
	switch {
	case by > 0 && sum < moment:
		return math.MaxInt64
	case by < 0 && sum > moment:
		return math.MinInt64
	default:
		return sum
	}
}
