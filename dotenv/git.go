package dotenv

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// State is what git makes of a file.
type State int

// The states of a file.
const (
	// Unknown: git could not be asked; Git.Why says why.
	Unknown State = iota
	// Outside: the file is in no work tree.
	Outside
	// Tracked: what is in the file goes into the next commit.
	Tracked
	// Ignored: git leaves the file alone.
	Ignored
	// Exposed: git does not track the file, and git add would.
	Exposed
)

// Git says what git makes of a file.
type Git struct {
	State State
	// Why is one sentence for Unknown; text of git in it has not been through Display.
	Why string
}

// gitPatience bounds each call of git.
const gitPatience = 10 * time.Second

// Inspect asks git about the file that a path leads to, which need not exist. Links are followed.
func Inspect(ctx context.Context, path string) Git {
	target, err := resolve(path)
	if err != nil {
		return Git{Why: err.Error()}
	}
	return stateOf(ctx, target)
}

func stateOf(ctx context.Context, target string) Git {
	program, err := exec.LookPath("git")
	if err != nil {
		if !inWorkTree(target) {
			return Git{State: Outside}
		}
		return Git{Why: "git is not installed"}
	}
	switch code, said := askGit(ctx, program, target, "--literal-pathspecs", "ls-files", "--error-unmatch"); {
	case code == 0:
		return Git{State: Tracked}
	case code != 1 && !inWorkTree(target) && strings.Contains(said, "not a git repository"):
		return Git{State: Outside}
	case code != 1:
		return Git{Why: said}
	}
	switch code, said := askGit(ctx, program, target, "check-ignore", "-q"); code {
	case 0:
		return Git{State: Ignored}
	case 1:
		return Git{State: Exposed}
	default:
		return Git{Why: said}
	}
}

// askGit runs a command of git about one file and returns its exit code, -1 if it did not end by itself, and the first line
// that it said about that. The settings of the repository may be anybody's: nothing that they name is run, fetched or
// followed, and the environment of a hook points nowhere else.
func askGit(ctx context.Context, program, target string, command ...string) (code int, said string) {
	ctx, cancel := context.WithTimeout(ctx, gitPatience)
	defer cancel()
	args := append([]string{"--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull},
		command...)
	cmd := exec.CommandContext(ctx, program, append(args, "--", "./"+filepath.Base(target))...)
	cmd.Dir = filepath.Dir(target)
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); !strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "GIT_CONFIG_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1")
	var errs strings.Builder
	cmd.Stderr = &errs
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return 0, ""
	case ctx.Err() != nil:
		return -1, "git did not answer"
	case errors.As(err, &exit) && line != "":
		return exit.ExitCode(), "git says: " + line
	case errors.As(err, &exit):
		return exit.ExitCode(), "git failed"
	default:
		return -1, "git cannot be run: " + err.Error()
	}
}

// inWorkTree reports whether a directory above a file has a .git.
func inWorkTree(target string) bool {
	for dir := filepath.Dir(target); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}
