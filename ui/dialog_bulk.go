package ui

import (
	"cmp"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// bulkState is what is to become of a marked key.
type bulkState uint8

const (
	bulkNew       bulkState = iota // it was not counted yet
	bulkIn                         // it is deleted with the others
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
	table   *table.Table // that the rows of the keys are of
	keys    []bulkKey    // those that must be confirmed by themselves first
	guarded int          // how many those are
	cursor  int          // index into keys
	scrollTop
	rows  int // how many were visible in the last frame
	words int // cells of the widest reason

	left int // keys that would be deleted
	open int // of those, the ones that are still to be confirmed

	op   opID // the keys are being looked at; nothing is armed meanwhile
	late bool // the list has changed since that began

	field   field
	asked   int    // index of the key whose name is asked for; -1 for the sentence
	ask     string // what must be typed; nothing if there is nothing to delete
	byID    bool
	problem string
	changed time.Time // when what is asked for was last changed by another program
}

// arrange brings the keys that must be confirmed by themselves to the top and leaves cursor and question on their keys.
func (d *bulkDialog) arrange() {
	d.guarded = 0
	sorted := true
	for i := range d.keys {
		if d.keys[i].why != 0 {
			sorted = sorted && d.guarded == i
			d.guarded++
		}
	}
	if sorted {
		return
	}
	keys := make([]bulkKey, len(d.keys))
	cursor, asked := d.cursor, d.asked
	first, rest := 0, d.guarded
	for i := range d.keys {
		to := &rest
		if d.keys[i].why != 0 {
			to = &first
		}
		keys[*to] = d.keys[i]
		if i == cursor {
			d.cursor = *to
		}
		if i == asked {
			d.asked = *to
		}
		*to++
	}
	d.keys = keys
}

// become changes what is to become of a key, and counts.
func (d *bulkDialog) become(k *bulkKey, state bulkState) {
	counted := func(s bulkState) (open, left int) {
		if s == bulkOpen {
			open = 1
		}
		if s == bulkOpen || s == bulkIn || s == bulkConfirmed {
			left = 1
		}
		return open, left
	}
	openBefore, leftBefore := counted(k.state)
	open, left := counted(state)
	d.open += open - openBefore
	d.left += left - leftBefore
	k.state = state
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
	d.become(&d.keys[i], state)
	d.askNext(a)
	if d.asked >= 0 {
		d.cursor = d.asked
	}
}

// armed reports whether what was typed is exactly what is asked for.
func (d *bulkDialog) armed() bool { return model.Confirms(d.field.value(), d.ask) }

// settling reports whether what is asked for has just been changed by another program: what is typed now was meant for
// what was asked before.
func (d *bulkDialog) settling(a *app) bool { return !a.settled(d.changed) }

func (d *bulkDialog) press(a *app, msg tea.KeyMsg) {
	if !d.settling(a) && len(d.keys) > 0 {
		d.problem = d.field.press(msg)
	}
}

func (d *bulkDialog) changesKeys() bool { return true }

func (d *bulkDialog) bindings(a *app) []binding {
	enter := bind("delete "+countKeys(d.left)+" for good", d.submit, "enter")
	if d.asked >= 0 {
		enter = bind("confirm it", d.confirm, "enter")
	}
	if why := cmp.Or(a.whyNoTouch(), d.unarmed()); why != "" {
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
	all := bind("leave out "+count(d.open)+" unconfirmed", d.leaveOutOpen, "ctrl+o")
	if d.open == 0 {
		all = bind("leave out unconfirmed", d.leaveOutOpen, "ctrl+o").unless("no key is left to be confirmed by itself")
	}
	return append(fieldMoves(func(delta int) { d.move(a, delta) }, func() int { return d.rows }, func() int { return len(d.keys) }),
		all, out, enter, bind("keep all", d.leave, "esc"))
}

// unarmed says what is missing before enter does something, or nothing.
func (d *bulkDialog) unarmed() string {
	switch {
	case d.op != 0:
		return "the keys are still being looked at"
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

func (d *bulkDialog) leave(a *app) tea.Cmd {
	a.drop(d.op)
	a.close(d)
	return nil
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
			d.become(&d.keys[i], bulkOut)
		}
	}
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
