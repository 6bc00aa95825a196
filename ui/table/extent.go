package table

import (
	"github.com/charmbracelet/x/ansi"

	"clavier/model"
)

// Extent is what the columns of a screen need to know of all keys.
type Extent struct {
	// Name and Hint are the cells that the widest name and the widest hint take, after model.Display.
	Name, Hint int
	// Unusual is true if a key is disabled, dead or rotating, or has an end, so that its status may be other than active.
	Unusual bool
}

// Extent returns the extent of the keys. It grows with every key that comes, and does not shrink when one goes.
func (t *Table) Extent() Extent { return t.extent }

func (e *Extent) include(k *model.Key) {
	e.Name = max(e.Name, cells(k.Name))
	e.Hint = max(e.Hint, cells(k.Hint))
	e.Unusual = e.Unusual || k.Disabled || k.Dead || k.Rotating || !k.ExpiresAt.IsZero()
}

func (e *Extent) join(other Extent) {
	e.Name = max(e.Name, other.Name)
	e.Hint = max(e.Hint, other.Hint)
	e.Unusual = e.Unusual || other.Unusual
}

// cells returns how many cells a text takes on screen after model.Display.
func cells(text string) int {
	const ellipsis = "…" // stands in the hints that clavier makes, and takes one cell
	n := 0
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b >= 0x20 && b <= 0x7e:
			n++
		case i+len(ellipsis) <= len(text) && text[i:i+len(ellipsis)] == ellipsis:
			n++
			i += len(ellipsis) - 1
		default:
			return ansi.StringWidth(model.Display(text))
		}
	}
	return n
}
