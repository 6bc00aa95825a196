package ui

import (
	"context"
	"errors"
	"net/url"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// whyNoConsole says why no page of the provider can be opened, or nothing.
func (a *app) whyNoConsole() string {
	if a.opts.Console == "" {
		return "this profile has no console page; the setting console names one"
	}
	return ""
}

// whyNoNew says why keys are not made here, or nothing.
func (a *app) whyNoNew() string {
	if _, ok := a.service.(creator); ok {
		return ""
	}
	text := "keys of this profile are made elsewhere"
	if a.opts.Console != "" {
		text = "keys of this profile are made at " + a.consoleHost() + "; o opens it"
	}
	if a.whyNoImport() == "" {
		text += "; i imports one"
	}
	return text
}

// consoleHost is the machine of the provider's page, as it is shown: the address itself is too long for a line.
func (a *app) consoleHost() string {
	if u, err := url.Parse(a.opts.Console); err == nil && u.Host != "" {
		return model.Display(u.Host)
	}
	return model.Display(a.opts.Console)
}

// whatDeletingDoes says what becomes of whatever sends a key when it is deleted here.
func (a *app) whatDeletingDoes(key model.Key) []string {
	if !key.Imported {
		return []string{"Whatever sends this key stops working at once. This cannot be undone."}
	}
	if key.Dead {
		return []string{"It was made elsewhere, and an API refused it when it was last tried. Here it is only forgotten, for good."}
	}
	at := "where it was made"
	switch {
	case a.opts.Console != "":
		at = "at " + model.Display(a.opts.Console)
	case key.Note != "":
		at += " (" + model.Display(key.Note) + ")"
	}
	first := "It was made elsewhere: here it is only forgotten, for good, and goes on working."
	if a.whyNoTry() != "" {
		return []string{first, "Delete it " + at + " first."}
	}
	return []string{first, "Delete it " + at + " first; t then proves that it is dead."}
}

// openConsole opens the provider's page in a browser. Where there is none it shows the address.
func (a *app) openConsole() tea.Cmd {
	address, open := a.opts.Console, a.opts.Open
	if open == nil {
		a.open(&addressDialog{address: address})
		return nil
	}
	_, cmd := begin(a, opRead, "opening "+model.Display(address),
		func(context.Context) (struct{}, error) { return struct{}{}, open(address) },
		func(a *app, _ struct{}, err error) tea.Cmd {
			switch {
			case errors.Is(err, context.Canceled):
			case err != nil:
				a.open(&addressDialog{address: address, why: sentence(err)})
			default:
				a.say(toneInfo, "opened "+model.Display(address))
			}
			return nil
		})
	return cmd
}

// addressDialog shows the address of a page that cannot be opened from here.
type addressDialog struct {
	address string
	why     string // displayable
	scroll  int
}

func (d *addressDialog) bindings(*app) []binding {
	return []binding{closing(d, "close", "esc", "enter", "q").as("esc")}
}

func (d *addressDialog) content(a *app, w int) content {
	c := content{title: "Where the keys are managed", scroll: &d.scroll}
	for _, line := range hardWrap(model.Display(d.address), w) {
		c.body = append(c.body, a.theme.title.on(line))
	}
	if d.why != "" {
		for _, line := range wrap(d.why, w) {
			c.body = append(c.body, a.theme.muted.on(line))
		}
	}
	return c
}
