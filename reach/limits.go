// Package reach makes bounded connections to the machines that settings name, and says in a sentence why one could not be
// reached. What is sent over them is for others.
package reach

import "time"

// Limits bound one request. What is zero has its default; see [Limits.OrDefaults].
type Limits struct {
	// Connect is the time for the name and the connection, and again for its encryption: 5 s.
	Connect time.Duration
	// Headers is the time from the request to the end of the answer's headers: 10 s.
	Headers time.Duration
	// All is the time for everything: 30 s.
	All time.Duration
	// HeaderBytes is the most that the headers of an answer may have: 64 KiB.
	HeaderBytes int64
}

// defaultLimits are those of trust row T13.
var defaultLimits = Limits{Connect: 5 * time.Second, Headers: 10 * time.Second, All: 30 * time.Second, HeaderBytes: 64 << 10}

// OrDefaults returns the limits with the defaults for what is not set.
func (l Limits) OrDefaults() Limits {
	for _, bound := range []struct {
		set *time.Duration
		def time.Duration
	}{{&l.Connect, defaultLimits.Connect}, {&l.Headers, defaultLimits.Headers}, {&l.All, defaultLimits.All}} {
		if *bound.set <= 0 {
			*bound.set = bound.def
		}
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = defaultLimits.HeaderBytes
	}
	return l
}
