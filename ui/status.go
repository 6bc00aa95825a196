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
	until time.Time
}

// say shows a status for statusFor.
func (a *app) say(t tone, text string) {
	a.status = status{text: text, tone: t, until: a.now().Add(statusFor)}
}

// fail shows an error as a status, for twice as long: there is more to read.
func (a *app) fail(err error) {
	a.status = status{text: sentence(err), tone: toneDanger, until: a.now().Add(2 * statusFor)}
}

// expireStatus drops the status whose time is over.
func (a *app) expireStatus(now time.Time) {
	if a.status.text != "" && !now.Before(a.status.until) {
		a.status = status{}
	}
}
