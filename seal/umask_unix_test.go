//go:build unix

package seal

import (
	"syscall"
	"testing"
)

// allowAllModes takes away the protection that a umask gives.
func allowAllModes() { syscall.Umask(0) }

func mkfifo(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}
