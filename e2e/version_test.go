//go:build linux || darwin

package e2e

import (
	"bytes"
	"os"
	"testing"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// TestVersionAndHelpLeaveEverythingAlone: they ask the terminal nothing, change
// none of its modes and make no file.
func TestVersionAndHelpLeaveEverythingAlone(t *testing.T) {
	for _, flag := range []string{"--version", "--help"} {
		h := program.NewHome(t)
		x := h.Start(t, term.Options{Answer: term.Never}, flag)
		if code := x.WaitExit(); code != 0 {
			t.Errorf("%s: code %d", flag, code)
		}
		if x.Screen().String() == "" || bytes.ContainsRune(x.Raw(), 0x1b) {
			t.Errorf("%s wrote %q", flag, x.Raw())
		}
		x.MustBeWhole(t)
		for _, dir := range []string{h.Data(), h.Config()} {
			if _, err := os.Stat(dir); err == nil {
				t.Errorf("%s made %s", flag, dir)
			}
		}
	}
}
