package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// profilesDialog switches to another profile.
type profilesDialog struct{ cursor int }

func (a *app) openProfiles() tea.Cmd {
	d := &profilesDialog{}
	for i, p := range a.opts.Profiles {
		if p.Name == a.profile.Name {
			d.cursor = i
		}
	}
	a.open(d)
	return nil
}

func (d *profilesDialog) bindings(a *app) []binding {
	last := len(a.opts.Profiles) - 1
	return []binding{
		bind("down", func(*app) tea.Cmd { d.cursor = min(d.cursor+1, last); return nil }, "down", "j").inHelp(),
		bind("up", func(*app) tea.Cmd { d.cursor = max(d.cursor-1, 0); return nil }, "up", "k").inHelp(),
		bind("open", d.choose, "enter"),
		closing(d, "leave", "esc", "p", "q").as("esc"),
	}
}

func (d *profilesDialog) choose(a *app) tea.Cmd {
	a.close(d)
	if d.cursor < 0 || d.cursor >= len(a.opts.Profiles) {
		return nil
	}
	profile := a.opts.Profiles[d.cursor]
	if profile.Name == a.profile.Name {
		return nil
	}
	open := a.opts.Switch
	_, cmd := begin(a, opRead, "opening "+model.Display(profile.Name),
		func(context.Context) (Service, error) { return open(profile.Name) },
		func(a *app, service Service, err error) tea.Cmd {
			if err != nil {
				a.fail(err)
				return nil
			}
			a.profile, a.service = profile, service
			a.list, a.activity, a.dialogs = keyList{}, activityList{}, nil
			a.version, a.view = 0, keysView
			return a.reload(opRead)
		})
	return cmd
}

func (d *profilesDialog) content(a *app, _ int) content {
	c := content{title: "Profiles", focus: d.cursor}
	for i, p := range a.opts.Profiles {
		line := "  " + model.Display(p.Name) + " · " + model.Display(p.Place)
		if i == d.cursor {
			line = a.theme.selected.on("> " + line[2:])
		}
		c.body = append(c.body, line)
	}
	return c
}
