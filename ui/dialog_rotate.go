package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// rotateDialog is the guide through the five steps of a rotation. Each is visible with its state, and the one that is looked
// at says what to do. What is done is with the provider: the guide can be left at any moment and taken up again.
type rotateDialog struct {
	self           dialog    // the guide as it stands on the stack
	profile        string    // that the keys are of
	old, successor model.Key // the successor's ID is empty as long as there is none
	rotation       model.Rotation
	begun          bool
	step           model.Step // the one that is looked at
	skipped        bool       // the check was left out in this guide

	name, secret field // of the successor; the secret only if it is made elsewhere
	elsewhere    bool
	inSecret     bool         // the secret is being typed
	made         model.Secret // of the successor where the provider cannot give it again
	opened       time.Time    // for the first step, which takes no enter that was typed ahead

	problem string
	note    string // what was done last, at which step
	noted   model.Step
	gone    string // why the rotation is over; then there is only the way out
	token   bool   // it was looked whether the old key is the token of the profile
	op      opID   // what is under way, or 0
	tries   tries
}

func newRotateDialog(a *app, key model.Key) *rotateDialog {
	d := &rotateDialog{profile: a.profile.Name, old: key, step: model.StepCreate, name: newField(false), secret: newSecretField(), opened: a.now()}
	d.self = d
	_, makes := a.service.(successorMaker)
	d.elsewhere = key.Imported || !makes
	if _, rotating := a.rotations.find(key.ID); !rotating && !key.Rotating {
		d.self = &rotateStart{d}
		d.name.set(string(model.SuccessorName(key.Name, a.now().In(a.opts.Location), func(name string) bool {
			return a.list.newest().SameName(name) > 0
		})))
	}
	return d
}

// rotateStart is the guide at its first step, where there is something to type.
type rotateStart struct{ *rotateDialog }

func (d *rotateStart) press(_ *app, msg tea.KeyMsg) {
	f := &d.name
	if d.inSecret {
		f = &d.secret
	}
	if d.op == 0 && d.gone == "" {
		f.pressFor(msg, &d.problem)
	}
}

// guide is a dialog that leads through a rotation.
type guide interface{ guide() *rotateDialog }

func (d *rotateDialog) guide() *rotateDialog { return d }

// adopt takes what is known of the rotation: it may have been begun by another program, or be over.
func (d *rotateDialog) adopt(a *app) {
	rotation, ok := a.rotations.find(d.old.ID)
	switch {
	case d.gone != "":
		return
	case !ok && d.begun && a.rotations.op == 0 && d.op == 0:
		d.over("this rotation is over: one of its keys was deleted")
		return
	case !ok:
		return
	}
	first := !d.begun
	d.rotation, d.begun = rotation, true
	for id, key := range map[string]*model.Key{rotation.OldID: &d.old, rotation.NewID: &d.successor} {
		if now, ok := a.list.find(id); ok {
			*key = now
		} else if key.ID != id {
			*key = model.Key{ID: id, Name: id}
		}
	}
	if first {
		d.secret.clear()
		d.step = d.next(a)
		a.replace(d.self, d)
		d.self = d
	}
}

// over ends the guide. It stays open, or the next key that is pressed would act on the list.
func (d *rotateDialog) over(why string) {
	d.gone = why
	d.secret.clear()
	d.made = model.Secret{}
}

// follow takes the keys as the list has them now.
func (d *rotateDialog) follow(a *app) tea.Cmd { //nolint:unparam // other dialogs that follow have something to do
	if d.gone != "" || d.op != 0 {
		return nil
	}
	if now, ok := a.list.find(d.old.ID); ok {
		d.old = now
	} else if a.list.whole {
		d.over(model.Display(d.old.Name) + " was deleted by another program")
		return nil
	}
	if d.successor.ID == "" {
		return nil
	}
	if now, ok := a.list.find(d.successor.ID); ok {
		d.successor = now
	} else if a.list.whole {
		d.over(model.Display(d.successor.Name) + " was deleted: " + model.Display(d.old.Name) + " goes on as before")
	}
	return nil
}

// next is the step where the rotation goes on.
func (d *rotateDialog) next(a *app) model.Step {
	if !d.begun {
		return model.StepCreate
	}
	if step := a.nextStep(d.rotation); step != model.StepCheck || !d.skipped {
		return step
	}
	return model.StepWatch
}

func (d *rotateDialog) changesKeys() bool { return d.op == 0 && d.gone == "" }

func (d *rotateDialog) bindings(a *app) []binding {
	switch {
	case d.gone != "":
		return []binding{closing(d.self, "close", "esc")}
	case d.op != 0:
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	case !d.begun:
		list := []binding{bind("make the new key", d.create, "enter").unless(d.whyNotYet(a))}
		if d.elsewhere {
			list = append(list, bind("other field", func(*app) tea.Cmd { d.inSecret = !d.inSecret; return nil }, "tab", "shift+tab", "down", "up").as("tab"))
		}
		return append(list, closing(d.self, "leave", "esc"))
	}
	leave := bind("leave", func(a *app) tea.Cmd {
		a.close(d.self)
		a.say(toneInfo, model.Display(d.old.Name)+" waits at step "+d.next(a).String()+" · R goes on")
		return nil
	}, "esc", "q").as("esc")
	if d.trying() {
		leave = bind(cancelHelp, d.giveUpTrying, "esc")
	}
	return append(append(d.actions(a), d.moves()...), leave)
}

// moves look at another step.
func (d *rotateDialog) moves() []binding {
	move := func(delta int) func(*app) tea.Cmd {
		return func(*app) tea.Cmd {
			last := int(model.StepDelete)
			d.step = model.Step((int(d.step)-1+delta+last)%last + 1)
			return nil
		}
	}
	return []binding{
		bind("next step", move(1), "down", "j").inHelp(), bind("step before", move(-1), "up", "k").inHelp(),
	}
}

// actions are what can be done at the step that is looked at. An old key that has leaked can be ended at any of them.
func (d *rotateDialog) actions(a *app) []binding {
	end := bind("end the old key", d.openEnd, "e").unless(d.whyNoEnd(a))
	switch d.step {
	case model.StepHandOver:
		return []binding{
			bind("copy", d.copy, "c", "y").as("c").unless(d.whyNoSecret(a)),
			bind(".env file", d.openEnvFile, "w").unless(d.whyNoWay(a, a.opts.EnvFile == nil, "no .env file can be written here")),
			bind("command", d.openCommand, "x").unless(d.whyNoWay(a, a.opts.HandOver == nil, "no command can be run here")),
			bind("export lines", d.openLines, "l").unless(d.whyNoWay(a, len(a.opts.Formats) == 0, "no lines can be shown here")),
			bind("it is handed over", func(a *app) tea.Cmd { return d.done(a, model.StepHandOver, "") }, "o").unless(a.whyNoChange()),
			end.inHelp(),
		}
	case model.StepCheck:
		return []binding{
			bind("try", d.try, "t").unless(d.whyNoTry(a)),
			bind("go on without", func(*app) tea.Cmd { d.skipped, d.step = true, model.StepWatch; d.problem = ""; return nil }, "o"),
			end.inHelp(),
		}
	case model.StepWatch:
		return []binding{
			end,
			bind("watched enough", func(a *app) tea.Cmd { return d.done(a, model.StepWatch, "") }, "o").unless(a.whyNoChange()),
		}
	case model.StepDelete:
		return []binding{
			bind("delete the old key", func(a *app) tea.Cmd { return a.openDelete(d.old) }, "d", "delete").as("d").unless(a.whyNoTouch()),
			end.inHelp(),
		}
	default:
		return []binding{end.inHelp()}
	}
}

// whyNoSecret says why the successor's secret cannot be had, or nothing.
func (d *rotateDialog) whyNoSecret(a *app) string {
	if !d.made.IsZero() {
		return ""
	}
	return a.whyNoSecret()
}

func (d *rotateDialog) whyNoWay(a *app, lacks bool, why string) string {
	if lacks {
		return why
	}
	return d.whyNoSecret(a)
}

// whyNotYet keeps enter from making the successor: what was typed ahead was meant for the list.
func (d *rotateDialog) whyNotYet(a *app) string {
	if !a.settled(d.opened) {
		return "the guide has just opened: press enter again"
	}
	if why := a.whyNoTouch(); why != "" {
		return why
	}
	if _, err := model.ParseName(d.name.value()); err != nil {
		return sentence(err)
	}
	if d.elsewhere && d.secret.value() == "" {
		return "make the new key where the old one is managed, and paste its secret"
	}
	return ""
}

// create makes the successor, or takes the pasted one, and begins the rotation.
func (d *rotateDialog) create(a *app) tea.Cmd {
	name, err := model.ParseName(d.name.value())
	if err != nil {
		d.problem = sentence(err)
		return nil
	}
	d.problem = ""
	id, in := d.old.ID, model.Import{Name: name, Secret: model.NewSecret(d.secret.value()), Note: d.old.Note}
	keeper, _ := a.service.(rotator)
	maker, _ := a.service.(successorMaker)
	elsewhere, draft := d.elsewhere, model.Draft{Name: name, Role: d.old.Role}
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "making "+string(name), func(ctx context.Context) (model.Issued, error) {
		if elsewhere {
			key, err := keeper.RotateImport(ctx, id, in)
			return model.Issued{Key: key, Secret: in.Secret}, err
		}
		return maker.Rotate(ctx, id, draft)
	}, d.created)
	return cmd
}

// created is the answer to create.
func (d *rotateDialog) created(a *app, issued model.Issued, err error) tea.Cmd {
	d.op = 0
	switch {
	case errors.Is(err, model.ErrNameTaken):
		d.problem = "another key of this profile has this name"
	case errors.Is(err, context.Canceled):
		d.problem = "cancelled; the guide goes on if the key was made all the same"
	case errors.Is(err, model.ErrOutcomeUnknown):
		d.problem = "no answer told whether the key was made: the guide goes on if it was"
	case err != nil:
		d.problem = sentence(err)
	}
	if err != nil { // the rotation may have begun all the same, here or in another program
		return tea.Batch(a.loadRotations(), a.catchUp())
	}
	d.secret.clear()
	if a.whyNoSecretAgain() != "" {
		d.made = issued.Secret
	}
	d.old.Rotating = true
	a.list.apply(model.Changes{Keys: []model.Key{d.old}})
	a.list.put(issued.Key)
	d.token = true
	began := model.Rotation{OldID: d.old.ID, NewID: issued.Key.ID, BeganAt: a.now()}
	a.rotations.list = append([]model.Rotation{began}, a.rotations.list...)
	d.adopt(a)
	d.tell(model.Display(issued.Key.Name) + " was made. Both keys work.")
	if issued.IsToken {
		d.tell(d.note + " " + d.presents())
	}
	return tea.Batch(a.loadRotations(), a.catchUp())
}

// done notes that a step is done, and goes on to the next one. What is said tells how it was done.
func (d *rotateDialog) done(a *app, step model.Step, said string) tea.Cmd {
	service, ok := a.service.(rotator)
	if !ok {
		return nil
	}
	d.problem = ""
	id := d.old.ID
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "noting the step "+step.String(),
		func(ctx context.Context) (struct{}, error) { return struct{}{}, service.StepDone(ctx, id, step) },
		func(a *app, _ struct{}, err error) tea.Cmd {
			d.op = 0
			if err != nil {
				d.problem = "the step was not noted: " + sentence(err)
				return tea.Batch(a.loadRotations(), a.catchUp())
			}
			d.mark(a, step)
			d.tell(said)
			return tea.Batch(a.loadRotations(), a.catchUp())
		})
	return cmd
}

// tell shows what was done at the step that is looked at.
func (d *rotateDialog) tell(note string) { d.note, d.noted = note, d.step }

// mark is what the provider has noted, until it is read again.
func (d *rotateDialog) mark(a *app, step model.Step) {
	for _, r := range []*model.Rotation{&d.rotation, a.rotations.pointer(d.rotation.OldID)} {
		if r == nil {
			continue
		}
		at := map[model.Step]*time.Time{
			model.StepHandOver: &r.HandedOverAt, model.StepCheck: &r.CheckedAt, model.StepWatch: &r.WatchedAt,
		}[step]
		if at.IsZero() {
			*at = a.now()
		}
	}
	if d.step == step {
		d.step = d.next(a)
	}
}

// pointer returns the rotation of an old key in the list, or nil.
func (r *rotations) pointer(oldID string) *model.Rotation {
	for i := range r.list {
		if r.list[i].OldID == oldID {
			return &r.list[i]
		}
	}
	return nil
}

// withSecret goes on with the secret of the successor, for which it may ask for the passphrase.
func (d *rotateDialog) withSecret(a *app, then func(*app, model.Secret) tea.Cmd) tea.Cmd {
	if !d.made.IsZero() {
		return then(a, d.made)
	}
	_, cmd := a.withSecret(d.successor, func(a *app, secret model.Secret, err error) tea.Cmd {
		if err != nil || !a.isOpen(d.self) {
			return nil
		}
		return then(a, secret)
	})
	return cmd
}

func (d *rotateDialog) copy(a *app) tea.Cmd {
	d.tell("Paste it where the old key is used; then o says that it is handed over.")
	if d.made.IsZero() {
		return a.copyKey(d.successor)
	}
	return a.copySecret(d.successor, d.made)
}

// usedSince says whether the old key was used after the successor was handed over, as far as the provider tells.
func (d *rotateDialog) usedSince(now time.Time) string {
	used, handed := d.old.LastUse, d.rotation.HandedOverAt
	switch {
	case !used.Reported:
		return "This provider does not report use: look at what uses the key."
	case handed.IsZero():
		return "The new key is not handed over yet."
	case used.At.After(handed):
		return fmt.Sprintf("The old key was used %s, after the new one was handed over: something still sends it.", used.Used(now))
	}
	return "The old key was not used since the new one was handed over."
}
