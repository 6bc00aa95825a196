package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// detailsDialog shows everything known of a key. It follows the key in the list, by id.
type detailsDialog struct {
	key    model.Key
	secret shownSecret
	op     opID // the secret is being fetched, or 0
	scroll int  // the first line of the body that is visible
}

func (d *detailsDialog) shown() *shownSecret { return &d.secret }

func (d *detailsDialog) bindings(a *app) []binding {
	show := toggle(a, &d.secret)
	switch {
	case d.op != 0:
		show = show.unless("the secret is being unsealed")
	case d.secret.secret.IsZero():
		show = bind("show", d.reveal, "v").unless(a.whyNoSecret())
	}
	list := []binding{
		show,
		bind("copy", func(a *app) tea.Cmd { return a.copyKey(d.key) }, "c", "y").as("c").unless(a.whyNoSecret()),
		bind("delete", func(a *app) tea.Cmd { return a.openDelete(d.key) }, "d", "delete").as("d").unless(a.whyNoTouch()),
		bind("try", func(a *app) tea.Cmd { return a.openTry([]model.Key{d.key}) }, "t").unless(a.whyNoTry()),
		bind("use in a program", func(a *app) tea.Cmd { return a.openUse(d.key) }, "x").as("x").unless(a.whyNoUse()),
		bind("down", func(*app) tea.Cmd { d.scroll++; return nil }, "down", "j").inHelp(),
		bind("up", func(*app) tea.Cmd { d.scroll = max(d.scroll-1, 0); return nil }, "up", "k").inHelp(),
	}
	if d.op != 0 {
		return append(list, bind(cancelHelp, func(a *app) tea.Cmd { a.drop(d.op); d.op = 0; return nil }, "esc"))
	}
	return append(list, closing(d, "close", "esc", "enter", "q").as("esc"))
}

// reveal fetches the secret and shows it.
func (d *detailsDialog) reveal(a *app) tea.Cmd {
	var cmd tea.Cmd
	d.op, cmd = a.withSecret(d.key, func(a *app, secret model.Secret, err error) tea.Cmd {
		d.op = 0
		if err != nil || !a.isOpen(d) {
			return nil
		}
		d.secret.secret = secret
		d.secret.show(a)
		return nil
	})
	return cmd
}

func (d *detailsDialog) content(a *app, w int) content {
	const labels = 11
	now := a.now()
	c := content{title: model.Display(d.key.Name), scroll: &d.scroll}
	add := func(label string, lines ...string) {
		for i, line := range lines {
			if i > 0 {
				label = ""
			}
			c.body = append(c.body, a.theme.muted.on(fit(label, labels))+line)
		}
	}
	text := max(w-labels, 1)
	add("Name", wrap(model.Display(d.key.Name), text)...)
	add("Key", cut(model.Display(d.key.Hint), text))
	add("Secret", d.secret.lines(now, text)...)
	add("Created", wrap(a.moment(d.key.CreatedAt, fullTimeFormat), text)...)
	add("Age", age(d.key.CreatedAt, now))
	used := d.key.LastUse.Used(now)
	if d.key.LastUse.Reported && !d.key.LastUse.At.IsZero() {
		used += ", " + d.key.LastUse.At.In(a.opts.Location).Format(timeFormat)
	}
	add("Last used", wrap(used, text)...)
	expires := "never"
	if !d.key.ExpiresAt.IsZero() {
		expires = d.key.ExpiresAt.In(a.opts.Location).Format(fullTimeFormat)
	}
	add("Expires", wrap(expires, text)...)
	add("Status", statusText(d.key, now))
	if why := a.whyStale(d.key, now); why != "" {
		add("Stale", wrap(why, text)...)
	}
	if _, ok := a.service.(limited); ok || d.key.Role != model.RoleUse {
		add("Role", wrap(roleText(d.key.Role), text)...)
	}
	if d.key.Imported {
		add("Made", wrap("elsewhere, and imported", text)...)
	}
	if d.key.Note != "" {
		add("Note", wrap(model.Display(d.key.Note), text)...)
	}
	for i, answer := range a.apis.of(func(answer model.Answer) bool { return answer.KeyID == d.key.ID }) {
		label := "APIs"
		if i > 0 {
			label = ""
		}
		add(label, wrap(model.Display(answer.API)+": "+answerText(answer)+", "+age(answer.At, now)+" ago"+whyText(answer), text)...)
	}
	if d.key.Owner != "" {
		add("Owner", wrap(model.Display(d.key.Owner), text)...)
	}
	add("ID", hardWrap(model.Display(d.key.ID), text)...)
	if d.secret.visible(now) {
		c.foot = a.shownFor(&d.secret)
	} else if d.op != 0 {
		c.foot = "unsealing …"
	}
	return c
}

// withSecret fetches the secret of a key. If the identity is protected it asks for the passphrase first and goes on from
// there. An error that the person must know is already told when then gets it.
func (a *app) withSecret(key model.Key, then func(*app, model.Secret, error) tea.Cmd) (opID, tea.Cmd) {
	service, ok := a.service.(revealer)
	if !ok {
		return 0, nil
	}
	id := key.ID
	return begin(a, opRead, "unsealing "+model.Display(key.Name),
		func(ctx context.Context) (model.Secret, error) { return service.Reveal(ctx, id) },
		func(a *app, secret model.Secret, err error) tea.Cmd {
			return a.unsealed(key, secret, err, then)
		})
}
