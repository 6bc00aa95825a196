//go:build !unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// become runs the program as a child, for here no program can take another's place, and returns its exit code as an error. What
// the console signals reaches the child too, which decides what to make of it.
func (a *app) become(program string, command, environ []string) error {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	cmd := exec.Command(program, command[1:]...)
	cmd.Args[0] = command[0]
	cmd.Env = environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.streams.In, a.streams.Out, a.streams.Err
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return &exitError{code: exit.ExitCode()}
	}
	if err != nil {
		return cannotExecute(command[0], err)
	}
	return nil
}
