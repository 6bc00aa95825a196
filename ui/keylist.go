package ui

import (
	"slices"

	"clavier/model"
)

// keyList is the list of keys with its cursor. Pages are counted in visible rows, which the caller knows.
type keyList struct {
	keys   []model.Key // newest first
	cursor int         // index into keys; 0 if there are none
	top    int         // index of the first visible row
	loaded bool        // keys were read at least once
	err    error       // the last read failed

	extent extent
}

// extent is what the columns need to know of all keys. It takes a while for many, so it is measured beside the screen.
type extent struct {
	name    int  // cells of the widest name
	hint    int  // cells of the widest hint
	unusual bool // a key may have a status other than active
}

// measure returns the extent of the keys.
func measure(keys []model.Key) extent {
	var e extent
	for _, key := range keys {
		e.name = max(e.name, width(model.Display(key.Name)))
		e.hint = max(e.hint, width(model.Display(key.Hint)))
		e.unusual = e.unusual || key.Disabled || !key.ExpiresAt.IsZero()
	}
	return e
}

// set replaces the keys and keeps the cursor on the same key, by id; if that is gone, on the same place.
func (l *keyList) set(keys []model.Key, e extent) {
	selected, _ := l.selected()
	l.keys, l.extent, l.loaded, l.err = keys, e, true, nil
	for i, key := range keys {
		if key.ID == selected.ID && selected.ID != "" {
			l.top += i - l.cursor
			l.cursor = i
			selected.ID = ""
		}
	}
	l.cursor = max(0, min(l.cursor, len(keys)-1))
}

// selected returns the key under the cursor.
func (l *keyList) selected() (model.Key, bool) {
	if l.cursor < 0 || l.cursor >= len(l.keys) {
		return model.Key{}, false
	}
	return l.keys[l.cursor], true
}

// find returns the key with this id.
func (l *keyList) find(id string) (model.Key, bool) {
	for _, key := range l.keys {
		if key.ID == id {
			return key, true
		}
	}
	return model.Key{}, false
}

// insert puts a new key where the list has it, newest first, and the cursor on it.
func (l *keyList) insert(key model.Key) {
	if _, ok := l.find(key.ID); ok {
		return
	}
	at := slices.IndexFunc(l.keys, func(k model.Key) bool { return k.CreatedAt.Before(key.CreatedAt) })
	if at < 0 {
		at = len(l.keys)
	}
	e, own := l.extent, measure([]model.Key{key})
	l.set(slices.Insert(slices.Clone(l.keys), at, key),
		extent{max(e.name, own.name), max(e.hint, own.hint), e.unusual || own.unusual})
	l.cursor = at
}

// remove takes a key out of the list.
func (l *keyList) remove(id string) {
	if _, ok := l.find(id); ok {
		l.set(slices.DeleteFunc(slices.Clone(l.keys), func(k model.Key) bool { return k.ID == id }), l.extent)
	}
}

// move moves the cursor by delta rows and stops at the ends.
func (l *keyList) move(delta int) {
	l.cursor = max(0, min(l.cursor+delta, len(l.keys)-1))
}

// scroll brings the cursor into a window of this many rows and leaves no empty rows below the last key.
func (l *keyList) scroll(rows int) {
	l.top = scrolled(l.top, l.cursor, len(l.keys), rows)
}

// scrolled returns the first visible of count rows so that cursor is among the visible ones.
func scrolled(top, cursor, count, rows int) int {
	top = min(top, cursor)
	top = max(top, cursor-rows+1)
	return max(0, min(top, count-rows))
}
