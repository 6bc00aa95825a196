//go:build linux || darwin

// Package e2e drives the built program at a terminal and in tmux.
package e2e

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"clavier/e2e/program"
)

// atOnce is how many tests run beside each other, however few processors there are: most of the time a test waits.
const atOnce = 6

func TestMain(m *testing.M) {
	flag.Parse()
	if set, err := strconv.Atoi(flag.Lookup("test.parallel").Value.String()); err == nil && set < atOnce && set > 1 {
		_ = flag.Set("test.parallel", strconv.Itoa(atOnce))
	}
	code := m.Run()
	program.Clean()
	cleanTemplates()
	os.Exit(code)
}
