//go:build unix

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"clavier/model"
)

// lockWait is how long another program that begins or ends at the same socket is waited for.
const lockWait = 5 * time.Second

// lockOf is the file that is the lock of a socket.
func lockOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
}

// lockSocket takes the lock of a socket, under which it is looked at and then put in its place or removed. Only who owns the
// lock's file can open it, so that nobody else can hold up a service. The file goes when the lock does; one that was left by a
// program that was killed is used again.
func lockSocket(ctx context.Context, path string) (unlock func(), err error) {
	name := lockOf(path)
	for end := time.Now().Add(lockWait); ; {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
		if _, there := os.Lstat(name); err != nil && there == nil {
			return nil, fmt.Errorf("its lock cannot be taken, for something stands at %s (%w); remove it, or choose another path",
				model.Display(name), below(err))
		}
		if err != nil {
			return nil, fmt.Errorf("its lock %s cannot be taken: %w", model.Display(name), below(err))
		}
		locked, err := lockFile(f, name)
		if locked && err == nil {
			return func() {
				_ = os.Remove(name) // before anybody else can have the lock
				_ = f.Close()
			}, nil
		}
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("another program has been starting or ending there for %v; try again", lockWait)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// lockFile reports whether the lock of a file is ours now, and the file still has its name: who had the lock before may have
// removed it. Where there is no such lock, as on some network filesystems, it goes on without.
func lockFile(f *os.File, name string) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return false, nil
	}
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("its lock %s cannot be taken: %w", model.Display(name), below(err))
	}
	if info.Mode().Type() != 0 || info.Size() != 0 {
		return false, fmt.Errorf("something else than its lock stands at %s; remove it, or choose another path",
			model.Display(name))
	}
	named, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("its lock %s cannot be taken: %w", model.Display(name), below(err))
	}
	return os.SameFile(info, named), nil
}
