//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"clavier/model"
)

// checkPrivate returns model.ErrModes with the command that mends it if what stands at path is open to others or is
// not ours.
func checkPrivate(path string, info os.FileInfo, want os.FileMode) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return modesError(fmt.Sprintf("%s belongs to user %d and not to you, user %d", show(path), stat.Uid, os.Geteuid()),
			fmt.Sprintf("chown %d %s", os.Geteuid(), quote(path)))
	}
	if info.Mode().Perm()&0o077 != 0 {
		open := fmt.Sprintf("%s is open to others (mode %04o)", show(path), info.Mode().Perm())
		if info.IsDir() { // it may be one that others need, such as /tmp
			open += "; give the store a directory of its own, or keep this one to yourself"
		}
		return modesError(open,
			fmt.Sprintf("chmod %o %s", want, quote(path)))
	}
	return nil
}

// quote writes a path as one word of a POSIX shell command.
func quote(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%", r)
	}
	if strings.TrimFunc(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(model.Display(path), "'", `'\''`) + "'"
}

// syncDir makes the names in a directory durable. Some file systems cannot sync a directory and say so with EINVAL or
// ENOTSUP; their names are as durable as they get.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
