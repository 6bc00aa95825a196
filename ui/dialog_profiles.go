package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// profilesDialog switches to another profile. It stays open until that answers, so that nothing is begun in a profile
// that is about to go.
type profilesDialog struct {
	cursor  int
	problem string
	op      opID // the opening under way, or 0
}

func (a *app) openProfiles() tea.Cmd {
	if len(a.opts.Profiles) == 0 {
		a.opts.Profiles = []Profile{a.profile}
	}
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
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.drop(d.op); d.op = 0; return nil }, "esc")}
	}
	last := len(a.opts.Profiles) - 1
	return []binding{
		bind("down", func(*app) tea.Cmd { d.cursor = min(d.cursor+1, last); return nil }, "down", "j").inHelp(),
		bind("up", func(*app) tea.Cmd { d.cursor = max(d.cursor-1, 0); return nil }, "up", "k").inHelp(),
		bind("open", d.choose, "enter"),
		bind("add a service", d.openAdd, "n").unless(a.whyNoAdd()),
		closing(d, "leave", "esc", "p", "q").as("esc"),
	}
}

func (d *profilesDialog) choose(a *app) tea.Cmd {
	d.problem = ""
	profile := a.opts.Profiles[d.cursor]
	if profile.Name == a.profile.Name {
		a.close(d)
		return nil
	}
	open := a.opts.Switch
	var cmd tea.Cmd
	d.op, cmd = begin(a, opRead, "opening "+model.Display(profile.Name),
		func(context.Context) (o opened, err error) {
			o.service, o.outside, err = open(profile.Name)
			return o, err
		},
		func(a *app, o opened, err error) tea.Cmd {
			d.op = 0
			if err != nil {
				d.problem = sentence(err)
				return nil
			}
			return a.enter(profile, o)
		})
	return cmd
}

// whyNoAdd says why no key service can be added here, or nothing.
func (a *app) whyNoAdd() string {
	if a.opts.AddService == nil {
		return "clavier profile add NAME --url ADDRESS adds a key service"
	}
	return ""
}

func (d *profilesDialog) openAdd(a *app) tea.Cmd {
	a.open(newServiceDialog(d))
	return nil
}

// take shows a profile that was added, and opens it.
func (d *profilesDialog) take(a *app, profile Profile) tea.Cmd {
	at := slices.IndexFunc(a.opts.Profiles, func(p Profile) bool { return p.Name == profile.Name })
	if at < 0 {
		at = len(a.opts.Profiles)
		a.opts.Profiles = append(slices.Clone(a.opts.Profiles), profile)
	} else {
		a.opts.Profiles = slices.Clone(a.opts.Profiles)
		a.opts.Profiles[at] = profile
	}
	d.cursor = at
	return d.choose(a)
}

// opened is a profile that was opened.
type opened struct {
	service Service
	outside Outside
}

// enter shows another profile. What was asked of the one before is forgotten.
func (a *app) enter(profile Profile, o opened) tea.Cmd {
	a.drop(a.activity.op)
	a.drop(a.apis.op)
	a.endSearch()
	a.endReading()
	a.held = nil
	a.profile, a.service, a.opts.Outside = profile, o.service, o.outside
	order := a.list.asked.order
	a.list, a.apis, a.activity, a.dialogs = newKeyList(), apiList{}, activityList{}, nil
	a.list.asked.order = order
	a.drop(a.rotations.op)
	a.rotations = rotations{}
	a.filter = newFilterLine(a.filter.earlier)
	a.version, a.view = 0, keysView
	a.drop(a.link.recallOp)
	a.drop(a.link.roleOp)
	a.link = link{}
	return a.beginProfile()
}

func (d *profilesDialog) content(a *app, w int) content {
	c := content{title: "Profiles", focus: d.cursor, problem: d.problem}
	for i, p := range a.opts.Profiles {
		line := "  " + model.Display(p.Name) + " · "
		line += cutMiddle(model.Display(p.Place), max(w-width(line), 1))
		if i == d.cursor {
			line = a.theme.selected.on("> " + line[2:])
		}
		c.body = append(c.body, line)
	}
	if d.op != 0 {
		c.foot = "opening " + model.Display(a.opts.Profiles[d.cursor].Name) + " …"
	}
	return c
}
