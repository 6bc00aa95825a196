//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// removeOnQuit has a directory removed before SIGQUIT ends the program with a trace of its goroutines, which the screen
// does not catch. It returns what ends that.
func removeOnQuit(dir string) (stop func()) {
	quit, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		select {
		case <-quit:
			_ = os.RemoveAll(dir)
			signal.Reset(syscall.SIGQUIT)
			_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(quit)
		close(done)
	}
}
