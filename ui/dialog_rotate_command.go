package ui

import (
	"context"
	"errors"
	"slices"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// commandDialog gives the successor's secret to a command, and shows what that says. A failure keeps the dialog, and the step,
// open.
type commandDialog struct {
	guide   *rotateDialog
	field   field
	shell   bool
	problem string
	note    string
	op      opID
	output  *output // of the last run
	up      int     // how many lines the person has scrolled up from the end
	upMost  int     // as the last frame had it
}

// outputMost is how many lines of a command are kept.
const outputMost = 1000

// output is what a command says, while it says it.
type output struct {
	mu    sync.Mutex
	lines []string
}

func (o *output) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.lines) < outputMost {
		o.lines = append(o.lines, line)
	}
}

func (o *output) all() []string {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.lines)
}

func (d *rotateDialog) openCommand(a *app) tea.Cmd {
	a.open(&commandDialog{guide: d, field: newField(false), shell: a.rotations.line.Shell})
	return nil
}

func (d *commandDialog) press(_ *app, msg tea.KeyMsg) {
	if d.op == 0 {
		d.field.pressFor(msg, &d.problem)
	}
}

func (d *commandDialog) bindings(a *app) []binding {
	scroll := func(by int) func(*app) tea.Cmd {
		return func(*app) tea.Cmd {
			d.up = max(min(d.up+by, d.upMost), 0)
			return nil
		}
	}
	back, forth := bind("scroll up", scroll(5), "pgup").inHelp(), bind("scroll down", scroll(-5), "pgdown").inHelp()
	if d.up >= d.upMost {
		back = back.unless("this is where it begins")
	}
	if d.up == 0 {
		forth = forth.unless("this is where it ends")
	}
	scrolls := []binding{back, forth}
	if d.op != 0 {
		return append(scrolls, bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc"))
	}
	run := bind("run", d.submit, "enter")
	if d.field.value() == "" {
		run = run.unless("type a command that reads the secret, such as gh secret set API_KEY")
	}
	shell, earlier := "run by sh", a.rotations.line.Text
	if d.shell {
		shell = "run without sh"
	}
	again := bind("last command", func(*app) tea.Cmd { d.field.set(earlier); return nil }, "ctrl+p").inHelp()
	switch earlier {
	case "":
		again = again.unless("no command was run yet")
	case d.field.value():
		again = again.unless("this is the last command")
	}
	return append([]binding{
		run, bind(shell, func(*app) tea.Cmd { d.shell = !d.shell; return nil }, "tab"), again,
	}, append(scrolls, closing(d, "leave", "esc"))...)
}

func (d *commandDialog) submit(a *app) tea.Cmd {
	line, run := HandOverLine{Text: d.field.value(), Shell: d.shell}, a.opts.HandOver
	a.rotations.line = line
	return d.guide.withSecret(a, func(a *app, secret model.Secret) tea.Cmd {
		if d.op != 0 || !a.isOpen(d) {
			return nil
		}
		d.problem, d.note, d.up = "", "", 0
		said := &output{}
		d.output = said
		var cmd tea.Cmd
		d.op, cmd = begin(a, opWrite, "running the command",
			func(ctx context.Context) (struct{}, error) { return struct{}{}, run(ctx, line, secret, said.add) },
			d.ran)
		return cmd
	})
}

// ran is the answer to submit.
func (d *commandDialog) ran(a *app, _ struct{}, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, context.Canceled):
		d.problem = "the command was ended; look whether it has done something"
		return nil
	case err != nil:
		d.problem = sentence(err)
		return nil
	}
	d.note = "The command ended well: the key is handed over."
	a.say(toneGood, "handed over "+model.Display(d.guide.successor.Name))
	d.field.clear()
	return d.guide.done(a, model.StepHandOver, "A command has taken it.")
}

func (d *commandDialog) content(a *app, w int) content {
	c := content{title: "Give " + model.Display(d.guide.successor.Name) + " to a command", problem: d.problem}
	label := "Command: "
	if d.shell {
		label = "sh -c: "
	}
	said := d.output.all()
	c.window = func(room int) ([]string, *point) {
		text, x := d.field.draw(max(w-len(label), 1))
		lines := []string{label + a.theme.field.on(fit(text, max(w-len(label), 1)))}
		var cursor *point
		if d.op == 0 {
			cursor = &point{min(len(label)+x, max(w-1, 0)), 0}
		}
		left := room - 1
		var about []string
		if d.note != "" {
			about = wrapIn(a.theme.good, d.note, w)
		} else if len(said) == 0 {
			about = wrapIn(a.theme.muted, "It gets the secret on standard input: gh secret set API_KEY, vault kv put secret/app key=-. "+
				"It is run without a shell, unless tab asks for one.", w)
		}
		if len(about) <= left {
			lines = append(lines, about...)
			left -= len(about)
		}
		rows := min(len(said), max(left, 0))
		d.upMost = len(said) - rows
		d.up = min(d.up, d.upMost)
		for _, line := range said[len(said)-rows-d.up:][:rows] {
			lines = append(lines, cut(line, w))
		}
		return lines, cursor
	}
	if d.op != 0 {
		c.foot = "running …"
	}
	return c
}
