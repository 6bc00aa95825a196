package wire

import (
	"strings"
	"time"
)

// The most characters of the texts in what is sent: what may be stored of a key or an answer (the bounds of Record and Answer), and
// with room to spare what a server makes of it in the activity.
const (
	maxName    = 512
	maxHint    = 256
	maxOwner   = 512
	maxNote    = 1024
	maxAPI     = 512
	maxWhy     = 4096
	maxWord    = 64 // an id, or what was done
	maxWho     = 1024
	maxRefusal = 1024
)

// Cut returns a text that has at most so many characters: the beginning of one that has more, with an ellipsis behind it. What was
// sent and is far too long is cut and not refused, so that it does not keep anybody from the rest of a list, and from deleting its
// key; and it is cut where it comes in, because all that is drawn of it later takes as long as it is.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n == most {
			return strings.TrimRight(text[:i], " ") + "…"
		}
		n++
	}
	return text
}

// The first and the last moment of what can be written as RFC 3339. The zero time is not the first: it would say that there is
// no time, and of an end that there is none.
var (
	firstMoment = time.Time{}.Add(1)
	lastMoment  = time.Date(9999, time.December, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// UTC returns a time that was sent in UTC. One that leaves the years 1 to 9999 there, as 9999-12-31T23:59:59-01:00 does, could not be
// written again: it becomes the nearest that can.
func UTC(t time.Time) time.Time {
	switch t = t.UTC(); {
	case t.Year() < firstMoment.Year():
		return firstMoment
	case t.Year() > lastMoment.Year():
		return lastMoment
	}
	return t
}
