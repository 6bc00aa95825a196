package clip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// Pending is a clearing that a process of its own will do.
type Pending struct {
	// PID is of the process that waits.
	PID int
	// Text is for the status: "clears in 45 s".
	Text string
}

// order is what the waiting process is told on its standard input.
type order struct {
	After time.Duration `json:"after"` // in nanoseconds
	Hold  hold          `json:"hold"`
}

// Later has the secret of the last Copy cleared after a while by a process of its own, so that this program can end now.
// It is for the one-shot command; the screen clears by itself. It returns a zero Pending if nothing was copied.
//
// The process leads its own session, holds none of our files open (a script that captures our output does not wait for
// it), knows only the SHA-256 of the secret, and clears at once when it is told to end (SIGTERM, SIGHUP, SIGINT).
//
// For Screen and OSC52 it has no terminal. It remembers the name of ours and opens that for one write when the time has
// come, if it is still the same terminal: one that was closed meanwhile cannot be reached, and whatever its clipboard
// holds stays. Where the terminal has no such name, on Windows for one, Later is an error that says so. A second copy
// to the same terminal within the time is overwritten together with the first.
func (c *Clipboard) Later(after time.Duration) (Pending, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return Pending{}, nil
	}
	o := order{After: after, Hold: *c.held}
	text := "clears in " + seconds(after)
	if o.Hold.Way == Screen || o.Hold.Way == OSC52 {
		name, err := nameTerminal(c.Terminal)
		if err != nil {
			return Pending{}, fmt.Errorf("the clipboard will not be cleared: %w", err)
		}
		o.Hold.Terminal = &name
		text += " if this terminal stays open, unconfirmed"
	}
	pid, err := startLater(c.Program, o)
	if err != nil {
		return Pending{}, fmt.Errorf("the clipboard will not be cleared: %w", err)
	}
	c.held = nil
	return Pending{PID: pid, Text: text}, nil
}

// startLater starts the waiting process and returns when it has understood its order.
func startLater(program string, o order) (int, error) {
	path, err := self(program)
	if err != nil {
		return 0, err
	}
	told, err := json.Marshal(o)
	if err != nil {
		return 0, err
	}
	answers, theirs, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer func() { _ = answers.Close() }()
	cmd := exec.CommandContext(context.Background(), path, HelperCommand, opLater)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(told), theirs
	cmd.SysProcAttr = ownSession()
	if runtime.GOOS != "windows" {
		cmd.Dir = "/"
	}
	if err = cmd.Start(); err != nil {
		_ = theirs.Close()
		return 0, err
	}
	_ = theirs.Close()
	// Wait also feeds standard input. If this program ends first, the process is init's.
	go func() { _ = cmd.Wait() }()
	watchdog := time.AfterFunc(o.Hold.Timeout, func() { _ = endSession(cmd.Process); _ = answers.Close() })
	defer watchdog.Stop()
	if answer, _ := io.ReadAll(answers); string(answer) != answerReady {
		return 0, errors.New("the process that should clear it did not start")
	}
	return cmd.Process.Pid, nil
}

// RunLater is the process that Later starts: it reads its order, answers on stdout and closes it, waits, and clears.
func RunLater(stdin io.Reader, stdout io.Writer) error {
	var o order
	if err := json.NewDecoder(stdin).Decode(&o); err != nil {
		return fmt.Errorf("no order to clear the clipboard: %w", err)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(ended)
	if _, err := io.WriteString(stdout, answerReady); err != nil {
		return err
	}
	if c, ok := stdout.(io.Closer); ok {
		_ = c.Close()
	}
	timer := time.NewTimer(o.After)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	}
	terminal, err := o.Hold.openTerminal()
	if err != nil {
		return err
	}
	defer func() { _ = terminal.Close() }()
	_, err = clearHold(context.Background(), o.Hold, helper{timeout: o.Hold.Timeout}, terminal)
	return err
}

func (h hold) openTerminal() (io.WriteCloser, error) {
	if h.Terminal == nil {
		return nopTerminal{io.Discard}, nil
	}
	return h.Terminal.open()
}

type nopTerminal struct{ io.Writer }

func (nopTerminal) Close() error { return nil }
