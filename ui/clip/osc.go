package clip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aymanbagabas/go-osc52/v2"
)

// wrapping is the form in which OSC 52 goes to the terminal.
type wrapping int

const (
	plain wrapping = iota
	// inScreen is inside GNU screen: DCS strings of at most 76 characters of payload, which it passes on as they are.
	// Its limit is 768 bytes a string (MAXSTR).
	inScreen
	// plainAndTmux is for a tmux that we cannot talk to (at the near end of an SSH connection, or older than 3.2).
	// It takes the plain form with `set-clipboard on`, and the wrapped one with `allow-passthrough on` or before 3.3.
	plainAndTmux
	// plainAndScreen is for TERM=screen* without STY: GNU screen at the near end of an SSH connection takes the DCS
	// strings and drops the plain form; a tmux with its old default TERM does the opposite.
	plainAndScreen
)

// blank is what a clipboard that cannot be emptied is overwritten with. Of the ways to clear by OSC 52, only a copy of
// something else works wherever the copy did: an empty payload is ignored by tmux and by ghostty before 1.2, and a
// payload that is not base64 (xterm's documented form) is dropped by tmux and alacritty. Windows Terminal and foot take
// either only while their window has the focus.
const blank = " "

// sequence is OSC 52 for text, to be sent in one write. It never holds the read request.
func sequence(text string, w wrapping) string {
	s := osc52.New(text)
	switch w {
	case inScreen:
		return s.Screen().String()
	case plainAndTmux:
		return s.String() + s.Tmux().String()
	case plainAndScreen:
		return s.String() + s.Screen().String()
	case plain:
	}
	return s.String()
}

var errNoTerminal = errors.New("there is no terminal to write to")

// writeTerminal writes one sequence in one Write, and gives up waiting when ctx ends or limit has passed: a terminal
// stopped with ctrl+s would hold us. The write then still happens if the terminal goes on, so the caller must count
// the secret as copied.
func writeTerminal(ctx context.Context, terminal io.Writer, seq string, limit time.Duration) error {
	if terminal == nil {
		return errNoTerminal
	}
	done := make(chan error, 1)
	go func() {
		n, err := terminal.Write([]byte(seq))
		if err == nil && n < len(seq) {
			err = io.ErrShortWrite
		}
		done <- err
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("the terminal could not be written to: %w", err)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("the terminal took no output within %s", seconds(limit))
	case <-ctx.Done():
		return ctx.Err()
	}
}
