//go:build unix

package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMain is also the program that saves under a limit, or without rights.
func TestMain(m *testing.M) {
	if path := os.Getenv("EXPORT_TEST_PATH"); path != "" {
		signal.Ignore(syscall.SIGXFSZ)
		err := Save(noContext, File{Path: path, Shown: "NAME"}, os.Getenv("EXPORT_TEST_REPLACE") != "", func(w io.Writer) error {
			x, err := NewWriter(w, CSV, view)
			for i := 0; err == nil && i < 20000; i++ {
				err = x.Add(sampleKeys()[0])
			}
			if err == nil {
				err = x.Close()
			}
			return err
		})
		fmt.Println(err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// apart runs the program of TestMain, its files limited to so many blocks of 512 bytes (0: not), without privileges.
func apart(t *testing.T, path string, replace bool, blocks int) string {
	t.Helper()
	binary := filepath.Join(filepath.Dir(filepath.Dir(path)), "program")
	if err := os.Link(os.Args[0], binary); err != nil && !errors.Is(err, fs.ErrExist) {
		text, err := os.ReadFile(os.Args[0])
		if err == nil {
			err = os.WriteFile(binary, text, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	script := `exec "$0"`
	if blocks > 0 {
		script = fmt.Sprintf(`ulimit -f %d; exec "$0"`, blocks)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script, binary)
	cmd.Env = append(os.Environ(), "EXPORT_TEST_PATH="+path, "GORACE=atexit_sleep_ms=0")
	if replace {
		cmd.Env = append(cmd.Env, "EXPORT_TEST_REPLACE=1")
	}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// open makes directories that whoever runs the program of TestMain can reach; the last belongs to everybody.
func openDir(t *testing.T, mode os.FileMode) string {
	t.Helper()
	top, err := os.MkdirTemp("", "export") // t.TempDir lies below a directory that is closed
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	dir := filepath.Join(top, "dir")
	if err := errors.Join(os.Chmod(top, 0o755), os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestT8FullDisk: the disk is full in the middle.
func TestT8FullDisk(t *testing.T) {
	for _, replace := range []bool{false, true} {
		dir := openDir(t, 0o777)
		path, want := filepath.Join(dir, "keys.csv"), map[string]string{}
		if replace {
			put(t, path, "old")
			want["keys.csv"] = "old"
		}
		if got := apart(t, path, replace, 100); got != "NAME could not be written, and nothing of it was kept: file too large" {
			t.Errorf("it says %s", got)
		}
		holds(t, dir, want)
		if got := apart(t, path, replace, 0); got != "<nil>" {
			t.Errorf("with room it says %s", got)
		}
	}
}

// TestNoRights: a directory that cannot be written to, and one that cannot be looked into.
func TestNoRights(t *testing.T) {
	for _, mode := range []os.FileMode{0o555, 0o700} {
		if mode == 0o700 && os.Geteuid() != 0 {
			continue // it is our own
		}
		dir := openDir(t, mode)
		want := "there is no permission to write NAME: give another name, or change the rights of its directory"
		if got := apart(t, filepath.Join(dir, "keys.csv"), false, 0); got != want {
			t.Errorf("%o: it says %s", mode, got)
		}
	}
}

// TestT5PrivateAtEveryInstant: a watcher looks at the files without pause while one is made and replaced.
func TestT5PrivateAtEveryInstant(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277, 0o777} {
		t.Run(fmt.Sprintf("umask %03o", mask), func(t *testing.T) {
			dir := t.TempDir()
			old := syscall.Umask(mask)
			defer syscall.Umask(old)
			stop, seen, looks, unfinished := make(chan struct{}), map[string]bool{}, 0, 0
			var watcher sync.WaitGroup
			watcher.Go(func() {
				for {
					entries, _ := os.ReadDir(dir)
					for _, entry := range entries {
						if info, err := entry.Info(); err == nil {
							if info.Mode().Perm()&0o077 != 0 {
								seen[fmt.Sprint(entry.Name(), info.Mode())] = true
							}
							if strings.HasPrefix(entry.Name(), TempPrefix) {
								unfinished++
							}
						}
					}
					looks++
					select {
					case <-stop:
						return
					default:
						runtime.Gosched()
					}
				}
			})
			file := File{Path: filepath.Join(dir, "keys.csv")}
			for i := range 20 {
				err := Save(t.Context(), file, i > 0, func(w io.Writer) error {
					x, err := NewWriter(bufio.NewWriterSize(w, 16), JSON, view)
					for range 50 {
						err = errors.Join(err, x.Add(sampleKeys()[1]))
					}
					return errors.Join(err, x.Close())
				})
				if err != nil {
					t.Fatal(err)
				}
				if info, err := os.Stat(file.Path); err != nil || info.Mode() != 0o600 {
					t.Fatalf("the file is %v, %v", info.Mode(), err)
				}
			}
			close(stop)
			watcher.Wait()
			for bad := range seen {
				t.Errorf("open to others: %s", bad)
			}
			if looks < 5 || unfinished == 0 {
				t.Errorf("the watcher looked %d times and saw %d unfinished files", looks, unfinished)
			}
		})
	}
}

// TestReplacedFileBecomesPrivate: the mode is not that of the old file.
func TestReplacedFileBecomesPrivate(t *testing.T) {
	file := File{Path: filepath.Join(t.TempDir(), "keys.csv")}
	put(t, file.Path, "old")
	if err := os.Chmod(file.Path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Save(t.Context(), file, true, content("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file.Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

// TestOnlyFilesAreReplaced: pipes and devices are left alone, also behind a link.
func TestOnlyFilesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe.csv"), filepath.Join(dir, "link.csv")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink("/dev/null", link)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		pipe:        "NAME is no ordinary file, so it is not replaced: give another name",
		"/dev/null": "NAME is no ordinary file, so it is not replaced: give another name",
		link:        "NAME, a link to /dev/null, is no ordinary file, so it is not replaced: give another name",
	} {
		for _, replace := range []bool{false, true} {
			if err := Save(t.Context(), File{Path: path, Shown: "NAME"}, replace, content("x")); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", path, err, want)
			}
		}
	}
}

// TestOnlyFilesAreReplacedInTheEnd: a pipe that has taken the place of the file in the meantime is left alone too.
func TestOnlyFilesAreReplacedInTheEnd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.csv")
	put(t, path, "old")
	err := Save(t.Context(), File{Path: path, Shown: "NAME"}, true, func(io.Writer) error {
		return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600))
	})
	if err == nil || !strings.Contains(err.Error(), "is no ordinary file") {
		t.Errorf("Save returns %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Type() != fs.ModeNamedPipe {
		t.Errorf("there is %v, %v", entries, err)
	}
}

// TestLinkNew is the way of filesystems that cannot rename without replacing.
func TestLinkNew(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	put(t, from, "new")
	if err := linkNew(from, to); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"to": "new"})
	put(t, from, "newer")
	if err := linkNew(from, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	holds(t, dir, map[string]string{"from": "newer", "to": "new"})
}

var noContext = context.Background()
