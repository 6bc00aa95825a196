package ui

import (
	"cmp"
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// rotator is a service that remembers which key replaces which. RotateImport begins a rotation with a secret that was made
// elsewhere.
type rotator interface {
	RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error)
	Rotations(ctx context.Context) ([]model.Rotation, error)
	StepDone(ctx context.Context, oldID string, step model.Step) error
}

// successorMaker is a rotator that makes the successor's secret itself.
type successorMaker interface {
	Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error)
}

// ender is a service whose keys can be given an end.
type ender interface {
	End(ctx context.Context, id string, at time.Time) (model.Key, error)
}

// HandOverLine is a command that a person typed, to which a secret is given on its standard input.
type HandOverLine struct {
	// Text is the line. It is taken apart without a shell, unless Shell asks for one.
	Text  string
	Shell bool
}

// waitsFor is how long the start says which rotation waits.
const waitsFor = time.Minute

// rotations are the unfinished rotations of the profile, as they were read last.
type rotations struct {
	list   []model.Rotation // those that began last first
	op     opID             // the reading under way, or 0
	told   bool             // the start has said which one waits
	line   HandOverLine     // the command that was run last
	format int              // how export lines were shown last
}

// find returns the rotation that a key is part of.
func (r *rotations) find(id string) (model.Rotation, bool) {
	for _, rotation := range r.list {
		if rotation.OldID == id || rotation.NewID == id {
			return rotation, true
		}
	}
	return model.Rotation{}, false
}

// loadRotations reads the unfinished rotations, and brings the guides up to date with them.
func (a *app) loadRotations() tea.Cmd {
	service, ok := a.service.(rotator)
	if !ok {
		return nil
	}
	a.drop(a.rotations.op)
	var cmd tea.Cmd
	a.rotations.op, cmd = begin(a, opQuiet, "reading the rotations", service.Rotations, (*app).onRotations)
	return cmd
}

func (a *app) onRotations(list []model.Rotation, err error) tea.Cmd {
	r := &a.rotations
	r.op = 0
	if err != nil {
		return nil // what is known stays, and the next change asks again
	}
	r.list = list
	var cmds []tea.Cmd
	for _, open := range a.dialogs {
		if d, ok := open.(guide); ok {
			d.guide().adopt(a)
			cmds = append(cmds, d.guide().followToken(a))
		}
	}
	if !r.told {
		r.told = true
		a.sayWhatWaits()
	}
	return tea.Batch(cmds...)
}

// sayWhatWaits says which rotation waits at which step, unless there is something newer to say.
func (a *app) sayWhatWaits() {
	list := a.rotations.list
	if len(list) == 0 || a.status.text != "" || len(a.dialogs) > 0 {
		return
	}
	old, ok := a.list.find(list[0].OldID)
	if !ok {
		return
	}
	step := a.nextStep(list[0])
	text := fmt.Sprintf("%s waits at step %d of 5, %s · R goes on", model.Display(old.Name), step, step)
	if len(list) > 1 {
		text = fmt.Sprintf("%s rotations wait · %s at step %d of 5, %s · R shows them",
			count(len(list)), model.Display(old.Name), step, step)
	}
	a.say(toneWarning, text)
	a.status.until = a.now().Add(waitsFor)
}

// nextStep is where a rotation goes on: a profile without APIs has nothing to check.
func (a *app) nextStep(r model.Rotation) model.Step {
	if step := r.Next(); step != model.StepCheck || a.whyNoCheck() == "" {
		return step
	}
	return model.StepWatch
}

// whyNoCheck says why no successor can be tried, or nothing.
func (a *app) whyNoCheck() string {
	if len(a.opts.APIs) == 0 || a.opts.Try == nil {
		return "this profile has no APIs to ask"
	}
	return ""
}

// rotateBinding begins the rotation of a key, or goes on with it.
func (a *app) rotateBinding(key model.Key, none string) binding {
	return bind("rotate", func(a *app) tea.Cmd { return a.openRotate(key) }, "r").unless(cmp.Or(a.whyNoRotate(key, none), a.whyNoTouch()))
}

// rotationsBinding shows the unfinished rotations.
func (a *app) rotationsBinding() binding {
	why := a.whyNoRotator()
	if why == "" && len(a.rotations.list) == 0 {
		why = "no rotation is unfinished; r on a key begins one"
	}
	return bind("unfinished rotations", func(a *app) tea.Cmd {
		a.open(&rotationsDialog{})
		return a.loadRotations()
	}, "R").inHelp().unless(why)
}

func (a *app) whyNoRotator() string {
	if _, ok := a.service.(rotator); !ok {
		return "this provider does not remember rotations"
	}
	return ""
}

// whyNoRotate says why a key cannot be rotated, if so; none says why there is no key.
func (a *app) whyNoRotate(key model.Key, none string) string {
	if none != "" {
		return none
	}
	if why := a.whyNoRotator(); why != "" || key.Rotating {
		return why
	}
	if _, ok := a.rotations.find(key.ID); ok {
		return ""
	}
	switch key.StatusAt(a.now()) {
	case model.StatusExpired:
		return "an expired key cannot be rotated; n makes a new one"
	case model.StatusDisabled:
		return "a disabled key cannot be rotated; n makes a new one"
	default:
		return ""
	}
}

// openRotate opens the guide for a key: at the beginning, or where its rotation goes on.
func (a *app) openRotate(key model.Key) tea.Cmd {
	d := newRotateDialog(a, key)
	a.open(d.self)
	d.adopt(a)
	// The button is drawn anew when it takes enter.
	return tea.Batch(d.followToken(a), a.loadRotations(), tea.Tick(settle, func(time.Time) tea.Msg { return settledMsg{} }))
}

// settledMsg says that a dialog which took no enter when it opened takes it now.
type settledMsg struct{}

// rotationsDialog shows the unfinished rotations.
type rotationsDialog struct {
	cursor int
	top    int
}

func (d *rotationsDialog) most() int { return bulkMost }

// follow keeps the dialog beside the guide's own.
func (d *rotationsDialog) follow(*app) tea.Cmd { return nil }

func (d *rotationsDialog) bindings(a *app) []binding {
	last := len(a.rotations.list) - 1
	goOn := bind("go on", func(a *app) tea.Cmd {
		rotation := a.rotations.list[min(d.cursor, last)]
		key, ok := a.list.find(rotation.OldID)
		if !ok {
			a.say(toneWarning, "the key is not in the list yet; ctrl+r reads it again")
			return nil
		}
		return a.openRotate(key)
	}, "enter")
	if last < 0 {
		goOn = goOn.unless("no rotation is unfinished")
	}
	return []binding{
		bind("down", func(*app) tea.Cmd { d.cursor = max(min(d.cursor+1, last), 0); return nil }, "down", "j").inHelp(),
		bind("up", func(*app) tea.Cmd { d.cursor = max(d.cursor-1, 0); return nil }, "up", "k").inHelp(),
		goOn,
		closing(d, "close", "esc", "q", "R").as("esc"),
	}
}

func (d *rotationsDialog) content(a *app, w int) content {
	list := a.rotations.list
	d.cursor = max(min(d.cursor, len(list)-1), 0)
	c := content{title: "Unfinished rotations", focus: d.cursor}
	if len(list) == 0 {
		c.body = wrap("None: each successor has taken its key's place.", w)
		return c
	}
	const step, began = len("2 hand over"), len("BEGAN")
	names := max((w-2-2*gap-step-gap-began)/2, 4)
	row := func(old, successor, next, age string) string {
		return fit(old, names) + spaces(gap) + fit(successor, names) + spaces(gap) + fit(next, step) + spaces(gap) + age
	}
	c.window = func(room int) ([]string, *point) {
		lines := []string{}
		if room > 3 {
			lines = append(lines, a.theme.muted.on(cut("  "+row("OLD", "NEW", "NEXT STEP", "BEGAN"), w)))
			room--
		}
		d.top = scrolled(d.top, d.cursor, len(list), room)
		for i := d.top; i < len(list) && i < d.top+room; i++ {
			next := a.nextStep(list[i])
			line := row(a.nameOf(list[i].OldID), a.nameOf(list[i].NewID), fmt.Sprintf("%d %s", next, next),
				model.Age(list[i].BeganAt, a.now()))
			if i == d.cursor {
				line = a.theme.selected.on(cut("> "+line, w))
			} else {
				line = cut("  "+line, w)
			}
			lines = append(lines, line)
		}
		return lines, nil
	}
	return c
}

// nameOf is the name of a key, to be shown.
func (a *app) nameOf(id string) string {
	if key, ok := a.list.find(id); ok {
		return model.Display(key.Name)
	}
	return model.Display(id)
}

// pressFor is press that replaces a problem only if there is a new one, or the text has changed: moving about answers
// nothing.
func (f *field) pressFor(msg tea.KeyMsg, problem *string) {
	before := f.value()
	if now := f.press(msg); now != "" || f.value() != before {
		*problem = now
	}
}
