//go:build linux || darwin

package bench

import (
	"clavier/e2e/term"
)

// Tall is what is pressed and read in a long list.
type Tall struct {
	// Page moves down by a page.
	Page string
	// Mark marks the row under the cursor and moves on; MarkAll marks all rows
	// that are shown; Clear takes all marks off.
	Mark, MarkAll, Clear string
	// Open begins a filter, if that takes a key. Drop leaves it, so that all rows
	// are shown again.
	Open, Drop string
	// Filter is how a query is spelled and what it must find.
	Filter Filter
	// Count reads a screen.
	Count func(term.Screen) Count
}

// Count is what a subject says about its list.
type Count struct {
	// Shown is how many rows match the filter, All how many there are, and
	// Marked how many are marked. They are -1 if the screen does not tell.
	Shown, All, Marked int
	// Busy says that the numbers will change without a key press: more rows are
	// read, or a search is under way.
	Busy bool
}
