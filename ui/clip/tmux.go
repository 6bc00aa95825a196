package clip

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// bufferName is the tmux buffer that clavier calls its own. A named buffer is not what prefix+] pastes, and tmux never
// drops it by itself.
const bufferName = "clavier"

func tmux(ctx context.Context, limit time.Duration, stdin string, args ...string) (string, error) {
	return run(ctx, command{name: "tmux", shown: "tmux", args: args, stdin: stdin, timeout: limit})
}

// copyTmux loads the buffer and, with -w, has tmux pass it to the terminal of the client that was used last: the person
// who pressed the key. tmux does that for any value of set-clipboard, but says nothing when that terminal has no
// sequence for it (terminfo Ms), so that is looked up.
func (c *Clipboard) copyTmux(ctx context.Context, r Receipt, h *hold, secret string) (Receipt, *hold, error) {
	out, err := tmux(ctx, h.Timeout, "", "display-message", "-p", "#{client_name}\t#{client_termname}")
	if err != nil {
		return Receipt{}, nil, err
	}
	client, term, _ := strings.Cut(strings.TrimSpace(out), "\t")
	args := []string{"load-buffer", "-b", bufferName, "-"}
	if client != "" {
		args = []string{"load-buffer", "-w", "-t", client, "-b", bufferName, "-"}
	}
	if _, err := tmux(ctx, h.Timeout, secret, args...); err != nil {
		return Receipt{}, h, err
	}
	h.Client = client
	switch {
	case client == "":
		r.Text, r.Note = "tmux buffer only", "no terminal is attached to this tmux session"
		return r, h, nil
	case !passesOn(ctx, h.Timeout, client):
		h.Client = ""
		r.Text = "tmux buffer only"
		r.Note = "tmux knows no way to set the clipboard of its terminal (" + term + "); set terminal-features to `" + term + ":clipboard`"
		return r, h, nil
	case strings.HasPrefix(term, "tmux") || strings.HasPrefix(term, "screen"):
		r.Note = "this tmux runs inside another one, which passes it on only with `set-clipboard on`"
	}
	r.Text += " (unconfirmed)"
	return r, h, nil
}

// passesOn reports whether the terminal of client has the capability Ms. When tmux does not tell, it counts as having
// it: the receipt says unconfirmed in any case.
func passesOn(ctx context.Context, limit time.Duration, client string) bool {
	out, err := tmux(ctx, limit, "", "show-messages", "-T")
	if err != nil {
		return true
	}
	ours := false
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "Terminal ") {
			ours = strings.Contains(line, " for "+client+",")
		}
		if _, value, found := strings.Cut(line, " Ms: "); ours && found {
			return !strings.Contains(value, "[missing]")
		}
	}
	return true
}

// clearTmux deletes our buffer if it is still ours, and overwrites the clipboard of the terminal unless that must be
// taken for the user's later copy. tmux ignores an empty buffer, so the overwriting is done with a blank.
func clearTmux(ctx context.Context, h hold) (Outcome, error) {
	names, err := buffers(ctx, h.Timeout)
	if err != nil {
		return Left, err
	}
	if !slices.Contains(names, bufferName) {
		return Changed, nil
	}
	now, err := tmux(ctx, h.Timeout, "", "show-buffer", "-b", bufferName)
	if err != nil {
		return Left, err
	}
	if hashOf(now) != h.Hash {
		return Changed, nil
	}

	// list-buffers begins with the newest: another one there is a copy that the user made since.
	outside := h.Client != "" && names[0] == bufferName
	lost := false
	if outside {
		clients, err := tmux(ctx, h.Timeout, "", "list-clients", "-F", "#{client_name}")
		if err != nil {
			return Left, err
		}
		lost = !slices.Contains(strings.Split(clients, "\n"), h.Client)
	}
	if outside && !lost {
		_, err = tmux(ctx, h.Timeout, blank, "load-buffer", "-w", "-t", h.Client, "-b", bufferName, "-", ";", "delete-buffer", "-b", bufferName)
	} else {
		_, err = tmux(ctx, h.Timeout, "", "delete-buffer", "-b", bufferName)
	}
	if err != nil {
		return Left, err
	}
	if names, err = buffers(ctx, h.Timeout); err != nil || slices.Contains(names, bufferName) {
		return Left, errors.Join(err, errors.New("tmux did not delete the buffer "+bufferName))
	}
	switch {
	case lost:
		return Left, errors.New("the tmux buffer was deleted, but the terminal that was attached has gone and may still hold it")
	case outside:
		return Asked, nil
	}
	return Gone, nil
}

func buffers(ctx context.Context, limit time.Duration) ([]string, error) {
	out, err := tmux(ctx, limit, "", "list-buffers", "-F", "#{buffer_name}")
	return strings.Split(strings.TrimSpace(out), "\n"), err
}
