package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"clavier/model"
)

// The exit codes of the program.
const (
	// exitDone: what was asked for is done. A key that is deleted and not yet erased is deleted.
	exitDone = 0
	// exitRefused: it was refused or failed.
	exitRefused = 1
	// exitUsage: it was asked for in the wrong way: an unknown command or flag, a missing argument, a name that cannot be
	// one, a setting that is refused, a screen without a terminal. Nothing was touched.
	exitUsage = 2
)

// usageError is wrong use. It reads as its sentence alone.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// wrongUse marks err as wrong use, unless it is nil.
func wrongUse(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// exitError ends the program with an exit code of its own, and silently if err is nil: the code is that of a command which has
// said itself what was wrong.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return fmt.Sprint(e.err) }
func (e *exitError) Unwrap() error { return e.err }

// Report writes err, if there is one, as one sentence to w and returns the exit code: 0 done, 1 refused or failed,
// 2 wrong use; or that of a command that was run.
func Report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	own := (*exitError)(nil)
	if errors.As(err, &own) && own.err == nil {
		return own.code
	}
	_, _ = fmt.Fprintf(w, "clavier: %s\n", model.Display(err.Error()))
	if own != nil {
		return own.code
	}
	var usage *usageError
	if errors.As(err, &usage) || errors.Is(err, model.ErrName) {
		return exitUsage
	}
	return exitRefused
}

// notDone says of a change to what, a text that is quoted, that it was not made: done is "deleted". Where nobody knows whether it was
// made, it says no such thing.
func notDone(what, done string, err error) error {
	if errors.Is(err, model.ErrOutcomeUnknown) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s was not %s: %w", what, done, err)
}

// refuseSecrets refuses a secret among the arguments, without repeating it. Other programs of this machine can read the
// arguments of every process, and the shell keeps them in its history.
func refuseSecrets(args []string) error {
	for _, arg := range args {
		for value, more := arg, true; more; _, value, more = strings.Cut(value, "=") {
			if model.CheckSecret(value) == nil {
				return usagef("an argument is a secret, which other programs can read and the shell remembers: " +
					"give the key's name or id; clavier verify reads a secret on standard input")
			}
		}
	}
	return nil
}

// exactly takes as many arguments as names, and says which one is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s needs %s; see %s --help", cmd.CommandPath(), names[len(args)], cmd.CommandPath())
		case len(args) > len(names) && len(names) == 0:
			return usagef("%s takes no argument; %s is too much", cmd.CommandPath(), quote(args[0]))
		case len(args) > len(names):
			return usagef("%s takes %s alone; %s is too much (a name with spaces needs quotes)",
				cmd.CommandPath(), strings.Join(names, " and "), quote(args[len(names)]))
		}
		return nil
	}
}

// subcommand is for a command that only holds others: it refuses to run without the name of one.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("%s needs a command: %s", cmd.CommandPath(), strings.Join(commandNames(cmd), ", "))
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(cmd *cobra.Command, name string) error {
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return usagef("%s has no command %s; did you mean %s?", cmd.CommandPath(), quote(name), near[0])
	}
	return usagef("%s has no command %s; there are %s", cmd.CommandPath(), quote(name), strings.Join(commandNames(cmd), ", "))
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// quote shows a text from outside within a sentence.
func quote(s string) string { return `"` + model.Display(s) + `"` }
