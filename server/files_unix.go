//go:build unix

package server

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"clavier/model"
)

// openToOthers are the bits of a mode with which others than the owner and its group can do something, or the group can
// change the file.
const openToOthers = 0o027

// nobodyListens reports whether an error of dialling a socket says that it is left over.
func nobodyListens(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// checkPrivate returns model.ErrModes with the command that mends it if a private key is open to others. A group may read
// it: that is how a system hands keys to its services.
func checkPrivate(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&openToOthers == 0 {
		return nil
	}
	return &openError{fmt.Sprintf("the private key %s is open to others (mode %04o); run chmod %04o on it",
		model.Display(path), info.Mode().Perm(), info.Mode().Perm()&^openToOthers)}
}
