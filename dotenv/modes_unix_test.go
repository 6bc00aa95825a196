//go:build unix

package dotenv

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// withUmask sets the process's umask for the length of the test, which therefore cannot run beside others.
func withUmask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

// TestModeIsKept, whatever the umask; a new file has 0600.
func TestModeIsKept(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277} {
		for _, mode := range []fs.FileMode{0o600, 0o644, 0o640, 0o200 | 0o400 | 0o100} {
			path := fileWith(t, "A=1\n")
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			withUmask(t, mask)
			written, err := Set(t.Context(), path, pairs("A", "2"), Options{})
			if err != nil || written.Shared != (mode&0o044 != 0) {
				t.Errorf("%+v %v", written, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != mode {
				t.Errorf("umask %03o: mode %v, want %v", mask, info.Mode(), mode)
			}
			made := filepath.Join(filepath.Dir(path), "new.env")
			if _, err := Set(t.Context(), made, pairs("A", "2"), Options{}); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(made); err != nil || info.Mode() != 0o600 {
				t.Errorf("umask %03o: mode %v of a new file", mask, info.Mode())
			}
		}
	}
}

// TestPrivateAtEveryInstant is T5 for .env files: a watcher looks at them without pause while they are changed.
func TestPrivateAtEveryInstant(t *testing.T) {
	withUmask(t, 0)
	path := fileWith(t, "A=0\n")
	dir := filepath.Dir(path)
	stop := make(chan struct{})
	var watcher sync.WaitGroup
	seen, temporary := map[string]bool{}, false
	watcher.Go(func() {
		for {
			entries, _ := os.ReadDir(dir)
			for _, entry := range entries {
				if info, err := entry.Info(); err == nil {
					temporary = temporary || entry.Name() != ".env" && entry.Name() != "new.env"
					if info.Mode().Perm() != 0o600 {
						seen[entry.Name()+" "+info.Mode().String()] = true
					}
				}
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range 15 {
		for _, name := range []string{".env", "new.env"} {
			if _, err := Set(t.Context(), filepath.Join(dir, name), pairs("A", fmt.Sprint(i)), Options{}); err != nil {
				t.Fatal(err)
			}
		}
		_ = os.Remove(filepath.Join(dir, "new.env"))
	}
	close(stop)
	watcher.Wait()
	for bad := range seen {
		t.Errorf("open to others: %s", bad)
	}
	if !temporary {
		t.Error("the watcher never saw a file in the making")
	}
}

func TestLinksAreFollowed(t *testing.T) {
	path := fileWith(t, "A=1\n")
	elsewhere := t.TempDir()
	link, second := filepath.Join(elsewhere, "link"), filepath.Join(elsewhere, "second")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("link", second); err != nil {
		t.Fatal(err)
	}
	if _, err := Set(t.Context(), second, pairs("A", "2"), Options{}); err != nil {
		t.Fatal(err)
	}
	if contentOf(t, path) != "A=2\n" {
		t.Error("the target was not changed")
	}
	for _, name := range []string{link, second} {
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("%s is no link any more", name)
		}
	}
	nowhere := filepath.Join(elsewhere, "nowhere")
	if err := os.Symlink("absent", nowhere); err != nil {
		t.Fatal(err)
	}
	if _, err := Set(t.Context(), nowhere, pairs("A", "2"), Options{}); fmt.Sprint(err) != nowhere+" is a link to a file that is not there" {
		t.Errorf("it says %v", err)
	}
}

func TestFilesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Set(t.Context(), pipe, pairs("A", "2"), Options{}); fmt.Sprint(err) != "write "+pipe+": it is not a regular file" {
		t.Errorf("it says %v", err)
	}
	path := fileWith(t, "A=1\n")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := Set(t.Context(), path, pairs("A", "2"), Options{}); fmt.Sprint(err) != "write "+path+": it is read-only" {
		t.Errorf("it says %v", err)
	}
}

// TestOwnerIsKept: root changes a file of somebody else, whose it stays.
func TestOwnerIsKept(t *testing.T) {
	if os.Geteuid() != 0 {
		unavailable(t, "only root can give a file away")
	}
	path := fileWith(t, "A=1\n")
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Set(t.Context(), path, pairs("A", "2"), Options{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid != 65534 || stat.Gid != 65534 {
		t.Error("it is root's now")
	}
}
