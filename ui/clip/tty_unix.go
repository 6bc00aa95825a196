//go:build unix

package clip

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ttyName names a terminal so that it can be opened later, if it is still the same one. The kernel gives the name of a
// closed pseudo-terminal to the next; its inode then has another change time, which output does not touch.
type ttyName struct {
	Path   string `json:"path"`
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	Born   int64  `json:"born"` // change time of the inode in nanoseconds
}

// nameTerminal names the terminal that w writes to, or else the one on a standard stream.
func nameTerminal(w io.Writer) (ttyName, error) {
	var fds []uintptr
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		fds = append(fds, f.Fd())
	}
	fds = append(fds, 0, 1, 2)
	for _, fd := range fds {
		var st unix.Stat_t
		if unix.Fstat(int(fd), &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR {
			continue
		}
		if name, ok := findTerminal(ttyOf("", &st).Device); ok {
			return name, nil
		}
	}
	return ttyName{}, errors.New("its terminal has no name that could be opened again")
}

// findTerminal looks the device up where terminals are. /dev/tty is left out: it is another one for every process.
func findTerminal(device uint64) (ttyName, bool) {
	for _, pattern := range []string{"/dev/pts/[0-9]*", "/dev/tty?*"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			if name, err := statTerminal(path); err == nil && name.Device == device {
				return name, true
			}
		}
	}
	return ttyName{}, false
}

func statTerminal(path string) (ttyName, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return ttyName{}, err
	}
	return ttyOf(path, &st), nil
}

func ttyOf(path string, st *unix.Stat_t) ttyName {
	//nolint:unconvert // the widths of these fields differ between systems
	return ttyName{Path: path, Device: uint64(st.Rdev), Inode: uint64(st.Ino), Born: int64(st.Ctim.Sec)*1e9 + int64(st.Ctim.Nsec)}
}

// open opens the terminal for writing without making it ours, after making sure that it is the same one.
func (t ttyName) open() (io.WriteCloser, error) {
	if !strings.HasPrefix(t.Path, "/dev/") {
		return nil, fmt.Errorf("%q is no terminal", t.Path)
	}
	f, err := os.OpenFile(t.Path, os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil || ttyOf(t.Path, &st) != t {
		_ = f.Close()
		return nil, errors.New("the terminal " + t.Path + " is not the same any more")
	}
	return f, nil
}
