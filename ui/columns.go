package ui

import (
	"strings"
	"time"

	"clavier/model"
)

// timeFormat is how the list shows a moment; details show seconds and the zone too.
const (
	timeFormat     = "2006-01-02 15:04"
	dateFormat     = "2006-01-02"
	fullTimeFormat = "2006-01-02 15:04:05 MST"
)

// column is one column of a table: its heading and its width in cells.
type column struct {
	id    columnID
	head  string
	width int
}

type columnID int

const (
	columnName columnID = iota
	columnHint
	columnCreated
	columnAge
	columnUsed
	columnStatus
)

// margin is what stands before the first column: a space, the cursor, a space (where a mark will stand).
const margin = 3

// gap separates two columns.
const gap = 2

// The name keeps at least nameComfort cells while another column can fold away in its favour, and grows to nameMost.
const (
	nameComfort = 16
	nameMost    = 48
)

// folding is the order in which columns fold away as the screen narrows. Name and created never do.
var folding = []columnID{columnAge, columnHint, columnUsed, columnStatus}

// columns returns what fits into width cells for keys of this extent.
func columns(width int, e extent) []column {
	all := []column{
		{columnName, "NAME", 0},
		{columnHint, "KEY", max(3, min(e.hint, 24))},
		{columnCreated, "CREATED", len(timeFormat)},
		{columnAge, "AGE", 4},
		{columnUsed, "LAST USED", len("not reported")},
	}
	if e.unusual {
		all = append(all, column{columnStatus, "STATUS", len(model.StatusDisabled)})
	}
	nameWidth := max(4, min(e.name, nameMost))
	room := func() int {
		left := width - margin
		for _, c := range all[1:] {
			left -= gap + c.width
		}
		return left
	}
	for _, id := range folding {
		if room() >= min(nameWidth, nameComfort) {
			break
		}
		for i := range all {
			if all[i].id == id {
				all = append(all[:i], all[i+1:]...)
				break
			}
		}
	}
	if room() < min(nameWidth, 8) {
		for i := range all {
			if all[i].id == columnCreated {
				all[i].width = len(dateFormat)
			}
		}
	}
	all[0].width = max(1, min(room(), nameWidth))
	return all
}

// headings returns the line above the rows.
func headings(cols []column) string {
	var b strings.Builder
	b.WriteString(spaces(margin))
	for i, c := range cols {
		if i > 0 {
			b.WriteString(spaces(gap))
		}
		b.WriteString(fit(c.head, c.width))
	}
	return b.String()
}

// row returns one key as a line. Only the marker and the name carry the style of the selection: a move of the cursor
// then changes few cells.
func (a *app) row(key model.Key, cols []column, selected bool, now time.Time) string {
	var b strings.Builder
	name := fit(model.Display(key.Name), cols[0].width)
	if selected {
		b.WriteString(" " + a.theme.selected.on("> "+name))
	} else {
		b.WriteString("   " + name)
	}
	for _, c := range cols[1:] {
		b.WriteString("  ")
		switch c.id {
		case columnName: // is drawn, with the marker
		case columnHint:
			b.WriteString(fit(model.Display(key.Hint), c.width))
		case columnCreated:
			format := timeFormat
			if c.width < len(timeFormat) {
				format = dateFormat
			}
			b.WriteString(fit(key.CreatedAt.In(a.opts.Location).Format(format), c.width))
		case columnAge:
			b.WriteString(fit(model.Age(key.CreatedAt, now), c.width))
		case columnUsed:
			b.WriteString(fit(key.LastUse.Used(now), c.width))
		case columnStatus:
			word := fit(string(key.StatusAt(now)), c.width)
			if key.StatusAt(now) != model.StatusActive {
				word = a.theme.warning.on(word)
			}
			b.WriteString(word)
		}
	}
	return strings.TrimRight(b.String(), " ")
}
