package config

import (
	"fmt"

	"clavier/model"
)

// Error says in one sentence what is wrong with a setting, and where it was given.
type Error struct {
	// Where is the settings file, the environment variable or the flag.
	Where string
	// Line and Column, in characters from 1, are 0 outside of the settings file.
	Line, Column int
	// Name is the setting, as far as it is known which.
	Name string
	// Text is what is wrong and what is allowed.
	Text string
}

// Error returns the place and the sentence, safe to show.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", model.Display(e.Where), e.Line, e.Column, model.Display(e.Text))
	}
	return model.Display(e.Where) + ": " + model.Display(e.Text)
}
