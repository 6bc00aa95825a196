package model

import (
	"strconv"
	"strings"
	"time"
)

// minYear is the first year that a date can have: far enough from the zero time.
const minYear = 1000

// parseDate reads a year, month or day and returns its first moment and the first after it.
func parseDate(text string, zone *time.Location) (from, to time.Time, bad *QueryProblem) {
	var numbers [3]int
	parts := strings.Split(text, "-")
	if len(parts) > len(numbers) {
		return from, to, &QueryProblem{0, len(text), wantDate}
	}
	for i, part := range parts {
		digits := 2
		if i == 0 {
			digits = 4
		}
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) != digits {
			return from, to, &QueryProblem{0, len(text), wantDate}
		}
		numbers[i] = int(n)
	}
	year, month, day := numbers[0], time.Month(numbers[1]), numbers[2]
	switch last := lastDay(year, month); {
	case year < minYear:
		bad = &QueryProblem{0, 4, "a year from " + strconv.Itoa(minYear)}
	case len(parts) == 1:
		from, to = startOf(year, 1, 1, zone), startOf(year+1, 1, 1, zone)
	case month < 1 || month > 12:
		bad = &QueryProblem{5, 7, wantMonth}
	case len(parts) == 2:
		from, to = startOf(year, month, 1, zone), startOf(year, month+1, 1, zone)
	case day < 1 || day > last:
		bad = &QueryProblem{8, 10, "a day from 01 to " + strconv.Itoa(last)}
	default:
		from, to = startOf(year, month, day, zone), startOf(year, month, day+1, zone)
	}
	return from, to, bad
}

// lastDay is the number of days in a month.
func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// startOf returns the first moment of a day, in UTC. Where clocks are put forward over midnight, that is when they are;
// where they are put back over it, it is the earlier midnight.
func startOf(year int, month time.Month, day int, zone *time.Location) time.Time {
	clock := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	begins, ends := at.ZoneBounds()
	_, offset := at.Zone()
	shown := at.Add(time.Duration(offset) * time.Second)
	switch {
	case shown.Before(clock) && !ends.IsZero():
		at = ends
	case !begins.IsZero():
		_, offset = begins.Add(-1).Zone()
		if earlier := clock.Add(-time.Duration(offset) * time.Second); earlier.Before(begins) {
			at = earlier
		}
	}
	return at.UTC()
}
