package scan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clavier/model"
)

// OtherHookError says that there is a pre-commit hook already, which was not touched.
type OtherHookError struct {
	// Path is the hook.
	Path string
}

func (e *OtherHookError) Error() string {
	return "there is a pre-commit hook already: " + model.Display(e.Path)
}

// InstallHook makes command, a line for the shell, the pre-commit hook of the repository at dir, where git looks for hooks:
// core.hooksPath holds. It returns the file, and whether it ran the command already. A file that is there is never changed.
//
// It returns ErrNoRepository, or an *OtherHookError if another hook is there.
func InstallHook(ctx context.Context, dir, command string) (path string, already bool, err error) {
	repo := repository{dir: dir}
	// What the configuration says of hooks is what is asked for here, so it is not overridden.
	cmd := repo.command(ctx)
	cmd.Args = []string{"git", "rev-parse", "--git-path", "hooks"}
	out, err := cmd.Output()
	switch {
	case cmd.Err != nil:
		return "", false, errNoGit
	case err != nil && !inWorkTree(dir):
		return "", false, fmt.Errorf("%w at %s", ErrNoRepository, model.Display(dir))
	case err != nil:
		return "", false, fmt.Errorf("git refuses the repository at %s: %w", model.Display(dir), err)
	}
	hooks := filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	if !filepath.IsAbs(hooks) {
		hooks = filepath.Join(dir, hooks)
	}
	path = filepath.Join(hooks, "pre-commit")
	already, err = placeHook(hooks, path, "#!/bin/sh\n# Stops a commit that holds a secret of yours.\n"+command+"\n", command)
	return path, already, err
}

// placeHook writes a hook where none is.
func placeHook(hooks, path, text, command string) (already bool, err error) {
	if there, err := os.ReadFile(path); err == nil {
		return holdsLine(string(there), command), otherUnless(holdsLine(string(there), command), path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("the hook cannot be read: %w", err)
	}
	if err := os.MkdirAll(hooks, 0o755); err != nil { //nolint:gosec // git makes this directory with these modes
		return false, fmt.Errorf("the hook cannot be written: %w", err)
	}
	// Nobody runs a hook that is there by half: it is not executable until it is whole.
	made, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, &OtherHookError{path}
	}
	if err == nil {
		_, err = made.WriteString(text)
		err = errors.Join(err, made.Sync(), made.Chmod(0o755), made.Close())
		if err != nil {
			_ = os.Remove(path)
		}
	}
	if err != nil {
		return false, fmt.Errorf("the hook cannot be written: %w", err)
	}
	return false, nil
}

func otherUnless(ours bool, path string) error {
	if ours {
		return nil
	}
	return &OtherHookError{path}
}

// holdsLine reports whether a script has a line that begins with a command, which is not commented out.
func holdsLine(script, command string) bool {
	for line := range strings.Lines(script) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), strings.TrimPrefix(command, "exec "))
		if !ok {
			rest, ok = strings.CutPrefix(strings.TrimSpace(line), command)
		}
		if ok && (rest == "" || rest[0] == ' ' || rest[0] == ';' || rest[0] == '|' || rest[0] == '&') {
			return true
		}
	}
	return false
}
