package ui

import "strings"

// A dialog is at most this wide, borders included.
const dialogMost = 72

// overlay draws the dialog over lines, centred, and returns where the cursor stands. Borders go where the screen is too
// small for them.
func (a *app) overlay(lines []string, d dialog) *point {
	total, height := a.width, len(lines)
	bordered := height >= 6 && total >= 24
	outer := min(total, dialogMost)
	if b, ok := d.(broad); ok {
		outer = min(total, b.most())
	}
	inner := outer
	if bordered {
		inner = outer - 4
	}
	c := d.content(a, inner)
	if changes, ok := d.(changesKeys); ok && c.problem == "" && changes.changesKeys() {
		c.problem = a.whyNoChange()
	}

	title, foot := c.title, []string(nil)
	if c.problem != "" {
		problem := wrap(c.problem, inner)
		if most := max(height/3, 1); len(problem) > most {
			problem = append(problem[:most-1:most-1], cut(strings.Join(problem[most-1:], " "), inner))
		}
		for _, line := range problem {
			foot = append(foot, a.theme.danger.on(line))
		}
	}
	if c.foot != "" {
		foot = append(foot, cut(c.foot, inner))
	}
	fixed := 1 // the title
	if bordered {
		fixed = 2
	}
	room := max(height-fixed-len(foot), 1)
	if c.window != nil {
		c.body, c.cursor = c.window(room)
	}
	top := scrolled(0, min(max(c.focus, 0), len(c.body)-1), len(c.body), room)
	if c.scroll != nil {
		top = max(0, min(*c.scroll, len(c.body)-room))
		*c.scroll = top
	}
	body := c.body[top:min(top+room, len(c.body))]

	heading := a.theme.title
	if c.danger {
		heading = a.theme.danger
	}
	var box []string
	if bordered {
		name := cut(title, inner)
		box = append(box, a.theme.border.on("┌ ")+heading.on(name)+
			a.theme.border.on(" "+strings.Repeat("─", max(inner-width(name), 0))+"┐"))
		for _, line := range append(append([]string(nil), body...), foot...) {
			box = append(box, a.theme.border.on("│")+" "+fit(line, inner)+" "+a.theme.border.on("│"))
		}
		box = append(box, a.theme.border.on("└"+strings.Repeat("─", inner+2)+"┘"))
	} else {
		box = append(box, heading.on(fit(title, inner)))
		for _, line := range append(append([]string(nil), body...), foot...) {
			box = append(box, fit(line, inner))
		}
	}
	box = box[:min(len(box), height)]

	x, y := (total-outer)/2, (height-len(box))/2
	for i, line := range box {
		lines[y+i] = splice(lines[y+i], line, x, total)
	}
	if c.cursor == nil || c.cursor.y < top || c.cursor.y >= top+len(body) {
		return nil
	}
	at := &point{x + c.cursor.x, y + 1 + c.cursor.y - top}
	if bordered {
		at.x += 2
	}
	if at.y >= height || at.x >= total {
		return nil
	}
	return at
}
