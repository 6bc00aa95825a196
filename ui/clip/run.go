package clip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// command is one bounded run of another program.
type command struct {
	name    string // what is executed
	shown   string // what the error calls it
	args    []string
	stdin   string
	timeout time.Duration
}

// afterKill is how long the pipes of a killed program are waited for.
const afterKill = 500 * time.Millisecond

// run runs a program in a session of its own and returns its standard output. At the deadline the program is killed
// with all that it started. The error is one sentence: the program's own first line of complaint, or its exit status.
func run(ctx context.Context, c command) (string, error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, c.name, c.args...)
	cmd.SysProcAttr = ownSession()
	cmd.Cancel = func() error { return endSession(cmd.Process) }
	cmd.WaitDelay = afterKill
	cmd.Stdin = strings.NewReader(c.stdin)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", fmt.Errorf("%s did not answer within %s", c.shown, seconds(c.timeout))
	case errors.Is(err, exec.ErrWaitDelay):
		return out.String(), nil
	}
	if line := firstLine(complaint.String()); line != "" {
		return "", fmt.Errorf("%s failed: %s", c.shown, line)
	}
	return "", fmt.Errorf("%s failed: %w", c.shown, err)
}

// firstLine returns the first line of s for an error sentence: at most 200 characters, none of them a control.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, line)
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}
