package model

import (
	"fmt"
	"time"
)

// Age returns how long ago then was, seen from now, in the one largest unit that says enough: 12s, 5m, 3h, 729d, 2y. A
// moment in the future, which a wrong clock makes, is "0s". Years have 365 days.
func Age(then, now time.Time) string {
	d := max(now.Sub(then), 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < 730*day:
		return fmt.Sprintf("%dd", d/day)
	default:
		return fmt.Sprintf("%dy", d/(365*day))
	}
}

// Used returns the words for a last use: "3d ago", "never", or "not reported".
func (u LastUse) Used(now time.Time) string {
	switch {
	case !u.Reported:
		return "not reported"
	case u.At.IsZero():
		return "never"
	default:
		return Age(u.At, now) + " ago"
	}
}
