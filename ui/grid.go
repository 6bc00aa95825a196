package ui

import "strings"

// gridColumn is a column of a table in a view or a dialog: its heading, the cells that it wants and those that it can do
// with. As the room gets less the column with the greatest fold shrinks and then goes first; one of fold 0 only shrinks.
type gridColumn struct {
	head              string
	want, least, fold int
}

// gridWidths returns how wide the columns are in w cells, with a gap between each two; 0 is a column that folded away.
func gridWidths(w int, cols []gridColumn) []int {
	widths := make([]int, len(cols))
	for i, c := range cols {
		widths[i] = c.want
	}
	for {
		over := -gap - w
		for _, cells := range widths {
			if cells > 0 {
				over += gap + cells
			}
		}
		next, first := -1, -1
		for i, c := range cols {
			if widths[i] > 0 && (widths[i] > c.least || c.fold > 0) && c.fold > first {
				next, first = i, c.fold
			}
		}
		switch {
		case over <= 0:
			return widths
		case next < 0:
			widths[0] = max(1, widths[0]-over)
			return widths
		case widths[next] > cols[next].least:
			widths[next] -= min(over, widths[next]-cols[next].least)
		default:
			widths[next] = 0
		}
	}
}

// gridHeads is the line of headings of columns that are this wide.
func gridHeads(cols []gridColumn, widths []int) string {
	heads := make([]string, len(cols))
	for i, c := range cols {
		heads[i] = c.head
	}
	return gridLine(heads, widths)
}

// gridLine puts cells beside each other. They are displayable and may have styles.
func gridLine(cells []string, widths []int) string {
	var b strings.Builder
	due := 0
	for i, cell := range cells {
		if widths[i] == 0 {
			continue
		}
		cell = cut(cell, widths[i])
		if cell != "" {
			b.WriteString(spaces(due) + cell)
			due = 0
		}
		due += widths[i] - width(cell) + gap
	}
	return b.String()
}

// tableWindow lays a table with a cursor out in this many lines: what stands above it, as many rows as have room, which of
// them it is if not all have, and what there is to say of the row under the cursor. It returns how many rows have room too.
func (a *app) tableWindow(s *scrollTop, room, cursor, all int, above, detail []string, row func(i int) string) (lines []string, rows int) {
	few := min(all, 3)
	left := room
	fits := func(extra []string) []string {
		if left-len(extra) < few {
			return nil
		}
		left -= len(extra)
		return extra
	}
	above, detail = fits(above), fits(detail)
	rows = max(0, min(all, left))
	var place []string
	if rows < all && rows > few {
		rows--
		place = []string{a.theme.muted.on("  " + count(cursor+1) + " of " + count(all))}
	}
	s.scroll(a, cursor, all, rows)
	lines = append(lines, above...)
	for i := s.top; i < s.top+rows; i++ {
		line := row(i)
		if i == cursor {
			line = a.theme.selected.on("> ") + line
		} else {
			line = "  " + line
		}
		lines = append(lines, line)
	}
	return append(append(lines, place...), detail...), rows
}
