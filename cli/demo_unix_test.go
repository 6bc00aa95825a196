//go:build unix

package cli

import (
	"os"
	"syscall"
	"testing"
)

// TestSignalsDoNotKillTheDemo: between the filling and the screen, and while the directory is being removed, a signal is
// held back. If it were not, it would end this test.
func TestSignalsDoNotKillTheDemo(t *testing.T) {
	for _, signal := range endings {
		if signal == syscall.SIGQUIT {
			continue // it ends the program, after the removal
		}
		was := ""
		temporary(t)
		err := inThrowaway(func(dir string, signals <-chan os.Signal) error {
			was = dir
			if err := syscall.Kill(os.Getpid(), signal.(syscall.Signal)); err != nil {
				return err
			}
			if got := <-signals; got != signal {
				t.Errorf("%v arrives as %v", signal, got)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(was); err == nil {
			t.Errorf("%s is still there", was)
		}
	}
}
