package ui

import (
	"fmt"
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

// newSecretField returns an empty masked field that takes any secret.
func newSecretField() field {
	f := newField(true)
	f.input.CharLimit = model.MaxImportedLen
	return f
}

func (f *field) value() string { return f.input.Value() }

func (f *field) clear() { f.input.SetValue("") }

// set replaces the text; the cursor stands behind it.
func (f *field) set(text string) {
	f.input.SetValue(text)
	f.input.CursorEnd()
}

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
		if len([]rune(f.value()))+len(msg.Runes) > f.input.CharLimit {
			return fmt.Sprintf("nothing was pasted: the text is longer than %d characters", f.input.CharLimit)
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
	d := f.drawMarked(w, nil)
	return d.text.text, d.x
}

// drawn is a field as it is shown: its text with the marked parts lit, the cell of the cursor, and the cells of the
// marked parts.
type drawn struct {
	text  lit
	x     int
	marks [][2]int
}

// drawMarked is draw with parts of the value marked, given in bytes, sorted and apart.
func (f *field) drawMarked(w int, parts [][2]int) drawn {
	value := []rune(f.input.Value())
	show := func(r []rune) string {
		if f.masked {
			return strings.Repeat("•", len(r))
		}
		return model.Display(string(r))
	}
	from, at := 0, f.input.Position()
	if f.masked { // a dot is one cell
		from = max(0, at-(w-1))
	}
	for from < at && width(show(value[from:at])) > w-1 {
		from++
	}
	d := drawn{x: min(width(show(value[from:at])), max(w-1, 0))}
	if f.masked {
		d.text.text = cut(show(value[from:]), w)
		return d
	}
	skipped := len(string(value[:from]))
	var inSight [][2]int
	for _, p := range parts {
		if p[1] > skipped {
			inSight = append(inSight, [2]int{max(p[0]-skipped, 0), p[1] - skipped})
		}
	}
	d.text = light(string(value[from:]), w, inSight)
	for _, r := range d.text.ranges {
		d.marks = append(d.marks, [2]int{width(d.text.text[:r[0]]), width(d.text.text[:r[1]])})
	}
	return d
}
