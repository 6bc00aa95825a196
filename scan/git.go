package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// repository is where git is run. A repository may be somebody else's: whatever its configuration names as a command is not
// run, nothing is written and nothing is fetched.
type repository struct {
	dir   string // as it is opened
	inner bool   // git is started by git, for this very repository: what it said in the environment holds
	bare  bool   // dir, which is absolute, is where git keeps it, and a work tree does not matter
}

// local are the variables by which git tells a hook its repository; see git rev-parse --local-env-vars. Those that
// trace would write where errors are read.
var local = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR",
	"GIT_NAMESPACE", "GIT_PREFIX", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_IMPLICIT_WORK_TREE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_CONFIG", "GIT_QUARANTINE_PATH",
}

var unwanted = []string{"GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER", "GIT_ATTR_SOURCE", "GIT_ICASE_PATHSPECS",
	"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_LITERAL_PATHSPECS"}

// set is what git is told beside that. No transport has the name of none: nothing that is missing in a partial clone is
// fetched, by any version of git.
var set = []string{
	"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
	"LC_ALL=C",
}

func (r repository) environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(unwanted, name) || strings.HasPrefix(name, "GIT_TRACE") || !r.inner && slices.Contains(local, name) {
			continue
		}
		env = append(env, entry)
	}
	if r.bare { // a work tree that the configuration names may be gone, and git would not run without it
		env = append(env, "GIT_DIR="+r.dir, "GIT_WORK_TREE="+r.dir)
	}
	return append(env, set...)
}

// command is git with these arguments.
func (r repository) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append([]string{
		"--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull,
		"-c", "submodule.recurse=false", "-c", "core.commitGraph=true",
	}, args...)
	cmd := exec.CommandContext(ctx, "git", all...)
	cmd.Dir, cmd.Env = r.dir, r.environment()
	return cmd
}

// output runs git and returns what it prints.
func (r repository) output(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	err := r.pipe(ctx, nil, func(stdout io.Reader) error {
		_, err := io.Copy(&out, stdout)
		return err
	}, args...)
	return out.String(), err
}

// pipe runs git, writes its input with feed, if there is any, and reads its output with take. If take returns before the output ends,
// git is ended, and neither its failure nor that of feed is one. What git complains about without failing is a *warning.
func (r repository) pipe(ctx context.Context, feed func(io.Writer) error, take func(io.Reader) error, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.command(ctx, args...)
	var complaints bounded
	cmd.Stderr = &complaints
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var stdin io.WriteCloser
	if feed != nil {
		if stdin, err = cmd.StdinPipe(); err != nil {
			return err
		}
	}
	if err := cmd.Start(); err != nil {
		return notStarted(err)
	}
	fed := make(chan error, 1)
	go func() {
		if feed == nil {
			fed <- nil
			return
		}
		err := feed(stdin)
		_ = stdin.Close()
		fed <- err
	}()
	taken := take(stdout)
	_, rest := io.ReadFull(stdout, make([]byte, 1)) // what take left means that it wants no more
	early := rest == nil
	if taken != nil || early {
		cancel()
	}
	_, _ = io.Copy(io.Discard, stdout)
	failed := cmd.Wait()
	unfed := <-fed // git has ended, so that writing to it has
	switch {
	case taken != nil:
		return taken
	case early:
		return nil
	case failed != nil:
		return fmt.Errorf("git %s: %s", args[0], complaints.or(failed.Error()))
	case unfed != nil:
		return unfed
	case complaints.String() != "":
		return &warning{complaints.String()}
	}
	return nil
}

// warning is what git complained about while it did what it was asked.
type warning struct{ text string }

func (w *warning) Error() string { return w.text }

func notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errNoGit
	}
	return fmt.Errorf("git cannot be started: %w", err)
}

var errNoGit = errors.New("git is not on the PATH")

// bounded keeps the beginning of what is written to it.
type bounded struct{ text []byte }

func (b *bounded) Write(p []byte) (int, error) {
	const most = 2048
	b.text = append(b.text, p[:min(len(p), most-min(len(b.text), most))]...)
	return len(p), nil
}

// String is what was written, in one line.
func (b *bounded) String() string {
	return strings.Join(strings.FieldsFunc(string(b.text), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

func (b *bounded) or(other string) string {
	if text := b.String(); text != "" {
		return text
	}
	return other
}

// isWorkTree reports whether a directory is the top of a work tree of git: .git in it is a directory of git, or a file that names
// one.
func isWorkTree(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, ".git"))
	if err != nil {
		return false
	}
	return info.Mode().IsRegular() || isGitDir(filepath.Join(dir, ".git"))
}

// inWorkTree reports whether a directory is in a work tree of git, and not in git's own directory.
func inWorkTree(dir string) bool {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if isGitDir(dir) {
			return false
		}
		if isWorkTree(dir) {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
	return false
}

// isGitDir reports whether a directory is one where git keeps a repository.
func isGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// ignored reports whether git ignores a directory that was given.
func ignored(ctx context.Context, dir string) bool {
	if isWorkTree(dir) {
		return false
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	above, name := filepath.Split(absolute)
	return repository{dir: above}.command(ctx, "check-ignore", "--quiet", "--", "./"+name).Run() == nil
}
