package ui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// staleWords stand in the row of a key; a fresh one has none.
var staleWords = map[model.Staleness]string{model.Stale: "stale", model.StaleByAge: "stale by age"}

// staleCount is how many keys are stale, of all that are there.
func (l *keyList) staleCount() table.StaleCount {
	if l.listing == nil {
		return table.StaleCount{}
	}
	return l.listing.StaleCount()
}

// whyStale says by which part of the rule a key is stale, or nothing.
func (a *app) whyStale(key model.Key, now time.Time) string {
	r := a.opts.Stale
	switch {
	case a.opts.Stale.Judge(key, now) == model.Fresh:
		return ""
	case !key.LastUse.Reported:
		return "by age: older than " + model.FormatSpan(r.Older) + ", and this provider does not report the last use"
	case key.LastUse.Never():
		return "older than " + model.FormatSpan(r.Never) + " and never used"
	default:
		return "older than " + model.FormatSpan(r.Older) + " and not used for " + model.FormatSpan(r.Unused)
	}
}

// toggleStale shows only the stale keys, or all again.
func (a *app) toggleStale() tea.Cmd {
	return a.ask(func(q *question) { q.stale = !q.stale })
}

// mark marks the key under the cursor, or takes its mark off, and moves on.
func (a *app) mark() tea.Cmd {
	l := &a.list
	rows := l.rows()
	if l.cursor < len(rows) {
		l.table.SetMark(rows[l.cursor], !l.table.Marked(rows[l.cursor]))
		l.move(1)
	}
	return nil
}

// markShown marks every key that is listed.
func (a *app) markShown() tea.Cmd {
	l := &a.list
	l.table.MarkListing(l.listing, true)
	l.hidden = nil
	a.say(toneInfo, "marked all "+count(l.listing.Len())+" that are shown")
	return nil
}

// invertMarks takes the mark off the marked keys that are listed, and marks the others.
func (a *app) invertMarks() tea.Cmd {
	l := &a.list
	l.table.InvertListing(l.listing)
	l.hidden = nil
	a.say(toneInfo, "turned the marks round of all "+count(l.listing.Len())+" that are shown")
	return nil
}

func (a *app) clearMarks() tea.Cmd {
	a.say(toneInfo, "cleared the marks of "+manyKeys(a.list.table.MarkedCount()))
	a.list.table.ClearMarks()
	a.list.hidden = nil
	return nil
}

// markedHidden is how many marked keys are not listed. It is counted anew only when that may have changed: the keys are
// many.
func (l *keyList) markedHidden() int {
	if l.table.MarkedCount() == 0 || l.listing == nil {
		return l.table.MarkedCount()
	}
	if l.hidden == nil {
		n := l.table.MarkedCount() - l.table.MarkedIn(l.listing)
		l.hidden = &n
	}
	return *l.hidden
}

// marksText says how many keys are marked, and how many of them cannot be seen in the list.
func (l *keyList) marksText() string {
	text := count(l.table.MarkedCount()) + " marked"
	if n := l.markedHidden(); n > 0 {
		text += ", " + count(n) + " hidden"
	}
	return text
}

// backBinding undoes what keeps keys from the list, one thing at a time: the filter, then the view of the stale ones,
// then the marks.
func (a *app) backBinding() (binding, bool) {
	l := &a.list
	switch {
	case l.asked.filter != "":
		return bind("drop the filter", (*app).dropFilter, "esc"), true
	case l.asked.stale:
		return bind("all keys", (*app).toggleStale, "esc"), true
	case l.table.MarkedCount() > 0:
		return bind("clear marks", (*app).clearMarks, "esc"), true
	}
	return binding{}, false
}
