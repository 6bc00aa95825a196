package ui

import (
	"cmp"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// useDialog hands the secret of one key to a program: as a line in one of several formats, by way of the clipboard, or
// written into a .env file. It shows no secret.
type useDialog struct {
	key     model.Key
	field   field // the variable
	cursor  int   // a format, or behind the last one the file
	scroll  scrollTop
	problem string
	op      opID // the secret is being fetched, or 0
}

// whyNoUse says why a secret cannot be handed to a program, or nothing.
func (a *app) whyNoUse() string {
	if len(a.opts.Formats) == 0 {
		return "keys cannot be handed to programs here"
	}
	return a.whyNoSecret()
}

func (a *app) openUse(key model.Key) tea.Cmd {
	d := &useDialog{key: key, field: newField(false)}
	d.field.set(a.variable())
	a.open(d)
	return nil
}

// variable is the name that is proposed for a secret: API_KEY, after the name of the profile unless that is the first one,
// whose keys may belong to anything.
func (a *app) variable() string {
	const plain = "API_KEY"
	if len(a.opts.Profiles) == 0 || a.profile.Name == a.opts.Profiles[0].Name {
		return plain
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, a.profile.Name)
	if name = strings.Trim(name, "_"); wrongVariable(name) != "" {
		return plain
	}
	return name + "_" + plain
}

// wrongVariable says what keeps a text from being the name of a variable, or nothing.
func wrongVariable(name string) string {
	const rule = "a variable has letters, digits and _, and begins with no digit"
	if name == "" {
		return "type the name of a variable first"
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return rule
		}
	}
	return ""
}

func (d *useDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.problem = d.field.press(msg)
	}
}

// choices is how many ways there are.
func (d *useDialog) choices(a *app) int {
	if a.opts.EnvFile == nil {
		return len(a.opts.Formats)
	}
	return len(a.opts.Formats) + 1
}

func (d *useDialog) bindings(a *app) []binding {
	if d.op != 0 {
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.drop(d.op); d.op = 0; return nil }, "esc")}
	}
	enter := bind("copy", d.submit, "enter").unless(cmp.Or(wrongVariable(d.field.value()), a.whyLost()))
	if d.cursor == len(a.opts.Formats) {
		enter = bind("choose the file", d.toFile, "enter").unless(wrongVariable(d.field.value()))
	}
	return []binding{
		enter,
		bind("down", func(*app) tea.Cmd { d.cursor = min(d.cursor+1, d.choices(a)-1); return nil }, "down", "tab").as("↑/↓"),
		bind("up", func(*app) tea.Cmd { d.cursor = max(d.cursor-1, 0); return nil }, "up", "shift+tab").inHelp(),
		closing(d, "leave", "esc"),
	}
}

// submit puts the secret, in the chosen format, into the clipboard.
func (d *useDialog) submit(a *app) tea.Cmd {
	d.problem = ""
	format, variable := a.opts.Formats[d.cursor], d.field.value()
	var cmd tea.Cmd
	d.op, cmd = a.withSecret(d.key, func(a *app, secret model.Secret, err error) tea.Cmd {
		d.op = 0
		if err != nil || !a.isOpen(d) {
			return nil
		}
		text, err := format.Write(variable, secret)
		if err != nil {
			d.problem = sentence(err)
			return nil
		}
		a.close(d)
		named := d.key
		named.Name += " as " + format.Name
		return a.copySecret(named, model.NewSecret(strings.TrimRight(text, "\n")))
	})
	return cmd
}

func (d *useDialog) content(a *app, w int) content {
	c := content{title: "Use " + model.Display(d.key.Name) + " in a program", problem: d.problem}
	if d.problem == "" && d.field.value() != "" {
		c.problem = wrongVariable(d.field.value())
	}
	if d.op != 0 {
		c.foot = "unsealing …"
	}
	c.window = func(room int) ([]string, *point) { return d.window(a, w, room) }
	return c
}

// window lays out the name of the variable, which is always there, and the ways under it.
func (d *useDialog) window(a *app, w, room int) ([]string, *point) {
	const label = "Variable: "
	text, x := d.field.draw(max(w-len(label), 1))
	first := label + a.theme.field.on(fit(text, max(w-len(label), 1)))
	name, about := len(".env file"), len("into a file: only this variable's line changes")
	for _, format := range a.opts.Formats {
		name, about = max(name, width(model.Display(format.Name))), max(about, width(model.Display(format.About)))
	}
	widths := gridWidths(w-len("> "), []gridColumn{{"", name, 6, 0}, {"", about, 10, 1}})
	lines, _ := a.tableWindow(&d.scroll, room-1, d.cursor, d.choices(a), nil, nil, func(i int) string {
		name, about := ".env file", "into a file: only this variable's line changes"
		if i < len(a.opts.Formats) {
			name, about = model.Display(a.opts.Formats[i].Name), model.Display(a.opts.Formats[i].About)
		}
		name = cut(name, widths[0])
		if i == d.cursor {
			name = a.theme.selected.on(name)
		}
		return gridLine([]string{name, a.theme.muted.on(about)}, widths)
	})
	lines = append([]string{first}, lines...)
	if d.op != 0 {
		return lines, nil
	}
	return lines, &point{min(len(label)+x, max(w-1, 0)), 0}
}
