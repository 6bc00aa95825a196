package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"clavier/model"
)

// question is what a person has to answer before something goes for good.
type question struct {
	verb, done string // delete, deleted
	what, want string // what has to be typed, such as the name or the id; and that
	warning    string // what goes, in whole lines
}

// addConfirm adds the flag that answers a question where there is no terminal. What it returns is the answer, nil if none was given.
func addConfirm(cmd *cobra.Command, usage string) func() *string {
	answer := cmd.Flags().String("confirm", "", usage)
	_ = cmd.RegisterFlagCompletionFunc("confirm", cobra.NoFileCompletions)
	return func() *string {
		if !cmd.Flags().Changed("confirm") {
			return nil
		}
		return answer
	}
}

// asked returns nil if the question was answered as it has to be: by the flag, whose value is given, or on the terminal if that is
// nil.
func (a *app) asked(q question, given *string) error {
	nothing := "nothing was " + q.done
	if given != nil {
		if !model.Confirms(*given, q.want) {
			return fmt.Errorf("%s: --confirm is not the %s %s", nothing, q.what, quote(q.want))
		}
		return nil
	}
	if !isTerminal(a.streams.In) {
		return fmt.Errorf("%s: there is no terminal to ask on; confirm with the %s: --confirm %s", nothing, q.what, quote(q.want))
	}
	terminal, err := a.terminal()
	if err != nil {
		return fmt.Errorf("%s: %w; confirm with the %s: --confirm %s", nothing, err, q.what, quote(q.want))
	}
	typed, err := terminal.ask(q.warning + fmt.Sprintf("Type the %s %s to %s it: ", q.what, quote(q.want), q.verb))
	switch {
	case errors.Is(err, errInterrupted):
		return errors.New(nothing)
	case err != nil:
		return fmt.Errorf("%s: %w", nothing, err)
	case !model.Confirms(typed, q.want):
		return fmt.Errorf("%s: what was typed is not the %s", nothing, q.what)
	}
	return nil
}
