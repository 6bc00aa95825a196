package ui

import (
	"slices"
	"strings"
	"time"

	"clavier/model"
	"clavier/ui/table"
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
	columnExpires
	columnStatus
)

// margin is what stands before the first column: a space, the cursor or a mark, a space or the mark under the cursor.
const margin = 3

// gap separates two columns.
const gap = 2

// The name keeps at least nameComfort cells while another column can fold away in its favour, and grows to nameMost.
// Below nameLeast even the moment of creation folds, if the list is sorted by something else.
const (
	nameComfort = 20
	nameMost    = 48
	nameLeast   = 4
)

// folding is the order in which columns fold away as the screen narrows; the time of day goes before the word that says what
// a key is. The name, what the list is sorted by and, as long as there is room for three, created never do.
var folding = []columnID{columnAge, columnExpires, columnHint, columnUsed, columnStatus}

// sortedColumns are the columns that the orders are shown in.
var sortedColumns = map[model.SortBy]columnID{
	model.SortCreated: columnCreated, model.SortName: columnName, model.SortUsed: columnUsed, model.SortExpires: columnExpires,
}

// look is what decides over the columns beside the width of the screen.
type look struct {
	extent table.Extent
	traits traits
	stale  table.StaleCount
	order  model.Order
}

func (a *app) look() look {
	l := &a.list
	return look{extent: l.table.Extent(), traits: l.traits, stale: l.staleCount(), order: l.shown.order}
}

// columns returns what fits into width cells.
func columns(width int, k look) []column {
	all := []column{
		{columnName, "NAME", 0},
		{columnHint, "KEY", max(3, min(k.extent.Hint, 24))},
		{columnCreated, "CREATED", len(timeFormat)},
		{columnAge, "AGE", 4},
		{columnUsed, "LAST USED", len("not reported")},
	}
	sorted := sortedColumns[k.order.By]
	if k.traits.ends || sorted == columnExpires {
		all = append(all, column{columnExpires, "EXPIRES", len(dateFormat)})
	}
	if w := k.wordWidth(true); w > 0 {
		head := "STATUS"
		if !k.extent.Unusual { // then the one word there is says it
			head = ""
		}
		all = append(all, column{columnStatus, head, w})
	}
	find := func(id columnID) int { return slices.IndexFunc(all, func(c column) bool { return c.id == id }) }
	fold := func(id columnID) {
		if i := find(id); i >= 0 {
			all = slices.Delete(all, i, i+1)
		}
	}
	nameWidth := max(nameLeast, min(k.extent.Name, nameMost))
	if sorted == columnName {
		nameWidth = max(nameWidth, len("NAME")+2)
	}
	room := func() int {
		left := width - margin
		for _, c := range all[1:] {
			left -= gap + c.width
		}
		return left
	}
	order := folding
	if k.onlyRoles() {
		order = append([]columnID{columnStatus}, folding...)
	}
	for _, id := range order {
		if room() >= min(nameWidth, nameComfort) {
			break
		}
		if id == columnStatus && k.wordWidth(false) > 0 && !k.onlyRoles() {
			all[find(columnCreated)].width = len(dateFormat)
			if room() >= min(nameWidth, nameComfort) {
				break
			}
			all[find(columnStatus)].width = k.wordWidth(false)
			if room() >= min(nameWidth, nameComfort) {
				break
			}
		}
		if id != sorted {
			fold(id)
		}
	}
	if room() < min(nameWidth, 8) {
		all[find(columnCreated)].width = len(dateFormat)
	}
	if room() < nameLeast && sorted != columnCreated {
		fold(columnCreated)
	}
	if short := nameLeast - room(); short > 0 && sorted != columnName {
		all[find(sorted)].width -= short
	}
	all[0].width = max(1, min(room(), nameWidth))
	if i := find(sorted); i >= 0 {
		all[i].head = sortedHead(all[i].head, all[i].width, k.order)
	}
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

// row returns one key as a line. Only the marker and the name carry the style of the selection or of a mark: a move of
// the cursor then changes few cells.
func (a *app) row(key model.Key, cols []column, selected, marked bool, now time.Time) string {
	var b strings.Builder
	query := a.filter.shown
	name := light(key.Name, cols[0].width, query.Highlights(model.FieldName, key.Name)).fill(cols[0].width)
	switch {
	case selected && marked:
		b.WriteString(" " + name.after(">*").in(a.theme.selected, a.theme.selectedMatch))
	case selected:
		b.WriteString(" " + name.after("> ").in(a.theme.selected, a.theme.selectedMatch))
	case marked:
		b.WriteString(" " + name.after("* ").in(a.theme.marked, a.theme.markedMatch))
	default:
		b.WriteString("   " + name.in(style{}, a.theme.match))
	}
	for _, c := range cols[1:] {
		b.WriteString("  ")
		switch c.id {
		case columnName: // is drawn, with the marker
		case columnHint:
			hint := light(key.Hint, c.width, query.Highlights(model.FieldHint, key.Hint))
			b.WriteString(hint.fill(c.width).in(style{}, a.theme.match))
		case columnCreated:
			format := timeFormat
			if c.width < len(timeFormat) {
				format = dateFormat
			}
			b.WriteString(fit(a.moment(key.CreatedAt, format), c.width))
		case columnAge:
			text := ""
			if !key.CreatedAt.IsZero() {
				text = model.Age(key.CreatedAt, now)
			}
			b.WriteString(fit(text, c.width))
		case columnUsed:
			b.WriteString(fit(key.LastUse.Used(now), c.width))
		case columnExpires:
			end := "never"
			if !key.ExpiresAt.IsZero() {
				end = key.ExpiresAt.In(a.opts.Location).Format(dateFormat)
			}
			b.WriteString(fit(end, c.width))
		case columnStatus:
			words, s := a.rowWords(key, now, c.width)
			b.WriteString(s.on(cut(words, c.width)))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
