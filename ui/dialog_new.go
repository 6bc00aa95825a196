package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// newDialog asks for the name of a new key, and, where keys have roles and the profile may give them, for its role.
type newDialog struct {
	field   field
	role    model.Role
	problem string // from the store or a paste; the name rule is computed
	op      opID   // the creation under way, or 0
}

func newNewDialog() *newDialog { return &newDialog{field: newField(false)} }

func (d *newDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.problem = d.field.press(msg)
	}
}

func (d *newDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	}
	list := []binding{bind("create", d.submit, "enter").unless(cmp.Or(a.whyNoChange(), d.whyNot()))}
	if a.givesRoles() {
		list = append(list, bind("role", func(*app) tea.Cmd {
			d.role = (d.role + 1) % (model.RoleManage + 1)
			return nil
		}, "tab"))
	}
	return append(list, closing(d, "leave", "esc"))
}

// givesRoles reports whether a new key can be given a role here.
func (a *app) givesRoles() bool { return a.link.known && a.link.role == model.RoleManage }

// whyNot returns what keeps the text from being a name. An empty field has its own answer, when enter is pressed.
func (d *newDialog) whyNot() string {
	if _, err := model.ParseName(d.field.value()); err != nil && d.field.value() != "" {
		return err.Error()
	}
	return ""
}

// rule returns what the name rule says about what was typed so far: a sentence, and whether it is a complaint.
func (d *newDialog) rule(a *app) (sentence string, complaint bool) {
	if why := a.whyNoChange(); why != "" {
		return why, true
	}
	if d.field.value() == "" {
		return fmt.Sprintf("1 to %d characters, unique in this profile; it never changes", model.MaxNameLen), false
	}
	if _, err := model.ParseName(d.field.value()); err != nil {
		return err.Error(), true
	}
	if a.list.newest().SameName(d.field.value()) > 0 {
		return "another key of this profile has this name", true
	}
	return "enter creates it", false
}

func (d *newDialog) submit(a *app) tea.Cmd {
	name, err := model.ParseName(d.field.value())
	if err != nil {
		d.problem = sentence(err)
		return nil
	}
	service, ok := a.service.(creator)
	if !ok {
		return nil
	}
	d.problem = ""
	first := a.list.newest().Len() == 0 && !a.remote()
	draft := model.Draft{Name: name, Role: d.role}
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "creating "+string(name),
		func(ctx context.Context) (made, error) {
			issued, err := service.Create(ctx, draft)
			if p, ok := service.(protector); ok && first && err == nil {
				protected, unknown := p.Protected(ctx)
				return made{issued, unknown == nil && !protected}, nil
			}
			return made{issued, false}, err
		}, d.created)
	return cmd
}

// made is a new key. The first key of a store made the identity too, most likely: bare says that this has no passphrase.
type made struct {
	issued model.Issued
	bare   bool
}

// created is the answer to submit.
func (d *newDialog) created(a *app, key made, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, model.ErrNameTaken):
		d.problem = "another key of this profile has this name"
		return a.catchUp()
	case err != nil:
		d.problem = orDoubt(err, "the key was made")
		return a.catchUp()
	}
	text := "created " + model.Display(key.issued.Key.Name)
	if !a.listed(key.issued.Key) {
		text += "; the filter hides it"
	}
	a.say(toneGood, text)
	a.list.put(key.issued.Key)
	a.replace(d, newCreatedDialog(a, key))
	return a.catchUp()
}

func (d *newDialog) content(a *app, w int) content {
	rule, complaint := d.rule(a)
	c := content{title: "New API key", problem: d.problem}
	label := "Name: "
	text, x := d.field.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	if d.op == 0 {
		c.cursor = &point{len(label) + x, 0}
	}
	if a.givesRoles() {
		c.body = append(c.body, cut("Role: "+d.role.String()+"  "+a.theme.muted.on("(tab changes it)"), w))
	}
	if !complaint {
		for _, line := range wrap(rule, w) {
			c.body = append(c.body, a.theme.muted.on(line))
		}
	} else if c.problem == "" {
		c.problem = rule
	}
	if d.op != 0 {
		c.foot = "creating …"
	}
	return c
}
