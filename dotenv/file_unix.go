//go:build unix

package dotenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lockWait is how long another program that changes a file of the same directory is waited for.
const lockWait = 5 * time.Second

var errBusy = errors.New("another program has been changing files in its directory for 5 s; try again")

// lockDir takes the advisory lock of a directory, which leaves no file behind. It goes on without where there is no such lock,
// as on some network filesystems.
func lockDir(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(lockWait); ; time.Sleep(5 * time.Millisecond) {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return func() { _ = d.Close() }, nil
		}
		if time.Now().After(end) {
			_ = d.Close()
			return nil, errBusy
		}
	}
}

// syncDir makes the names in a directory durable. Some filesystems cannot and say EINVAL.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

// keepOwner gives a new file the owner and group of the one that it replaces.
func keepOwner(f *os.File, before fs.FileInfo) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	old, ok := before.Sys().(*syscall.Stat_t)
	now, same := mine.Sys().(*syscall.Stat_t)
	if !ok || !same || old.Uid == now.Uid && old.Gid == now.Gid {
		return nil
	}
	if err := f.Chown(int(old.Uid), int(old.Gid)); err != nil {
		return fmt.Errorf("it belongs to user %d and group %d, and would not after the change", old.Uid, old.Gid)
	}
	return nil
}

func setMode(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

// sharedMode reports whether a mode lets others than the owner read.
func sharedMode(mode fs.FileMode) bool { return mode&0o044 != 0 }
