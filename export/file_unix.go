//go:build unix

package export

import (
	"errors"
	"os"
	"syscall"
)

// linkNew renames a file unless the new name is taken; then it returns fs.ErrExist. A hard link never replaces.
func linkNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	_ = os.Remove(from) // the file has its name; that it has two harms nobody
	return nil
}

// syncDir makes the names in a directory durable. Some filesystems cannot sync a directory and say so with EINVAL or
// ENOTSUP, and a directory may be written without being read; the names are as durable as they get.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		if os.IsPermission(err) {
			return nil
		}
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
