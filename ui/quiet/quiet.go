// Package quiet keeps the program from asking the terminal for its background colour.
//
// Bubble Tea v1 asks in its own init, by way of Lip Gloss, and waits up to five seconds for a terminal that does not
// answer, even for --version. Go initialises the packages that are ready in the order of their import paths, and
// clavier/ui/quiet comes before github.com/charmbracelet/bubbletea: by then the question is already decided. For that
// the package must import Lip Gloss and nothing that imports Bubble Tea, and the module's name must sort first.
package quiet

import "github.com/charmbracelet/lipgloss"

func init() {
	// Colours are the terminal's own sixteen, so the answer changes nothing that is drawn.
	lipgloss.SetHasDarkBackground(true)
}
