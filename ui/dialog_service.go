package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// serviceDialog adds the profile of a key service. The token is masked as it is typed or pasted, and goes from here to
// Options.AddService, which seals it; nothing shows it.
type serviceDialog struct {
	form    form
	from    *profilesDialog // that it was opened from
	problem string
	op      opID // the adding under way, or 0
}

func newServiceDialog(from *profilesDialog) *serviceDialog {
	return &serviceDialog{from: from, form: form{fields: []formField{
		{"Name", newField(false)}, {"Address", newField(false)}, {"Token", newSecretField()},
	}}}
}

func (d *serviceDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.form.focused().pressFor(msg, &d.problem)
	}
}

func (d *serviceDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	}
	enter := bind("add it", d.submit, "enter")
	if next := d.missing(); next >= 0 {
		enter = bind("next field", func(*app) tea.Cmd { d.form.at = next; return nil }, "enter")
		if next == d.form.at {
			enter = enter.unless(d.wants(next))
		}
	} else if why := d.whyNotName(a); why != "" {
		enter = enter.unless(why)
	}
	moves := d.form.moves()
	moves[0].minor = d.missing() >= 0
	return append(append([]binding{enter}, moves...), closing(d, "leave", "esc"))
}

// missing returns the first field from the one with the focus on that is empty; -1 if there is none.
func (d *serviceDialog) missing() int {
	for i := range d.form.fields {
		if at := (d.form.at + i) % len(d.form.fields); strings.TrimSpace(d.form.value(at)) == "" {
			return at
		}
	}
	return -1
}

// wants says what must stand in a field.
func (d *serviceDialog) wants(i int) string {
	return []string{"type a name first", "type the address first, such as https://keys.example.org", "paste or type the token first"}[i]
}

// whyNotName says why no profile can be called so, as far as is known here, or nothing.
func (d *serviceDialog) whyNotName(a *app) string {
	name := strings.TrimSpace(d.form.value(int(ServiceName)))
	if slices.ContainsFunc(a.opts.Profiles, func(p Profile) bool { return p.Name == name }) {
		return "another profile has this name"
	}
	return ""
}

// submit has the profile made.
func (d *serviceDialog) submit(a *app) tea.Cmd {
	add, service := a.opts.AddService, NewService{
		Name: strings.TrimSpace(d.form.value(int(ServiceName))), URL: strings.TrimSpace(d.form.value(int(ServiceAddress))),
		Token: model.NewSecret(strings.TrimSpace(d.form.value(int(ServiceToken)))),
	}
	if d.isKey() {
		return nil
	}
	d.problem = ""
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "adding "+model.Display(service.Name),
		func(ctx context.Context) (Profile, error) { return add(ctx, service) }, d.added)
	return cmd
}

// added is the answer to submit.
func (d *serviceDialog) added(a *app, profile Profile, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, context.Canceled):
		d.problem = "cancelled; no profile was added"
		return nil
	case err != nil:
		d.refuse(err)
		return nil
	}
	d.form.fields[ServiceToken].field.clear()
	a.close(d)
	a.say(toneGood, "added "+model.Display(profile.Name))
	return d.from.take(a, profile)
}

// remark is what there is to say of the field with the focus.
func (d *serviceDialog) remark(a *app) (text string, warning bool) {
	switch ServiceField(d.form.at) {
	case ServiceName:
		if why := d.whyNotName(a); why != "" {
			return why, true
		}
		return "what you call the profile, such as team", false
	case ServiceAddress:
		return "where the service is, such as https://keys.example.org", false
	default:
		return "the secret of a key of the role read or manage; it is sealed, and no screen shows it", false
	}
}

func (d *serviceDialog) content(a *app, w int) content {
	c := content{title: "Add a key service", problem: d.problem}
	d.form.draw(a, &c, w, d.op != 0)
	text, warning := d.remark(a)
	s := a.theme.muted
	if warning {
		s = a.theme.warning
	}
	c.body = append(c.body, wrapIn(s, text, w)...)
	if d.op != 0 {
		c.foot = "adding …"
	}
	return c
}
