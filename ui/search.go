package ui

import (
	"context"
	"runtime/debug"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// searchBudget is how long a search works before it shows what it has: half a frame at 60 a second.
const searchBudget = 8 * time.Millisecond

// searchAtOnce is how long Update itself waits for an answer. Most are there by then, and take one frame instead of two and
// no way through the queue of messages; a key press is still answered well within a frame.
const searchAtOnce = 3 * time.Millisecond

// judgeEvery is how often the keys are judged again while nothing changes: their ages grow.
const judgeEvery = time.Minute

// freeFrom is from how many keys on the memory of a table that was read anew is given back at once: for a while there
// were two of it.
const freeFrom = 50_000

// asking is a question put to a table.
type asking struct {
	question question
	query    model.Query // of question.filter
	table    *table.Table
	search   *table.Search
	ctx      context.Context // the search goes on by itself until this ends
}

// found is what a search brings: everything, or as much as it has by now.
type found struct {
	listing *table.Listing // empty while there is not even the first page
	done    bool
}

// search puts the question anew, whatever is under way: it was changed by the person, or the table has changed. The old
// rows stay on screen until there is an answer.
func (a *app) search() tea.Cmd {
	l := &a.list
	a.endSearch()
	if !l.loaded {
		return nil
	}
	q := asking{question: l.asked, query: a.filter.query, table: l.newest()}
	q.ctx, a.stopSearch = context.WithCancel(a.ctx)
	var previous *table.Listing
	if q.table == l.table {
		previous = l.listing
	}
	l.judged = a.now()
	q.search = q.table.Snapshot().Search(table.Request{
		Query: q.query, Order: q.question.order, StaleOnly: q.question.stale, Rule: a.opts.Stale, Now: l.judged,
		Page: max(a.listRows(), 1),
	}, previous)
	if f := a.lookAtOnce(q); f.done {
		return a.onFound(q, f, nil)
	}
	return a.goOn(q)
}

// lookAtOnce is what a search finds within a.atOnce. If it panics, it does so again where it goes on, and is told there.
func (a *app) lookAtOnce(q asking) (f found) {
	if a.atOnce <= 0 {
		return found{}
	}
	defer func() {
		if recover() != nil {
			f = found{}
		}
	}()
	listing, done := q.search.Run(q.ctx, a.atOnce)
	return found{listing, done}
}

// endSearch gives up the search under way.
func (a *app) endSearch() {
	a.drop(a.searchOp)
	a.stopSearch()
	a.searchOp, a.list.changed = 0, false
}

// refresh has the list follow its table. A search under way is not given up for that: if changes came faster than
// answers, there would never be one.
func (a *app) refresh() tea.Cmd {
	if a.searchOp != 0 {
		a.list.changed = true
		return nil
	}
	return a.search()
}

// goOn searches on for a moment.
func (a *app) goOn(q asking) tea.Cmd {
	run := a.runSearch
	var cmd tea.Cmd
	a.searchOp, cmd = begin(a, opQuiet, "searching the keys",
		func(context.Context) (found, error) {
			listing, done := run(q.ctx, q.search) //nolint:contextcheck // a search outlives the moments that it is given
			return found{listing, done}, nil
		},
		func(a *app, f found, err error) tea.Cmd { return a.onFound(q, f, err) })
	return cmd
}

// runSearch is how a search works on for a moment.
func runSearch(ctx context.Context, s *table.Search) (*table.Listing, bool) {
	return s.Run(ctx, searchBudget)
}

func (a *app) onFound(q asking, f found, err error) tea.Cmd {
	a.searchOp = 0
	if err != nil {
		a.endSearch()
		a.held = nil
		a.fail(err)
		return a.resume()
	}
	l := &a.list
	before := l.table
	if f.listing.Count() >= 0 {
		l.show(q.table, f.listing, q.question, func(key model.Key) bool {
			return !a.matches(q.query, q.question.stale, key)
		})
		if l.shown == q.question {
			a.filter.shown = q.query
		}
		if l.table != before && before.Len() >= freeFrom {
			a.beside("giving memory back", debug.FreeOSMemory)
		}
	}
	var cmd tea.Cmd
	switch {
	case !f.done:
		cmd = a.goOn(q)
	case l.changed:
		cmd = a.search()
	default:
		a.stopSearch()
	}
	return tea.Batch(cmd, a.resume(), a.replay())
}

// matches is the plain definition of what a question asks for.
func (a *app) matches(query model.Query, stale bool, key model.Key) bool {
	now := a.now()
	return query.Match(key, now) && (!stale || a.opts.Stale.Judge(key, now) != model.Fresh)
}

// listed reports whether what is asked for now lists the key.
func (a *app) listed(key model.Key) bool { return a.matches(a.filter.query, a.list.asked.stale, key) }

// judge puts the question again once a minute: what a filter says of ages and what is stale depend on the time.
func (a *app) judge(now time.Time) tea.Cmd {
	if !a.list.loaded || a.searchOp != 0 || now.Sub(a.list.judged) < judgeEvery {
		return nil
	}
	return a.search()
}

// need is what must be on screen before a key does what it was pressed for.
type need int

const (
	needNothing need = iota
	needPage         // the row under the cursor belongs to what was asked
	needAll          // so do all rows, and none is missing
)

// ready returns what is on screen of the answer to what was asked last.
func (a *app) ready() need {
	l := &a.list
	switch {
	case a.searchOp == 0:
		return needAll
	case l.listing == nil || l.shown != l.asked:
		return needNothing
	case !l.listing.Complete():
		return needPage
	}
	return needAll
}

// hold keeps a key back that was pressed for rows that are not there yet, and the keys after it. It reports whether it
// did: "/old", enter, "a" then marks the same keys, however fast they are typed. Only keys for the list are held.
func (a *app) hold(msg tea.KeyMsg) bool {
	if a.top() != nil || a.view != keysView {
		return false
	}
	if len(a.held) == 0 {
		if bound, ok := find(a.bindings(), msg); !ok || bound.needs <= a.ready() {
			return false
		}
	}
	if msg.Type == tea.KeyEsc {
		a.held = nil
		return false
	}
	a.held = append(a.held, msg)
	return true
}

// replay presses the held keys, as far as what they need is there now.
func (a *app) replay() tea.Cmd {
	keys := a.held
	a.held = nil
	if a.top() != nil {
		return nil // they were not meant for what opened by itself
	}
	var cmds []tea.Cmd
	for _, msg := range keys {
		cmds = append(cmds, a.onKey(msg))
	}
	return tea.Batch(cmds...)
}
