//go:build linux || darwin

// Package e2e drives the built program at a terminal and in tmux.
package e2e

import (
	"os"
	"testing"

	"clavier/e2e/program"
)

func TestMain(m *testing.M) {
	code := m.Run()
	program.Clean()
	os.Exit(code)
}
