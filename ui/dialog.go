package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// dialog is one box over the list. Dialogs are a stack and only the top one gets input. Its bindings act on the app at
// once, so that opening and closing need no messages and their order cannot matter.
type dialog interface {
	// bindings are the keys that apply now, for matching, the footer and help.
	bindings(a *app) []binding
	// content lays the dialog out for lines of this many cells.
	content(a *app, width int) content
}

// typist is a dialog with a text field. It gets the keys that no binding takes.
type typist interface{ press(a *app, msg tea.KeyMsg) }

// point is a place on the screen or in a dialog's body, in cells from the top left.
type point struct{ x, y int }

// content is a dialog laid out. The body scrolls where the screen is too low for it; title, problem and foot never do,
// so that a long text cannot push the way out off the screen.
type content struct {
	title   string
	danger  bool
	body    []string
	scroll  *int   // the first visible line that the person has scrolled to, kept in bounds; nil if the body does not
	cursor  *point // of the text field, in the body
	focus   int    // the line of the body that stays visible
	problem string // what is wrong, in one sentence
	foot    string // the button, or what is going on

	// window lays out a body that may be endless: it gets how many lines there are and returns at most as many, with the
	// cursor of the text field. It takes the place of body, scroll, cursor and focus.
	window func(room int) (lines []string, cursor *point)
}

// broad is a dialog with a table in it, which is wider than text reads well.
type broad interface{ most() int }

// top returns the dialog that has the input, or nil.
func (a *app) top() dialog {
	if len(a.dialogs) == 0 {
		return nil
	}
	return a.dialogs[len(a.dialogs)-1]
}

func (a *app) open(d dialog) { a.dialogs = append(a.dialogs, d) }

// isOpen reports whether the dialog is still on the stack: an answer may come after the person has left it.
func (a *app) isOpen(d dialog) bool {
	return slices.Contains(a.dialogs, d)
}

// close removes this dialog wherever it is on the stack.
func (a *app) close(d dialog) {
	for i, other := range a.dialogs {
		if other == d {
			a.dialogs = slices.Delete(slices.Clone(a.dialogs), i, i+1)
			return
		}
	}
}

// replace puts another dialog in this one's place.
func (a *app) replace(d, by dialog) {
	for i, other := range a.dialogs {
		if other == d {
			a.dialogs[i] = by
			return
		}
	}
	a.open(by)
}

// closing returns the binding that leaves a dialog.
func closing(d dialog, help string, keys ...string) binding {
	return bind(help, func(a *app) tea.Cmd {
		a.close(d)
		return nil
	}, keys...)
}

// follows is a dialog that speaks of many keys. It is told when the list has changed.
type follows interface{ follow(a *app) tea.Cmd }
