package ui

import (
	"strings"

	"clavier/model"
)

// headerComfort is how many cells the name of the program and of the profile have before what is counted folds.
const headerComfort = 16

// header names the program, the profile and its place, and counts the keys.
func (a *app) header() string {
	const name = " clavier"
	left := " " + a.theme.title.on("clavier") + "  " + model.Display(a.profile.Name) + " · " + model.Display(a.profile.Place)
	if !a.list.loaded {
		return left
	}
	tallies := a.tallies()
	for i, right := range tallies {
		room, least := a.width-width(right)-2, min(width(left), headerComfort)
		if i == len(tallies)-1 {
			least = len(name)
		}
		if room >= least {
			return fit(left, room) + " " + right + " "
		}
	}
	return left
}

// tallies are what the header counts, from everything to what must not be overlooked.
func (a *app) tallies() []string {
	l := &a.list
	keys := a.total() + " keys"
	if l.newest().Len() == 1 && l.whole {
		keys = "1 key"
	}
	if l.listing != nil && l.shown.narrows() && !a.tallyInFilter() {
		keys = a.filterTally() + " keys"
	}
	parts := [][]string{{keys}}
	if n := l.staleCount().All; n > 0 {
		parts = [][]string{{keys, count(n) + " stale"}, {keys}}
	}
	if n := l.table.MarkedCount(); n > 0 {
		marks := l.marksText()
		for i := range parts {
			parts[i] = append(parts[i], marks)
		}
		parts = append(parts, []string{marks}, []string{count(n) + " marked"})
	}
	tallies := make([]string, len(parts))
	for i := range parts {
		tallies[i] = strings.Join(parts[i], " · ")
	}
	return tallies
}

// total says how many keys there are. While not all of them were read, a plus says so.
func (a *app) total() string {
	l := &a.list
	text := count(l.newest().Len())
	if !l.whole {
		text += "+"
	}
	return text
}
