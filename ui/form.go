package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// formField is a text field of a form with its label.
type formField struct {
	label string
	field field
}

// form is some text fields under each other. One has the focus.
type form struct {
	fields []formField
	at     int
}

func (f *form) focused() *field { return &f.fields[f.at].field }

// value returns what stands in a field.
func (f *form) value(i int) string { return f.fields[i].field.value() }

// move gives the focus to another field, around the ends.
func (f *form) move(delta int) { f.at = (f.at + delta + len(f.fields)) % len(f.fields) }

// moves are the keys that go from field to field.
func (f *form) moves() []binding {
	by := func(delta int) func(*app) tea.Cmd {
		return func(*app) tea.Cmd {
			f.move(delta)
			return nil
		}
	}
	return []binding{
		bind("next field", by(1), "tab", "down").as("tab"),
		bind("field before", by(-1), "shift+tab", "up").as("shift+tab").inHelp(),
	}
}

// draw appends the fields to a body and puts the cursor into the one with the focus, unless the form is locked.
func (f *form) draw(a *app, c *content, w int, locked bool) {
	labels := 0
	for _, each := range f.fields {
		labels = max(labels, width(each.label))
	}
	labels = min(labels+2, max(w/2, 1))
	for i := range f.fields {
		each := &f.fields[i]
		room := max(w-labels, 1)
		text, x := each.field.draw(room)
		label := fit(each.label+":", labels)
		if i == f.at {
			c.focus = len(c.body)
			if !locked {
				c.cursor = &point{min(labels+x, max(w-1, 0)), len(c.body)}
			}
		}
		c.body = append(c.body, label+a.theme.field.on(fit(text, room)))
	}
}
