package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// The fields of envFileDialog, in their order.
const (
	envPath = iota
	envVariable
)

// envFileDialog writes the secret of a key into a .env file. A file that git tracks is written only if a word is typed; of one
// that git does not ignore it asks whether git shall.
type envFileDialog struct {
	key     model.Key
	form    form
	tracked *TrackedFileError // asks for the word, or nil
	word    field
	exposed string // a file that was written, and that git does not ignore; or empty
	problem string
	op      opID // the writing under way, or 0
	// fetch brings the secret, and done is told where it was written to.
	fetch func(a *app, then func(*app, model.Secret) tea.Cmd) tea.Cmd
	done  func(a *app, said string) tea.Cmd
}

// trackingWord is what must be typed to write a secret into a file that git tracks.
const trackingWord = "tracked"

// newEnvFileDialog returns the dialog with what is proposed for the variable, or nothing.
func newEnvFileDialog(key model.Key, variable string) *envFileDialog {
	d := &envFileDialog{key: key, word: newField(false), form: form{fields: []formField{{"File", newField(false)}, {"Variable", newField(false)}}}}
	d.form.fields[envPath].field.set(".env")
	d.form.fields[envVariable].field.set(variable)
	if variable == "" {
		d.form.at = envVariable
	}
	return d
}

// toFile asks for the file that the chosen variable is written into.
func (d *useDialog) toFile(a *app) tea.Cmd {
	e := newEnvFileDialog(d.key, d.field.value())
	e.fetch = func(a *app, then func(*app, model.Secret) tea.Cmd) tea.Cmd {
		_, cmd := a.withSecret(d.key, func(a *app, secret model.Secret, err error) tea.Cmd {
			if err != nil {
				return nil
			}
			return then(a, secret)
		})
		return cmd
	}
	e.done = func(*app, string) tea.Cmd { return nil }
	a.replace(d, e)
	return nil
}

func (d *envFileDialog) press(_ *app, msg tea.KeyMsg) {
	switch {
	case d.op != 0 || d.exposed != "":
	case d.tracked != nil:
		d.problem = d.word.press(msg)
	default:
		d.problem = d.form.focused().press(msg)
	}
}

func (d *envFileDialog) bindings(a *app) []binding {
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
		if d.word.value() != trackingWord {
			write = write.unless("type the word " + trackingWord + " first")
		}
		return []binding{write, bind("another file", func(*app) tea.Cmd { d.tracked = nil; d.word.clear(); return nil }, "esc")}
	}
	write := bind("write", func(a *app) tea.Cmd { return d.submit(a, false) }, "enter")
	switch {
	case d.form.value(envVariable) == "":
		write = write.unless("type the variable's name first, such as API_KEY")
	case wrongVariable(d.form.value(envVariable)) != "":
		write = write.unless(wrongVariable(d.form.value(envVariable)))
	case d.form.value(envPath) == "":
		write = write.unless("a file needs a name")
	}
	return append(append([]binding{write}, d.form.moves()...), closing(d, "leave", "esc"))
}

func (d *envFileDialog) submit(a *app, tracked bool) tea.Cmd {
	line := EnvLine{Path: d.form.value(envPath), Variable: d.form.value(envVariable), Tracked: tracked}
	write := a.opts.EnvFile
	d.problem = ""
	return d.fetch(a, func(a *app, secret model.Secret) tea.Cmd {
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
func (d *envFileDialog) written(a *app, file EnvWritten, err error) tea.Cmd {
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
	variable := model.Display(d.form.value(envVariable))
	if file.Shared {
		a.say(toneWarning, "wrote "+variable+" into "+model.Display(file.Path)+", which others can read: chmod go-r keeps them out")
	} else {
		a.say(toneGood, "wrote "+variable+" into "+model.Display(file.Path))
	}
	d.tracked = nil
	if d.exposed = ""; file.Exposed {
		d.exposed = file.Path
	} else {
		a.close(d)
	}
	return d.done(a, "Written into "+model.Display(file.Path)+" as "+variable+".")
}

// ignore adds the file to the .gitignore beside it.
func (d *envFileDialog) ignore(a *app) tea.Cmd {
	ignore, path := a.opts.IgnoreFile, d.form.value(envPath)
	d.problem = ""
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

func (d *envFileDialog) content(a *app, w int) content {
	c := content{title: "Write " + model.Display(d.key.Name) + " into a .env file", problem: d.problem}
	if d.op != 0 {
		c.foot = "writing …"
	}
	switch {
	case d.exposed != "":
		c.title = "Let git ignore " + model.Display(d.exposed) + "?"
		c.body = wrap("It is written. The file lies in a git repository that does not ignore it: the next git add may publish the secret.", w)
		if d.op == 0 {
			c.foot = "i adds it to .gitignore"
		}
	case d.tracked != nil:
		c.title, c.danger = "Write into "+model.Display(d.tracked.Path)+"?", true
		c.body = append(c.body, wrap("git tracks this file: the secret goes into the next commit, and to whoever reads the repository. "+
			"Type the word "+trackingWord+" to write it all the same.", w)...)
		ask := form{fields: []formField{{"Word", d.word}}}
		ask.draw(a, &c, w, d.op != 0)
	default:
		d.form.draw(a, &c, w, d.op != 0)
		for _, line := range wrap("Only this variable's line changes. tab goes to the other field; ~ is your home directory.", w) {
			c.body = append(c.body, a.theme.muted.on(line))
		}
	}
	return c
}
