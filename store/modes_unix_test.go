//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
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

	"clavier/model"
)

// loose returns what below dir is open to others; the directory given is not looked at itself.
func loose(dir string) []string {
	var found []string
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, _ error) error {
		if path == dir || entry == nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.Mode().Perm()&0o077 != 0 { // an error: it is gone again
			found = append(found, fmt.Sprintf("%s %v", path, info.Mode()))
		}
		return nil
	})
	return found
}

// withUmask sets the process's umask for the length of the test, which therefore cannot run beside others.
func withUmask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

// Nothing is open to others at any instant, whatever the umask: a watcher looks at the files without pause while
// a store is made, used, migrated and closed.
func TestT5EverythingIsPrivateAtEveryInstant(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277, 0o777} {
		t.Run(fmt.Sprintf("umask %03o", mask), func(t *testing.T) {
			top := t.TempDir()
			withUmask(t, mask)
			stop := make(chan struct{})
			var watcher sync.WaitGroup
			seen := map[string]bool{}
			looks := 0
			watcher.Go(func() {
				for {
					for _, bad := range loose(top) {
						seen[bad] = true
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
			for round := range 5 {
				path := filepath.Join(top, fmt.Sprint(round), "missing", "clavier", "local.db")
				live(t, path)
			}
			close(stop)
			watcher.Wait()
			for bad := range seen {
				t.Errorf("open to others: %s", bad)
			}
			if looks < 5 {
				t.Errorf("the watcher looked only %d times", looks)
			}
		})
	}
}

// live uses a store from its making to its closing, and looks at the modes after every step.
func live(t *testing.T, path string) {
	t.Helper()
	look := func(step string) {
		t.Helper()
		dir, err := os.Stat(filepath.Dir(path))
		if err != nil || dir.Mode().Perm() != dirMode {
			t.Errorf("%s: the directory is %v (%v)", step, dir.Mode(), err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) == 0 {
			t.Errorf("%s: no files (%v)", step, err)
		}
		for _, entry := range entries {
			if info, err := entry.Info(); err != nil || info.Mode() != fileMode {
				t.Errorf("%s: %s is %v (%v)", step, entry.Name(), info.Mode(), err)
			}
		}
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	look("open")
	rec := put(t, s, "production", epoch)
	look("put")
	if err := s.Touch(t.Context(), rec.Key.ID, epoch); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	look("delete")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	look("close")
}

// What is open to others is refused with the very command that mends it: the command is run, then it opens.
func TestT5LooseModesAreRefusedWithTheCommand(t *testing.T) {
	tests := []struct {
		file string // below the store's directory
		mode os.FileMode
		kept bool // the store is open meanwhile, so that its log exists
	}{
		{"local.db", 0o644, false},
		{"local.db", 0o640, false},
		{"local.db", 0o602, false},
		{"", 0o755, false},
		{"", 0o710, false},
		{"local.db-wal", 0o604, true},
		{"local.db-shm", 0o660, true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %04o", test.file, test.mode), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "it's here", "local.db")
			s := open(t, path)
			put(t, s, "production", epoch)
			if !test.kept {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			loosened := filepath.Join(filepath.Dir(path), test.file)
			if err := os.Chmod(loosened, test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(t.Context(), path)
			if !errors.Is(err, model.ErrModes) {
				t.Fatalf("Open returns %v", err)
			}
			checkup, _ := Check(t.Context(), path)
			if allOK(checkup) {
				t.Errorf("Check finds nothing: %+v", checkup)
			}
			_, command, ok := strings.Cut(err.Error(), "; run: ")
			if !ok {
				t.Fatalf("no command in %q", err)
			}
			if out, err := exec.Command("/bin/sh", "-c", command).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v %s", command, err, out)
			}
			if info, _ := os.Stat(loosened); info.Mode().Perm() == test.mode {
				t.Errorf("%q left the mode as it was", command)
			}
			open(t, path)
		})
	}
}

func TestT5AnotherOwnerIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		unavailable(t, "only root can give a file away")
	}
	for _, name := range []string{"local.db", ""} {
		path := newPath(t)
		if err := open(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(filepath.Dir(path), name), 65534, 65534); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), path)
		if !errors.Is(err, model.ErrModes) || !strings.Contains(fmt.Sprint(err), "run: chown 0 "+filepath.Dir(path)) {
			t.Errorf("Open returns %v", err)
		}
	}
}

// A link is followed; what it leads to must be private.
func TestLinks(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	rec := put(t, s, "production", epoch)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	through := open(t, link)
	holds(t, through, rec)
	if target, _ := filepath.EvalSymlinks(path); through.Path() != target {
		t.Errorf("the path is %s", through.Path())
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), link); !errors.Is(err, model.ErrModes) {
		t.Errorf("a link to a file that is open to others: %v", err)
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere.db")
	if err := os.Symlink(filepath.Join(t.TempDir(), "absent"), nowhere); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), nowhere); !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("a link to nothing: %v", err)
	}
}

// unavailable skips a test for want of something; where everything must be there, it fails.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// asNobody runs a role as a user without privileges, with the given limit on the size of files (0: none), and returns
// its reports.
func asNobody(t *testing.T, role, path string, blocks int) []report {
	t.Helper()
	if os.Geteuid() == 0 {
		nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
		return limited(t, role, path, blocks, nobody)
	}
	return limited(t, role, path, blocks, nil)
}

func init() { ignoreFileLimit = func() { signal.Ignore(syscall.SIGXFSZ) } }

func limited(t *testing.T, role, path string, blocks int, who *syscall.Credential) []report {
	t.Helper()
	binary := filepath.Join(filepath.Dir(filepath.Dir(path)), "program")
	if err := os.Link(os.Args[0], binary); err != nil && !errors.Is(err, fs.ErrExist) {
		unavailable(t, fmt.Sprintf("the test binary cannot be put where others can run it: %v", err))
	}
	script := `exec "$0"`
	if blocks > 0 {
		script = fmt.Sprintf(`ulimit -f %d; exec "$0"`, blocks)
	}
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", script, binary)
	cmd.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_PATH="+path, "STORE_TEST_OPERATIONS=60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		unavailable(t, fmt.Sprintf("cannot start a program without privileges: %v", err))
	}
	reports := readAll(t, out)
	_ = cmd.Wait() // it ends with 1 when it is refused, which its report says
	return reports
}
