package ui

import (
	"strings"

	"clavier/model"
)

// headerComfort is how many cells the name of the profile and its place have before what is counted folds.
const headerComfort = 16

// header names the program, the profile and its place, and counts the keys.
func (a *app) header() string {
	if !a.list.loaded {
		return a.headerLeft(a.width)
	}
	rich, plain := a.tallies()
	for i, right := range append(rich, plain...) {
		room, least := a.width-width(right)-2, headerComfort
		if i >= len(rich) {
			least = len(" clavier")
		}
		if room >= least {
			if _, old := a.asOf(); old {
				right = a.theme.warning.on(right)
			}
			return fit(a.headerLeft(room), room) + " " + right + " "
		}
	}
	return a.headerLeft(a.width)
}

// headerLeft is where the person is, in w cells or more, of which the first tell most. For a key service the name of the program
// goes first as they get fewer, then the middle of the host: which profile it is, and where, must not be overlooked.
func (a *app) headerLeft(w int) string {
	name, place := model.Display(a.profile.Name), model.Display(a.profile.Place)
	room := w - len(" ") - width(name) - len(" / ")
	switch {
	case !a.remote() || len("clavier  ")+width(place) <= room:
		return " " + a.theme.title.on("clavier") + "  " + name + " · " + place
	case width(place) <= room:
		return " " + a.theme.title.on(name) + " · " + place
	case room >= 8:
		return " " + a.theme.title.on(name) + " · " + cutMiddle(place, room)
	default:
		return " " + a.theme.title.on(cut(name+" · "+place, w-1))
	}
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
	if at, old := a.asOf(); old {
		return a.oldTallies(keys, model.Age(at, a.now()))
	}
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
	switch {
	case a.link.recalled && a.link.total > l.newest().Len():
		text += " of " + count(a.link.total)
	case !l.whole && !a.link.recalled:
		text += "+"
	}
	return text
}

// oldTallies are the tallies of a list that may not be right any more: its age stands in them at any width.
func (a *app) oldTallies(keys, age string) (rich, plain []string) {
	since := "as of " + age + " ago"
	if a.offline() {
		return []string{keys + " " + since + " · offline"}, []string{since + " · offline", "offline · " + age + " ago", "offline " + age}
	}
	return []string{keys + " " + since}, []string{since, age + " ago", age}
}
