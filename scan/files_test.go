//go:build unix

package scan

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"clavier/model"
)

// TestWhatIsNoFileIsPassedOver puts links, pipes and sockets beside files; opening a pipe would wait for ever.
func TestWhatIsNoFileIsPassedOver(t *testing.T) {
	alone(t)
	r := newRing(t)
	outside := initFiles(t, map[string]string{"file": r.new("outside")})
	fill := func(t *testing.T, dir string) {
		t.Helper()
		work{t, dir}.write("file", r.new("inside"))
		listener, err := net.Listen("unix", filepath.Join(dir, "s"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		if err := errors.Join(
			os.Symlink(filepath.Join(outside, "file"), filepath.Join(dir, "link")), os.Symlink(outside, filepath.Join(dir, "dir-link")),
			os.Symlink(dir, filepath.Join(dir, "loop")), os.Symlink("nowhere", filepath.Join(dir, "dangling")),
			syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		); err != nil {
			t.Fatal(err)
		}
	}
	plain := t.TempDir()
	fill(t, plain)
	w := initRepo(t, t.TempDir())
	fill(t, w.dir)
	w.git("add", "file", "link", "dir-link")
	replaced := initRepo(t, t.TempDir())
	replaced.write("pipe", "x")
	replaced.write("link", "x")
	replaced.git("add", "--all")
	for _, name := range []string{"pipe", "link"} {
		if err := os.Remove(filepath.Join(replaced.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	fill(t, replaced.dir) // what git tracks as a file is now a pipe, or a link
	for _, dir := range []string{plain, w.dir, replaced.dir} {
		result, err := r.scanner().Tree(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Unread)+len(result.LeftAlone)+len(result.Notes) > 0 {
			t.Errorf("%+v", result)
		}
		for _, hit := range result.Hits {
			if hit.Key != "inside" {
				t.Errorf("a link was followed: %+v", hit)
			}
		}
	}
	linked := filepath.Join(t.TempDir(), "given")
	if err := os.Symlink(filepath.Join(outside, "file"), linked); err != nil {
		t.Fatal(err)
	}
	result, err := r.scanner().Tree(t.Context(), linked)
	if err != nil || len(result.Hits) != 1 || result.Hits[0].Path != linked {
		t.Errorf("a link that is given: %+v, %v", result, err)
	}
}

// TestUnreadableFilesAreSaid reads a file that gives an error to everybody, the superuser too.
func TestUnreadableFilesAreSaid(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no file that nobody can read")
	}
	result, err := newRing(t).scanner().Tree(t.Context(), "/proc/self/mem")
	if err != nil || len(result.Unread) != 1 || result.Unread[0].Path != "/proc/self/mem" || result.Unread[0].Why == "" {
		t.Errorf("%+v, %v", result, err)
	}
	if os.Getuid() == 0 {
		return
	}
	dir := initFiles(t, map[string]string{"closed": "x", "below/f": "x"})
	if err := errors.Join(os.Chmod(filepath.Join(dir, "closed"), 0), os.Chmod(filepath.Join(dir, "below"), 0)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(filepath.Join(dir, "below"), 0o700) }()
	result, err = newRing(t).scanner().Tree(t.Context(), dir)
	want := []Place{{filepath.Join(dir, "below"), "permission denied"}, {filepath.Join(dir, "closed"), "permission denied"}}
	if err != nil || !slices.Equal(result.Unread, want) {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestMissingPathsAreRefused(t *testing.T) {
	s := newRing(t).scanner()
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := s.Tree(t.Context(), missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("tree: %v", err)
	}
	if _, err := s.History(t.Context(), missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("history: %v", err)
	}
	empty := t.TempDir()
	if _, err := s.History(t.Context(), empty); !errors.Is(err, ErrNoRepository) {
		t.Errorf("history of no repository: %v", err)
	}
	if _, err := s.Staged(t.Context(), empty); !errors.Is(err, ErrNoRepository) {
		t.Errorf("staged in no repository: %v", err)
	}
}

// TestOutsideOfRepositoriesNothingIsIgnored has a .gitignore that no git reads, and a repository below.
func TestOutsideOfRepositoriesNothingIsIgnored(t *testing.T) {
	alone(t)
	r := newRing(t)
	dir := initFiles(t, map[string]string{".gitignore": "*", "a/b/f": r.new("plain"), "f.log": r.new("log")})
	w := initRepo(t, filepath.Join(dir, "a", "repo"))
	w.write(".gitignore", "*.log")
	w.write("f", r.new("repo"))
	w.write("f.log", r.new("ignored"))
	result, err := r.scanner().Tree(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	hit := func(key, path string) Hit {
		return Hit{Kind: KindFile, Key: key, Path: filepath.Join(dir, path), Line: 1, Column: 1}
	}
	compare(t, result.Hits, []Hit{hit("plain", "a/b/f"), hit("log", "f.log"), hit("repo", "a/repo/f")})
}

// TestImportedSecretsAreFoundByTheirText has them in every encoding that they may be in.
func TestImportedSecretsAreFoundByTheirText(t *testing.T) {
	plain, accents := "AKIA/not+ours=42", "mot-de-passe-secr\u00e8t"
	latin := strings.ReplaceAll(accents, "\u00e8", "\xe8")
	files := map[string]string{
		"plain": "x" + plain + "x", "little": string(wide(plain, 2, false)), "big": string(wide(plain, 2, true)),
		"utf8": "\n" + accents, "latin": "\n" + latin, "latin-le": string(wide(latin, 2, false)),
		"almost": plain[:len(plain)-1], "case": strings.ToLower(plain), "both": plain + "\n" + accents + "\n" + plain,
	}
	dir := initFiles(t, files)
	s := newRing(t).scanner(func(o *Options) {
		o.Literals = literalsOf(Literal{"plain", model.NewSecret(plain)}, Literal{"accents", model.NewSecret(accents)})
	})
	result, err := s.Tree(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	hit := func(key, path string, line, column int) Hit {
		return Hit{Kind: KindFile, Key: key, Path: filepath.Join(dir, path), Line: line, Column: column}
	}
	compare(t, result.Hits, []Hit{
		hit("plain", "plain", 1, 2), hit("plain", "little", 1, 1), hit("plain", "big", 1, 1), hit("accents", "utf8", 2, 1),
		hit("accents", "latin", 2, 1), hit("accents", "latin-le", 1, 1), hit("plain", "both", 1, 1), hit("accents", "both", 2, 1),
		hit("plain", "both", 3, 1),
	})
}

// TestManyFiles has several batches of files, in and below one directory.
func TestManyFiles(t *testing.T) {
	alone(t)
	r := newRing(t)
	w := initRepo(t, t.TempDir())
	const dirs, each = 3, 2*batch + 1
	for d := range dirs {
		for f := range each {
			w.write(filepath.Join("d"+strings.Repeat("d", d), "f"+strings.Repeat("x", f)), "text\n")
		}
	}
	w.write("zz/last", r.new("last"))
	for _, everything := range []bool{false, true} {
		result, err := r.scanner(func(o *Options) { o.Workers, o.Everything = 3, everything }).Tree(t.Context(), w.dir)
		if err != nil || len(result.Hits) != 1 || !everything && result.Files != dirs*each+1 {
			t.Fatalf("%d hits in %d files, want 1 in %d: %v", len(result.Hits), result.Files, dirs*each+1, err)
		}
	}
}

// TestListersWait has a lister that is much faster than the workers.
func TestListersWait(t *testing.T) {
	const limit, tasks = 3, 200
	q := newQueue(limit)
	q.begin()
	go func() {
		defer q.finish()
		for range tasks {
			q.pushSlowly(task{})
		}
	}()
	done := 0
	for {
		_, ok := q.pop()
		if !ok {
			break
		}
		q.mu.Lock()
		if len(q.tasks) > limit {
			t.Errorf("%d tasks wait, more than %d", len(q.tasks), limit)
		}
		q.mu.Unlock()
		done++
		q.finish()
	}
	if done != tasks {
		t.Errorf("%d tasks were done, want %d", done, tasks)
	}

	q = newQueue(1)
	q.push(task{})
	waiting := make(chan struct{})
	go func() {
		q.pushSlowly(task{})
		close(waiting)
	}()
	q.stop()
	<-waiting
	if _, ok := q.pop(); ok {
		t.Error("there are tasks after the end")
	}
}
