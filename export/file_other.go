//go:build unix && !linux && !darwin

package export

// renameNew renames a file unless the new name is taken; then it returns fs.ErrExist.
func renameNew(from, to string) error { return linkNew(from, to) }
