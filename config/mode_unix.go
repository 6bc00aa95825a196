//go:build unix

package config

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"clavier/model"
)

// checkMode returns model.ErrModes, with the command that mends it, if others can change the settings file: by its mode,
// or because it is neither ours nor the administrator's.
func checkMode(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o022 != 0 {
		return &modeError{fmt.Sprintf("%s has mode %04o and can be changed by others: run chmod go-w %s",
			shown(path), info.Mode().Perm(), shellQuote(path))}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if me := os.Geteuid(); ok && int(stat.Uid) != me && stat.Uid != 0 {
		return &modeError{fmt.Sprintf("%s belongs to user %d, not to you (%d): run sudo chown %d %s",
			shown(path), stat.Uid, me, me, shellQuote(path))}
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
	if path != "" && strings.TrimFunc(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(shown(path), "'", `'\''`) + "'"
}
