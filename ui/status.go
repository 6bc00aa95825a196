package ui

import "time"

// tone is how a status reads: its colour, never its meaning.
type tone int

const (
	toneInfo tone = iota
	toneGood
	toneWarning
	toneDanger
)

// statusFor is how long a status stays when nothing newer takes its place.
const statusFor = 6 * time.Second

// status is one line about what just happened. It ends at a moment of its own, which is compared with the clock, so
// that no timer of an older status can wipe a newer one.
type status struct {
	text  string
	tone  tone
	since time.Time
	until time.Time
}

// say shows a status for statusFor.
func (a *app) say(t tone, text string) {
	now := a.now()
	a.status = status{text: text, tone: t, since: now, until: now.Add(statusFor)}
}

// fail shows an error as a status, for twice as long: there is more to read.
func (a *app) fail(err error) {
	now := a.now()
	a.status = status{text: sentence(err), tone: toneDanger, since: now, until: now.Add(2 * statusFor)}
}

// answers reports whether the status was said while an operation was already under way: it answers a key, and for a
// while it is worth more than the spinner.
func (s status) answers(doing op, now time.Time) bool {
	return s.text != "" && s.since.After(doing.since) && now.Before(s.since.Add(statusFor))
}

// expireStatus drops the status whose time is over.
func (a *app) expireStatus(now time.Time) {
	if a.status.text != "" && !now.Before(a.status.until) {
		a.status = status{}
	}
}
