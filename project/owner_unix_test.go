//go:build unix

package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"clavier/model"
)

// TestFilesThatOthersCanChange are refused with the very command that mends it: the command is run, then they are read.
func TestFilesThatOthersCanChange(t *testing.T) {
	for _, mode := range []fs.FileMode{0o666, 0o602, 0o660, 0o622} {
		path := write(t, filepath.Join(place(t), "it's here"), "[env]\nA = \"x\"\n")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if !errors.Is(err, model.ErrModes) {
			t.Fatalf("mode %04o: Read returns %v", mode, err)
		}
		_, command, ok := strings.Cut(err.Error(), ": run ")
		if !ok || !strings.HasPrefix(command, "chmod go-w ") {
			t.Fatalf("no command in %q", err)
		}
		if out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", command, err, out)
		}
		if _, err := Read(path); err != nil {
			t.Error(err)
		}
	}
	path := write(t, place(t), "")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err != nil {
		t.Errorf("a file that others can read: %v", err)
	}
}

func TestFilesOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
			t.Fatal("only root can give a file away")
		}
		t.Skip("only root can give a file away")
	}
	path := write(t, place(t), "")
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, model.ErrModes) || fmt.Sprint(err) != path+" belongs to user 65534, not to you (0): run sudo chown 0 "+path {
		t.Errorf("it says %v", err)
	}
}

func TestPipe(t *testing.T) {
	path := filepath.Join(place(t), FileName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); fmt.Sprint(err) != path+" is not a regular file" {
		t.Errorf("it says %v", err)
	}
}

// TestAllowancesArePrivate whatever the umask, and are not believed if others can change them.
func TestAllowancesArePrivate(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277} {
		allowances := Allowances{Dir: filepath.Join(place(t), "allowed")}
		f, err := Read(write(t, place(t), "[env]\nA = \"x\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if mask == 0o277 { // a directory cannot be used without w: it is there
			if err := os.Mkdir(allowances.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		old := syscall.Umask(mask)
		err = allowances.Allow(f)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]fs.FileMode{allowances.Dir: 0o700, allowances.mark(f): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want&^fs.FileMode(mask) && info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s is %v, %v", mask, path, info.Mode(), err)
			}
			if err := allowances.Check(f); err != nil {
				t.Error(err)
			}
			info, _ := os.Stat(path)
			if err := os.Chmod(path, info.Mode().Perm()|0o020); err != nil {
				t.Fatal(err)
			}
			if err := allowances.Check(f); !errors.Is(err, model.ErrModes) {
				t.Errorf("%s can be changed by others: %v", path, err)
			}
			if err := os.Chmod(path, info.Mode().Perm()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
