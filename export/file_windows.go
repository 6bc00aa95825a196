package export

import "golang.org/x/sys/windows"

// renameNew renames a file unless the new name is taken; then it returns fs.ErrExist: MoveFileEx without
// MOVEFILE_REPLACE_EXISTING.
func renameNew(from, to string) error {
	old, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(old, name, windows.MOVEFILE_WRITE_THROUGH)
}

// syncDir has nothing to do: Windows keeps names durable by its own journal and does not sync directories.
func syncDir(string) error { return nil }
