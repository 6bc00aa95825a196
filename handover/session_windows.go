package handover

import (
	"os"
	"syscall"
)

const detachedProcess = 0x8 // DETACHED_PROCESS of CreateProcess: no console

// ownSession has a command run without a console and outside of this program's process group.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}

// terminate ends the process: Windows has no way to ask.
func terminate(p *os.Process) { _ = p.Kill() }

// kill ends the process.
func kill(p *os.Process) { _ = p.Kill() }

// signalOf returns nothing: Windows has no signals.
func signalOf(*os.ProcessState) string { return "" }
