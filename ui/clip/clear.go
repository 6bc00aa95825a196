package clip

import (
	"context"
	"io"
)

// Outcome is what became of a copied secret.
type Outcome string

// The outcomes of Clear.
const (
	// Nothing was there to clear: nothing was copied, or it was cleared before.
	Nothing Outcome = "nothing"
	// Gone: the clipboard was cleared, read again, and does not hold the secret.
	Gone Outcome = "gone"
	// Asked: the terminal was asked to overwrite it. Nobody can see from here whether it did.
	Asked Outcome = "asked"
	// Changed: the clipboard holds something else by now, which was left alone.
	Changed Outcome = "changed"
	// Left: it could not be cleared, at least not everywhere. The error of Clear says why.
	Left Outcome = "left"
)

// Cleared is what is known after Clear.
type Cleared struct {
	Way     Way
	Outcome Outcome
	// Text is for the status line: "clipboard cleared", "terminal asked to clear, unconfirmed".
	Text string
}

// Clear takes the secret of the last Copy off the clipboard, if it is still there as far as that can be read:
//
//   - Native: read, compared, emptied, read again. What the user copied since is left alone.
//   - Tmux: the buffer `clavier` is deleted if it still holds the secret. The terminal outside is asked to overwrite it,
//     unless tmux has a newer buffer: then the user copied something later, and that went to the same clipboard.
//   - Screen and OSC52: the terminal is asked to overwrite it with a blank. Its clipboard is never read (that would
//     send the user's clipboard to this machine), so something copied there later is overwritten too.
//
// A failed Clear keeps what it knows, so it can be tried again. The caller must drop the timers of earlier copies:
// Clear always means the last one.
func (c *Clipboard) Clear(ctx context.Context) (Cleared, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return Cleared{Outcome: Nothing, Text: "nothing to clear"}, nil
	}
	cleared, err := c.clear(ctx, *c.held)
	if err == nil {
		c.held = nil
	}
	return cleared, err
}

// Holding reports whether a copied secret has not been cleared yet.
func (c *Clipboard) Holding() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held != nil
}

func (c *Clipboard) clear(ctx context.Context, h hold) (Cleared, error) {
	return clearHold(ctx, h, c.helper(), c.Terminal)
}

func clearHold(ctx context.Context, h hold, native helper, terminal io.Writer) (Cleared, error) {
	var outcome Outcome
	var err error
	switch h.Way {
	case Native:
		outcome, err = native.clear(ctx, h.Tool, h.Hash)
	case Tmux:
		outcome, err = clearTmux(ctx, h)
	default:
		outcome, err = Asked, writeTerminal(ctx, terminal, sequence(blank, h.Wrapped), h.Timeout)
	}
	if err != nil {
		outcome = Left
	}
	return Cleared{Way: h.Way, Outcome: outcome, Text: outcome.text(h.Way)}, err
}

func (o Outcome) text(w Way) string {
	switch o {
	case Gone:
		return "clipboard cleared"
	case Asked:
		if w == Tmux {
			return "tmux cleared; terminal asked to clear, unconfirmed"
		}
		return "terminal asked to clear, unconfirmed"
	case Changed:
		return "clipboard was changed, left alone"
	case Left:
		return "clipboard NOT cleared"
	case Nothing:
	}
	return "nothing to clear"
}
