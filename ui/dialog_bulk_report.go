package ui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// bulkReport tells what came of each key, what went wrong first.
type bulkReport struct {
	job    *bulkJob
	order  []int // places in job.targets
	cursor int
	scrollTop
	rows   int // how many were visible in the last frame
	size   int // cells of the widest name
	counts [bulkPending]int
	opened time.Time
}

func newBulkReport(a *app, job *bulkJob) *bulkReport {
	r := &bulkReport{job: job, opened: a.now(), size: a.list.newest().Extent().Name}
	r.arrange()
	return r
}

// arrange counts, and brings what went wrong to the top; keys with the same outcome stay in their order.
func (r *bulkReport) arrange() {
	targets := r.job.targets
	r.counts = [bulkPending]int{}
	for i := range targets {
		r.counts[targets[i].outcome]++
	}
	var next [bulkPending]int
	for o := 1; o < len(next); o++ {
		next[o] = next[o-1] + r.counts[o-1]
	}
	r.order = make([]int, len(targets))
	for i := range targets {
		at := &next[targets[i].outcome]
		r.order[*at] = i
		*at++
	}
}

// settling reports whether the report has only just opened by itself: a key that is pressed now was meant for what was
// there before.
func (r *bulkReport) settling(a *app) bool { return !a.settled(r.opened) }

func (r *bulkReport) bindings(a *app) []binding {
	failed := r.counts[bulkFailed] + r.counts[bulkUnknown]
	retry := bind("retry "+count(failed)+" failed", r.retry, "enter")
	switch why := a.whyNoTouch(); {
	case failed > 0 && why != "":
		retry = retry.unless(why)
	case failed > 0:
	case r.counts[bulkStopped]+r.counts[bulkKept] > 0:
		retry = retry.unless("nothing has failed; d asks again for what is still marked")
	default:
		retry = retry.unless("nothing has failed")
	}
	move := func(delta int) { r.cursor = max(0, min(r.cursor+delta, len(r.order)-1)) }
	return append(moves(move, func() int { return r.rows }, func() int { return len(r.order) }),
		retry,
		bind("close", func(a *app) tea.Cmd {
			if !r.settling(a) {
				a.close(r)
			}
			return nil
		}, "esc", "q").as("esc"))
}

// retry deletes those that failed, unless one has given a reason meanwhile to be confirmed by itself.
func (r *bulkReport) retry(a *app) tea.Cmd {
	if r.settling(a) {
		return nil
	}
	var todo []int
	now := a.now()
	for i := range r.job.targets {
		target := &r.job.targets[i]
		if target.outcome != bulkFailed && target.outcome != bulkUnknown {
			continue
		}
		key, ok := lookUp(a.list.newest(), target.id, target.row)
		switch {
		case !ok:
			target.outcome, target.text = bulkWasGone, "no longer in the list"
		case reasonsFor(key, a.profile.Protect, now)&^target.sure != 0:
			target.outcome, target.text = bulkKept, "not deleted: it is in use by now; d asks for it again"
		default:
			todo = append(todo, i)
		}
	}
	if len(todo) == 0 {
		r.arrange()
		return nil
	}
	return a.runBulk(r, r.job, todo)
}

// follow takes a key that failed or is in doubt and that the list no longer has for gone.
func (r *bulkReport) follow(a *app) tea.Cmd { //nolint:unparam // another dialog that follows has something to run
	changed := false
	for i := range r.job.targets {
		target := &r.job.targets[i]
		if target.outcome > bulkStopped {
			continue
		}
		if _, ok := lookUp(a.list.newest(), target.id, target.row); !ok {
			target.outcome, target.text = bulkWasGone, "no longer in the list"
			changed = true
		}
	}
	if changed {
		r.arrange()
	}
	return nil
}

func (r *bulkReport) most() int { return bulkMost }

func (r *bulkReport) content(a *app, w int) content {
	over := r.counts[bulkDeleted] + r.counts[bulkRemark]
	c := content{title: "Deleted " + count(over) + " of " + manyKeys(len(r.order))}
	for _, part := range []struct {
		n    int
		word string
	}{
		{r.counts[bulkFailed], "failed"}, {r.counts[bulkUnknown], "not known"}, {r.counts[bulkKept], "kept"}, {r.counts[bulkStopped], "stopped"},
		{r.counts[bulkWasGone], "already gone"},
	} {
		if part.n > 0 {
			c.title += " · " + count(part.n) + " " + part.word
		}
	}
	failed := r.counts[bulkFailed] + r.counts[bulkUnknown]
	c.danger = failed > 0
	c.window = func(room int) ([]string, *point) { return r.window(a, w, room), nil }
	if a.height >= bulkLow && failed > 0 {
		c.foot = "[ enter retries " + count(failed) + " failed ]"
	}
	return c
}

// window draws the visible keys, and the sentence of the one under the cursor in full where there is room.
func (r *bulkReport) window(a *app, w, room int) []string {
	name := max(1, min(r.size, nameMost, (w-len("> ")-gap)/2))
	var detail []string
	if len(r.order) > 0 {
		target := r.job.targets[r.order[r.cursor]]
		if text := model.Display(target.name) + ": " + target.text; width(target.name) > name || width(target.text) > w-len("> ")-name-gap {
			detail = wrap(text, w)
		}
	}
	few := min(len(r.order), 3)
	if len(detail) > room-few {
		detail = detail[:max(0, room-few)]
	}
	left := room - len(detail)
	r.rows = max(0, min(len(r.order), left))
	var place []string
	if r.rows < len(r.order) && r.rows > few {
		r.rows--
		place = []string{a.theme.muted.on(cut("  "+count(r.cursor+1)+" of "+count(len(r.order)), w))}
	}
	r.scroll(a, r.cursor, len(r.order), r.rows)
	var lines []string
	for i := r.top; i < r.top+r.rows; i++ {
		target := &r.job.targets[r.order[i]]
		shown, mark := fit(model.Display(target.name), name), "  "
		if i == r.cursor {
			mark, shown = a.theme.selected.on("> "), a.theme.selected.on(shown)
		}
		lines = append(lines, mark+shown+spaces(gap)+a.outcomeStyle(target.outcome).on(cut(target.text, max(w-len("> ")-name-gap, 1))))
	}
	return slices.Concat(lines, place, detail)
}

func (a *app) outcomeStyle(o outcome) style {
	switch o {
	case bulkFailed, bulkUnknown:
		return a.theme.danger
	case bulkDeleted:
		return a.theme.good
	default:
		return a.theme.warning
	}
}
