package ui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// earlierMost is how many earlier filters are remembered.
const earlierMost = 50

// filterLine is the line in which a filter is typed, and stands while it applies.
type filterLine struct {
	field    field
	editing  bool
	query    model.Query          // what the field asks for
	problems []model.QueryProblem // the parts of the field that cannot be read
	shown    model.Query          // what the listed keys were asked for
	problem  string               // why a paste was refused

	// earlier are the filters that were kept, newest first. They are in memory only: a secret may be pasted here by
	// mistake. back is the place in earlier, counted from 1, of the one that was brought back; 0 if none was.
	earlier []string
	back    int
}

func newFilterLine(earlier []string) filterLine {
	return filterLine{field: newField(false), earlier: earlier}
}

// press gives the filter a key that no binding takes. What is typed applies at once.
func (f *filterLine) press(a *app, msg tea.KeyMsg) tea.Cmd {
	before := f.field.value()
	f.problem = f.field.press(msg)
	if f.field.value() == before {
		return nil
	}
	f.back = 0
	return a.applyFilter()
}

// applyFilter asks for the keys that match what stands in the field.
func (a *app) applyFilter() tea.Cmd {
	f := &a.filter
	f.query, f.problems = model.ParseQuery(f.field.value(), a.opts.Location)
	return a.ask(func(q *question) { q.filter = f.field.value() })
}

// ask changes what the person wants to see.
func (a *app) ask(change func(*question)) tea.Cmd {
	change(&a.list.asked)
	return a.search()
}

// filtering reports whether the filter has the focus.
func (a *app) filtering() bool { return a.filter.editing && a.top() == nil && a.view == keysView }

// typing reports whether letters go to a text field.
func (a *app) typing() bool {
	_, ok := a.top().(typist)
	return ok || a.filtering()
}

// typed gives a key to the text field that has the focus, if one has.
func (a *app) typed(msg tea.KeyMsg) tea.Cmd {
	if d, ok := a.top().(typist); ok {
		d.press(a, msg)
		return nil
	}
	if a.filtering() {
		return a.filter.press(a, msg)
	}
	return nil
}

// editFilter opens the filter, with the one that applies in it.
func (a *app) editFilter() tea.Cmd {
	a.filter.editing = true
	a.filter.field.input.CursorEnd()
	return nil
}

// keepFilter goes back to the list; what was typed goes on to apply.
func (a *app) keepFilter() tea.Cmd {
	f := &a.filter
	f.editing, f.back, f.problem = false, 0, ""
	text := f.field.value()
	if strings.TrimSpace(text) == "" {
		return a.dropFilter()
	}
	f.earlier = slices.DeleteFunc(slices.Clone(f.earlier), func(e string) bool { return e == text })
	f.earlier = append([]string{text}, f.earlier[:min(len(f.earlier), earlierMost-1)]...)
	return nil
}

// dropFilter shows all keys again.
func (a *app) dropFilter() tea.Cmd {
	a.filter.editing, a.filter.back, a.filter.problem = false, 0, ""
	a.filter.field.clear()
	return a.applyFilter()
}

// bringBack puts the filter that stands step further back in memory into the field.
func (a *app) bringBack(step int) tea.Cmd {
	f := &a.filter
	f.back = max(0, min(f.back+step, len(f.earlier)))
	text := ""
	if f.back > 0 {
		text = f.earlier[f.back-1]
	}
	f.field.set(text)
	return a.applyFilter()
}

// filterBindings are the keys while a filter is typed. The arrows go through the earlier filters from an empty field on,
// and else through the list.
func (a *app) filterBindings() []binding {
	f := &a.filter
	moving := moves(a.list.move, a.listRows, func() int { return len(a.list.rows()) })
	only := func(b binding, keys ...string) binding {
		b.SetKeys(keys...)
		return b.as(labels(keys))
	}
	var list []binding
	up, down := only(moving[1], "up"), only(moving[0], "down")
	if f.field.value() == "" || f.back > 0 {
		if len(f.earlier) > 0 {
			up = bind("earlier filter", func(a *app) tea.Cmd { return a.bringBack(1) }, "up")
		}
		if f.back > 0 {
			down = bind("later filter", func(a *app) tea.Cmd { return a.bringBack(-1) }, "down")
		}
	}
	list = append(list, up, down, only(moving[6], "pgdown").inHelp(), only(moving[7], "pgup").inHelp())
	return append(list,
		bind("keep", (*app).keepFilter, "enter"),
		bind("drop", (*app).dropFilter, "esc"))
}

// filterRow is where the filter stands: in the line between the list and the status, or on a low screen in that of the
// status. The line under it tells what is wrong with it. No row of the list moves for it.
func filterRow(height int) int {
	if layout(height).blank > 0 {
		return height - 3
	}
	return height - 2
}

// drawFilter draws the filter into the frame, if there is one, and returns where the cursor stands in it. On a low screen
// a status or a wait that is worth more takes its place while it is not being typed.
func (a *app) drawFilter(lines []string, now time.Time) *point {
	f, asked := &a.filter, a.list.asked
	if !f.editing && !asked.narrows() {
		return nil
	}
	y := filterRow(a.height)
	low := y == a.height-2
	if low && !f.editing && a.statusLine(now) != "" {
		return nil
	}
	tally := ""
	if a.tallyInFilter() {
		tally = a.filterTally()
	}
	if !f.editing && asked.filter == "" {
		lines[y] = fit(" ! only the stale keys", a.width-width(tally)-1) + tally
		return nil
	}
	room := filterRoom(a.width, tally)
	parts := make([][2]int, len(f.problems))
	for i, p := range f.problems {
		parts[i] = [2]int{p.Start, p.End}
	}
	base := style{}
	if f.editing {
		base = a.theme.field
	}
	d := f.field.drawMarked(room, parts)
	lines[y] = " " + a.theme.key.on("/") + " " + d.text.fill(room).in(base, a.theme.problem)
	if tally != "" {
		lines[y] += "  " + tally
	}
	if under := a.filterProblem(d); under != "" && (f.editing || !low && lines[y+1] == "") {
		lines[y+1] = under
	}
	if !f.editing {
		return nil
	}
	return &point{filterMargin + d.x, y}
}

// filterMargin is what stands before the text of the filter: a space, the slash, a space.
const filterMargin = 3

// filterComfort is how many cells the text of the filter has before it shares its line with the tally.
const filterComfort = 12

func filterRoom(w int, tally string) int {
	room := w - filterMargin - 1
	if tally != "" {
		room -= width(tally) + 1
	}
	return max(room, 1)
}

// filterTally says how many of how many keys are listed: "12 of 14", or "2 stale of 14".
func (a *app) filterTally() string {
	l := &a.list
	if l.listing == nil {
		return ""
	}
	text := count(l.listing.Count())
	if l.shown.stale {
		text += " stale"
	}
	return text + " of " + a.total()
}

// tallyInFilter reports whether the line of the filter has room for the tally. If not, it stands in the header.
func (a *app) tallyInFilter() bool {
	return layout(a.height).blank > 0 && filterRoom(a.width, a.filterTally()) >= filterComfort
}

// filterProblem is the line under the filter: it points at what cannot be read and says what was expected there. Where
// there is no room for both it names the part instead of pointing at it.
func (a *app) filterProblem(d drawn) string {
	f := &a.filter
	if f.problem != "" {
		return " " + a.theme.danger.on(cut(f.problem, a.width-1))
	}
	if len(f.problems) == 0 {
		return ""
	}
	first := f.problems[0]
	sentence := "expected " + model.Display(first.Want)
	pointer := spaces(filterMargin)
	for _, m := range d.marks {
		pointer = fit(pointer, filterMargin+m[0]) + strings.Repeat("^", m[1]-m[0])
	}
	if len(d.marks) > 0 && width(pointer)+1+width(sentence) <= a.width {
		return a.theme.problem.on(pointer) + " " + a.theme.danger.on(sentence)
	}
	part := model.Display(strings.TrimSpace(f.field.value()[first.Start:first.End]))
	return " " + a.theme.danger.on(cut(sentence+", not "+part, a.width-1))
}
