package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/clip"
)

// copied is the secret that stands in the clipboard because of us, or may: clearAt is set from the moment that a copy is
// begun, and the rest when it has arrived.
type copied struct {
	name    string
	way     string    // how it got there, as the clipboard said
	note    string    // what else there is to know about that, or nothing
	clearAt time.Time // the zero time: nothing to clear
}

// whyNoSecretAgain says why this provider's secrets can never be had again, or nothing.
func (a *app) whyNoSecretAgain() string {
	if _, ok := a.service.(revealer); !ok {
		return "this provider shows a secret once, when the key is made"
	}
	return ""
}

// whyNoSecret says why no secret can be had now, or nothing: a service that cannot be asked does not give the sealed one.
func (a *app) whyNoSecret() string { return cmp.Or(a.whyNoSecretAgain(), a.whyLost()) }

// copyKey fetches the secret of a key and copies it, unless another copy is asked for before it is there.
func (a *app) copyKey(key model.Key) tea.Cmd {
	a.copyWish++
	wish := a.copyWish
	_, cmd := a.withSecret(key, func(a *app, secret model.Secret, err error) tea.Cmd {
		if err != nil || wish != a.copyWish {
			return nil
		}
		return a.copySecret(key, secret)
	})
	return cmd
}

// copySecret puts a secret into the clipboard. A newer copy takes the place of an older one.
func (a *app) copySecret(key model.Key, secret model.Secret) tea.Cmd {
	if secret.IsZero() {
		a.say(toneWarning, model.Display(key.Name)+" has no secret to copy")
		return nil
	}
	a.copyWish++
	if a.opts.ClearAfter > 0 && a.copied.clearAt.IsZero() {
		a.copied.clearAt = a.now().Add(a.opts.ClearAfter)
	}
	clipboard := a.clipboard
	a.drop(a.copyOp)
	var cmd tea.Cmd
	a.copyOp, cmd = begin(a, opRead, "copying "+model.Display(key.Name),
		func(ctx context.Context) (clip.Receipt, error) { return clipboard.Copy(ctx, secret.Reveal()) },
		func(a *app, receipt clip.Receipt, err error) tea.Cmd { return a.onCopied(key, receipt, err) })
	return cmd
}

func (a *app) onCopied(key model.Key, receipt clip.Receipt, err error) tea.Cmd {
	a.copyOp = 0
	if errors.Is(err, context.Canceled) {
		a.say(toneWarning, "copying was given up")
		return nil
	}
	if err != nil {
		a.fail(err) // the clipboard's errors say themselves that nothing was copied
		return nil
	}
	a.copied = copied{
		name: model.Display(key.Name), way: model.Display(receipt.Text), note: model.Display(receipt.Note),
	}
	t := toneGood
	if !receipt.Confirmed {
		t = toneWarning
	}
	a.say(t, a.copied.text("stays until something else is copied"))
	if a.opts.ClearAfter > 0 {
		a.copied.clearAt = a.now().Add(a.opts.ClearAfter)
		a.status.until = a.copied.clearAt
	}
	return nil
}

// clearCopied empties the clipboard when its time has come, but not while something newer is on its way there. What could
// not be cleared is tried again after the same time, and when the program ends.
func (a *app) clearCopied(now time.Time) tea.Cmd {
	if a.copied.clearAt.IsZero() || now.Before(a.copied.clearAt) || a.copyOp != 0 {
		return nil
	}
	a.copied = copied{}
	clipboard := a.clipboard
	_, cmd := begin(a, opQuiet, "clearing the clipboard",
		func(ctx context.Context) (clip.Cleared, error) { return clipboard.Clear(ctx) },
		func(a *app, cleared clip.Cleared, err error) tea.Cmd {
			switch {
			case err != nil:
				a.fail(fmt.Errorf("the clipboard could not be cleared: %w", err))
				if a.copied.clearAt.IsZero() {
					a.copied.clearAt = a.now().Add(a.opts.ClearAfter)
				}
			case !a.copied.clearAt.IsZero():
				// Another secret was copied meanwhile; its own line stands.
			case cleared.Outcome != clip.Nothing:
				a.say(toneInfo, model.Display(cleared.Text))
			}
			return nil
		})
	return cmd
}

// text is the status of a copy; fate says what becomes of it.
func (c copied) text(fate string) string {
	text := "copied " + c.name + " · " + c.way + " · " + fate
	if c.note != "" {
		text += " · " + c.note
	}
	return text
}

// copiedStatus is the status of a copy with the seconds that are left, while nothing newer was said.
func (a *app) copiedStatus(now time.Time) (string, bool) {
	if a.copied.way == "" || a.copied.clearAt.IsZero() || a.status.until != a.copied.clearAt {
		return "", false
	}
	left := int((a.copied.clearAt.Sub(now) + time.Second - 1) / time.Second)
	return a.copied.text(fmt.Sprintf("clears in %d s", max(left, 0))), true
}
