package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// unlockDialog asks for the passphrase of the identity, then goes on with what needed it.
type unlockDialog struct {
	what    string // what is sealed
	field   field
	problem string
	op      opID // the unlocking under way, or 0
	then    func(*app) tea.Cmd
}

func (d *unlockDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.problem = d.field.press(msg)
	}
}

func (d *unlockDialog) bindings(*app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.drop(d.op); a.close(d); return nil }, "esc")}
	}
	return []binding{bind("unlock", d.submit, "enter"), closing(d, "leave", "esc")}
}

func (d *unlockDialog) submit(a *app) tea.Cmd {
	service, ok := a.service.(unlocker)
	if !ok || d.field.value() == "" {
		return nil
	}
	passphrase := []byte(d.field.value())
	d.field.clear()
	d.problem = ""
	var cmd tea.Cmd
	d.op, cmd = begin(a, opRead, "unlocking the identity",
		func(ctx context.Context) (struct{}, error) {
			defer clear(passphrase)
			return struct{}{}, service.Unlock(ctx, passphrase)
		},
		func(a *app, _ struct{}, err error) tea.Cmd {
			d.op = 0
			if errors.Is(err, model.ErrPassphrase) {
				d.problem = "wrong passphrase"
				return nil
			}
			if err != nil {
				d.problem = sentence(err)
				return nil
			}
			a.close(d)
			return d.then(a)
		})
	return cmd
}

func (d *unlockDialog) content(a *app, w int) content {
	c := content{title: "Unlock the identity", problem: d.problem}
	what := d.what
	if what == "" {
		what = "The identity that unseals secrets is protected."
	}
	for _, line := range wrap(what+" It stays unlocked until you leave.", w) {
		c.body = append(c.body, a.theme.muted.on(line))
	}
	label := "Passphrase: "
	text, x := d.field.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	c.focus = len(c.body) - 1
	if d.op == 0 {
		c.cursor = &point{len(label) + x, c.focus}
	} else {
		c.foot = "unlocking …"
	}
	return c
}

// unsealed sorts the answer to a request for a secret.
func (a *app) unsealed(key model.Key, secret model.Secret, err error,
	then func(*app, model.Secret, error) tea.Cmd,
) tea.Cmd {
	if errors.Is(err, model.ErrLocked) {
		a.unlockThen(func(a *app) tea.Cmd {
			_, cmd := a.withSecret(key, then)
			return cmd
		})
		return then(a, model.Secret{}, err)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		a.fail(err)
		if errors.Is(err, model.ErrNotFound) {
			return tea.Batch(then(a, secret, err), a.reload(opQuiet))
		}
	}
	return then(a, secret, err)
}

// unlockThen asks for the passphrase and goes on with next, also if it is being asked for already.
func (a *app) unlockThen(next func(*app) tea.Cmd) {
	for _, open := range a.dialogs {
		if d, ok := open.(*unlockDialog); ok {
			before := d.then
			d.then = func(a *app) tea.Cmd { return tea.Batch(before(a), next(a)) }
			return
		}
	}
	a.open(&unlockDialog{field: newField(true), then: next})
}

// unlockToken asks for the passphrase without which the profile's token cannot be had, and reads the keys then.
func (a *app) unlockToken() {
	a.unlockThen(func(a *app) tea.Cmd { return a.reload(opRead) })
	if d, ok := a.top().(*unlockDialog); ok {
		d.what = "The token of this profile is sealed to an identity that is protected by a passphrase."
	}
}
