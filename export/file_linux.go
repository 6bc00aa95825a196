package export

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNew renames a file unless the new name is taken; then it returns fs.ErrExist. Linux does it in one step
// (renameat2, 3.15); a filesystem that cannot, such as NFS, has hard links.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return linkNew(from, to)
	}
	return err
}
