//go:build unix

package cli

import (
	"errors"
	"syscall"
)

// become puts the program in the place of this one. It returns only if that cannot be done. All files of ours are closed by it.
func (a *app) become(program string, command, environ []string) error {
	err := syscall.Exec(program, command, environ)
	if errors.Is(err, syscall.ENOEXEC) { // a script without #!, which shells and execvp(3) have sh read
		err = syscall.Exec("/bin/sh", append([]string{"sh", program}, command[1:]...), environ)
	}
	if errors.Is(err, syscall.E2BIG) {
		err = errors.New("its arguments and its environment are too large together")
	}
	return cannotExecute(command[0], err)
}
