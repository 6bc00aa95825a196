package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"clavier/model"
)

// browserWait is how long a program that opens browsers has to say that it cannot. One that goes on longer is left alone: it
// may be the browser.
const browserWait = 2 * time.Second

// openBrowser opens an https address in a browser beside this terminal. Over SSH, and where there is no desktop, it says so:
// a browser would open on another machine, or take this terminal.
func openBrowser(address string) error {
	if err := model.CheckConsole(address); err != nil {
		return err
	}
	if os.Getenv("SSH_CONNECTION") != "" || os.Getenv("SSH_TTY") != "" {
		return errors.New("over SSH a browser would open on the other machine: open this address where you sit")
	}
	name, args, err := browserCommand(address)
	if err != nil {
		return err
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("no browser can be opened from here, because there is no %s: open this address yourself", name)
	}
	cmd := exec.CommandContext(context.Background(), path, args...)
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s cannot be started: open this address yourself", name)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s could not open a browser: open this address yourself", name)
		}
	case <-time.After(browserWait):
	}
	return nil
}
