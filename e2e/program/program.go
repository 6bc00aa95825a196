// Package program builds the real binary for tests and benchmarks and gives
// each of them a home of its own: files, settings and environment that nobody
// else touches.
package program

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"clavier/e2e/term"
)

var builds struct {
	sync.Mutex
	dir  string
	path map[string]string
}

// Path is the path of clavier, built on the first call. Until there is a
// program in the root of the module the test is skipped.
func Path(tb testing.TB) string {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(root(tb), "main.go")); err != nil {
		term.Missing(tb, "the module has no main.go")
	}
	return Build(tb, ".")
}

// Build compiles a main package, named by its path from the root of the
// module, once in a run and returns the path of the binary. It is built as a
// release is: without debug information, without cgo, with trimmed paths.
func Build(tb testing.TB, pkg string) string {
	tb.Helper()
	builds.Lock()
	defer builds.Unlock()
	if path := builds.path[pkg]; path != "" {
		return path
	}
	if builds.dir == "" {
		dir, err := os.MkdirTemp("", "clavier-e2e")
		if err != nil {
			tb.Fatalf("make a directory for the program: %v", err)
		}
		builds.dir, builds.path = dir, map[string]string{}
	}
	home := root(tb)
	name := "clavier"
	if pkg != "." {
		name = filepath.Base(pkg)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	out := filepath.Join(builds.dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Dir, cmd.Env = home, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", pkg, err, text)
	}
	builds.path[pkg] = out
	return out
}

// Clean removes what Build made. Call it from TestMain after the tests.
func Clean() {
	builds.Lock()
	defer builds.Unlock()
	if builds.dir != "" {
		_ = os.RemoveAll(builds.dir)
	}
	builds.dir, builds.path = "", nil
}

// root is the directory of go.mod, at or above the working directory.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	tb.Fatal("no go.mod above the working directory")
	return ""
}

// Home is one person's place on a machine.
type Home struct {
	// Dir is the home directory. Everything below is in it.
	Dir string
	// Bin is the program that Run, Start and StartTmux run: clavier, unless
	// another is set.
	Bin string
}

// NewHome makes an empty home, removed at the end of the test.
func NewHome(tb testing.TB) *Home {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	h := &Home{Dir: dir}
	// As a login does; a runtime directory is never made by a program.
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o700); err != nil {
		tb.Fatal(err)
	}
	return h
}

// Data is the directory of the embedded store.
func (h *Home) Data() string { return filepath.Join(h.Dir, "data", "clavier") }

// Config is the directory of settings and identity.
func (h *Home) Config() string { return filepath.Join(h.Dir, "config", "clavier") }

// Database is the file of the embedded store.
func (h *Home) Database() string { return filepath.Join(h.Data(), "local.db") }

// Identity is the file of the age identity.
func (h *Home) Identity() string { return filepath.Join(h.Config(), "identity.txt") }

// Settings is the settings file.
func (h *Home) Settings() string { return filepath.Join(h.Config(), "config.toml") }

// WriteSettings makes the settings file with this text.
func (h *Home) WriteSettings(tb testing.TB, text string) {
	tb.Helper()
	if err := os.MkdirAll(h.Config(), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(h.Settings(), []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// Env is the whole environment of a program in this home: PATH, TERM, LANG,
// HOME and the XDG directories, then extra. A later value replaces an earlier
// one; "NAME" without "=" takes a variable away.
func (h *Home) Env(extra ...string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"TERM=xterm-256color",
		"LANG=C.UTF-8",
		"HOME=" + h.Dir,
		"XDG_DATA_HOME=" + filepath.Join(h.Dir, "data"),
		"XDG_CONFIG_HOME=" + filepath.Join(h.Dir, "config"),
		"XDG_STATE_HOME=" + filepath.Join(h.Dir, "state"),
		"XDG_CACHE_HOME=" + filepath.Join(h.Dir, "cache"),
		"XDG_RUNTIME_DIR=" + filepath.Join(h.Dir, "run"),
	}
	for _, v := range extra {
		name, _, set := strings.Cut(v, "=")
		kept := env[:0:0]
		for _, old := range env {
			if !strings.HasPrefix(old, name+"=") {
				kept = append(kept, old)
			}
		}
		env = kept
		if set {
			env = append(env, v)
		}
	}
	return env
}

func (h *Home) argv(tb testing.TB, args []string) []string {
	tb.Helper()
	if h.Bin == "" {
		h.Bin = Path(tb)
	}
	return append([]string{h.Bin}, args...)
}

// Result is what a program without a terminal left.
type Result struct {
	Out, Err string
	Code     int
}

// Run runs the program without a terminal, with in on its standard input and
// extra added to its environment, and waits for it.
func (h *Home) Run(tb testing.TB, in string, extra []string, args ...string) Result {
	tb.Helper()
	argv := h.argv(tb, args)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = h.Dir, h.Env(extra...)
	cmd.Stdin = strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatalf("run %s: %v", argv[0], err)
	}
	return Result{Out: out.String(), Err: errs.String(), Code: cmd.ProcessState.ExitCode()}
}
