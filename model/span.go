package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// MaxSpan is the longest span that can be written: 100 years of 365 days.
const MaxSpan = 100 * 365 * day

// spanUnits are the units of a span. Of two ways to write one that are as short, FormatSpan takes the unit that stands
// first.
var spanUnits = []struct {
	name string
	size time.Duration
}{
	{"d", day}, {"w", 7 * day}, {"mo", 30 * day}, {"y", 365 * day}, {"h", time.Hour},
}

// What is said of a text that is no span.
const (
	wantSpan      = "a span such as 90d"
	wantSpanUnit  = "a span with one of the units h, d, w, mo, y, such as 90d"
	wantSpanWhole = "a whole number and one unit, such as 90d"
	wantSpanBound = "a span of at most 100y"
)

// ParseSpan reads a span of time: a whole number, 0 or more, and one unit, such as 12h, 90d, 2w, 3mo (months of 30 days)
// or 1y (years of 365 days); at most MaxSpan. The error is a sentence that says what is wrong.
func ParseSpan(text string) (time.Duration, error) {
	span, want := parseSpan(text)
	if want != "" {
		return 0, fmt.Errorf("%s is not %s", quoteShort(text), want)
	}
	return span, nil
}

// parseSpan returns a span, or what was expected instead.
func parseSpan(text string) (span time.Duration, want string) {
	unit := strings.TrimLeft(text, "0123456789")
	digits := text[:len(text)-len(unit)]
	switch {
	case digits == "":
		return 0, wantSpan
	case unit == "":
		return 0, wantSpanUnit
	case unit[0] == '.' || strings.ContainsAny(unit, "0123456789"):
		return 0, wantSpanWhole
	}
	for _, u := range spanUnits {
		if u.name != unit {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || n > uint64(MaxSpan/u.size) {
			return 0, wantSpanBound
		}
		return time.Duration(n) * u.size, ""
	}
	return 0, wantSpanUnit
}

// FormatSpan returns the shortest text that ParseSpan reads as d; days, if that is no longer than another unit. What
// ParseSpan cannot return is brought to the nearest that it can: cut to whole hours, from 0 to MaxSpan.
func FormatSpan(d time.Duration) string {
	d = min(max(d, 0), MaxSpan).Truncate(time.Hour)
	best := ""
	for _, u := range spanUnits {
		if d%u.size != 0 {
			continue
		}
		if text := strconv.FormatInt(int64(d/u.size), 10) + u.name; best == "" || len(text) < len(best) {
			best = text
		}
	}
	return best
}

// quoteShort shows the start of a text that may be anything.
func quoteShort(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return `"` + Display(text) + `"`
}
