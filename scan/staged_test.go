package scan

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStagedLooksAtTheIndex has secrets in the work tree, in the index and in the last commit.
func TestStagedLooksAtTheIndex(t *testing.T) {
	alone(t)
	r := newRing(t)
	w := initRepo(t, t.TempDir())
	staged := func(key, path string, line, column int) Hit {
		return Hit{Kind: KindStaged, Key: key, Repo: w.dir, Path: filepath.FromSlash(path), Line: line, Column: column}
	}
	scan := func(dir string) Result {
		t.Helper()
		result, err := r.scanner().Staged(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}

	w.write("first", "x\n"+r.new("first"))
	if got := scan(w.dir); len(got.Hits) != 0 || got.Files != 0 {
		t.Errorf("nothing is staged: %+v", got)
	}
	w.git("add", "first")
	compare(t, scan(w.dir).Hits, []Hit{staged("first", "first", 2, 1)})
	w.commit("first")
	compare(t, scan(w.dir).Hits, nil)

	w.write("a/changed", "="+r.new("in the index")+"\n"+decoys(t))
	w.write("wide", string(wide("\n"+r.new("wide"), 2, false)))
	w.write("odd\nname", r.secrets["wide"])
	w.write("packed.zip", "PK\x03\x04"+r.new("archive"))
	w.write("large", strings.Repeat("line\n", windowSize)+r.new("large"))
	w.write("twin", r.new("twins"))
	w.write("other twin", r.secrets["twins"])
	w.git("rm", "--quiet", "first")
	w.git("add", "--all")
	w.write("a/changed", r.new("in the work tree"))
	w.write("untracked", r.new("untracked"))
	want := []Hit{
		staged("in the index", "a/changed", 1, 2), staged("wide", "wide", 2, 1), staged("wide", "odd\nname", 1, 1),
		staged("large", "large", windowSize+1, 1), staged("twins", "twin", 1, 1), staged("twins", "other twin", 1, 1),
	}
	got := scan(w.dir)
	compare(t, got.Hits, want)
	if left := []Place{{filepath.Join(w.dir, "packed.zip"), "zip archive"}}; !slices.Equal(got.LeftAlone, left) {
		t.Errorf("left alone: %v", got.LeftAlone)
	}
	for i := range want {
		want[i].Repo = filepath.Clean(filepath.Join(w.dir, "a", ".."))
	}
	compare(t, scan(filepath.Join(w.dir, "a")).Hits, want)
}

// TestHook installs the hook where git looks for it, and nowhere else.
func TestHook(t *testing.T) {
	alone(t)
	const command = "exec clavier scan --staged"
	install := func(w work) (string, bool, error) { return InstallHook(t.Context(), w.dir, command) }
	other := (*OtherHookError)(nil)

	w := initRepo(t, t.TempDir())
	path, already, err := install(w)
	if err != nil || already || path != filepath.Join(w.dir, ".git", "hooks", "pre-commit") {
		t.Fatalf("%s, %v, %v", path, already, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "#!/bin/sh\n") || !strings.HasSuffix(string(text), "\n"+command+"\n") {
		t.Errorf("the hook is %q, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("the hook cannot be run: %v", err)
	}
	if again, already, err := install(w); err != nil || !already || again != path {
		t.Errorf("again: %s, %v, %v", again, already, err)
	}

	for script, ours := range map[string]bool{
		"#!/bin/sh\nmake lint\nclavier scan --staged || exit 1\n": true,
		"#!/bin/sh\n  exec clavier scan --staged\n":               true,
		"#!/bin/sh\nmake lint\n":                                  false,
		"#!/bin/sh\n# clavier scan --staged\n":                    false,
		"#!/bin/sh\nclavier scan --staged-not\n":                  false,
		"":                                                        false,
	} {
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		_, already, err := install(w)
		if already != ours || errors.As(err, &other) == ours || ours && err != nil {
			t.Errorf("%q: %v, %v", script, already, err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != script {
			t.Errorf("%q was changed", script)
		}
	}

	if err := errors.Join(os.Remove(path), os.Symlink("nowhere", path)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := install(w); !errors.As(err, &other) {
		t.Errorf("a link to nowhere: %v", err)
	}

	apart := initRepo(t, t.TempDir())
	apart.git("config", "core.hooksPath", "my/hooks")
	if path, _, err := install(apart); err != nil || path != filepath.Join(apart.dir, "my", "hooks", "pre-commit") {
		t.Errorf("a directory of one's own: %s, %v", path, err)
	}
	absolute := filepath.Join(t.TempDir(), "hooks")
	apart.git("config", "core.hooksPath", absolute)
	if path, _, err := install(apart); err != nil || path != filepath.Join(absolute, "pre-commit") {
		t.Errorf("an absolute directory: %s, %v", path, err)
	}
	apart.git("config", "core.hooksPath", os.DevNull)
	if _, _, err := install(apart); err == nil || errors.As(err, &other) {
		t.Errorf("no directory: %v", err)
	}
	if _, _, err := install(work{t, t.TempDir()}); !errors.Is(err, ErrNoRepository) {
		t.Errorf("no repository: %v", err)
	}
}
