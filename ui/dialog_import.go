package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// The fields of importDialog, in their order.
const (
	importSecret = iota
	importName
	importCreated
	importNote
)

// importDialog takes a secret that was made elsewhere. It is masked as it is typed or pasted, and goes from here to the
// provider, which seals it; nothing shows it.
type importDialog struct {
	form    form
	problem string
	op      opID // the import under way, or 0
}

// whyNoImport says why no secret can be imported, or nothing.
func (a *app) whyNoImport() string {
	if _, ok := a.service.(importer); !ok {
		return "this provider keeps no secrets that were made elsewhere"
	}
	return ""
}

func (a *app) openImport() tea.Cmd {
	d := &importDialog{form: form{fields: []formField{
		{"Secret", newSecretField()}, {"Name", newField(false)}, {"Created", newField(false)}, {"Note", newField(false)},
	}}}
	if a.opts.Console != "" {
		d.form.fields[importNote].field.set(a.opts.Console)
	}
	a.open(d)
	return nil
}

func (d *importDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.problem = d.form.focused().press(msg)
	}
}

func (d *importDialog) changesKeys() bool { return d.op == 0 }

func (d *importDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	}
	enter := bind("import", d.submit, "enter").unless(a.whyNoChange())
	if next := d.missing(); next >= 0 {
		enter = bind("next field", func(*app) tea.Cmd { d.form.at = next; return nil }, "enter")
		if next == d.form.at {
			enter = enter.unless(d.wants(next))
		}
	}
	moves := d.form.moves()
	moves[0].minor = d.missing() >= 0
	return append(append([]binding{enter}, moves...), closing(d, "leave", "esc"))
}

// missing returns the first field that must be filled and is not; -1 if there is none.
func (d *importDialog) missing() int {
	for _, i := range []int{importSecret, importName} {
		if d.form.value(i) == "" {
			return i
		}
	}
	return -1
}

// wants says what must stand in a field.
func (d *importDialog) wants(i int) string {
	if i == importSecret {
		return "paste or type the secret first"
	}
	return "type a name first"
}

// created reads the date of making: none, a day, or a minute of it, in the zone of the screen.
func (d *importDialog) created(a *app) (time.Time, string) {
	text := strings.TrimSpace(d.form.value(importCreated))
	if text == "" {
		return time.Time{}, ""
	}
	for _, format := range []string{dateFormat, timeFormat} {
		at, err := time.ParseInLocation(format, text, a.opts.Location)
		switch {
		case err != nil:
		case at.After(a.now()):
			return at, "the date of making lies in the future"
		default:
			return at.UTC(), ""
		}
	}
	return time.Time{}, "a date of making is like 2026-11-22 or 2026-11-22 09:12, or empty if nobody knows"
}

// submit has the provider seal and keep the secret.
func (d *importDialog) submit(a *app) tea.Cmd {
	service, ok := a.service.(importer)
	if !ok {
		return nil
	}
	created, problem := d.created(a)
	if problem != "" {
		d.form.at, d.problem = importCreated, problem
		return nil
	}
	in, err := model.CheckImport(model.Import{
		Name: model.Name(d.form.value(importName)), Secret: model.NewSecret(d.form.value(importSecret)), CreatedAt: created,
		Note: strings.TrimSpace(d.form.value(importNote)),
	})
	if err != nil {
		d.problem = sentence(err)
		return nil
	}
	d.problem = ""
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "importing "+string(in.Name),
		func(ctx context.Context) (model.Key, error) { return service.Import(ctx, in) }, d.imported)
	return cmd
}

// imported is the answer to submit.
func (d *importDialog) imported(a *app, key model.Key, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, model.ErrNameTaken):
		d.form.at, d.problem = importName, "another key of this profile has this name"
		return a.catchUp()
	case err != nil:
		d.problem = orDoubt(err, "it was imported")
		return a.catchUp()
	}
	text := "imported " + model.Display(key.Name)
	if !a.listed(key) {
		text += "; the filter hides it"
	} else if a.whyNoTry() == "" {
		text += "; t tries it"
	}
	a.say(toneGood, text)
	a.list.put(key)
	d.form.fields[importSecret].field.clear()
	a.close(d)
	return a.catchUp()
}

// weakness is the warning about a weak secret, which is taken all the same, once it is all there.
func (d *importDialog) weakness() string {
	secret := d.form.value(importSecret)
	if secret == "" || d.form.at == importSecret {
		return ""
	}
	return model.WeakSecret(secret)
}

// remark is what there is to say of the field with the focus.
func (d *importDialog) remark(a *app) (text string, warning bool) {
	switch d.form.at {
	case importSecret:
		return "made elsewhere; it is sealed like your own, and no screen shows it as you paste it", false
	case importName:
		name := d.form.value(importName)
		if _, err := model.ParseName(name); err != nil && name != "" {
			return err.Error(), true
		}
		if a.list.newest().SameName(name) > 0 {
			return "another key of this profile has this name", true
		}
		return "what you call it; it never changes", false
	case importCreated:
		return "when it was made: 2026-11-22 or 2026-11-22 09:12, or empty if nobody knows", false
	default:
		return "where it is managed: an address or a sentence, or empty", false
	}
}

func (d *importDialog) content(a *app, w int) content {
	c := content{title: "Import a key", problem: d.problem}
	d.form.draw(a, &c, w, d.op != 0)
	text, warning := d.remark(a)
	s := a.theme.muted
	if warning {
		s = a.theme.warning
	}
	for _, line := range wrap(text, w) {
		c.body = append(c.body, s.on(line))
	}
	if weak := d.weakness(); weak != "" {
		for _, line := range wrap(weak, w) {
			c.body = append(c.body, a.theme.warning.on(line))
		}
	}
	if d.op != 0 {
		c.foot = "importing …"
	}
	return c
}
