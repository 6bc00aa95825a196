//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
)

// publicDir returns a directory of the user without privileges whom asNobody runs programs as.
func publicDir(t *testing.T) string {
	t.Helper()
	top, err := os.MkdirTemp("", "store")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	if err := os.Chmod(top, 0o711); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "clavier")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	give(t, dir)
	return dir
}

func give(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Lchown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}

// take makes the files below dir root's again, so that this process may open the store.
func take(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if err := os.Lchown(filepath.Join(dir, entry.Name()), 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Lchown(dir, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// refusal returns the error that a program ended with.
func refusal(t *testing.T, reports []report) string {
	t.Helper()
	if len(reports) == 0 {
		t.Fatal("the program said nothing")
	}
	last := reports[len(reports)-1]
	if last.Op != "error" {
		t.Fatalf("the program was not refused: %+v", last)
	}
	return last.Text
}

// No file may grow beyond a limit: what a full disk looks like. The program, which the kernel's SIGXFSZ does not kill, is refused
// in one sentence; every key that it had acknowledged is there.
func TestT8FullDisk(t *testing.T) {
	for _, blocks := range []int{1, 8, 64, 200, 400} { // of 512 or 1024 bytes, as the shell has it
		dir := publicDir(t)
		path := filepath.Join(dir, "local.db")
		reports := asNobody(t, "grow", path, blocks)
		text := refusal(t, reports)
		if !strings.Contains(text, path) || !strings.Contains(text, "cannot be") {
			t.Errorf("with %d blocks: %s", blocks, text)
		}
		book := newLedger()
		acknowledged := 0
		for _, r := range reports[:len(reports)-1] {
			if err := book.enter(r); err != nil {
				t.Error(err)
			}
			if r.Result == "done" {
				acknowledged++
			}
		}
		t.Logf("%d blocks: %d keys, then: %s", blocks, acknowledged, text)
		take(t, dir)
		if err := reaudit(t, path, book); err != nil {
			t.Errorf("with %d blocks: %v", blocks, err)
		}
	}
}

func TestT8ReadOnlyDirectory(t *testing.T) {
	t.Run("with no store in it", func(t *testing.T) {
		dir := publicDir(t)
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		text := refusal(t, asNobody(t, "list", filepath.Join(dir, "local.db"), 0))
		if !strings.Contains(text, filepath.Join(dir, "local.db")) || !strings.Contains(text, "read-only") {
			t.Error(text)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("something was made: %v", entries)
		}
	})
	t.Run("with a store in it", func(t *testing.T) {
		dir := publicDir(t)
		path := filepath.Join(dir, "local.db")
		take(t, dir)
		recs, before := closed(t, path, 3)
		give(t, path)
		give(t, dir)
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		text := refusal(t, asNobody(t, "list", path, 0))
		if !strings.Contains(text, path) || !strings.Contains(text, "read-only") {
			t.Error(text)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Error("the file was changed")
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		take(t, dir)
		holds(t, open(t, path), recs...)
	})
}

// What is written into a file that was moved away would be lost; it is refused instead.
func TestReplacedFileIsNoticed(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	rec := put(t, s, "production", epoch)
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Put":     s.Put(t.Context(), record(t, "lost", epoch), someone),
		"Delete":  s.Delete(t.Context(), rec.Key.ID, someone, epoch),
		"Version": func() error { _, err := s.Version(t.Context()); return err }(),
	} {
		if !errors.Is(err, model.ErrStoreWrite) {
			t.Errorf("%s returns %v", name, err)
		}
	}
}
