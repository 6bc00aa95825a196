package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// sortWalk is the order in which s goes through the columns: as they stand on the screen.
var sortWalk = []model.SortBy{model.SortName, model.SortCreated, model.SortUsed, model.SortExpires}

// orderWords says what each order is, and what it is turned round.
var orderWords = map[model.SortBy][2]string{
	model.SortCreated: {"created, newest first", "created, oldest first"},
	model.SortName:    {"name, A to Z", "name, Z to A"},
	model.SortUsed:    {"last used, most recent first", "last used, never and longest ago first"},
	model.SortExpires: {"expires, soonest first", "expires, never and latest first"},
}

// ascending are the orders whose least value stands first.
var ascending = map[model.SortBy]bool{model.SortName: true, model.SortExpires: true}

// sortedHead marks the heading of the column that the list is sorted by: the arrow points up if values grow downwards.
func sortedHead(head string, w int, o model.Order) string {
	arrow := "↓"
	if ascending[o.By] != o.Reverse {
		arrow = "↑"
	}
	if width(head)+2 <= w {
		return head + " " + arrow
	}
	return cut(head, w-1) + arrow
}

// nextOrder sorts by the next column, the way it is read first.
func (a *app) nextOrder() tea.Cmd {
	at := slices.Index(sortWalk, a.list.asked.order.By)
	return a.sortBy(model.Order{By: sortWalk[(at+1)%len(sortWalk)]})
}

// turnOrder turns the order round.
func (a *app) turnOrder() tea.Cmd {
	o := a.list.asked.order
	o.Reverse = !o.Reverse
	return a.sortBy(o)
}

func (a *app) sortBy(o model.Order) tea.Cmd {
	words := orderWords[o.By][0]
	if o.Reverse {
		words = orderWords[o.By][1]
	}
	a.say(toneInfo, "sorted by "+words)
	return a.ask(func(q *question) { q.order = o })
}
