//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// endings are the signals that end the program while it waits for an answer.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// openConsole opens the controlling terminal.
func openConsole() (in, out *os.File, err error) {
	file, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return file, file, err
}

// surviveBrokenPipe turns the signal that ends a program whose reader has gone into an error of the write. Programs
// that are started keep the usual behaviour.
func surviveBrokenPipe() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// endBy ends the program by a signal that nobody heeds any more.
func endBy(sig os.Signal) {
	if number, ok := sig.(syscall.Signal); ok {
		_ = syscall.Kill(os.Getpid(), number)
	}
}
