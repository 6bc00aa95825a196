package ui

import (
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// bulkState is what is to become of a marked key.
type bulkState uint8

const (
	bulkIn        bulkState = iota // it is deleted with the others
	bulkOpen                       // it must be confirmed by itself or left out
	bulkConfirmed                  // it was
	bulkOut                        // it is kept
	bulkGone                       // another program has deleted it
)

// bulkKey is a marked key in the dialog. What else is shown of it is read from the list.
type bulkKey struct {
	id, name string // outside text
	row      table.Row
	state    bulkState
	byID     bool    // its id is what confirms it; once it is asked for, it stays that
	why      reasons // why it must be confirmed by itself; a reason that was seen stays
}

// bulkDialog asks before many keys are deleted for good: first for the name of each key that is in use or protected,
// unless that is left out, then for a sentence with the number of keys that are left. Nothing is armed when it opens.
type bulkDialog struct {
	keys    []bulkKey // those that must be confirmed by themselves first
	guarded int       // how many those are
	cursor  int       // index into keys
	top     int       // index of the first visible key
	rows    int       // how many were visible in the last frame
	size    bulkSize

	left int // keys that would be deleted
	open int // of those, the ones that are still to be confirmed

	field   field
	asked   int    // index of the key whose name is asked for; -1 for the sentence
	ask     string // what must be typed; nothing if there is nothing to delete
	byID    bool
	problem string
	changed time.Time // when what is asked for was last changed by another program
}

// openBulkDelete asks for the confirmation to delete the keys of these rows. Rows whose keys are gone are passed over.
func (a *app) openBulkDelete(rows []table.Row) tea.Cmd {
	d := &bulkDialog{field: newField(false), asked: -1}
	d.keys = make([]bulkKey, 0, len(rows))
	now := a.now()
	for _, row := range rows {
		key, ok := a.list.table.Key(row)
		if !ok {
			continue
		}
		k := bulkKey{id: key.ID, name: key.Name, row: row, why: reasonsFor(key, a.profile.Protect, now)}
		if k.why != 0 {
			k.state = bulkOpen
		}
		d.keys = append(d.keys, k)
		d.size.add(key, k.why)
	}
	d.arrange()
	d.cursor = 0
	d.askNext(a)
	a.open(d)
	return nil
}

// arrange brings the keys that must be confirmed by themselves to the top, keeps the cursor on its key, and counts.
func (d *bulkDialog) arrange() {
	under, asked := "", ""
	if d.cursor < len(d.keys) {
		under = d.keys[d.cursor].id
	}
	if d.asked >= 0 {
		asked = d.keys[d.asked].id
	}
	if !slices.IsSortedFunc(d.keys, guardedFirst) {
		slices.SortStableFunc(d.keys, guardedFirst)
	}
	d.guarded, d.left, d.open = 0, 0, 0
	moved := false
	for i := range d.keys {
		k := &d.keys[i]
		if k.why != 0 {
			d.guarded++
		}
		switch k.state {
		case bulkOpen:
			d.open++
			d.left++
		case bulkIn, bulkConfirmed:
			d.left++
		}
		if k.id == under && !moved {
			d.cursor, moved = i, true
		}
		if d.asked >= 0 && k.id == asked {
			d.asked, asked = i, ""
		}
	}
}

func guardedFirst(a, b bulkKey) int {
	switch {
	case a.why != 0 && b.why == 0:
		return -1
	case a.why == 0 && b.why != 0:
		return 1
	}
	return 0
}

// askNext settles what must be typed next: the name of the key under the cursor if that is to be confirmed, else of the
// one that was asked for, else of the next one; the sentence when none is left. What was typed for something else is
// dropped, so that nothing is armed by what was meant otherwise. It reports whether something else is asked for now.
func (d *bulkDialog) askNext(a *app) bool {
	asked, text, byID := -1, bulkSentence(d.left), false
	if d.open > 0 {
		asked = d.nextOpen()
		text, byID = d.keys[asked].confirmation(a)
	}
	if asked == d.asked && text == d.ask && byID == d.byID {
		return false
	}
	d.asked, d.ask, d.byID = asked, text, byID
	d.field.clear()
	return true
}

// confirmation returns what must be typed to confirm the key by itself. Once it is the id it stays that: it may be half
// typed.
func (k *bulkKey) confirmation(a *app) (text string, byID bool) {
	if !k.byID {
		_, k.byID = a.confirmation(model.Key{ID: k.id, Name: k.name})
	}
	if k.byID {
		return k.id, true
	}
	return k.name, false
}

// nextOpen returns the key that is to be confirmed next; there is one.
func (d *bulkDialog) nextOpen() int {
	if d.keys[d.cursor].state == bulkOpen {
		return d.cursor
	}
	if d.asked >= 0 && d.keys[d.asked].state == bulkOpen {
		return d.asked
	}
	from := min(d.cursor, d.guarded)
	for i := range d.guarded {
		if at := (from + i) % d.guarded; d.keys[at].state == bulkOpen {
			return at
		}
	}
	return 0
}

// set changes what becomes of one key. The cursor goes on to the next key that is to be confirmed.
func (d *bulkDialog) set(a *app, i int, state bulkState) {
	d.keys[i].state = state
	d.arrange()
	d.askNext(a)
	if d.asked >= 0 {
		d.cursor = d.asked
	}
}

// armed reports whether what was typed is exactly what is asked for.
func (d *bulkDialog) armed() bool { return model.Confirms(d.field.value(), d.ask) }

// settling reports whether what is asked for has just been changed by another program: what is typed now was meant for
// what was asked before.
func (d *bulkDialog) settling(a *app) bool { return a.now().Sub(d.changed) < settle }

func (d *bulkDialog) press(a *app, msg tea.KeyMsg) {
	if !d.settling(a) {
		d.problem = d.field.press(msg)
	}
}

func (d *bulkDialog) bindings(a *app) []binding {
	enter := bind("delete "+countKeys(d.left)+" for good", d.submit, "enter")
	if d.asked >= 0 {
		enter = bind("confirm it", d.confirm, "enter")
	}
	if why := d.unarmed(); why != "" {
		enter = enter.unless(why)
	}
	out := bind("leave out", func(a *app) tea.Cmd { return d.leaveOut(a) }, "ctrl+x")
	switch {
	case len(d.keys) == 0:
		out = out.unless("there is no key here")
	case d.keys[d.cursor].state == bulkGone:
		out = out.unless("another program has deleted this key")
	case d.keys[d.cursor].state == bulkOut:
		out = bind("take in", func(a *app) tea.Cmd { return d.takeIn(a) }, "ctrl+x")
	}
	all := bind(fmt.Sprintf("leave out %d unconfirmed", d.open), d.leaveOutOpen, "ctrl+o")
	if d.open == 0 {
		all = bind("leave out unconfirmed", d.leaveOutOpen, "ctrl+o").unless("no key is left to be confirmed by itself")
	}
	return append(fieldMoves(func(delta int) { d.move(a, delta) }, func() int { return d.rows }, func() int { return len(d.keys) }),
		all, out, enter, closing(d, "keep all", "esc"))
}

// unarmed says what is missing before enter does something, or nothing.
func (d *bulkDialog) unarmed() string {
	switch {
	case d.ask == "":
		return "no key is left to delete"
	case d.armed():
		return ""
	case d.asked < 0:
		return "type the exact sentence first: " + d.ask
	case d.byID:
		return "type the exact id first, or ctrl+x leaves the key out"
	default:
		return "type the exact name first, or ctrl+x leaves the key out"
	}
}

// move moves the cursor. On a key that is to be confirmed, its name is what is asked for.
func (d *bulkDialog) move(a *app, delta int) {
	d.cursor = max(0, min(d.cursor+delta, len(d.keys)-1))
	if len(d.keys) > 0 {
		d.askNext(a)
	}
}

// confirm takes the typed name of the key that is asked for.
func (d *bulkDialog) confirm(a *app) tea.Cmd {
	d.problem = ""
	d.set(a, d.asked, bulkConfirmed)
	return nil
}

// leaveOut keeps the key under the cursor.
func (d *bulkDialog) leaveOut(a *app) tea.Cmd {
	d.problem = ""
	d.set(a, d.cursor, bulkOut)
	return nil
}

// takeIn has the key under the cursor deleted after all; if it must be confirmed by itself, it is asked for again.
func (d *bulkDialog) takeIn(a *app) tea.Cmd {
	d.problem = ""
	state := bulkIn
	if d.keys[d.cursor].why != 0 {
		state = bulkOpen
	}
	d.set(a, d.cursor, state)
	return nil
}

// leaveOutOpen keeps all keys that are still to be confirmed by themselves.
func (d *bulkDialog) leaveOutOpen(a *app) tea.Cmd {
	d.problem = ""
	for i := range d.keys[:d.guarded] {
		if d.keys[i].state == bulkOpen {
			d.keys[i].state = bulkOut
		}
	}
	d.arrange()
	d.askNext(a)
	return nil
}

// submit deletes the keys that are left.
func (d *bulkDialog) submit(a *app) tea.Cmd {
	job := &bulkJob{targets: make([]bulkTarget, 0, d.left)}
	todo := make([]int, 0, d.left)
	for i := range d.keys {
		if k := &d.keys[i]; k.state == bulkIn || k.state == bulkConfirmed {
			todo = append(todo, len(job.targets))
			job.targets = append(job.targets, bulkTarget{id: k.id, name: k.name, row: k.row, sure: k.why})
		}
	}
	return a.runBulk(d, job, todo)
}

// follow takes what has become of the keys: one that is gone counts no more, and one that has come into use or whose
// name has become uncertain must be confirmed. What is typed for something that has changed is dropped.
func (d *bulkDialog) follow(a *app) {
	now := a.now()
	var gone, guarded []string
	for i := range d.keys {
		k := &d.keys[i]
		key, row, ok := lookUp(a.list.newest(), k.id, k.row)
		if !ok {
			if k.state != bulkGone {
				k.state = bulkGone
				gone = append(gone, k.name)
			}
			continue
		}
		k.row = row
		why := k.why | reasonsFor(key, a.profile.Protect, now)
		again := why != k.why
		if by := k.byID; k.state == bulkConfirmed && !again {
			_, byID := k.confirmation(a)
			again = byID != by
		}
		switch {
		case k.state == bulkGone && why == 0:
			k.state = bulkIn
		case k.state == bulkGone, again && k.state != bulkOut:
			k.state = bulkOpen
			guarded = append(guarded, k.name)
		}
		if why != k.why {
			k.why = why
			d.size.add(key, why)
		}
	}
	d.arrange()
	if d.askNext(a) {
		d.changed = now
	}
	if len(guarded) > 0 && d.asked >= 0 {
		d.cursor = d.asked
	}
	if news := bulkNews(gone, guarded); news != "" {
		d.problem = news
	}
}

// bulkNews says what other programs have done to the keys while they were being confirmed.
func bulkNews(gone, guarded []string) string {
	several := func(names []string, one, many string) string {
		if len(names) == 1 {
			return model.Display(names[0]) + one
		}
		return countKeys(len(names)) + many
	}
	switch {
	case len(gone) > 0 && len(guarded) > 0:
		return several(gone, " was deleted by another program", " were deleted by another program") + "; " +
			several(guarded, " must now be confirmed", " must now be confirmed")
	case len(gone) > 0:
		return several(gone, " was deleted by another program", " were deleted by another program")
	case len(guarded) > 0:
		return several(guarded, " has changed: confirm it or leave it out", " have changed: confirm them or leave them out")
	}
	return ""
}

// fieldMoves are the keys that move a cursor beside a text field, which needs the letters and the other keys of moves.
func fieldMoves(move func(int), page, count func() int) []binding {
	by := func(help string, delta func() int, key string) binding {
		return bind(help, func(*app) tea.Cmd {
			move(delta())
			return nil
		}, key).inHelp()
	}
	return []binding{
		by("down", func() int { return 1 }, "down"),
		by("up", func() int { return -1 }, "up"),
		by("page down", func() int { return max(page(), 1) }, "pgdown"),
		by("page up", func() int { return -max(page(), 1) }, "pgup"),
		by("first", func() int { return -count() }, "ctrl+home"),
		by("last", count, "ctrl+end"),
	}
}
