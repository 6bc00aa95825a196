//go:build !unix

package pgtest

import (
	"os/exec"
	"syscall"
)

func giveAway(string) error { return nil }

func unprivileged() *syscall.SysProcAttr { return nil }

func startTied(cmd *exec.Cmd, ended chan struct{}) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	return nil
}
