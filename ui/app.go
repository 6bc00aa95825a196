package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// viewID is what fills the screen under the dialogs.
type viewID int

const (
	keysView viewID = iota
	activityView
)

// app is the one model of the program. Only Update and what it calls change it.
type app struct {
	opts      Options
	ctx       context.Context // ends with the program
	theme     theme
	clipboard Clipboard
	repaint   func() // makes the next frame a whole one
	resumed   func() // ends what waits for the end of a suspend

	width, height int
	away          bool // the window has lost the focus: nothing secret is shown
	profile       Profile
	service       Service
	view          viewID
	list          keyList
	activity      activityList
	dialogs       []dialog
	status        status
	copied        copied
	version       int64 // of the keys in list, as the watcher tells; 0 before the first answer

	ops       []op
	lastOp    opID
	loadOp    opID // reading the keys
	copyOp    opID // putting a secret into the clipboard
	copyWish  int  // counts what the person asked to copy: only the latest wish is fulfilled
	watchOp   opID // asking for the version
	spinning  bool
	spinFrame int
	work      *work
	crashes   *crashes

	cursorAt *point // where the last View put the cursor

	ended error // why the program ends, other than by the person's wish
}

// newApp returns the model before its first message. The size is that of the terminal, or 0 x 0 if it is not known.
func newApp(ctx context.Context, opts Options, width, height int) *app {
	return &app{
		opts: opts, ctx: ctx, theme: newTheme(), repaint: func() {}, resumed: func() {},
		width: width, height: height,
		profile: opts.Profile, service: opts.Service,
		work: &work{}, crashes: &crashes{},
	}
}

// now is the wall clock. The monotonic reading is dropped so that what has a lifetime also ends while a laptop sleeps.
func (a *app) now() time.Time { return a.opts.Now().Round(0) }

// Init reads the keys.
func (a *app) Init() tea.Cmd { return a.reload(opRead) }

// tickMsg comes once a second, from Run: a command that waits would cost a goroutine and a message more each time.
type tickMsg struct{}

// onTick ends what is over and asks whether another program has changed the keys.
func (a *app) onTick() tea.Cmd {
	now := a.now()
	a.expireStatus(now)
	a.expireSecrets(now)
	return tea.Batch(a.clearCopied(now), a.watch())
}

// loaded is what one reading of the keys brings.
type loaded struct {
	keys    []model.Key
	extent  extent
	version int64
}

// reload reads the keys. A newer reading takes the place of one under way. The version is read before the keys: a change
// in between is then seen as one.
func (a *app) reload(kind opKind) tea.Cmd {
	a.drop(a.loadOp)
	a.drop(a.watchOp)
	a.watchOp = 0
	service := a.service
	var cmd tea.Cmd
	a.loadOp, cmd = begin(a, kind, "reading the keys",
		func(ctx context.Context) (loaded, error) {
			var l loaded
			var err error
			if w, ok := service.(watcher); ok {
				if l.version, err = w.Version(ctx); err != nil {
					return l, err
				}
			}
			l.keys, err = service.List(ctx)
			l.extent = measure(l.keys)
			return l, err
		}, (*app).onLoaded)
	if a.view == activityView {
		return tea.Batch(cmd, a.reloadActivity())
	}
	return cmd
}

func (a *app) onLoaded(l loaded, err error) tea.Cmd {
	a.loadOp = 0
	if errors.Is(err, context.Canceled) {
		err = errors.New("reading the keys was given up")
	}
	if err != nil {
		if a.list.loaded && (a.list.err == nil || a.list.err.Error() != err.Error()) {
			a.fail(err)
		}
		a.list.err = err
		return nil
	}
	a.version = l.version
	a.list.set(l.keys, l.extent)
	a.follow()
	return nil
}

// follow brings the dialogs that speak of a key up to date with the list, and closes those whose key is gone, or says so
// where the person is typing.
func (a *app) follow() {
	for _, open := range slices.Backward(slices.Clone(a.dialogs)) {
		var key *model.Key
		switch d := open.(type) {
		case *detailsDialog:
			key = &d.key
		case *deleteDialog:
			if d.op != 0 {
				continue
			}
			key = &d.key
			d.confirm, d.byID = model.Confirmation(d.key, a.list.keys)
		default:
			continue
		}
		if now, ok := a.list.find(key.ID); ok {
			*key = now
			continue
		}
		if d, ok := open.(*deleteDialog); ok {
			d.gone = true
			continue
		}
		a.close(open)
		a.say(toneWarning, model.Display(key.Name)+" was deleted by another program")
	}
}

// watch asks for the version of the keys, unless they were never read or a question is still open. After a reading that
// failed, an answer is reason enough to read again.
func (a *app) watch() tea.Cmd {
	service, ok := a.service.(watcher)
	if !ok || !a.list.loaded || a.loadOp != 0 || a.watchOp != 0 {
		return nil
	}
	var cmd tea.Cmd
	a.watchOp, cmd = begin(a, opQuiet, "looking for changes", service.Version,
		func(a *app, version int64, err error) tea.Cmd {
			a.watchOp = 0
			if err != nil || version == a.version && a.list.err == nil {
				return nil
			}
			return a.reload(opQuiet)
		})
	return cmd
}
