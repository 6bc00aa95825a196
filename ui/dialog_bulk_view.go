package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"clavier/model"
)

// bulkMost is how wide a dialog with a table of keys is at most, borders included.
const bulkMost = 110

// bulkLow is the height of the screen below which such a dialog has no room for its button.
const bulkLow = 8

// scrollTop is the first visible row of a table in a dialog. It does not depend on the sizes that the screen had before.
type scrollTop struct {
	top           int
	width, height int // of the screen, in the last frame
}

// scroll brings the cursor into a window of this many rows.
func (s *scrollTop) scroll(a *app, cursor, count, rows int) {
	if s.width != a.width || s.height != a.height {
		*s = scrollTop{0, a.width, a.height}
	}
	s.top = scrolled(s.top, cursor, count, rows)
}

// word says what is to become of the key, or why it must be confirmed first.
func (k *bulkKey) word() string {
	switch k.state {
	case bulkOpen:
		return k.why.words()
	case bulkConfirmed:
		return "confirmed"
	case bulkOut:
		return "left out"
	case bulkGone:
		return "gone"
	default:
		return ""
	}
}

func (d *bulkDialog) most() int { return bulkMost }

func (d *bulkDialog) content(a *app, w int) content {
	c := content{title: "Delete " + countKeys(d.left) + "?", danger: true, problem: cmp.Or(d.problem, a.whyNoTouch())}
	if d.op != 0 && len(d.keys) == 0 {
		c.title = "Delete the marked keys?"
		c.body = wrap("Looking at them, for those that are in use or protected …", w)
		return c
	}
	c.window = func(room int) ([]string, *point) { return d.window(a, w, room) }
	if a.height < bulkLow {
		return c
	}
	switch {
	case d.op != 0:
		c.foot = a.theme.muted.on("[ delete ] waits: the keys have changed and are looked at again")
	case d.ask == "":
		c.foot = a.theme.muted.on("[ delete ] has no key left")
	case d.asked >= 0 && d.armed():
		c.foot = a.theme.danger.on("[ enter confirms it ]")
	case d.asked >= 0 && d.byID:
		c.foot = a.theme.muted.on("[ confirm ] waits for the exact id")
	case d.asked >= 0:
		c.foot = a.theme.muted.on("[ confirm ] waits for the exact name")
	case d.armed():
		c.foot = a.theme.danger.on("[ enter deletes " + countKeys(d.left) + " for good ]")
	default:
		c.foot = a.theme.muted.on("[ delete ] waits for the exact sentence")
	}
	return c
}

// window lays the dialog out in this many lines: the field always, then a key, what is asked for, a few keys more, what
// there is to know of all of them, and as many keys as are left room.
func (d *bulkDialog) window(a *app, w, room int) (lines []string, cursor *point) {
	left := room - 1
	asking := d.asking(a, w)
	asking = asking[len(asking)-max(0, min(len(asking), left-1)):]
	left -= len(asking)
	few := min(len(d.keys), 3)
	fits := func(extra []string) []string {
		if left-len(extra) < few {
			return nil
		}
		left -= len(extra)
		return extra
	}
	cols := d.columns(w)
	head := fits(wrap("Whatever sends these keys stops working at once. This cannot be undone.", w))
	if a.list.traits.imported {
		head = append(head, fits(wrap("Imported ones are only forgotten here: where they were made they go on working.", w))...)
	}
	guards := fits(d.guards(a, w))
	titles := fits([]string{a.theme.muted.on(cut(cols.headings(), w))})
	details := fits(d.details(a, cols, w))
	d.rows = max(0, min(len(d.keys), left))
	var place []string
	if d.rows < len(d.keys) && d.rows > few {
		d.rows--
		place = []string{a.theme.muted.on(cut("  "+count(d.cursor+1)+" of "+count(len(d.keys)), w))}
	}

	lines = slices.Concat(head, guards, titles)
	d.scroll(a, d.cursor, len(d.keys), d.rows)
	now := a.now()
	for i := d.top; i < d.top+d.rows; i++ {
		lines = append(lines, d.row(a, i, cols, now))
	}
	lines = slices.Concat(lines, place, details, asking)

	label := "Sentence: "
	switch {
	case d.asked >= 0 && d.byID:
		label = "ID: "
	case d.asked >= 0:
		label = "Name: "
	case w < len(label)+len(d.ask)+1: // then the short word leaves room for what is typed
		label = "Type: "
	}
	text, x := d.field.draw(max(w-len(label), 1))
	lines = append(lines, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	if d.ask == "" {
		return lines, nil
	}
	return lines, &point{len(label) + x, len(lines) - 1}
}

// guards says how many keys must be confirmed by themselves.
func (d *bulkDialog) guards(a *app, w int) []string {
	var text string
	switch d.open {
	case 0:
		return nil
	case 1:
		text = "1 of them is in use or protected: confirm it, or leave it out."
	default:
		text = count(d.open) + " of them are in use or protected: confirm each, or leave it out."
	}
	lines := wrap(text, w)
	for i := range lines {
		lines[i] = a.theme.warning.on(lines[i])
	}
	return lines
}

// asking says what must be typed, and why.
func (d *bulkDialog) asking(a *app, w int) []string {
	if d.ask == "" {
		return wrap("No key is left to delete: each one is left out or gone.", w)
	}
	if d.asked < 0 {
		return askFor("Type this to delete them: ", d.ask, a.theme.title, w)
	}
	k := &d.keys[d.asked]
	key, _ := d.table.Key(k.row)
	var whys []string
	if k.why&inUse != 0 {
		whys = append(whys, "was used "+key.LastUse.Used(a.now()))
	}
	if k.why&protected != 0 {
		whys = append(whys, "is protected")
	}
	why := cut(model.Display(k.name), nameMost) + " " + strings.Join(whys, " and ") + "."
	ask := "Type its name to delete it too: "
	if d.byID {
		why += " This name cannot be typed with certainty, so the id is asked for."
		ask = "Type its id to delete it too: "
	}
	lines := wrap(why, w)
	for i := range lines {
		lines[i] = a.theme.warning.on(lines[i])
	}
	return append(lines, askFor(ask, model.Display(d.ask), a.theme.title, w)...)
}

// askMost is how many lines an asked text takes at most: what is longer cannot be typed.
const askMost = 4

// askFor lays out the text that must be typed after the words that ask for it.
func askFor(ask, text string, s style, w int) []string {
	if width(ask)+width(text) <= w {
		return []string{ask + s.on(text)}
	}
	lines := wrap(strings.TrimSpace(ask), w)
	for i, line := range hardWrap(text, w) {
		if i == askMost {
			break
		}
		lines = append(lines, s.on(line))
	}
	return lines
}

// bulkColumns are the widths of the cells of a row; 0 is a column that folded away.
type bulkColumns struct{ name, state, hint, created, used int }

// columns returns what fits into w cells. Name and state never fold away.
func (d *bulkDialog) columns(w int) bulkColumns {
	extent := d.table.Extent()
	want := max(4, min(extent.Name, nameMost))
	c := bulkColumns{
		hint: max(len("KEY"), min(extent.Hint, 24)), created: len(dateFormat), used: len("not reported"),
	}
	if d.guarded > 0 || d.left < len(d.keys) {
		c.state = max(len("confirmed"), d.words)
	}
	room := func() int {
		left := w - len("> ")
		for _, cells := range []int{c.state, c.hint, c.created, c.used} {
			if cells > 0 {
				left -= gap + cells
			}
		}
		return left
	}
	for _, fold := range []*int{&c.hint, &c.created, &c.used} {
		if room() < min(want, nameComfort) {
			*fold = 0
		}
	}
	if room() < min(want, nameComfort) && c.state > 0 {
		c.state = len("confirmed")
	}
	if more := len(timeFormat) - len(dateFormat); c.created > 0 && room()-more >= want {
		c.created += more
	}
	c.name = max(1, min(room(), want))
	return c
}

func (c bulkColumns) headings() string {
	return "  " + c.line("NAME", "", "KEY", "CREATED", "LAST USED")
}

// line puts cells beside each other. They may have styles.
func (c bulkColumns) line(name, state, hint, created, used string) string {
	var b strings.Builder
	b.WriteString(fit(name, c.name))
	for _, cell := range []struct {
		text  string
		width int
	}{{state, c.state}, {hint, c.hint}, {created, c.created}, {used, c.used}} {
		if cell.width > 0 {
			b.WriteString(spaces(gap))
			b.WriteString(fit(cell.text, cell.width))
		}
	}
	return b.String()
}

// row is one key as a line.
func (d *bulkDialog) row(a *app, i int, cols bulkColumns, now time.Time) string {
	k := &d.keys[i]
	key, ok := d.table.Key(k.row)
	state := a.stateStyle(k.state).on(k.word())
	hint, created, used := "", "", ""
	if ok {
		format := dateFormat
		if cols.created == len(timeFormat) {
			format = timeFormat
		}
		hint, created = model.Display(key.Hint), a.moment(key.CreatedAt, format)
		used = key.LastUse.Used(now)
		if k.why&inUse != 0 {
			used = a.theme.warning.on(used)
		}
	}
	name := fit(model.Display(k.name), cols.name)
	mark := "  "
	if i == d.cursor {
		mark, name = a.theme.selected.on("> "), a.theme.selected.on(name)
	}
	return mark + cols.line(name, state, hint, created, used)
}

func (a *app) stateStyle(state bulkState) style {
	switch state {
	case bulkOpen:
		return a.theme.warning
	case bulkConfirmed:
		return a.theme.danger
	default:
		return a.theme.muted
	}
}

// details tells of the key under the cursor what has folded away.
func (d *bulkDialog) details(a *app, cols bulkColumns, w int) []string {
	if len(d.keys) == 0 || cols.hint > 0 {
		return nil
	}
	k := &d.keys[d.cursor]
	key, ok := d.table.Key(k.row)
	if !ok {
		return nil
	}
	now := a.now()
	return wrap(cut(model.Display(key.Hint), w)+" · created "+a.made(key, now)+" · last used "+key.LastUse.Used(now), w)
}
