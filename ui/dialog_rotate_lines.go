package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// linesDialog shows the lines that export a secret as a variable, in one of several formats. They are masked until asked for,
// as a secret is, and after its time.
type linesDialog struct {
	guide  *rotateDialog
	field  field // the variable
	secret shownSecret
	scroll int
}

// noVariable is why nothing can be written or shown as a variable.
const noVariable = "type the variable's name first, such as API_KEY"

// openLines opens at once, so that what is typed is for it; the secret is fetched when it is asked for.
func (d *rotateDialog) openLines(a *app) tea.Cmd {
	a.open(&linesDialog{guide: d, field: newField(false)})
	return nil
}

// show fetches the secret, if that was not done, and shows the lines.
func (d *linesDialog) show(a *app) tea.Cmd {
	if !d.secret.secret.IsZero() {
		d.secret.show(a)
		return nil
	}
	return d.guide.withSecret(a, func(a *app, secret model.Secret) tea.Cmd {
		if a.isOpen(d) {
			d.secret.secret = secret
			d.secret.show(a)
		}
		return nil
	})
}

func (d *linesDialog) shown() *shownSecret { return &d.secret }

func (d *linesDialog) press(_ *app, msg tea.KeyMsg) { _ = d.field.press(msg) }

func (d *linesDialog) bindings(a *app) []binding {
	show := bind("show", d.show, "enter")
	if d.secret.visible(a.now()) {
		show = bind("hide", func(*app) tea.Cmd { d.secret.hide(); return nil }, "enter")
	}
	if d.variable() == "" {
		show = show.unless(noVariable)
	}
	return []binding{
		show,
		bind("next format", func(a *app) tea.Cmd {
			a.rotations.format = (a.rotations.format + 1) % len(a.opts.Formats)
			return nil
		}, "tab"),
		bind("down", func(*app) tea.Cmd { d.scroll++; return nil }, "down").inHelp(),
		bind("up", func(*app) tea.Cmd { d.scroll = max(d.scroll-1, 0); return nil }, "up").inHelp(),
		closing(d, "close", "esc"),
	}
}

func (d *linesDialog) variable() string { return d.field.value() }

func (d *linesDialog) content(a *app, w int) content {
	format := a.opts.Formats[a.rotations.format%len(a.opts.Formats)]
	c := content{title: "Export " + model.Display(d.guide.successor.Name)}
	var shown []string
	now := a.now()
	if d.variable() != "" && d.secret.visible(now) {
		text, err := format.Write(d.variable(), d.secret.secret)
		if err != nil {
			c.problem = sentence(err)
		}
		for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
			for _, part := range hardWrap(model.Display(line), w) {
				shown = append(shown, a.theme.title.on(part))
			}
		}
	} else {
		shown = []string{mask}
	}
	const label = "Variable: "
	c.window = func(room int) ([]string, *point) {
		text, x := d.field.draw(max(w-len(label), 1))
		lines := []string{label + a.theme.field.on(fit(text, max(w-len(label), 1)))}
		cursor := &point{min(len(label)+x, max(w-1, 0)), 0}
		if room >= 4 {
			lines = append(lines, cut(a.theme.muted.on("Format: "+model.Display(format.Name)+", "+model.Display(format.About)+" · tab changes it"), w), "")
		}
		left := max(room-len(lines), 0)
		d.scroll = max(min(d.scroll, len(shown)-left), 0)
		return append(lines, shown[d.scroll:min(d.scroll+left, len(shown))]...), cursor
	}
	if d.variable() == "" {
		c.foot = a.theme.muted.on("the name of the variable, such as API_KEY; then enter shows the lines")
	} else {
		c.foot = a.theme.muted.on(strings.Replace(a.shownFor(&d.secret), "v shows it", "enter shows it", 1))
	}
	return c
}
