//go:build unix

package clip

import (
	"os"
	"syscall"
)

// ownSession starts a program as the leader of a new session: no controlling terminal, a process group of its own.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}

// endSession kills a program started with ownSession together with its process group.
func endSession(p *os.Process) error {
	return syscall.Kill(-p.Pid, syscall.SIGKILL)
}

// endOwnSession kills this process and its group, if it leads one.
func endOwnSession() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(1)
}
