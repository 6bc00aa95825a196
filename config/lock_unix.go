//go:build unix

package config

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// LockDir takes the advisory lock of a directory of clavier's own, which leaves no file behind. It waits for 5 s at most, and returns
// an error then. It goes on without where there is no such lock, as on some network filesystems: two programs would have to change
// a file there within the same millisecond.
func LockDir(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("lock a directory: %w", err)
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		held := errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR)
		if !held {
			return func() { _ = d.Close() }, nil
		}
		if time.Now().After(end) {
			_ = d.Close()
			return nil, fmt.Errorf("another program has been changing files in %s for 5 s: try again", shown(dir))
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
