package ui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// fieldLimit is the most characters a field takes: room for any name or id, bounded for a pasted book.
const fieldLimit = 256

// field is one line of text being typed. Editing is textinput's; drawing is ours, because the terminal's own cursor is
// placed on it: a drawn cursor cannot be seen without colours, nor by a screen reader or an input method.
type field struct {
	input  textinput.Model
	masked bool
}

// newField returns an empty field with the focus. A masked one shows a dot for each character.
func newField(masked bool) field {
	input := textinput.New()
	input.CharLimit = fieldLimit
	input.Cursor.SetMode(cursor.CursorHide)
	// Pasting with ctrl+v would read the clipboard of this machine, which over SSH is not the person's. The terminal's
	// own paste arrives as text.
	input.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	input.Focus()
	return field{input: input, masked: masked}
}

func (f *field) value() string { return f.input.Value() }

func (f *field) clear() { f.input.SetValue("") }

// press gives the field a key or a paste. A paste may end in a line break, which is dropped; any other control
// character in it, or more text than the field takes, refuses the paste as a whole, with the sentence to show.
func (f *field) press(msg tea.KeyMsg) (problem string) {
	if msg.Paste {
		text := strings.TrimRight(string(msg.Runes), "\r\n")
		for _, r := range text {
			if unicode.IsControl(r) {
				return fmt.Sprintf("nothing was pasted: the text has a control character (%U)", r)
			}
		}
		msg.Runes = []rune(text)
		if text == "" {
			return ""
		}
		if len([]rune(f.value()))+len(msg.Runes) > fieldLimit {
			return fmt.Sprintf("nothing was pasted: the text is longer than %d characters", fieldLimit)
		}
	}
	if len(msg.Runes) > 1 {
		msg.Paste = true // text, even if its letters are the name of a key: "home", "delete"
	}
	f.input, _ = f.input.Update(msg)
	return ""
}

// draw returns the field in at most w cells, scrolled so that the cursor is in it, and the cell of the cursor.
func (f *field) draw(w int) (text string, x int) {
	value := []rune(f.input.Value())
	show := func(r []rune) string {
		if f.masked {
			return strings.Repeat("•", len(r))
		}
		return model.Display(string(r))
	}
	before, after := value[:f.input.Position()], value[f.input.Position():]
	for len(before) > 0 && width(show(before)) > w-1 {
		before = before[1:]
	}
	x = width(show(before))
	text = show(slices.Concat(before, after))
	if width(text) > w {
		text = cut(text, w)
	}
	return text, min(x, max(w-1, 0))
}
