package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// bulkAtOnce is how many keys are looked at while the screen waits. More take longer than a frame, and are looked at
// beside it.
const bulkAtOnce = 2000

// bulkPart is after how many keys it is seen whether looking at them was given up.
const bulkPart = 1 << 12

// noRow is the row of a key that the table does not have.
const noRow = ^table.Row(0)

// keyGone stands in the place of reasons for a key that is no more.
const keyGone reasons = 1 << 7

// openBulkDelete asks for the confirmation to delete the keys of these rows of the list, in the order in which they are
// listed. Keys that are gone are passed over.
func (a *app) openBulkDelete(rows []table.Row) tea.Cmd {
	d := &bulkDialog{field: newField(false), asked: -1, table: a.list.table}
	a.open(d)
	snapshot, listed, protect, now := d.table.Snapshot(), a.list.rows(), a.profile.Protect, a.now()
	return lookAt(a, d, len(rows),
		func(ctx context.Context) []bulkKey {
			keys := make([]bulkKey, 0, len(rows))
			for i, row := range asListed(rows, listed) {
				if i%bulkPart == 0 && ctx.Err() != nil {
					return nil
				}
				if key, ok := snapshot.Key(row); ok {
					keys = append(keys, bulkKey{id: key.ID, name: key.Name, row: row, why: reasonsFor(key, protect, now)})
				}
			}
			return keys
		},
		func(keys []bulkKey) { d.take(a, keys) })
}

// asListed returns the rows in the order in which those of them that are listed are listed; the others come after those.
func asListed(rows, listed []table.Row) []table.Row {
	if len(rows) == 0 {
		return nil
	}
	wanted := make([]bool, slices.Max(rows)+1)
	for _, row := range rows {
		wanted[row] = true
	}
	ordered := make([]table.Row, 0, len(rows))
	take := func(from []table.Row) {
		for _, row := range from {
			if int(row) < len(wanted) && wanted[row] {
				wanted[row] = false
				ordered = append(ordered, row)
			}
		}
	}
	take(listed)
	take(rows)
	return ordered
}

// lookAt has n keys looked at, and goes on with what was seen: at once if they are few.
func lookAt[T any](a *app, d *bulkDialog, n int, look func(context.Context) T, then func(T)) tea.Cmd {
	if n <= bulkAtOnce {
		then(look(a.ctx))
		return nil
	}
	var cmd tea.Cmd
	d.op, cmd = begin(a, opRead, "looking at "+count(n)+" keys",
		func(ctx context.Context) (T, error) { return look(ctx), ctx.Err() },
		func(a *app, seen T, err error) tea.Cmd {
			d.op = 0
			if err != nil { // then nothing is known of the keys, and nothing may be armed
				a.close(d)
				a.fail(err)
				return nil
			}
			then(seen)
			if d.late {
				d.late = false
				return d.follow(a)
			}
			return nil
		})
	return cmd
}

// take begins with the keys as they were seen.
func (d *bulkDialog) take(a *app, keys []bulkKey) {
	d.keys = keys
	for i := range d.keys {
		k := &d.keys[i]
		if k.why == 0 {
			d.become(k, bulkIn)
		} else {
			d.become(k, bulkOpen)
		}
		d.words = max(d.words, width(k.why.words()))
	}
	d.arrange()
	d.cursor = 0
	d.askNext(a)
}

// follow looks at the keys again, because the list has changed. What has changed while they are being looked at is looked
// at afterwards.
func (d *bulkDialog) follow(a *app) tea.Cmd {
	if d.op != 0 {
		d.late = true
		return nil
	}
	if t := a.list.newest(); t != d.table {
		d.table = t
		for i := range d.keys {
			k := &d.keys[i]
			if row, ok := t.Find(k.id); ok {
				k.row = row
			} else {
				k.row = noRow
			}
		}
	}
	rows := make([]table.Row, len(d.keys))
	for i := range d.keys {
		rows[i] = d.keys[i].row
	}
	snapshot, protect, now := d.table.Snapshot(), a.profile.Protect, a.now()
	return lookAt(a, d, len(rows),
		func(ctx context.Context) []reasons {
			seen := make([]reasons, len(rows))
			for i, row := range rows {
				if i%bulkPart == 0 && ctx.Err() != nil {
					return nil
				}
				if key, ok := snapshot.Key(row); ok {
					seen[i] = reasonsFor(key, protect, now)
				} else {
					seen[i] = keyGone
				}
			}
			return seen
		},
		func(seen []reasons) { d.followed(a, seen) })
}

// followed takes what has become of the keys: one that is gone counts no more, and one that has come into use or whose
// name has become uncertain must be confirmed. What is typed for something that has changed is dropped.
func (d *bulkDialog) followed(a *app, seen []reasons) {
	var gone, changed []string
	for i := range d.keys {
		k := &d.keys[i]
		if seen[i] == keyGone {
			if k.state != bulkGone {
				d.become(k, bulkGone)
				gone = append(gone, k.name)
			}
			continue
		}
		why := k.why | seen[i]
		again := why != k.why
		k.why = why
		if by := k.byID; k.state == bulkConfirmed && !again {
			_, byID := k.confirmation(a)
			again = byID != by
		}
		switch {
		case k.state == bulkGone && why == 0:
			d.become(k, bulkIn)
		case k.state == bulkGone, again && k.state != bulkOut:
			d.become(k, bulkOpen)
			changed = append(changed, k.name)
		}
		if again {
			d.words = max(d.words, width(why.words()))
		}
	}
	d.arrange()
	if d.askNext(a) {
		d.changed = a.now()
	}
	if len(changed) > 0 && d.asked >= 0 {
		d.cursor = d.asked
	}
	if news := bulkNews(gone, changed); news != "" {
		d.problem = news
	}
}

// bulkNews says what other programs have done to the keys while they were being confirmed.
func bulkNews(gone, guarded []string) string {
	several := func(names []string, one, many string) string {
		if len(names) == 1 {
			return model.Display(names[0]) + one
		}
		return manyKeys(len(names)) + many
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
