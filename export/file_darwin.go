package export

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNew renames a file unless the new name is taken; then it returns fs.ErrExist. macOS does it in one step
// (renamex_np, 10.12); a filesystem that cannot has hard links.
func renameNew(from, to string) error {
	err := unix.RenamexNp(from, to, unix.RENAME_EXCL)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EINVAL) {
		return linkNew(from, to)
	}
	return err
}
