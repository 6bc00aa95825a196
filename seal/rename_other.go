//go:build !linux

package seal

import "errors"

// renameNew is not needed where all filesystems in use have hard links.
func renameNew(string, string) error { return errors.ErrUnsupported }
