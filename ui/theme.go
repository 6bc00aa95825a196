package ui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// style is a Lip Gloss style reduced to what it sends before and after a text, so that drawing a cell is one
// concatenation. Both are empty where the terminal has no colour (NO_COLOR), and nothing may depend on them.
type style struct{ open, close string }

// on returns text in the style.
func (s style) on(text string) string {
	if s.open == "" || text == "" {
		return text
	}
	return s.open + text + s.close
}

// theme is every style of the screen, named for what it means. Colours are the terminal's own sixteen, and of those
// only the ones that are read on light and on dark: bold cyan, for one, cannot be seen on white.
type theme struct {
	title    style // the program's name, headings of dialogs
	active   style // the view that is shown
	muted    style // what may be overlooked
	selected style // the row under the cursor
	danger   style // deletes, failures
	warning  style // expired, unconfirmed
	good     style // done
	key      style // a key to press
	field    style // text being typed
	border   style // around dialogs
	marked   style // a row that is marked
	match    style // what the filter found
	problem  style // what the filter cannot read
	// what the filter found, in a row with a style of its own
	selectedMatch, markedMatch style
	cursor                     style // the cursor that the stock renderer cannot place
}

func newTheme() theme {
	base := lipgloss.NewStyle()
	return theme{
		title:    newStyle(base.Bold(true)),
		active:   newStyle(base.Bold(true).Underline(true)),
		muted:    newStyle(base.Faint(true)),
		selected: newStyle(base.Bold(true).Reverse(true)),
		danger:   newStyle(base.Bold(true).Foreground(lipgloss.Color("1"))),
		warning:  newStyle(base.Foreground(lipgloss.Color("5"))),
		good:     newStyle(base.Foreground(lipgloss.Color("2"))),
		key:      newStyle(base.Bold(true)),
		field:    newStyle(base.Underline(true).UnderlineSpaces(true)),
		border:   newStyle(base.Foreground(lipgloss.Color("6"))),
		cursor:   newStyle(base.Reverse(true)),

		marked:        newStyle(base.Bold(true)),
		match:         newStyle(base.Underline(true)),
		problem:       newStyle(base.Bold(true).Foreground(lipgloss.Color("1"))),
		selectedMatch: newStyle(base.Bold(true).Reverse(true).Underline(true)),
		markedMatch:   newStyle(base.Bold(true).Underline(true)),
	}
}

// newStyle asks Lip Gloss what it sends around a text for this terminal.
func newStyle(s lipgloss.Style) style {
	const probe = "x"
	open, closing, ok := strings.Cut(s.Render(probe), probe)
	if !ok {
		return style{}
	}
	return style{open, closing}
}
