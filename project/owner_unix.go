//go:build unix

package project

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"clavier/model"
)

// checkOwner returns model.ErrModes, with the command that mends it, if others can change a file or directory: by its mode, or
// because it is neither ours nor the administrator's.
func checkOwner(path string, info fs.FileInfo) error {
	shown := model.Display(path)
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return &modeError{fmt.Sprintf("%s has mode %04o and can be changed by others: run chmod go-w %s", shown, mode, shellQuote(path))}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if me := os.Geteuid(); ok && int(stat.Uid) != me && stat.Uid != 0 {
		return &modeError{fmt.Sprintf("%s belongs to user %d, not to you (%d): run sudo chown %d %s", shown, stat.Uid, me, me, shellQuote(path))}
	}
	return nil
}

// modeError reads as its sentence alone.
type modeError struct{ text string }

func (e *modeError) Error() string { return e.text }
func (e *modeError) Unwrap() error { return model.ErrModes }

// shellQuote returns path as one word of a POSIX shell.
func shellQuote(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@%", r)
	}
	if strings.TrimFunc(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(model.Display(path), "'", `'\''`) + "'"
}
