package scan

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clavier/model"
)

// needGit skips a test where git is missing.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err == nil {
		return
	}
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatal("git is missing")
	}
	t.Skip("git is missing")
}

// alone gives the test a home of its own, so that no settings of git but its own hold.
func alone(t *testing.T) {
	t.Helper()
	needGit(t)
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "config"), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
		"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always",
		"GIT_CONFIG_KEY_1": "init.defaultBranch", "GIT_CONFIG_VALUE_1": "main",
	} {
		t.Setenv(name, value)
	}
}

// work is a repository that a test makes.
type work struct {
	t   *testing.T
	dir string
}

func initRepo(t *testing.T, dir string) work {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w := work{t, dir}
	w.git("init", "--quiet")
	return w
}

// initFiles makes a directory with files in it, outside of any repository.
func initFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	w := work{t, t.TempDir()}
	for name, text := range files {
		w.write(name, text)
	}
	return w.dir
}

// try runs git, and tells what it printed and whether it failed.
func (w work) try(input string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = w.dir, strings.NewReader(input)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

func (w work) git(args ...string) string {
	w.t.Helper()
	out, err := w.try("", args...)
	if err != nil {
		w.t.Fatalf("git %s: %v", args[0], err)
	}
	return out
}

func (w work) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// commit commits everything, with a message on standard input, and returns its name.
func (w work) commit(message string) string {
	w.t.Helper()
	w.git("add", "--all")
	if _, err := w.try(message, "commit", "--quiet", "--allow-empty", "--file=-"); err != nil {
		w.t.Fatalf("git commit: %v", err)
	}
	return w.git("rev-parse", "HEAD")
}

// ring is a set of secrets, each with the name of its key.
type ring struct {
	t       *testing.T
	secrets map[string]string
	asked   int
}

func newRing(t *testing.T) *ring { return &ring{t: t, secrets: map[string]string{}} }

// new makes a secret for a key.
func (r *ring) new(key string) string {
	r.t.Helper()
	r.secrets[key] = draw(r.t, "clv_")
	return r.secrets[key]
}

func (r *ring) lookup(_ context.Context, token model.Secret) (string, error) {
	r.asked++
	for key, secret := range r.secrets {
		if secret == token.Reveal() {
			return key, nil
		}
	}
	return "", nil
}

func (r *ring) scanner(change ...func(*Options)) *Scanner {
	r.t.Helper()
	options := Options{Lookup: r.lookup}
	for _, c := range change {
		c(&options)
	}
	s := New(options)
	return s
}

// decoys are texts that look like secrets of ours and are none.
func decoys(t *testing.T) string {
	t.Helper()
	broken := []byte(draw(t, "clv_"))
	broken[8] ^= 1 // a letter or digit still, in most alphabets
	return "not ours: " + draw(t, "clv_") + "\nbroken: " + string(broken) + "\nshort: " + draw(t, "clv_")[:41] + "\n"
}

// ours are the hits without what tests do not look at.
func ours(hits []Hit) []Hit {
	all := slices.Clone(hits)
	for i := range all {
		all[i].Order = 0
	}
	slices.SortFunc(all, func(a, b Hit) int { return strings.Compare(a.Key, b.Key) })
	return all
}

func compare(t *testing.T, got, want []Hit) {
	t.Helper()
	got, want = ours(got), ours(want)
	for _, hit := range want {
		if !slices.Contains(got, hit) {
			t.Errorf("missing: %+v", hit)
		}
	}
	for _, hit := range got {
		if !slices.Contains(want, hit) {
			t.Errorf("reported and not planted: %+v", hit)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d hits, want %d", len(got), len(want))
	}
}

// TestHistoryFindsEverythingPlanted builds a repository with secrets in all places that history has, and decoys.
func TestHistoryFindsEverythingPlanted(t *testing.T) {
	alone(t)
	r := newRing(t)
	base := t.TempDir()
	sub := initRepo(t, filepath.Join(base, "library"))
	sub.write("lib.txt", "key = "+r.new("submodule, deleted")+"\n")
	inSub := sub.commit("first")
	sub.write("lib.txt", decoys(t))
	sub.commit("second")

	w := initRepo(t, filepath.Join(base, "main"))
	var want []Hit
	plant := func(hit Hit) { want = append(want, hit) }
	planted := func(key, commit, path string, line, column int) {
		plant(Hit{Kind: KindHistory, Key: key, Repo: w.dir, Path: path, Line: line, Column: column, Commit: commit})
	}

	w.write("README", "hello\n"+decoys(t))
	w.write(".gitignore", "*.log\nignored/\n")
	w.commit("begin")

	w.write("config/app.json", "{\n  \"key\": \""+r.new("file")+"\"\n}\n")
	planted("file", w.commit("add"), "config/app.json", 2, 11)
	w.write("old name\n.txt", r.new("renamed"))
	planted("renamed", w.commit("add another"), "old name\n.txt", 1, 1)
	w.git("mv", "old name\n.txt", "new.txt")
	w.commit("rename")
	w.write("gone.txt", "a\nb\nc "+r.new("deleted"))
	planted("deleted", w.commit("add a third"), "gone.txt", 3, 3)
	w.git("rm", "--quiet", "gone.txt")
	w.commit("delete")
	w.write("one.txt", r.new("twice")+"\n")
	w.write("two.txt", r.secrets["twice"]+"\n")
	both := w.commit("two files, the same content")
	planted("twice", both, "one.txt", 1, 1)
	planted("twice", both, "two.txt", 1, 1)

	w.write("wide-le.txt", string(wide("\ufeff"[:0]+"line\nkey: "+r.new("UTF-16 little")+"\n", 2, false)))
	w.write("wide-be.txt", string(wide("line\nkey: "+r.new("UTF-16 big")+"\n", 2, true)))
	w.write("program", "\x7fELF\x00\x01\x02"+strings.Repeat("\x00\xff_", 1000)+r.new("binary")+"\x00\x00")
	large := strings.Repeat(strings.Repeat("x", 99)+"\n", 20_000) // larger than any window
	w.write("large.txt", large[:windowSize-20]+r.new("edge")+large+"\n"+r.new("far")+"\n")
	w.write("packed.zip", "PK\x03\x04"+r.new("archive"))
	odd := w.commit("formats")
	planted("UTF-16 little", odd, "wide-le.txt", 2, 6)
	planted("UTF-16 big", odd, "wide-be.txt", 2, 6)
	planted("binary", odd, "program", 1, 7+3000+1)
	at := windowSize - 20
	planted("edge", odd, "large.txt", at/100+1, at%100+1)
	planted("far", odd, "large.txt", strings.Count(large[:at], "\n")+strings.Count(large, "\n")+2, 1)

	message := w.commit("a message\n\nwith " + r.new("message") + " in it")
	head := strings.Count(strings.SplitN(w.git("cat-file", "commit", message), "\n\n", 2)[0], "\n")
	plant(Hit{Kind: KindCommit, Key: "message", Repo: w.dir, Commit: message, Line: head + 5, Column: 6})
	if _, err := w.try("about\n"+r.new("tag"), "tag", "--annotate", "--file=-", "v1"); err != nil {
		t.Fatal(err)
	}
	plant(Hit{Kind: KindTag, Key: "tag", Repo: w.dir, Path: "v1", Line: 7, Column: 1})
	blob, err := w.try("x "+r.new("tagged blob"), "hash-object", "-w", "--stdin")
	if err != nil {
		t.Fatal(err)
	}
	w.git("tag", "lonely", blob)
	planted("tagged blob", "", "lonely", 1, 3)

	// A merge whose resolution has what neither side had.
	w.write("both.txt", "base\n")
	w.commit("base")
	w.git("checkout", "--quiet", "-b", "side")
	w.write("both.txt", "side "+r.new("side")+"\n")
	planted("side", w.commit("side"), "both.txt", 1, 6)
	w.git("checkout", "--quiet", "main")
	w.write("both.txt", "main\n")
	w.commit("main")
	if _, err := w.try("", "merge", "--quiet", "side"); err == nil {
		t.Fatal("the merge has no conflict")
	}
	w.write("both.txt", "main\nside\n"+r.new("merge")+"\n")
	planted("merge", w.commit("merge"), "both.txt", 3, 1)
	w.write("both.txt", "clean\n")
	w.commit("clean")

	// What only a reflog and a stash reach.
	w.write("undone.txt", r.new("undone"))
	planted("undone", w.commit("to be undone"), "undone.txt", 1, 1)
	w.git("reset", "--quiet", "--hard", "HEAD~1")
	w.write("README", "stashed "+r.new("stash"))
	w.write("new-stashed.txt", r.new("stashed, untracked"))
	w.git("stash", "push", "--quiet", "--include-untracked")
	planted("stash", w.git("rev-parse", "stash@{0}"), "README", 1, 9)
	planted("stashed, untracked", w.git("rev-parse", "stash@{0}^3"), "new-stashed.txt", 1, 1)
	// A stash that is not the last one is only in the reflog of refs/stash.
	w.write("README", "stashed again")
	w.git("stash", "push", "--quiet")

	w.git("submodule", "--quiet", "add", sub.dir, "deps/library")
	w.commit("submodule")
	plant(Hit{Kind: KindHistory, Key: "submodule, deleted", Repo: filepath.Join(w.dir, "deps", "library"), Path: "lib.txt",
		Line: 1, Column: 7, Commit: inSub})

	// What is no part of history.
	w.write("ignored/file", r.new("ignored"))
	w.write("only-staged.txt", r.new("staged"))
	w.git("add", "only-staged.txt")
	w.write("untracked.txt", r.new("untracked"))
	if _, err := w.try("dangling "+r.new("dangling"), "hash-object", "-w", "--stdin"); err != nil {
		t.Fatal(err)
	}

	check := func(t *testing.T) {
		t.Helper()
		result, err := r.scanner().History(t.Context(), w.dir)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, result.Hits, want)
		if len(result.Unread) > 0 {
			t.Errorf("not read: %v", result.Unread)
		}
		if len(result.Notes) != 1 || !strings.Contains(result.Notes[0], "3 of the places") {
			t.Errorf("notes: %q", result.Notes) // what is staged, what is dangling, and the merge with its conflict as git left it
		}
	}
	t.Run("loose", check)
	w.git("repack", "-a", "-d", "-k", "--quiet")
	t.Run("packed", check)
	t.Run("from below", func(t *testing.T) {
		result, err := r.scanner().History(t.Context(), filepath.Join(w.dir, "config"))
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Hits) != len(want) {
			t.Errorf("%d hits, want %d", len(result.Hits), len(want))
		}
	})
	t.Run("from above", func(t *testing.T) {
		result, err := r.scanner().History(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Hits) != len(want)+1 { // the library itself too
			t.Errorf("%d hits, want %d", len(result.Hits), len(want)+1)
		}
	})
	t.Run("a submodule that is no longer checked out", func(t *testing.T) {
		w.git("submodule", "--quiet", "deinit", "--force", "deps/library")
		result, err := r.scanner().History(t.Context(), w.dir)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, result.Hits, want)
	})
}

// TestTreeFindsEverythingPlanted builds a work tree with secrets in it, and looks at it with and without what git ignores.
func TestTreeFindsEverythingPlanted(t *testing.T) {
	alone(t)
	r := newRing(t)
	base := t.TempDir()
	sub := initRepo(t, filepath.Join(base, "library"))
	sub.write("lib.txt", "key="+r.new("submodule")+"\n")
	sub.write(".gitignore", "*.out\n")
	sub.commit("first")
	w := initRepo(t, filepath.Join(base, "main"))
	var want, hidden []Hit
	planted := func(into *[]Hit, key, path string, line, column int) {
		*into = append(*into, Hit{Kind: KindFile, Key: key, Path: filepath.Join(w.dir, path), Line: line, Column: column})
	}
	w.write(".gitignore", "*.log\nignored/\n*.tracked\n")
	w.write("decoys", decoys(t))
	w.write("a/b/c/tracked.go", "package x\n\nvar key = `"+r.new("tracked")+"`\n")
	planted(&want, "tracked", "a/b/c/tracked.go", 3, 12)
	w.write("was.tracked", r.new("tracked and ignored"))
	planted(&want, "tracked and ignored", "was.tracked", 1, 1)
	w.git("submodule", "--quiet", "add", sub.dir, "deps/library")
	planted(&want, "submodule", "deps/library/lib.txt", 1, 5)
	w.git("add", "--all")
	w.git("add", "--force", "was.tracked")
	w.commit("all")
	w.write("gone", r.new("gone"))
	w.commit("a file that will be gone")
	if err := os.Remove(filepath.Join(w.dir, "gone")); err != nil {
		t.Fatal(err)
	}

	w.write(".env", "A=1\nKEY="+r.new("untracked")+"\n")
	planted(&want, "untracked", ".env", 2, 5)
	w.write("-dash\n\x1b[2J\xff.txt", r.new("odd name"))
	planted(&want, "odd name", "-dash\n\x1b[2J\xff.txt", 1, 1)
	nested := initRepo(t, filepath.Join(w.dir, "vendor", "nested"))
	nested.write("n.txt", r.new("nested"))
	planted(&want, "nested", "vendor/nested/n.txt", 1, 1)
	nested.write("n.log", r.new("not ignored there"))
	planted(&want, "not ignored there", "vendor/nested/n.log", 1, 1)
	w.write("wide.txt", "\xff\xfe"+string(wide("a\nkey="+r.new("UTF-16")+"\n", 2, false)))
	planted(&want, "UTF-16", "wide.txt", 2, 5)
	w.write("misaligned", "\x01"+string(wide("..."+r.new("misaligned"), 2, false)))
	planted(&want, "misaligned", "misaligned", 1, 4)
	w.write("wide4.txt", string(wide("\nkey="+r.new("UTF-32"), 4, true)))
	planted(&want, "UTF-32", "wide4.txt", 2, 5)
	w.write("latin1.txt", "cl\xe9 = "+r.new("Latin-1"))
	planted(&want, "Latin-1", "latin1.txt", 1, 7)
	w.write("long-line", strings.Repeat("x", 3*windowSize)+"="+r.new("long line"))
	planted(&want, "long line", "long-line", 1, 3*windowSize+2)
	w.write("data.tar", strings.Repeat("\x00", 512)+r.new("tar"))
	planted(&want, "tar", "data.tar", 1, 513)

	w.write("debug.log", r.new("ignored"))
	planted(&hidden, "ignored", "debug.log", 1, 1)
	w.write("ignored/deep/file", "\n"+r.new("ignored below"))
	planted(&hidden, "ignored below", "ignored/deep/file", 2, 1)
	w.write("deps/library/x.out", r.new("ignored in the submodule"))
	planted(&hidden, "ignored in the submodule", "deps/library/x.out", 1, 1)
	w.git("config", "remote.origin.url", "https://x:"+r.new("configuration")+"@example.org")
	config, err := os.ReadFile(filepath.Join(w.dir, ".git", "config"))
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := bytes.Cut(config, []byte(r.secrets["configuration"]))
	planted(&hidden, "configuration", ".git/config", bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
	w.write("packed.gz", "\x1f\x8b\x08"+r.new("compressed"))

	excluded := filepath.Join(w.dir, ".git", "info", "exclude")
	if err := os.MkdirAll(filepath.Dir(excluded), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(excluded, []byte("private.txt\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.write("private.txt", r.new("excluded"))
	planted(&hidden, "excluded", "private.txt", 1, 1)
	global := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "git", "ignore")
	if err := errors.Join(os.MkdirAll(filepath.Dir(global), 0o700), os.WriteFile(global, []byte("*~\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	w.write("backup~", r.new("excluded everywhere"))
	planted(&hidden, "excluded everywhere", "backup~", 1, 1)

	result, err := r.scanner().Tree(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, result.Hits, want)
	if len(result.Unread)+len(result.Notes) > 0 {
		t.Errorf("not read: %v; notes: %q", result.Unread, result.Notes)
	}
	if want := []Place{{filepath.Join(w.dir, "packed.gz"), "gzip file"}}; !slices.Equal(result.LeftAlone, want) {
		t.Errorf("left alone: %v", result.LeftAlone)
	}

	result, err = r.scanner(func(o *Options) { o.Everything = true }).Tree(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, result.Hits, append(want, hidden...))

	result, err = r.scanner().Tree(t.Context(), filepath.Join(w.dir, "ignored"), filepath.Join(w.dir, "debug.log"))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Hits) != 2 {
		t.Errorf("what is ignored and given has %d hits, want 2", len(result.Hits))
	}
	result, err = r.scanner().Tree(t.Context(), filepath.Join(w.dir, "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, result.Hits, want[:1])
}

// TestOriginIsFoundWhereverItIs has one secret alone in history, in a commit at every place of it.
func TestOriginIsFoundWhereverItIs(t *testing.T) {
	alone(t)
	r := newRing(t)
	w := initRepo(t, t.TempDir())
	var commits []string
	secrets := make([]string, 3)
	for i := range secrets {
		secrets[i] = draw(t, "clv_")
		w.write("f", secrets[i]+"\n")
		w.write("other", strings.Repeat("x", i))
		commits = append(commits, w.commit("number"))
	}
	for i, secret := range secrets {
		r.secrets = map[string]string{"k": secret}
		result, err := r.scanner().History(t.Context(), w.dir)
		if err != nil || len(result.Hits) != 1 || result.Hits[0].Commit != commits[i] || result.Hits[0].Path != "f" {
			t.Errorf("number %d: %+v, %v", i, result.Hits, err)
		}
	}
}
