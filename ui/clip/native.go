package clip

import (
	"context"
	"os"
	"runtime"
	"time"
)

// helper runs our own program as HelperCommand, which does one thing to the native clipboard.
type helper struct {
	program string
	timeout time.Duration
}

// slowRead is for reading under WSL, where powershell.exe takes seconds to start.
const slowRead = 10 * time.Second

func (h helper) run(ctx context.Context, tool, op, stdin string) (string, error) {
	program, err := self(h.program)
	if err != nil {
		return "", err
	}
	limit := h.timeout
	if tool == "clip.exe" && op != opWrite {
		limit = max(limit, slowRead)
	}
	return run(ctx, command{name: program, shown: tool, args: []string{HelperCommand, op}, stdin: stdin, timeout: limit})
}

func (h helper) write(ctx context.Context, tool, secret string) error {
	_, err := h.run(ctx, tool, opWrite, secret)
	return err
}

// holds reads the clipboard back. The helper that wrote it has ended, but the tool that owns the selection lives on in
// that helper's session; this is another one, so ending it at its deadline does not take the copy away.
func (h helper) holds(ctx context.Context, tool, hash string) (bool, error) {
	out, err := h.run(ctx, tool, opHolds, hash)
	return out == answerSame, err
}

func (h helper) clear(ctx context.Context, tool, hash string) (Outcome, error) {
	out, err := h.run(ctx, tool, opClear, hash)
	if err == nil && out == answerOther {
		return Changed, nil
	}
	return Gone, err
}

// self is the path of this program. On Linux a program that was replaced or removed since it started can still be
// run through /proc.
func self(program string) (string, error) {
	if program != "" {
		return program, nil
	}
	path, err := os.Executable()
	if err == nil {
		if _, err = os.Stat(path); err == nil {
			return path, nil
		}
	}
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return "", err
}
