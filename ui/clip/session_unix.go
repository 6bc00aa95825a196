//go:build unix

package clip

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
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

// closeInherited closes what this process was handed open besides the three standard streams: a descriptor that some
// script opened for itself, and would wait for. What Go opens is marked close-on-exec, so the mark tells them apart.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}
