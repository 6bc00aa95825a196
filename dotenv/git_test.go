package dotenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// repository is a work tree with a tracked.env, an ignored.env and an exposed.env.
func repository(t *testing.T) string {
	t.Helper()
	need(t, "git")
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q")
	for name, content := range map[string]string{"tracked.env": "A=1\n", "ignored.env": "A=1\n", "exposed.env": "A=1\n", ".gitignore": "ignored.env\r\n# mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "tracked.env")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v %s", args[0], err, out)
	}
}

func TestStates(t *testing.T) {
	dir := repository(t)
	outside := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]State{
		filepath.Join(dir, "tracked.env"):     Tracked,
		filepath.Join(dir, "ignored.env"):     Ignored,
		filepath.Join(dir, "exposed.env"):     Exposed,
		filepath.Join(dir, "new.env"):         Exposed,
		filepath.Join(dir, "*.env"):           Exposed, // a name, not a pattern
		filepath.Join(dir, ":(top)x"):         Exposed,
		filepath.Join(sub, "-x"):              Exposed,
		filepath.Join(sub, "ignored.env"):     Ignored,
		filepath.Join(outside, "ignored.env"): Outside,
		filepath.Join(outside, "none", "x"):   Unknown,
	} {
		if got := Inspect(t.Context(), path); got.State != want || (want == Unknown) != (got.Why != "") {
			t.Errorf("%s is %+v, want %d", path, got, want)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	link := filepath.Join(outside, "link")
	if err := os.Symlink(filepath.Join(dir, "tracked.env"), link); err != nil {
		t.Fatal(err)
	}
	if got := Inspect(t.Context(), link); got.State != Tracked {
		t.Errorf("a link to a tracked file is %+v", got)
	}
}

// TestEnvironmentOfAHook: git sets GIT_DIR and others for its hooks, which must not lead elsewhere.
func TestEnvironmentOfAHook(t *testing.T) {
	dir := repository(t)
	other := t.TempDir()
	git(t, other, "init", "-q")
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	t.Setenv("GIT_INDEX_FILE", filepath.Join(other, "index"))
	if got := Inspect(t.Context(), filepath.Join(dir, "tracked.env")); got.State != Tracked {
		t.Errorf("it is %+v", got)
	}
}

// TestRepositoryRunsNothing: what the settings of a repository name is not run.
func TestRepositoryRunsNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program that must not run is a shell script")
	}
	dir := repository(t)
	ran := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch '"+ran+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Join(dir, ".git", "hooks")
	_ = os.MkdirAll(hooks, 0o700)
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "pre-auto-gc"} {
		if err := os.WriteFile(filepath.Join(hooks, hook), []byte("#!/bin/sh\ntouch '"+ran+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, setting := range []string{"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "credential.helper", "core.askPass", "alias.ls-files"} {
		git(t, dir, "config", setting, script)
	}
	// The settings are dangerous indeed: git without care runs one of them.
	git(t, dir, "status", "--short")
	if _, err := os.Stat(ran); err != nil {
		t.Fatal("the repository is not as dangerous as it is meant to be")
	}
	if err := os.Remove(ran); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]State{"tracked.env": Tracked, "ignored.env": Ignored, "exposed.env": Exposed} {
		if got := Inspect(t.Context(), filepath.Join(dir, name)); got.State != want {
			t.Errorf("%s is %+v", name, got)
		}
	}
	if _, err := Ignore(t.Context(), filepath.Join(dir, "exposed.env")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the repository's program was run")
	}
}

// TestWithoutGit: it works, and says that it does not know.
func TestWithoutGit(t *testing.T) {
	dir := repository(t)
	t.Setenv("PATH", t.TempDir())
	path := filepath.Join(dir, "tracked.env")
	written, err := Set(t.Context(), path, pairs("A", "2"), Options{})
	if err != nil || written.Git != (Git{Why: "git is not installed"}) || contentOf(t, path) != "A=2\n" {
		t.Errorf("%+v %v", written, err)
	}
	if got := Inspect(t.Context(), filepath.Join(t.TempDir(), "x")); got.State != Outside {
		t.Errorf("outside it is %+v", got)
	}
	for range 2 {
		if _, err := Ignore(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	if got := contentOf(t, filepath.Join(dir, ".gitignore")); got != "ignored.env\r\n# mine\r\n/tracked.env" {
		t.Errorf("it is %q", got)
	}
}

func TestGitFails(t *testing.T) {
	dir := repository(t)
	if err := os.WriteFile(filepath.Join(dir, ".git", "config"), []byte("[core\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Inspect(t.Context(), filepath.Join(dir, "x")); got.State != Unknown || !strings.HasPrefix(got.Why, "git says: fatal: bad config") {
		t.Errorf("it is %+v", got)
	}
}

func TestTrackedIsRefused(t *testing.T) {
	dir := repository(t)
	path := filepath.Join(dir, "tracked.env")
	_, err := Set(t.Context(), path, pairs("A", "2"), Options{})
	if !errors.Is(err, ErrTracked) || fmt.Sprint(err) != path+": git tracks this file, so the secret would be in the next commit" {
		t.Errorf("it returns %v", err)
	}
	if contentOf(t, path) != "A=1\n" {
		t.Error("it was changed")
	}
	written, err := Set(t.Context(), path, pairs("A", "2"), Options{Tracked: true})
	if err != nil || written.Git.State != Tracked || contentOf(t, path) != "A=2\n" {
		t.Errorf("%+v %v", written, err)
	}
	for name, want := range map[string]State{"ignored.env": Ignored, "exposed.env": Exposed} {
		if written, err := Set(t.Context(), filepath.Join(dir, name), pairs("A", "2"), Options{}); err != nil || written.Git.State != want {
			t.Errorf("%s: %+v %v", name, written, err)
		}
	}
}

func TestIgnore(t *testing.T) {
	dir := repository(t)
	list := filepath.Join(dir, ".gitignore")
	for range 2 { // the second time there is nothing to do
		if got, err := Ignore(t.Context(), filepath.Join(dir, "exposed.env")); err != nil || got != list {
			t.Errorf("%s %v", got, err)
		}
		if got := contentOf(t, list); got != "ignored.env\r\n# mine\r\n/exposed.env" {
			t.Errorf("it is %q", got)
		}
	}
	names := []string{"a b", "#x", "!x", "-x", "[a]*?.env", "é.env", "x.env"}
	if runtime.GOOS != "windows" {
		names = append(names, "end ", "two  ", `back\slash`)
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := Ignore(t.Context(), filepath.Join(sub, name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := Inspect(t.Context(), filepath.Join(sub, name)); got.State != Ignored {
			t.Errorf("%q is %+v", name, got)
		}
	}
	for _, name := range []string{"a.env", "x", "ab", "y.env"} { // no pattern means more than its file
		if got := Inspect(t.Context(), filepath.Join(sub, name)); got.State != Exposed {
			t.Errorf("%q is %+v", name, got)
		}
	}
	if got := Inspect(t.Context(), filepath.Join(dir, "x.env")); got.State != Exposed {
		t.Errorf("x.env further up is %+v", got)
	}
	// A line against it, behind ours: another is added.
	if err := os.WriteFile(list, []byte("/exposed.env\n!exposed.env\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Ignore(t.Context(), filepath.Join(dir, "exposed.env")); err != nil || contentOf(t, list) != "/exposed.env\n!exposed.env\n/exposed.env\n" {
		t.Errorf("%v", err)
	}
	if _, err := Ignore(t.Context(), filepath.Join(dir, "tracked.env")); err == nil || !strings.Contains(err.Error(), "git rm --cached") {
		t.Errorf("a tracked file: %v", err)
	}
	if runtime.GOOS != "windows" {
		if _, err := Ignore(t.Context(), filepath.Join(dir, "a\nb")); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("a line break: %v", err)
		}
	}
}
