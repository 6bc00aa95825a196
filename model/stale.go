package model

import "time"

// StaleRule says from when on a key counts as dead. A moment exactly on a bound does not count.
type StaleRule struct {
	// Older and Unused belong together: a key that was used is stale if it was made more than Older ago and its last use is
	// more than Unused ago. Older alone decides if the provider does not report use.
	Older, Unused time.Duration
	// Never alone decides for a key that was never used: it is stale if it was made more than Never ago.
	Never time.Duration
}

// DefaultStaleRule holds unless the settings say otherwise.
var DefaultStaleRule = StaleRule{Older: 90 * day, Unused: 30 * day, Never: 14 * day}

// Staleness is what a rule says of a key.
type Staleness int

// The judgements of a rule.
const (
	// Fresh is a key that the rule finds nothing wrong with.
	Fresh Staleness = iota
	// Stale is a key that the rule calls dead.
	Stale
	// StaleByAge is a key that is older than the rule allows and whose provider does not report its use: judged by age
	// alone.
	StaleByAge
)

// Judge says whether the key is stale at the moment now. A key whose time of making is not known (the zero time) is
// fresh: nothing says that it is old.
func (r StaleRule) Judge(k Key, now time.Time) Staleness {
	if k.CreatedAt.IsZero() {
		return Fresh
	}
	// Moments are compared, not lengths of time: a length ends at 292 years.
	old := k.CreatedAt.Before(now.Add(-r.Older))
	switch {
	case !k.LastUse.Reported && old:
		return StaleByAge
	case !k.LastUse.Reported:
		return Fresh
	case k.LastUse.Never() && k.CreatedAt.Before(now.Add(-r.Never)):
		return Stale
	case k.LastUse.Never():
		return Fresh
	case old && k.LastUse.At.Before(now.Add(-r.Unused)):
		return Stale
	default:
		return Fresh
	}
}
