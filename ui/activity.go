package ui

import (
	"context"
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// activityMost is how many lines the activity view reads.
const activityMost = 1000

// activityList is what happened in the store, newest first, with its cursor.
type activityList struct {
	lines  []model.Activity
	cursor int
	top    int
	loaded bool
	err    error
	op     opID
}

func (l *activityList) move(delta int) {
	l.cursor = max(0, min(l.cursor+delta, len(l.lines)-1))
}

func (a *app) whyNoActivity() string {
	if _, ok := a.service.(activityReader); !ok {
		return "this provider does not tell what happened"
	}
	return ""
}

func (a *app) activityBindings() []binding {
	return moves(a.activity.move, a.listRows, func() int { return len(a.activity.lines) })
}

// reloadActivity reads the activity. A newer reading takes the place of one under way.
func (a *app) reloadActivity() tea.Cmd {
	service, ok := a.service.(activityReader)
	if !ok {
		return nil
	}
	a.drop(a.activity.op)
	var cmd tea.Cmd
	a.activity.op, cmd = begin(a, opRead, "reading the activity",
		func(ctx context.Context) ([]model.Activity, error) { return service.Activity(ctx, activityMost) },
		func(a *app, lines []model.Activity, err error) tea.Cmd {
			if errors.Is(err, context.Canceled) {
				err = errors.New("reading the activity was given up")
			}
			a.activity.op, a.activity.err = 0, err
			switch {
			case err == nil:
				a.activity.lines, a.activity.loaded = lines, true
				a.activity.move(0)
			case a.activity.loaded:
				a.fail(err)
			}
			return nil
		})
	return cmd
}

// activityRows draws the visible part of the activity: when, what, which key, by whom and from where; or why it was refused.
// What does not fit is cut from the right.
func (a *app) activityRows(w, rows int) (head string, lines []string) {
	const when, what = len(timeFormat), len(model.ActionDeleted)
	name, by := len("NAME"), len("BY")
	for _, line := range a.activity.lines {
		name = max(name, width(model.Display(line.KeyName)))
		by = max(by, width(model.Display(line.Actor.By)))
	}
	name = min(name, max(w-margin-when-what-2*gap, 4), nameMost)
	by = min(by, nameMost)
	table := func(cells ...string) string {
		widths := []int{when, what, name, by, len(dateFormat)}
		var b strings.Builder
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(spaces(gap))
			}
			if i < len(cells)-1 { // the last one gets what is left
				cell = fit(cell, widths[i])
			}
			b.WriteString(cell)
		}
		return strings.TrimRight(b.String(), " ")
	}
	a.activity.top = scrolled(a.activity.top, a.activity.cursor, len(a.activity.lines), rows)
	for i := a.activity.top; i < len(a.activity.lines) && len(lines) < rows; i++ {
		line := a.activity.lines[i]
		cells := []string{
			line.At.In(a.opts.Location).Format(timeFormat), model.Display(string(line.Action)), model.Display(line.KeyName), model.Display(line.Actor.By),
		}
		if line.Refused == "" {
			cells = append(cells, a.moment(line.KeyCreatedAt, dateFormat), model.Display(line.Actor.From)+"  "+model.Display(line.KeyID))
		} else { // why matters more than when the key was made
			cells[1] = "refused"
			cells = append(cells, "not "+model.Display(string(line.Action))+": "+model.Display(line.Refused)+"  "+model.Display(line.Actor.From))
		}
		text := table(cells...)
		if i == a.activity.cursor {
			text = a.theme.selected.on(" > ") + text
		} else {
			text = spaces(margin) + text
		}
		lines = append(lines, cut(text, w))
	}
	return spaces(margin) + table("WHEN", "WHAT", "NAME", "BY", "CREATED", "FROM, ID"), lines
}
