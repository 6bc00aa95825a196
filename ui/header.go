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
	rich, plain := a.tallies()
	for i, right := range append(rich, plain...) {
		room, least := a.width-width(right)-2, min(width(left), headerComfort)
		if i >= len(rich) {
			least = len(name)
		}
		if room >= least {
			return fit(left, room) + " " + right + " "
		}
	}
	return left
}

// tallies are what the header counts: what it says if there is room, most first, and what must not be overlooked.
func (a *app) tallies() (rich, plain []string) {
	l := &a.list
	number, noun := a.total(), "keys"
	if l.newest().Len() == 1 && l.whole {
		noun = "key"
	}
	if l.listing != nil && l.shown.narrows() && !a.tallyInFilter() {
		number, noun = a.filterTally(), "keys"
	}
	keys := number + " " + noun
	var marks []string
	if n := l.table.MarkedCount(); n > 0 {
		marks = []string{l.marksText(), count(n) + " marked"}
	}
	add := func(parts ...string) {
		rich = append(rich, strings.Join(append(parts, marks[:min(len(marks), 1)]...), " · "))
	}
	stale := l.staleCount().All
	if n := l.newest().DeadCount(); n > 0 {
		if stale > 0 {
			add(keys, count(n)+" dead", count(stale)+" stale")
		}
		add(keys, count(n)+" dead")
	}
	if stale > 0 {
		add(keys, count(stale)+" stale")
	}
	add(keys)
	if marks == nil {
		return rich, []string{keys, number}
	}
	add(number)
	return rich, marks
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
