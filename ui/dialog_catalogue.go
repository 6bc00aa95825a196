package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// catalogueDialog lists the APIs that a profile can pick from. What is typed narrows the list; space marks, enter adds.
type catalogueDialog struct {
	field   field
	all     []model.API
	shown   []int        // those of all that match what was typed
	picked  map[int]bool // those of all that are marked
	cursor  int          // in shown
	scroll  scrollTop
	rows    int // how many were visible in the last frame
	problem string
	op      opID // the change of the settings under way, or 0
}

func (a *app) whyNoCatalogue() string {
	switch {
	case len(a.opts.Catalogue) == 0:
		return "this profile has no catalogue; its APIs are written into the settings file"
	case a.opts.PickAPI == nil:
		return "the settings cannot be changed here"
	}
	return ""
}

func (a *app) openCatalogue() tea.Cmd {
	d := &catalogueDialog{field: newField(false), all: a.opts.Catalogue, picked: map[int]bool{}}
	d.narrow()
	a.open(d)
	return nil
}

// narrow lists what matches the words that were typed, each somewhere in the name, the address or the description.
func (d *catalogueDialog) narrow() {
	words := strings.Fields(model.Fold(d.field.value()))
	d.shown, d.cursor = nil, 0
	for i, api := range d.all {
		text := model.Fold(api.Name + " " + api.URL + " " + api.About)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			d.shown = append(d.shown, i)
		}
	}
}

func (d *catalogueDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op != 0 {
		return
	}
	before := d.field.value()
	d.problem = d.field.press(msg)
	if d.field.value() != before {
		d.narrow()
	}
}

// has reports whether the profile has an API already.
func (a *app) has(api model.API) bool {
	return slices.ContainsFunc(a.opts.APIs, func(own model.API) bool { return own.Name == api.Name })
}

// chosen are the APIs that enter adds: the marked ones, else the one under the cursor.
func (d *catalogueDialog) chosen(a *app) (list []model.API) {
	for i, api := range d.all {
		if d.picked[i] && !a.has(api) {
			list = append(list, api)
		}
	}
	if len(list) == 0 && d.cursor < len(d.shown) && !a.has(d.all[d.shown[d.cursor]]) {
		list = append(list, d.all[d.shown[d.cursor]])
	}
	return list
}

func (d *catalogueDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	}
	none := ""
	switch {
	case len(d.shown) == 0:
		none = "nothing in the catalogue matches"
	case len(d.chosen(a)) == 0:
		none = "this profile has it already"
	}
	noMark := none
	if len(d.shown) > 0 && a.has(d.all[d.shown[d.cursor]]) {
		noMark = "this profile has it already"
	}
	add := "add"
	if n := len(d.chosen(a)); n > 1 {
		add = "add " + count(n)
	}
	move := func(delta func() int) func(*app) tea.Cmd {
		return func(*app) tea.Cmd {
			d.cursor = max(0, min(d.cursor+delta(), len(d.shown)-1))
			return nil
		}
	}
	return []binding{
		bind(add, d.submit, "enter").unless(none),
		bind("mark", func(*app) tea.Cmd {
			i := d.shown[d.cursor]
			d.picked[i] = !d.picked[i]
			d.cursor = min(d.cursor+1, len(d.shown)-1)
			return nil
		}, " ").unless(noMark),
		bind("down", move(func() int { return 1 }), "down").inHelp(),
		bind("up", move(func() int { return -1 }), "up").inHelp(),
		bind("page down", move(func() int { return max(d.rows, 1) }), "pgdown").inHelp(),
		bind("page up", move(func() int { return -max(d.rows, 1) }), "pgup").inHelp(),
		closing(d, "leave", "esc"),
	}
}

// submit adds the chosen APIs to the settings, one after the other, until one fails.
func (d *catalogueDialog) submit(a *app) tea.Cmd {
	d.problem = ""
	pick, chosen := a.opts.PickAPI, d.chosen(a)
	label := "adding " + count(len(chosen)) + " APIs"
	if len(chosen) == 1 {
		label = "adding " + model.Display(chosen[0].Name)
	}
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, label,
		func(ctx context.Context) (added []model.API, err error) {
			for _, api := range chosen {
				if err := pick(ctx, api); err != nil {
					return added, err
				}
				added = append(added, api)
			}
			return added, nil
		}, d.added)
	return cmd
}

// added is the answer to submit.
func (d *catalogueDialog) added(a *app, list []model.API, err error) tea.Cmd {
	d.op = 0
	a.opts.APIs = append(slices.Clone(a.opts.APIs), list...)
	switch {
	case errors.Is(err, context.Canceled):
		d.problem = "cancelled; what was added stays"
		return nil
	case err != nil:
		d.problem = sentence(err)
		return nil
	}
	a.apis.cursor = max(len(a.opts.APIs)-len(list), 0)
	if len(list) == 1 {
		a.say(toneGood, "added "+model.Display(list[0].Name)+" to the settings; t tries keys against it")
	} else {
		a.say(toneGood, "added "+count(len(list))+" APIs to the settings; t tries keys against them")
	}
	a.close(d)
	return nil
}

func (d *catalogueDialog) most() int { return bulkMost }

func (d *catalogueDialog) content(a *app, w int) content {
	c := content{title: "Explore APIs", problem: d.problem}
	if d.op != 0 {
		c.foot = "adding …"
	} else if a.height >= bulkLow {
		c.foot = a.theme.muted.on(cut("space marks, enter adds to the settings of this profile", w))
	}
	c.window = func(room int) ([]string, *point) { return d.window(a, w, room) }
	return c
}

// window lays out the field, which is always there, and as many rows under it as have room.
func (d *catalogueDialog) window(a *app, w, room int) ([]string, *point) {
	const label = "Find: "
	text, x := d.field.draw(max(w-len(label), 1))
	field := label + a.theme.field.on(fit(text, max(w-len(label), 1)))
	name, about := 1, 1
	for _, api := range d.all {
		name, about = max(name, width(model.Display(api.Name))), max(about, width(model.Display(api.About)))
	}
	widths := gridWidths(w-len("> "), []gridColumn{
		{"", len("* "), len("* "), 0}, {"", min(name, nameMost), min(name, 8), 0}, {"", len("added"), len("added"), 1}, {"", about, 12, 2},
	})
	var detail []string
	if d.cursor < len(d.shown) {
		api := d.all[d.shown[d.cursor]]
		detail = append(detail, a.theme.muted.on(cut(model.Display(api.Method)+" "+model.Display(api.URL), w)))
	}
	lines, rows := a.tableWindow(&d.scroll, room-1, d.cursor, len(d.shown), nil, detail, func(i int) string {
		api := d.all[d.shown[i]]
		mark, word := "", ""
		if d.picked[d.shown[i]] {
			mark = "*"
		}
		if a.has(api) {
			mark, word = "", a.theme.muted.on("added")
		}
		shown := cut(model.Display(api.Name), widths[1])
		switch {
		case i == d.cursor:
			shown = a.theme.selected.on(shown)
		case mark != "":
			shown = a.theme.marked.on(shown)
		}
		return gridLine([]string{mark, shown, word, model.Display(api.About)}, widths)
	})
	d.rows = rows
	if len(d.shown) == 0 && room > 1 {
		lines = append(lines, cut("Nothing matches.", w))
	}
	for len(lines) < min(room-1, len(d.all)+1) { // the field stays in its place while one types
		lines = append(lines, "")
	}
	lines = append([]string{field}, lines...)
	if d.op != 0 {
		return lines, nil
	}
	return lines, &point{len(label) + x, 0}
}
