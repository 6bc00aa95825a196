//go:build unix

package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"clavier/model"
)

// checkPrivateFile returns model.ErrModes, with the command that mends it, if anybody but its owner has rights on the
// file, or the owner is not who runs this program.
func checkPrivateFile(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&^0o600 != 0 {
		return sentence(model.ErrModes, "%s has mode %04o and is not private: run chmod 600 %s",
			shown(path), info.Mode().Perm(), shellQuote(path))
	}
	return checkOwner(path, info)
}

// checkPublicFile does the same for a file that others may read but not change.
func checkPublicFile(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o022 != 0 {
		return sentence(model.ErrModes, "%s has mode %04o and can be changed by others: run chmod go-w %s",
			shown(path), info.Mode().Perm(), shellQuote(path))
	}
	return checkOwner(path, info)
}

// checkPrivateDir does the same for a directory.
func checkPrivateDir(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the directory of the identity: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", shown(path))
	}
	if info.Mode().Perm()&^0o700 != 0 {
		return sentence(model.ErrModes, "%s has mode %04o and is not private: run chmod 700 %s",
			shown(path), info.Mode().Perm(), shellQuote(path))
	}
	return checkOwner(path, info)
}

func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if me := os.Geteuid(); ok && int(stat.Uid) != me {
		return sentence(model.ErrModes, "%s belongs to user %d, not to you (%d): run sudo chown %d %s",
			shown(path), stat.Uid, me, me, shellQuote(path))
	}
	return nil
}

// syncDir makes the names in a directory durable. Some filesystems cannot and say EINVAL.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", shown(dir), err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return fmt.Errorf("sync %s: %w", shown(dir), err)
	}
	return nil
}
