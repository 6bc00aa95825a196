// Package clip puts a secret on the clipboard that the person at the terminal pastes from, and takes it off again.
//
// Choose picks the way and can explain it; a Clipboard then copies and clears, and tells what it knows of the outcome.
// The secret travels through pipes and the terminal only: never in an argument, an environment or a file. After a copy,
// only its SHA-256 is kept.
//
// Native tools run in a helper process (RunHelper), because github.com/atotto/clipboard can neither be given a deadline
// nor be told to start its tool apart from our terminal. The helper leads a session of its own: a tool that stays behind
// to own the selection (xclip, xsel, wl-copy) is not hit by ctrl+c or by the hangup of our terminal, and a tool that
// hangs is killed together with its helper.
//
// Limits: clipboard managers keep a history that nobody can clear from here; and between reading the clipboard and
// clearing it, a copy that the user makes in the same few milliseconds is lost.
package clip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// DefaultTimeout bounds each program that is run, and each write to the terminal.
const DefaultTimeout = 2 * time.Second

// MaxSecret is the length in bytes of the longest secret that Copy takes. It keeps every way, GNU screen's included,
// far inside what it was proven to carry.
const MaxSecret = 4096

// ErrNone is in the chain of the error of Copy when no way is available or the clipboard is switched off.
var ErrNone = errors.New("nothing was copied")

// Clipboard copies by one Choice. Its methods may be called from several goroutines; they take turns. They run programs
// and wait, so a Bubble Tea program calls them in commands only.
type Clipboard struct {
	// Choice is how to copy; see Choose.
	Choice Choice
	// Terminal takes the escape sequences, each in one Write. It may be nil: then only Native and Tmux work.
	// Its Write must be safe beside whatever else writes to that terminal.
	Terminal io.Writer
	// Timeout bounds each step; 0 means DefaultTimeout.
	Timeout time.Duration
	// Program is the executable that answers HelperCommand with RunHelper; "" means this one.
	Program string

	mu   sync.Mutex
	held *hold
}

// New returns a Clipboard that copies by choice and writes escape sequences to terminal, which may be nil.
func New(choice Choice, terminal io.Writer) *Clipboard {
	return &Clipboard{Choice: choice, Terminal: terminal}
}

// Receipt is what is known after a copy.
type Receipt struct {
	// Way is the way taken, which may be a fallback; it is "" when the secret was empty and nothing was done.
	Way Way
	// Confirmed tells that the clipboard was read back and holds the secret. Only Native can be read back.
	Confirmed bool
	// Text is for the status line: "native (xclip)", "terminal (OSC 52), unconfirmed".
	Text string
	// Note is one sentence about what else a person should know, or "": why a fallback was taken, what is missing.
	Note string
}

// hold is what must be known to clear a copy: no secret, so that it may travel to the process of Later.
type hold struct {
	Way      Way           `json:"way"`
	Hash     string        `json:"sha256"` // of the secret, in hex
	Tool     string        `json:"tool"`
	Wrapped  wrapping      `json:"wrapped"`
	Client   string        `json:"client"`   // the tmux client whose terminal got it, "" if none did
	Timeout  time.Duration `json:"timeout"`  // of each step, in nanoseconds
	Terminal *ttyName      `json:"terminal"` // set by Later, for what is cleared through the terminal
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Copy puts secret on the clipboard. An empty secret is a no-op with a zero Way. With the setting auto, a way that fails
// is followed by the next one that this machine has, and Note says so; any other setting is obeyed or fails.
//
// The error is one sentence that names the tool and never the secret. It wraps ErrNone when there is no way at all.
func (c *Clipboard) Copy(ctx context.Context, secret string) (Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case secret == "":
		return Receipt{Text: "nothing to copy"}, nil
	case c.Choice.Way == None || c.Choice.Way == "":
		return Receipt{Way: None}, fmt.Errorf("%w: %s", ErrNone,
			strings.TrimSuffix(strings.TrimPrefix(c.Choice.Reason, nothingHere), "."))
	case len(secret) > MaxSecret:
		return Receipt{}, fmt.Errorf("the secret is longer than %d bytes and was not copied", MaxSecret)
	}
	// Where an earlier copy is, or a failed one may be: cleared once the new one is somewhere else.
	var stale []hold
	if c.held != nil {
		stale = append(stale, *c.held)
	}
	var failed []string
	for _, way := range append([]Way{c.Choice.Way}, c.Choice.Fallbacks...) {
		receipt, h, err := c.copyBy(ctx, way, secret)
		if h != nil {
			c.held = h
		}
		if err != nil {
			failed = append(failed, err.Error())
			if h != nil {
				stale = append(stale, *h)
			}
			if ctx.Err() != nil {
				break
			}
			continue
		}
		for _, old := range stale {
			if old.Way != way {
				_, _ = c.clear(ctx, old)
			}
		}
		receipt.Note = strings.Join(append(failed, nonEmpty(receipt.Note)...), "; ")
		return receipt, nil
	}
	return Receipt{}, errors.New("not copied: " + strings.Join(failed, "; "))
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// copyBy returns a hold whenever the secret may have reached a clipboard, also beside an error.
func (c *Clipboard) copyBy(ctx context.Context, way Way, secret string) (Receipt, *hold, error) {
	h := &hold{Way: way, Hash: hashOf(secret), Tool: c.Choice.tool, Wrapped: c.Choice.wrapped, Timeout: c.timeout()}
	r := Receipt{Way: way, Text: label(way, c.Choice.tool)}
	switch way {
	case Native:
		if err := c.helper().write(ctx, h.Tool, secret); err != nil {
			return Receipt{}, nil, err
		}
		same, err := c.helper().holds(ctx, h.Tool, h.Hash)
		r.Confirmed = same && err == nil
		switch {
		case err != nil:
			r.Text, r.Note = r.Text+", unconfirmed", err.Error()
		case !same:
			return Receipt{}, h, fmt.Errorf("%s took the secret, but the clipboard does not hold it", h.Tool)
		}
		return r, h, nil
	case Tmux:
		return c.copyTmux(ctx, r, h, secret)
	default:
		r.Text += ", unconfirmed"
		err := writeTerminal(ctx, c.Terminal, sequence(secret, h.Wrapped), h.Timeout)
		if errors.Is(err, errNoTerminal) {
			return Receipt{}, nil, err
		}
		return r, h, err
	}
}

func (c *Clipboard) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return DefaultTimeout
}

func (c *Clipboard) helper() helper {
	return helper{program: c.Program, timeout: c.timeout()}
}

func seconds(d time.Duration) string {
	return fmt.Sprintf("%g s", d.Seconds())
}
