package ui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// settle is how long a dialog that opened by itself takes no keys that would close it: they were meant for what was there
// before.
const settle = 400 * time.Millisecond

// settled reports whether what is on screen since then has been there for long enough. A clock that was put back does not
// lock it.
func (a *app) settled(since time.Time) bool {
	open := a.now().Sub(since)
	return open >= settle || open < 0
}

// createdDialog shows a new key once in full.
type createdDialog struct {
	key    model.Key
	secret shownSecret
	bare   bool // say that the identity has no passphrase
	opened time.Time
}

func newCreatedDialog(a *app, key made) *createdDialog {
	d := &createdDialog{
		key: key.issued.Key, secret: shownSecret{secret: key.issued.Secret}, bare: key.bare, opened: a.now(),
	}
	d.secret.show(a)
	return d
}

func (d *createdDialog) shown() *shownSecret { return &d.secret }

func (d *createdDialog) bindings(a *app) []binding {
	return []binding{
		bind("copy", func(a *app) tea.Cmd { return a.copySecret(d.key, d.secret.secret) }, "c", "y").as("c"),
		toggle(a, &d.secret),
		bind("close", func(a *app) tea.Cmd {
			if a.settled(d.opened) {
				a.close(d)
			}
			return nil
		}, "enter", "esc", "q").as("enter"),
	}
}

// toggle returns the binding that shows or hides a secret that is already here.
func toggle(a *app, s *shownSecret) binding {
	help := "show"
	if s.visible(a.now()) {
		help = "hide"
	}
	return bind(help, func(a *app) tea.Cmd {
		if s.visible(a.now()) {
			s.hide()
		} else {
			s.show(a)
		}
		return nil
	}, "v")
}

func (d *createdDialog) content(a *app, w int) content {
	c := content{title: model.Display(d.key.Name) + " was created"}
	c.body = append(c.body, "Created "+d.key.CreatedAt.In(a.opts.Location).Format(fullTimeFormat))
	if d.key.Role != model.RoleUse {
		c.body = append(c.body, wrap(roleText(d.key.Role), w)...)
	}
	c.body = append(c.body, "")
	c.focus = len(c.body)
	for _, line := range d.secret.lines(a.now(), w) {
		c.body = append(c.body, a.theme.title.on(line))
	}
	c.body = append(c.body, "")
	again := "It can be had again at any time: c in the list copies it."
	if a.whyNoSecretAgain() != "" {
		again = "It cannot be had again once this is closed: copy it now."
	}
	if d.bare {
		again += " Only your identity opens it; that has no passphrase, as a new SSH key: clavier identity protect puts one on it."
	}
	for _, line := range wrap(a.shownFor(&d.secret)+" "+again, w) {
		c.body = append(c.body, a.theme.muted.on(line))
	}
	return c
}

// shownFor says how long a secret stays on screen.
func (a *app) shownFor(s *shownSecret) string {
	now := a.now()
	if !s.visible(now) {
		return "The secret is hidden; v shows it."
	}
	return fmt.Sprintf("Hidden again in %d s.", int((s.until.Sub(now)+time.Second-1)/time.Second))
}
