//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// servant is who runs PostgreSQL where the tests are run by root, for whom it does not run.
var servant = sync.OnceValue(func() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
})

// giveAway gives a directory to whoever runs PostgreSQL.
func giveAway(dir string) error {
	if who := servant(); who != nil {
		return os.Chown(dir, int(who.Uid), int(who.Gid))
	}
	return nil
}

// unprivileged lets a command run as somebody else where the tests are run by root.
func unprivileged() *syscall.SysProcAttr { return &syscall.SysProcAttr{Credential: servant()} }

// startTied starts a command that ends, where the system can do that, with this process, however that ends. Ended is closed
// when the command has.
func startTied(cmd *exec.Cmd, ended chan struct{}) error {
	tie(cmd.SysProcAttr)
	cmd.SysProcAttr.Setpgid = true // ctrl+c at a terminal is for the tests, which stop it then
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the tie is to the thread
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(ended)
		}
	}()
	return <-started
}
