package ui

import (
	"context"
	"errors"

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
	at := "elsewhere"
	if a.opts.Console != "" {
		at = "at " + model.Display(a.opts.Console)
	}
	if a.whyNoImport() != "" {
		return "keys of this profile are made " + at
	}
	return "keys of this profile are made " + at + "; i imports one"
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
