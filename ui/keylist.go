package ui

import (
	"time"

	"clavier/model"
	"clavier/ui/table"
)

// keyList is the list of keys with its cursor: a table, and those of its rows that are shown, in their order. Pages are
// counted in visible rows, which the caller knows.
type keyList struct {
	table   *table.Table
	listing *table.Listing // of table; nil before the first answer. A row of it may be gone meanwhile
	next    *table.Table   // was read anew and takes the place of table with its first answer; else nil
	fresh   *table.Table   // is being read anew; else nil

	asked question // what the person wants to see
	shown question // what listing answers

	cursor int    // index into the listing; on a row that is gone only if all are; 0 if there is none
	top    int    // index of the first visible row
	wanted string // the id of a key that the cursor goes to as soon as it is listed; or empty

	loaded  bool      // some keys, or none, were read at least once
	whole   bool      // all keys were read, and table holds them
	mark    int64     // what the provider is asked for changes since; 0 if it cannot tell
	err     error     // why the list may not be what the provider has; nil while it is known to be
	changed bool      // table has changed since the search under way began
	judged  time.Time // when the last search began: what depends on the time is judged as of then
	hidden  *int      // how many marked keys are not listed; nil until that is asked for
	traits  traits
}

// traits are what the columns need to know of the keys beside their widths. Each is true if it holds of a key that was
// read since the last full reading.
type traits struct {
	ends       bool // it has an end
	unreported bool // its last use is not reported
	imported   bool // it was made elsewhere
	roles      bool // its role is not use
}

func (t *traits) add(keys ...model.Key) {
	for i := range keys {
		t.ends = t.ends || !keys[i].ExpiresAt.IsZero()
		t.unreported = t.unreported || !keys[i].LastUse.Reported
		t.imported = t.imported || keys[i].Imported
		t.roles = t.roles || keys[i].Role != model.RoleUse
	}
}

// question is what the list is asked for. Questions are equal (==) if they ask for the same, as far as the text tells.
type question struct {
	filter string // as it was typed
	stale  bool   // only the stale keys
	order  model.Order
}

// narrows reports whether the question may leave keys out.
func (q question) narrows() bool { return q.filter != "" || q.stale }

// newKeyList returns a list that nothing was read for.
func newKeyList() keyList { return keyList{table: &table.Table{}} }

// newest returns the table that is up to date, which may not be on the screen yet.
func (l *keyList) newest() *table.Table {
	if l.next != nil {
		return l.next
	}
	return l.table
}

// apply has what was done to the keys reach every table, also those that are not on the screen yet.
func (l *keyList) apply(c model.Changes) {
	for _, t := range []*table.Table{l.table, l.next, l.fresh} {
		if t != nil {
			t.Apply(c)
		}
	}
	l.traits.add(c.Keys...)
	l.settle(1)
}

// rows are the listed rows. Some may be gone.
func (l *keyList) rows() []table.Row {
	if l.listing == nil {
		return nil
	}
	return l.listing.Rows()
}

// at returns the key in a line of the list, unless it is gone.
func (l *keyList) at(i int) (model.Key, bool) {
	rows := l.rows()
	if i < 0 || i >= len(rows) {
		return model.Key{}, false
	}
	return l.table.Key(rows[i])
}

// selected returns the key under the cursor.
func (l *keyList) selected() (model.Key, bool) { return l.at(l.cursor) }

// find returns the key with this id, as it was read last.
func (l *keyList) find(id string) (model.Key, bool) {
	t := l.newest()
	if row, ok := t.Find(id); ok {
		return t.Key(row)
	}
	return model.Key{}, false
}

// put inserts a new key. The cursor goes to it when it is listed.
func (l *keyList) put(key model.Key) {
	l.apply(model.Changes{Keys: []model.Key{key}})
	l.wanted = key.ID
}

// remove takes a key out of the list.
func (l *keyList) remove(id string) { l.apply(model.Changes{Gone: []string{id}}) }

// settle moves the cursor off a row that is gone: to the next one in the direction, else in the other.
func (l *keyList) settle(direction int) {
	l.hidden = nil
	l.cursor = max(0, min(l.cursor, len(l.rows())-1))
	for _, step := range []int{direction, -direction} {
		for i := l.cursor; i >= 0 && i < len(l.rows()); i += step {
			if _, ok := l.at(i); ok {
				l.cursor = i
				return
			}
		}
	}
}

// move moves the cursor by delta rows and stops at the ends.
func (l *keyList) move(delta int) {
	l.wanted = ""
	l.cursor = max(0, min(l.cursor+delta, len(l.rows())-1))
	if _, ok := l.selected(); !ok {
		direction := 1
		if delta < 0 {
			direction = -1
		}
		l.settle(direction)
	}
}

// show takes a listing of a table, which answers a question, and keeps the cursor on its key. If that is not listed any
// more, the cursor goes to the top if something else was asked, and stays in its place if not.
//
// A listing that is not complete holds the first page only. It is taken if the cursor will surely be in it: before, the
// old rows stay. gone reports whether a key cannot be in the answer.
func (l *keyList) show(t *table.Table, listing *table.Listing, q question, gone func(model.Key) bool) {
	selected := -1
	first := l.cursor == 0 && l.top == 0 && q.order != l.shown.order // whoever sorts from the top wants to see the top
	key, ok := l.selected()
	if ok && !first {
		if row, ok := t.Find(key.ID); ok {
			selected = place(listing, row)
		}
	}
	if !listing.Complete() && l.listing != nil {
		if q == l.shown && t == l.table || ok && !first && selected < 0 && !gone(key) {
			return
		}
	}
	if t != l.table {
		t.CarryMarks(l.table)
		l.table, l.next = t, nil
	}
	switch {
	case selected >= 0:
		l.top += selected - l.cursor
		l.cursor = selected
	case q != l.shown:
		l.cursor, l.top = 0, 0
	}
	l.listing, l.shown = listing, q
	if row, ok := t.Find(l.wanted); ok && l.wanted != "" {
		if i := place(listing, row); i >= 0 {
			l.top += i - l.cursor
			l.cursor = i
		}
		if listing.Complete() {
			l.wanted = ""
		}
	}
	l.settle(1)
}

// place returns where a row stands in a listing, or -1.
func place(listing *table.Listing, row table.Row) int {
	if at, ok := listing.Place(row); ok {
		return at
	}
	return -1
}

// scroll brings the cursor into a window of this many rows and leaves no empty rows below the last key.
func (l *keyList) scroll(rows int) {
	l.top = scrolled(l.top, l.cursor, len(l.rows()), rows)
}

// scrolled returns the first visible of count rows so that cursor is among the visible ones.
func scrolled(top, cursor, count, rows int) int {
	top = min(top, cursor)
	top = max(top, cursor-rows+1)
	return max(0, min(top, count-rows))
}
