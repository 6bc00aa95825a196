//go:build unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// browserCommand returns the program that opens an address, or says why there is none.
func browserCommand(address string) (name string, args []string, err error) {
	if runtime.GOOS == "darwin" {
		return "open", []string{address}, nil
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return "", nil, errors.New("there is no desktop here that has a browser: open this address where you sit")
	}
	return "xdg-open", []string{address}, nil
}

// apart keeps a program from this terminal, and from the signals that its keys send.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
