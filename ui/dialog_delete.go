package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// deleteDialog asks for the exact name of a key before it is deleted for good. Nothing is armed when it opens: enter
// does nothing until what was typed matches.
type deleteDialog struct {
	key     model.Key
	confirm string // what must be typed: the name, or the id where the name is not certain
	byID    bool
	field   field
	problem string
	op      opID // the deletion under way, or 0
	doubt   bool // whether our own deletion was made is not known
	gone    bool // another program has deleted the key; the dialog stays, or what is being typed would act on the list
}

// openDelete asks for the confirmation to delete a key.
func (a *app) openDelete(key model.Key) tea.Cmd {
	d := &deleteDialog{key: key, field: newField(false)}
	d.ask(a)
	a.open(d)
	return nil
}

// ask settles what must be typed. Once it is the id it stays that: it may be half typed.
func (d *deleteDialog) ask(a *app) {
	text, byID := a.confirmation(d.key)
	if !d.byID {
		d.confirm, d.byID = text, byID
	}
}

// confirmation returns what a person must type to delete a key: its name; or its id if the name is not certain, because
// it cannot be typed as it is shown, another key has it, or may have it as long as not all keys were read.
func (a *app) confirmation(key model.Key) (text string, byID bool) {
	if !a.list.whole || a.list.newest().SameName(key.Name) > 1 {
		return key.ID, true
	}
	return model.Confirmation(key, nil)
}

func (d *deleteDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 && !d.gone {
		d.problem = d.field.press(msg)
	}
}

// armed reports whether what was typed is exactly the confirmation.
func (d *deleteDialog) armed() bool { return model.Confirms(d.field.value(), d.confirm) }

// asked names what must be typed.
func (d *deleteDialog) asked() string {
	if d.byID {
		return "id"
	}
	return "name"
}

func (d *deleteDialog) changesKeys() bool { return d.op == 0 && !d.gone }

func (d *deleteDialog) bindings(a *app) []binding {
	switch {
	case d.op != 0 && a.remote():
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	case d.op != 0:
		return nil // a deletion is quick and final: there is no moment at which leaving it would be honest
	}
	if d.gone {
		return []binding{closing(d, "close", "esc")}
	}
	remove := bind("delete for good", d.submit, "enter")
	switch why := a.whyNoTouch(); {
	case why != "":
		remove = remove.unless(why)
	case !d.armed():
		remove = remove.unless("type the exact " + d.asked() + " first")
	}
	return []binding{remove, closing(d, "keep the key", "esc")}
}

func (d *deleteDialog) submit(a *app) tea.Cmd {
	d.problem, d.doubt = "", false
	service, id := a.service, d.key.ID
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "deleting "+model.Display(d.key.Name),
		func(ctx context.Context) (struct{}, error) { return struct{}{}, service.Delete(ctx, id) },
		func(a *app, _ struct{}, err error) tea.Cmd { return d.deleted(a, err) })
	return cmd
}

// deleted is the answer to submit.
func (d *deleteDialog) deleted(a *app, err error) tea.Cmd {
	d.op = 0
	name := model.Display(d.key.Name)
	switch {
	case errors.Is(err, model.ErrNotFound):
		a.say(toneWarning, name+" was already deleted by another program")
	case errors.Is(err, model.ErrNotErased):
		a.say(toneWarning, sentence(err))
	case err != nil:
		d.problem = orDoubt(err, "it was deleted")
		d.doubt = inDoubt(err)
		return a.catchUp()
	default:
		a.say(toneGood, "deleted "+name+" for good")
	}
	a.forget(d.key.ID)
	return a.catchUp()
}

// forget drops a key that no longer exists from the list, and closes the dialogs that speak of it.
func (a *app) forget(id string) {
	a.list.remove(id)
	for _, open := range slices.Backward(slices.Clone(a.dialogs)) {
		switch d := open.(type) {
		case *deleteDialog:
			if d.key.ID == id && d.op == 0 {
				a.close(d)
			}
		case *detailsDialog:
			if d.key.ID == id {
				a.close(d)
			}
		case guide:
			if g := d.guide(); g.old.ID == id || g.successor.ID == id {
				a.close(open)
			}
		}
	}
}

func (d *deleteDialog) content(a *app, w int) content {
	const labels = 11
	now := a.now()
	c := content{title: "Delete " + model.Display(d.key.Name) + "?", danger: true, problem: d.problem}
	if d.changesKeys() {
		c.problem = cmp.Or(d.problem, a.whyNoTouch())
	}
	for _, text := range a.whatDeletingDoes(d.key) {
		c.body = append(c.body, wrap(text, w)...)
	}
	add := func(label, text string) {
		c.body = append(c.body, a.theme.muted.on(fit(label, labels))+cut(text, max(w-labels, 1)))
	}
	add("Key", model.Display(d.key.Hint))
	add("Created", a.made(d.key, now))
	add("Last used", d.key.LastUse.Used(now))
	if d.byID {
		c.body = append(c.body, wrap("This name cannot be typed with certainty, so the id is asked for:", w)...)
	}
	ask, shown := "Type the "+d.asked()+" to delete it: ", model.Display(d.confirm)
	if width(ask)+width(shown) <= w {
		c.body = append(c.body, ask+a.theme.title.on(shown))
	} else {
		c.body = append(c.body, wrap(ask, w)...)
		for _, line := range hardWrap(shown, w) {
			c.body = append(c.body, a.theme.title.on(line))
		}
	}
	label := "Name: "
	if d.byID {
		label = "ID: "
	}
	text, x := d.field.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	c.focus = len(c.body) - 1
	switch {
	case d.gone && d.doubt:
		c.problem = model.Display(d.key.Name) + " is gone: it was deleted"
	case d.gone:
		c.problem = model.Display(d.key.Name) + " was deleted by another program"
	case d.op != 0:
		c.foot = "deleting …"
	case d.armed():
		c.foot = a.theme.danger.on("[ enter deletes it for good ]")
	default:
		c.foot = a.theme.muted.on("[ delete ] waits for the exact " + d.asked())
	}
	if d.op == 0 && !d.gone {
		c.cursor = &point{len(label) + x, c.focus}
	}
	return c
}
