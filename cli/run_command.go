package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"clavier/dotenv"
	"clavier/model"
)

// The exit codes of shells for a command that cannot be started (POSIX, Shell Command Language, 2.8.2).
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

func (a *app) runCommand() *cobra.Command {
	var env assignments
	var noProject bool
	cmd := &cobra.Command{
		Use:   "run [--env VAR=NAME|ID]... [--] COMMAND [ARGUMENT]...",
		Short: "Run a command with keys in its environment",
		Long: `Run a command with the secrets of keys in its environment, and nothing else
changed. The command takes clavier's place, so that signals, job control, the
terminal and the exit code are its own. (One thing clavier cannot pass on: of
the signals that it was started to ignore, the command ignores HUP and INT
alone.)

The variables are those of --env, and those of the project that the working
directory is in, once you have allowed it: see clavier allow. Every key is
looked at before the command is started; one that is missing, expired or
disabled is said by name, and nothing is started.

Exit code: that of the command; 127 if it is not found, 126 if it cannot be
executed, 1 or 2 if clavier refuses.`,
		Example: `  clavier run --env API_KEY=production -- ./server --port 8080
  clavier run -- make deploy`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s needs a command; see %s --help", cmd.CommandPath(), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), env, noProject, args) },
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // what follows the command is the command's
	flags.Var(&env, "env", "give the variable VAR the secret of the key NAME, or of the key with this id")
	flags.BoolVar(&noProject, "no-project", false, "leave out what the project wants")
	_ = cmd.RegisterFlagCompletionFunc("env", a.completeWants)
	return cmd
}

func (a *app) run(ctx context.Context, env []string, noProject bool, command []string) error {
	wants, hasProject, err := a.wanted(env, noProject)
	if err != nil {
		return err
	}
	if len(wants) == 0 && !hasProject {
		return usagef("there is nothing to put into the environment: give --env VAR=NAME, or write the variables into a " +
			".clavier.toml, see clavier allow --help")
	}
	// Before a passphrase is asked for in vain.
	program, err := findProgram(command[0])
	if err != nil {
		return err
	}
	var pairs []dotenv.Pair
	if len(wants) > 0 {
		if pairs, err = a.values(ctx, wants, "nothing was started"); err != nil {
			return err
		}
	}
	return a.become(program, command, withVariables(os.Environ(), pairs))
}

// withVariables returns an environment with the pairs in it, each in the place of what had its name before.
func withVariables(environ []string, pairs []dotenv.Pair) []string {
	same := func(a, b string) bool { return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b) }
	done := make([]bool, len(pairs))
	env := make([]string, 0, len(environ)+len(pairs))
next:
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		for i, p := range pairs {
			if same(name, p.Name) {
				if !done[i] {
					env = append(env, p.Name+"="+p.Value.Reveal())
				}
				done[i] = true
				continue next
			}
		}
		env = append(env, entry)
	}
	for i, p := range pairs {
		if !done[i] {
			env = append(env, p.Name+"="+p.Value.Reveal())
		}
	}
	return env
}

// findProgram returns the file that a command means, as a shell would find it, or an exitError with the shell's exit code.
func findProgram(command string) (string, error) {
	program, err := exec.LookPath(command)
	switch {
	case err == nil:
		return program, nil
	case errors.Is(err, exec.ErrDot) && runtime.GOOS != "windows": // PATH names the working directory
		return program, nil
	case errors.Is(err, exec.ErrNotFound) && !inPath(command), errors.Is(err, fs.ErrNotExist):
		return "", &exitError{exitNotFound, fmt.Errorf("%s: command not found", model.Display(command))}
	}
	return "", cannotExecute(command, err)
}

func cannotExecute(command string, err error) error {
	reason := err
	if failed := (*exec.Error)(nil); errors.As(err, &failed) {
		reason = failed.Err
	}
	if errors.Is(reason, exec.ErrNotFound) {
		reason = fs.ErrPermission
	}
	return &exitError{exitNotExecutable, fmt.Errorf("%s cannot be executed: %w", model.Display(command), reason)}
}

// inPath reports whether a directory of PATH has a file of this name that is no program.
func inPath(command string) bool {
	if command == "" || filepath.Base(command) != command {
		return false
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, command)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}
