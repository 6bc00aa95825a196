package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// lookupDialog tells which key a secret is that turned up somewhere. It is masked as it is typed or pasted, and dropped as
// soon as it was asked for.
type lookupDialog struct {
	field   field
	problem string
	op      opID // the question under way, or 0
	asked   bool // there is an answer: found
	found   []Found
}

// whyNoLookup says why nothing can be looked up, or nothing.
func (a *app) whyNoLookup() string {
	if a.opts.Lookup == nil {
		return "secrets cannot be looked up here"
	}
	return ""
}

func (a *app) openLookup() tea.Cmd {
	a.open(&lookupDialog{field: newSecretField()})
	return nil
}

func (d *lookupDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op != 0 {
		return
	}
	before := d.field.value()
	d.problem = d.field.press(msg)
	if d.field.value() != before {
		d.asked, d.found = false, nil
	}
}

func (d *lookupDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	}
	ask := bind("look up", d.submit, "enter")
	if key, ok := d.here(a); ok && d.field.value() == "" {
		ask = bind("details", func(a *app) tea.Cmd {
			a.replace(d, &detailsDialog{key: key})
			return a.readAnswers(opQuiet)
		}, "enter")
	} else if d.field.value() == "" {
		ask = ask.unless("paste or type the secret first")
	}
	return []binding{ask, closing(d, "close", "esc")}
}

// here returns what was found if it is a key of the profile that is shown.
func (d *lookupDialog) here(a *app) (model.Key, bool) {
	for _, found := range d.found {
		if found.Profile == a.profile.Name {
			return a.list.find(found.Key.ID)
		}
	}
	return model.Key{}, false
}

func (d *lookupDialog) submit(a *app) tea.Cmd {
	lookup, secret := a.opts.Lookup, model.NewSecret(d.field.value())
	d.field.clear()
	d.problem, d.asked, d.found = "", false, nil
	var cmd tea.Cmd
	d.op, cmd = begin(a, opRead, "looking the secret up",
		func(ctx context.Context) ([]Found, error) { return lookup(ctx, secret) },
		func(_ *app, found []Found, err error) tea.Cmd {
			d.op, d.found = 0, found
			d.asked = err == nil || len(found) > 0
			switch {
			case errors.Is(err, context.Canceled):
				d.problem = "cancelled"
			case err != nil:
				d.problem = sentence(err)
			}
			return nil
		})
	return cmd
}

// liveness says whether a key still works, as far as is known here.
func liveness(key model.Key, now time.Time) string {
	status := key.StatusAt(now)
	switch {
	case status != model.StatusActive:
		return "not live: " + statusText(key, now)
	case key.Dead:
		return "dead: an API refused it when it was last tried"
	case key.Imported:
		return "live, as far as is known here: t tries it"
	default:
		return "live"
	}
}

func (d *lookupDialog) content(a *app, w int) content {
	c := content{title: "Whose secret is this?", problem: d.problem}
	const label = "Secret: "
	text, x := d.field.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	if d.op == 0 {
		c.cursor = &point{min(len(label)+x, max(w-1, 0)), 0}
	} else {
		c.foot = "looking …"
	}
	now := a.now()
	switch {
	case d.asked && len(d.found) == 0:
		c.body = append(c.body, wrap("No key of any profile has it.", w)...)
	case !d.asked:
		for _, line := range wrap("Paste a secret that turned up somewhere: all profiles are asked. It is not shown, not kept and not sent anywhere.", w) {
			c.body = append(c.body, a.theme.muted.on(line))
		}
	}
	for _, found := range d.found {
		name := "It is " + model.Display(found.Key.Name) + " of profile " + model.Display(found.Profile)
		for _, line := range wrap(name+",", w) {
			c.body = append(c.body, a.theme.title.on(line))
		}
		live := liveness(found.Key, now)
		s := a.theme.warning
		if live == "live" {
			s = a.theme.danger // a secret that turned up and works is the worst case
		}
		for _, line := range wrap("created "+a.made(found.Key, now)+". It is "+live+".", w) {
			c.body = append(c.body, s.on(line))
		}
	}
	return c
}
