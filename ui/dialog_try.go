package ui

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// trial is one key before one API.
type trial struct {
	key, api int // of the dialog
	op       opID
	done     bool
	answer   model.Answer
	problem  string // why there is no answer
}

// tryDialog tries keys against APIs, a few at a time, and shows the answers side by side as they come. What has been
// answered is kept, also if the person stops it.
type tryDialog struct {
	keys   []model.Key
	apis   []model.API
	trials []trial // key by key
	next   int     // the first that was not begun
	over   bool    // nothing more is begun
	cursor int
	rows   int // how many rows were visible in the last frame
	beside bool
	scroll scrollTop
}

// start begins to try everything.
func (d *tryDialog) start(a *app) tea.Cmd {
	d.trials, d.next, d.over, d.cursor = nil, 0, false, 0
	for key := range d.keys {
		for api := range d.apis {
			d.trials = append(d.trials, trial{key: key, api: api})
		}
	}
	return d.goOn(a)
}

// running returns how many requests are under way.
func (d *tryDialog) running() (n int) {
	for i := range d.trials {
		if d.trials[i].op != 0 {
			n++
		}
	}
	return n
}

// done returns how many trials are over.
func (d *tryDialog) done() (n int) {
	for i := range d.trials {
		if d.trials[i].done {
			n++
		}
	}
	return n
}

// goOn begins as many trials as may be under way.
func (d *tryDialog) goOn(a *app) tea.Cmd {
	var cmds []tea.Cmd
	for !d.over && d.next < len(d.trials) && d.running() < tryWorkers {
		t := &d.trials[d.next]
		d.next++
		var cmd tea.Cmd
		t.op, cmd = a.askAPI(opRead, d.keys[t.key], d.apis[t.api],
			func(a *app, answer model.Answer, err error) tea.Cmd { return d.answered(a, t, answer, err) })
		cmds = append(cmds, cmd)
	}
	if d.next == len(d.trials) && d.running() == 0 {
		d.over = true
	}
	return tea.Batch(cmds...)
}

// answered is the answer to one trial. With the last one of a key the answers of that key are kept.
func (d *tryDialog) answered(a *app, t *trial, answer model.Answer, err error) tea.Cmd {
	t.op, t.done, t.answer = 0, true, answer
	switch {
	case errors.Is(err, context.Canceled):
		t.problem = "given up"
	case err != nil:
		t.problem = sentence(err)
	}
	var keep tea.Cmd
	if of := d.of(t.key); !slices.ContainsFunc(of, func(t trial) bool { return !t.done }) {
		keep = a.keepAnswers(answersOf(of))
	}
	return tea.Batch(keep, d.goOn(a))
}

// of returns the trials of one key.
func (d *tryDialog) of(key int) []trial { return d.trials[key*len(d.apis) : (key+1)*len(d.apis)] }

// answersOf are the answers that were given.
func answersOf(trials []trial) (list []model.Answer) {
	for _, t := range trials {
		if t.done && t.problem == "" {
			list = append(list, t.answer)
		}
	}
	return list
}

// stop gives up what is under way, and keeps what keys have answered that were not through.
func (d *tryDialog) stop(a *app) tea.Cmd {
	d.over = true
	var half []int
	for i := range d.trials {
		t := &d.trials[i]
		if !t.done && !slices.Contains(half, t.key) {
			half = append(half, t.key)
		}
		if t.op != 0 {
			a.drop(t.op)
			t.op = 0
		}
	}
	cmds := make([]tea.Cmd, 0, len(half))
	for _, key := range half {
		cmds = append(cmds, a.keepAnswers(answersOf(d.of(key))))
	}
	return tea.Batch(cmds...)
}

func (d *tryDialog) bindings(*app) []binding {
	move := func(delta int) { d.cursor = max(0, min(d.cursor+delta, d.lines()-1)) }
	list := moves(move, func() int { return d.rows }, d.lines)
	if !d.over {
		return append(list, bind(cancelHelp, d.stop, "esc"))
	}
	return append(list, bind("again", d.start, "t"), closing(d, "close", "esc", "enter", "q").as("esc"))
}

// lines is how many rows the table has: keys if the APIs stand side by side, else trials.
func (d *tryDialog) lines() int {
	if d.beside {
		return len(d.keys)
	}
	return len(d.trials)
}

// most is all of the screen where APIs could stand side by side.
func (d *tryDialog) most() int {
	if len(d.keys) > 1 && len(d.apis) > 1 {
		return math.MaxInt
	}
	return bulkMost
}

func (d *tryDialog) content(a *app, w int) content {
	title, apis := manyKeys(len(d.keys)), "1 API"
	if len(d.keys) == 1 {
		title = cut(model.Display(d.keys[0].Name), nameMost)
	}
	if len(d.apis) != 1 {
		apis = count(len(d.apis)) + " APIs"
	}
	c := content{title: "Trying " + title + " against " + apis}
	if d.over {
		c.title = "Tried " + title + " against " + apis
	}
	c.window = func(room int) ([]string, *point) { return d.window(a, w, room), nil }
	if a.height >= bulkLow {
		c.foot = d.tally()
	}
	return c
}

// tally counts what the answers say.
func (d *tryDialog) tally() string {
	counts := map[model.Verdict]int{}
	failed, left := 0, 0
	for _, t := range d.trials {
		switch {
		case !t.done:
			left++
		case t.problem != "":
			failed++
		default:
			counts[t.answer.Verdict]++
		}
	}
	var parts []string
	if !d.over {
		parts = append(parts, count(d.done())+" of "+count(len(d.trials)))
	}
	for _, verdict := range []model.Verdict{model.VerdictDead, model.VerdictAlive, model.VerdictUnknown} {
		if n := counts[verdict]; n > 0 {
			parts = append(parts, count(n)+" "+string(verdict))
		}
	}
	if failed > 0 {
		parts = append(parts, count(failed)+" failed")
	}
	if d.over && left > 0 {
		parts = append(parts, count(left)+" not tried")
	}
	return strings.Join(parts, " · ")
}

// wideAnswer is how wide a cell with a whole answer is: "unknown 503 30 000 ms".
const wideAnswer = len("unknown 503 30 000 ms")

// window lays the table out: keys as rows and APIs as columns where they have room, else one row for each trial.
func (d *tryDialog) window(a *app, w, room int) []string {
	name, api := len("KEY"), len("API")
	for _, key := range d.keys {
		name = max(name, width(model.Display(key.Name)))
	}
	for _, one := range d.apis {
		api = max(api, width(model.Display(one.Name)))
	}
	name, api = min(name, nameMost), min(api, nameMost)
	inner := w - len("> ")
	was := d.beside
	d.beside = len(d.keys) > 1 && len(d.apis) > 1 && min(name, nameComfort)+len(d.apis)*(gap+wideAnswer) <= inner
	if d.beside != was { // the row of the key is the same
		if d.beside {
			d.cursor /= max(len(d.apis), 1)
		} else {
			d.cursor *= len(d.apis)
		}
	}
	d.cursor = max(0, min(d.cursor, d.lines()-1))
	var cols []gridColumn
	if d.beside {
		cols = append(cols, gridColumn{"KEY", name, min(name, nameComfort), 0})
		for _, one := range d.apis {
			cols = append(cols, gridColumn{model.Display(one.Name), max(wideAnswer, min(width(model.Display(one.Name)), nameMost)), wideAnswer, 0})
		}
	} else {
		cols = []gridColumn{
			{"KEY", name, min(name, 6), 0}, {"API", api, min(api, 6), 0}, {"ANSWER", len(notTried), len(notTried), 0},
			{"STATUS", len("STATUS"), len("STATUS"), 1}, {"TIME", len("30 000 ms"), len("30 000 ms"), 2},
		}
		// What tells the rows apart stays; the title names the one key or the one API.
		if len(d.keys) == 1 {
			cols[0].fold = 3
		} else if len(d.apis) == 1 {
			cols[1].fold = 3
		}
	}
	widths := gridWidths(inner, cols)
	row := func(i int) string {
		if d.beside {
			cells := append(make([]string, 0, len(cols)), d.nameCell(a, i, i == d.cursor, widths[0]))
			for _, t := range d.of(i) {
				word, s := t.text(a)
				if t.done && t.problem == "" {
					word = answerText(t.answer)
				}
				cells = append(cells, s.on(word))
			}
			return gridLine(cells, widths)
		}
		t := d.trials[i]
		word, s := t.text(a)
		status, took := "", ""
		if t.done && t.problem == "" {
			status, took = statusCode(t.answer), tookText(t.answer)
		}
		return gridLine([]string{d.nameCell(a, t.key, i == d.cursor, widths[0]), model.Display(d.apis[t.api].Name), s.on(word), status, took}, widths)
	}
	above := []string{a.theme.muted.on("  " + gridHeads(cols, widths))}
	lines, rows := a.tableWindow(&d.scroll, room, d.cursor, d.lines(), above, d.whys(w), row)
	d.rows = rows
	return lines
}

// nameCell is the name of a key in a row.
func (d *tryDialog) nameCell(a *app, key int, selected bool, w int) string {
	name := cut(model.Display(d.keys[key].Name), w)
	if selected {
		name = a.theme.selected.on(name)
	}
	return name
}

// text is the one word for a trial.
func (t *trial) text(a *app) (string, style) {
	switch {
	case t.op != 0:
		return "trying …", a.theme.muted
	case !t.done:
		return notTried, a.theme.muted
	case t.problem != "":
		return "failed", a.theme.warning
	default:
		return model.Display(string(t.answer.Verdict)), a.verdictStyle(t.answer.Verdict)
	}
}

// whys say in full what the row under the cursor has no room for: why an answer is unknown, or why there is none.
func (d *tryDialog) whys(w int) (lines []string) {
	trials := d.trials[min(d.cursor, len(d.trials)):min(d.cursor+1, len(d.trials))]
	if d.beside {
		trials = d.of(d.cursor)
	}
	for _, t := range trials {
		why := t.problem
		if why == "" && t.done {
			why = model.Display(t.answer.Why)
		}
		if why != "" {
			lines = append(lines, wrap(model.Display(d.apis[t.api].Name)+": "+why, w)...)
		}
	}
	const most = 4
	return lines[:min(len(lines), most)]
}
