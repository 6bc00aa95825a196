package ui

import (
	"cmp"
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// endDialog asks how long the old key of a rotation goes on working. Nothing is armed when it opens: the field is empty.
type endDialog struct {
	guide   *rotateDialog
	field   field
	problem string
	op      opID // the writing under way, or 0
}

// whyNoEnd says why the old key cannot be given an end, or nothing.
func (d *rotateDialog) whyNoEnd(a *app) string {
	_, ends := a.service.(ender)
	switch {
	case !d.begun:
		return "make the new key first"
	case d.old.Imported:
		return "its end is set where it is managed"
	case !ends:
		return "this provider cannot give a key an end"
	case d.old.StatusAt(a.now()) != model.StatusActive:
		return "the old key has ended already"
	}
	return a.whyNoChange()
}

func (d *rotateDialog) openEnd(a *app) tea.Cmd {
	a.open(&endDialog{guide: d, field: newField(false)})
	return nil
}

func (d *endDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.field.pressFor(msg, &d.problem)
	}
}

func (d *endDialog) changesKeys() bool { return d.op == 0 }

func (d *endDialog) bindings(a *app) []binding {
	switch {
	case d.op != 0 && a.remote():
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	case d.op != 0:
		return nil // it is quick, and revoking is final
	}
	_, why := d.grace()
	if d.guide.gone != "" {
		why = d.guide.gone
	}
	return []binding{bind("end it", d.submit, "enter").unless(cmp.Or(a.whyNoChange(), why)), closing(d, "leave", "esc")}
}

// grace is what was typed, or why it is no span that can be taken.
func (d *endDialog) grace() (time.Duration, string) {
	if d.field.value() == "" {
		return 0, "type how long it goes on working: 24h, 7d, or 0 to revoke it"
	}
	grace, err := model.ParseGrace(d.field.value())
	if err != nil {
		return 0, err.Error()
	}
	return grace, ""
}

func (d *endDialog) submit(a *app) tea.Cmd {
	service, ok := a.service.(ender)
	grace, why := d.grace()
	if !ok || why != "" {
		return nil
	}
	d.problem = ""
	id, at := d.guide.old.ID, a.now().Add(grace)
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "ending "+model.Display(d.guide.old.Name),
		func(ctx context.Context) (model.Key, error) { return service.End(ctx, id, at) },
		func(a *app, key model.Key, err error) tea.Cmd { return d.ended(a, key, grace, err) })
	return cmd
}

// ended is the answer to submit. With a key that was revoked there is nothing left to watch.
func (d *endDialog) ended(a *app, key model.Key, grace time.Duration, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, model.ErrExpired):
		d.problem = "the old key has ended already"
	case err != nil:
		d.problem = orDoubt(err, "it was given an end")
	}
	if err != nil {
		return a.catchUp()
	}
	g := d.guide
	g.old = key
	a.list.apply(model.Changes{Keys: []model.Key{key}})
	a.close(d)
	if grace == 0 {
		a.say(toneGood, "revoked "+model.Display(key.Name)+": it works no longer")
		return tea.Batch(g.done(a, model.StepWatch, "The old key is revoked."), a.catchUp())
	}
	a.say(toneGood, model.Display(key.Name)+" "+g.endOf(a, key))
	return a.catchUp()
}

func (d *endDialog) content(a *app, w int) content {
	c := content{title: "End " + model.Display(d.guide.old.Name), danger: true, problem: d.problem}
	c.body = wrap("How long does the old key go on working? 0 to 30 days: 24h, 7d. 0 revokes it at once, and nothing brings it back.", w)
	if d.guide.rotation.HandedOverAt.IsZero() {
		c.body = append(c.body, wrapIn(a.theme.warning, "The new key is not handed over yet: what uses the old one stops then.", w)...)
	}
	if end := d.guide.endOf(a, d.guide.old); end != "" {
		c.body = append(c.body, wrapIn(a.theme.muted, "As it is, it "+end+".", w)...)
	}
	const label = "Time: "
	text, x := d.field.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	c.focus = len(c.body) - 1
	grace, why := d.grace()
	switch {
	case d.op != 0:
		c.foot = "ending it …"
		return c
	case d.field.value() == "":
		c.foot = a.theme.muted.on("[ end it ] waits for a time")
	case why != "":
		c.foot = a.theme.muted.on("[ end it ] waits for a time")
		if c.problem == "" {
			c.problem = why
		}
	case grace == 0:
		c.foot = a.theme.danger.on("[ enter revokes it at once, for good ]")
	default:
		c.foot = a.theme.danger.on("[ enter lets it end on " + a.now().Add(grace).In(a.opts.Location).Format(timeFormat) + " ]")
	}
	c.cursor = &point{min(len(label)+x, max(w-1, 0)), c.focus}
	return c
}
