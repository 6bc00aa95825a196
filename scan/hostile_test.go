//go:build unix

package scan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestHostileRepositoriesRunNothing has a repository whose configuration, attributes and hooks name a command wherever git takes
// one. The same repository does run it when git is used without care, so that the test can fail.
func TestHostileRepositoriesRunNothing(t *testing.T) {
	alone(t)
	r := newRing(t)
	w := initRepo(t, t.TempDir())
	w.write("f", r.new("f"))
	w.commit("first")
	mark := filepath.Join(t.TempDir(), "mark")
	script := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >>'"+mark+"'\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.alternateRefsCommand", "core.gitProxy",
		"diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
		"credential.helper", "gpg.program", "pager.ls-files", "pager.diff", "pager.rev-list", "uploadpack.packObjectsHook",
		"remote.origin.uploadpack", "merge.evil.driver", "alias.ls-files", "alias.cat-file", "sequence.editor",
	} {
		w.git("config", name, script)
	}
	for _, pair := range [][2]string{
		{"core.hooksPath", filepath.Dir(script)}, {"log.showSignature", "true"}, {"diff.renames", "copies"},
		{"remote.origin.url", "ext::" + script}, {"remote.origin.promisor", "true"}, {"remote.origin.partialclonefilter", "blob:none"},
	} {
		w.git("config", pair[0], pair[1])
	}
	for _, hook := range []string{"post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"} {
		if err := os.Symlink(script, filepath.Join(filepath.Dir(script), hook)); err != nil {
			t.Fatal(err)
		}
	}
	w.write(".gitattributes", "* diff=evil filter=evil merge=evil\n")
	w.write("untracked", "x")
	if err := os.WriteFile(filepath.Join(w.dir, "f"), []byte("changed "+r.new("changed")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _ = w.try("", "status")
	_, _ = w.try("", "diff")
	if _, err := os.Stat(mark); err != nil {
		t.Fatal("this repository is not hostile: git runs nothing of it")
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	// An object that only the promised remote would have.
	if _, err := w.try("100644 blob "+strings.Repeat("1", 40)+"\tmissing\n", "mktree", "--missing"); err != nil {
		t.Fatal(err)
	}
	tree, err := w.try("100644 blob "+strings.Repeat("1", 40)+"\tmissing\n", "mktree", "--missing")
	if err != nil {
		t.Fatal(err)
	}
	commit, err := w.try("it lacks a file", "commit-tree", tree, "-p", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	w.git("update-ref", "refs/heads/partial", commit)
	_ = os.Remove(mark)

	before := listing(t, w.dir)
	s := r.scanner()
	if result, err := s.Tree(t.Context(), w.dir); err != nil || len(result.Hits) != 1 || len(result.Unread)+len(result.Notes) > 0 {
		t.Errorf("tree: %+v, %v", result, err)
	}
	result, err := s.History(t.Context(), w.dir)
	if err != nil || len(result.Hits) != 1 || result.Hits[0].Commit == "" || !slices.Equal(result.Unread, []Place{{w.dir, partialClone}}) {
		t.Errorf("history: %+v, %v", result, err)
	}
	if _, err := s.Staged(t.Context(), w.dir); err != nil {
		t.Errorf("staged: %v", err)
	}
	if ran, err := os.ReadFile(mark); err == nil {
		t.Errorf("commands of the repository were run:\n%s", ran)
	}
	if after := listing(t, w.dir); !slices.Equal(before, after) {
		t.Errorf("the repository was changed: %q, before %q", after, before)
	}
}

// listing is every file below a directory with its size and time.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			all = append(all, path+info.ModTime().String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBrokenRepositoriesAreReadAllTheSame has repositories that git refuses.
func TestBrokenRepositoriesAreReadAllTheSame(t *testing.T) {
	alone(t)
	r := newRing(t)
	dir := initFiles(t, map[string]string{"repo/.git": "gitdir: nowhere\n", "repo/f": r.new("f"), "repo/below/f": r.new("below")})
	result, err := r.scanner().Tree(t.Context(), dir)
	if err != nil || len(result.Hits) != 2 || len(result.Notes) != 1 || !strings.Contains(result.Notes[0], "everything is looked at") {
		t.Errorf("%+v, %v", result, err)
	}
	result, err = r.scanner().History(t.Context(), filepath.Join(dir, "repo"))
	if err != nil || len(result.Unread) != 1 {
		t.Errorf("history: %+v, %v", result, err)
	}

	w := initRepo(t, t.TempDir())
	w.write("f", r.new("damaged"))
	w.commit("x")
	id := w.git("rev-parse", "HEAD:f")
	object := filepath.Join(w.dir, ".git", "objects", id[:2], id[2:])
	if err := os.Chmod(object, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(object, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, err = r.scanner().History(t.Context(), w.dir)
	if err != nil || len(result.Unread) == 0 {
		t.Errorf("a damaged object: %+v, %v", result, err)
	}
}

// TestClonesThatLackHistoryAreSaid clones without everything.
func TestClonesThatLackHistoryAreSaid(t *testing.T) {
	alone(t)
	r := newRing(t)
	base := t.TempDir()
	w := initRepo(t, filepath.Join(base, "origin"))
	w.write("f", r.new("old"))
	w.commit("first")
	w.write("f", r.new("new"))
	w.commit("second")
	w.git("config", "uploadpack.allowFilter", "true")
	above := work{t, base}
	above.git("clone", "--quiet", "--depth=1", "file://"+w.dir, "shallow")
	above.git("clone", "--quiet", "--filter=blob:none", "file://"+w.dir, "partial")
	above.git("clone", "--quiet", "--bare", "file://"+w.dir, "bare")
	for name, want := range map[string]struct{ hits, unread int }{"shallow": {1, 1}, "partial": {1, 1}, "bare": {2, 0}} {
		result, err := r.scanner().History(t.Context(), filepath.Join(base, name))
		if err != nil || len(result.Hits) != want.hits || len(result.Unread) != want.unread || result.Hits[0].Commit == "" {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}
