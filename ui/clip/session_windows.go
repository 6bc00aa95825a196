package clip

import (
	"os"
	"syscall"
)

// detachedProcess gives a program no console (DETACHED_PROCESS of CreateProcess).
const detachedProcess = 0x00000008

// ownSession starts a program without our console and in a process group of its own.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess, HideWindow: true}
}

func endSession(p *os.Process) error { return p.Kill() }

func endOwnSession() { os.Exit(1) }

// closeInherited has nothing to do: on Windows, Go hands a child only what it is told to.
func closeInherited() {}
