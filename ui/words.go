package ui

import (
	"time"

	"clavier/model"
)

// unknown stands for a moment that nobody knows.
const unknown = "unknown"

// The words for what a key is beside its status.
const (
	wordDead     = "dead"
	wordRotating = "rotating"
	wordImported = "imported"
)

// rowWord is the one word that stands in the row of a key, the most important of those that are true; nothing if there is
// nothing to say. Dead stands before expired: it is the only one that was seen from outside.
func (a *app) rowWord(key model.Key, now time.Time) (word string, s style) {
	status := key.StatusAt(now)
	switch {
	case key.Dead:
		return wordDead, a.theme.danger
	case status != model.StatusActive:
		return string(status), a.theme.warning
	case key.Rotating:
		return wordRotating, a.theme.good
	default:
		return staleWords[a.opts.Stale.Judge(key, now)], a.theme.warning
	}
}

// wordWidth is how wide the column of these words is; 0 if no key has one.
func (k look) wordWidth() int {
	w := 0
	if k.extent.Unusual {
		w = len(wordRotating) // disabled is as long
	}
	if k.stale.All > 0 {
		w = max(w, len(staleWords[model.Stale]))
	}
	if k.stale.ByAge > 0 {
		w = max(w, len(staleWords[model.StaleByAge]))
	}
	return w
}

// statusText says all of what the status of a key is: "active", "dead, expired", "active, rotating".
func statusText(key model.Key, now time.Time) string {
	status := key.StatusAt(now)
	text := string(status)
	switch {
	case key.Dead && status == model.StatusActive:
		text = wordDead
	case key.Dead:
		text = wordDead + ", " + text
	}
	if key.Rotating {
		text += ", " + wordRotating
	}
	return text
}

// moment shows a time in the zone of the screen.
func (a *app) moment(at time.Time, format string) string {
	if at.IsZero() {
		return unknown
	}
	return at.In(a.opts.Location).Format(format)
}

// age shows how long ago something was.
func age(at, now time.Time) string {
	if at.IsZero() {
		return unknown
	}
	return model.Age(at, now)
}

// made says when a key was made, and how old it is.
func (a *app) made(key model.Key, now time.Time) string {
	if key.CreatedAt.IsZero() {
		return unknown
	}
	return a.moment(key.CreatedAt, timeFormat) + ", " + model.Age(key.CreatedAt, now) + " old"
}
