package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// envDialog writes the successor's secret into a .env file. Nothing is armed when it opens: the variable is empty.
type envDialog struct {
	guide          *rotateDialog
	path, variable field
	inPath         bool              // the file is being typed
	tracked        *TrackedFileError // asks for the word, or nil
	word           field
	exposed        string // a file that was written, and that git does not ignore; or empty
	problem        string
	op             opID
}

// trackedWord is what must be typed to write a secret into a file that git tracks.
const trackedWord = "tracked"

func (d *rotateDialog) openEnvFile(a *app) tea.Cmd {
	e := &envDialog{guide: d, path: newField(false), variable: newField(false), word: newField(false)}
	e.path.set(".env")
	a.open(e)
	return nil
}

func (d *envDialog) press(_ *app, msg tea.KeyMsg) {
	switch {
	case d.op != 0 || d.exposed != "":
	case d.tracked != nil:
		d.word.pressFor(msg, &d.problem)
	case d.inPath:
		d.path.pressFor(msg, &d.problem)
	default:
		d.variable.pressFor(msg, &d.problem)
	}
}

func (d *envDialog) bindings(a *app) []binding {
	switch {
	case d.op != 0:
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	case d.exposed != "":
		ignore := bind("add it to .gitignore", d.ignore, "i")
		if a.opts.IgnoreFile == nil {
			ignore = ignore.unless("that cannot be done here")
		}
		return []binding{ignore, closing(d, "leave it", "esc")}
	case d.tracked != nil:
		write := bind("write it all the same", func(a *app) tea.Cmd { return d.submit(a, true) }, "enter")
		if d.word.value() != trackedWord {
			write = write.unless("type the word " + trackedWord + " first")
		}
		return []binding{write, bind("another file", func(*app) tea.Cmd { d.tracked = nil; d.word.clear(); return nil }, "esc")}
	}
	write := bind("write", func(a *app) tea.Cmd { return d.submit(a, false) }, "enter")
	switch {
	case d.variable.value() == "":
		write = write.unless(noVariable)
	case d.path.value() == "":
		write = write.unless("a file needs a name")
	}
	return []binding{
		write,
		bind("other field", func(*app) tea.Cmd { d.inPath = !d.inPath; return nil }, "tab", "shift+tab", "up", "down").as("tab"),
		closing(d, "leave", "esc"),
	}
}

func (d *envDialog) submit(a *app, tracked bool) tea.Cmd {
	line := EnvLine{Path: d.path.value(), Variable: d.variable.value(), Tracked: tracked}
	write := a.opts.EnvFile
	d.problem = ""
	return d.guide.withSecret(a, func(a *app, secret model.Secret) tea.Cmd {
		if d.op != 0 || !a.isOpen(d) {
			return nil
		}
		var cmd tea.Cmd
		d.op, cmd = begin(a, opWrite, "writing "+model.Display(line.Path),
			func(ctx context.Context) (EnvWritten, error) { return write(ctx, line, secret) }, d.written)
		return cmd
	})
}

// written is the answer to submit.
func (d *envDialog) written(a *app, file EnvWritten, err error) tea.Cmd {
	d.op = 0
	tracked := (*TrackedFileError)(nil)
	switch {
	case errors.As(err, &tracked):
		d.tracked = tracked
		d.word.clear()
		return nil
	case errors.Is(err, context.Canceled):
		d.problem = "cancelled; look whether it was written"
		return nil
	case err != nil:
		d.problem = sentence(err)
		return nil
	}
	said := "Written into " + model.Display(file.Path) + " as " + model.Display(d.variable.value()) + "."
	a.say(toneGood, "wrote "+model.Display(d.variable.value())+" into "+model.Display(file.Path))
	d.tracked = nil
	if d.exposed = ""; file.Exposed {
		d.exposed = file.Path
	} else {
		a.close(d)
	}
	return d.guide.done(a, model.StepHandOver, said)
}

// ignore adds the file to the .gitignore beside it.
func (d *envDialog) ignore(a *app) tea.Cmd {
	ignore, path := a.opts.IgnoreFile, d.path.value()
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "adding "+model.Display(path)+" to .gitignore",
		func(ctx context.Context) (struct{}, error) { return struct{}{}, ignore(ctx, path) },
		func(a *app, _ struct{}, err error) tea.Cmd {
			d.op = 0
			if err != nil {
				d.problem = sentence(err)
				return nil
			}
			a.say(toneGood, "git ignores "+model.Display(path)+" now")
			a.close(d)
			return nil
		})
	return cmd
}

func (d *envDialog) content(a *app, w int) content {
	c := content{title: "Write " + model.Display(d.guide.successor.Name) + " into a .env file", problem: d.problem}
	draw := func(label string, f *field, focus bool) {
		room := max(w-len(label), 1)
		text, x := f.draw(room)
		if focus {
			c.focus = len(c.body)
			if d.op == 0 {
				c.cursor = &point{min(len(label)+x, max(w-1, 0)), len(c.body)}
			}
		}
		c.body = append(c.body, label+a.theme.field.on(fit(text, room)))
	}
	switch {
	case d.exposed != "":
		c.title = "Let git ignore " + model.Display(d.exposed) + "?"
		c.body = wrap("It is written. The file lies in a git repository that does not ignore it: the next git add may publish the secret.", w)
		if d.op == 0 {
			c.foot = "i adds it to .gitignore"
		}
		return c
	case d.tracked != nil:
		c.title, c.danger = "Write into "+model.Display(d.tracked.Path)+"?", true
		c.body = append(c.body, wrap("git tracks this file: the secret goes into the next commit, and to whoever reads the repository. "+
			"Type the word "+trackedWord+" to write it all the same.", w)...)
		draw("Word: ", &d.word, true)
	default:
		draw("File:     ", &d.path, d.inPath)
		draw("Variable: ", &d.variable, !d.inPath)
		c.body = append(c.body, wrapIn(a.theme.muted, "Only this variable's line changes. tab goes to the other field; ~ is your home directory.", w)...)
	}
	if d.op != 0 {
		c.foot = "writing …"
	}
	return c
}
