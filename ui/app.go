package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/ui/table"
)

// viewID is what fills the screen under the dialogs.
type viewID int

const (
	keysView viewID = iota
	apisView
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
	link          link
	filter        filterLine
	held          []tea.KeyMsg // keys that wait for the rows they were pressed for
	apis          apiList
	activity      activityList
	rotations     rotations
	dialogs       []dialog
	status        status
	copied        copied
	version       int64 // of the keys in list, as the watcher tells; 0 before the first answer

	ops        []op
	lastOp     opID
	reading    *reading // of all keys, under way; or nil
	pace       time.Duration
	loadOp     opID // the next portion of the keys
	searchOp   opID // which keys are shown, and in which order
	stopSearch context.CancelFunc
	atOnce     time.Duration // how long Update itself searches; 0 for not at all
	runSearch  func(context.Context, *table.Search) (*table.Listing, bool)
	copyOp     opID // putting a secret into the clipboard
	copyWish   int  // counts what the person asked to copy: only the latest wish is fulfilled
	watchOp    opID // asking for the version
	changesOp  opID // asking for what has changed
	spinning   bool
	spinFrame  int
	work       *work
	crashes    *crashes

	cursorAt *point // where the last View put the cursor

	ended error // why the program ends, other than by the person's wish
}

// newApp returns the model before its first message. The size is that of the terminal, or 0 x 0 if it is not known.
func newApp(ctx context.Context, opts Options, width, height int) *app {
	return &app{
		opts: opts, ctx: ctx, theme: newTheme(), repaint: func() {}, resumed: func() {},
		width: width, height: height,
		profile: opts.Profile, service: opts.Service, list: newKeyList(), filter: newFilterLine(nil),
		pace: loadPace, atOnce: searchAtOnce, runSearch: runSearch, stopSearch: func() {},
		work: &work{}, crashes: &crashes{},
	}
}

// now is the wall clock. The monotonic reading is dropped so that what has a lifetime also ends while a laptop sleeps.
func (a *app) now() time.Time { return a.opts.Now().Round(0) }

// Init reads the keys.
func (a *app) Init() tea.Cmd { return a.beginProfile() }

// tickMsg comes once a second, from Run: a command that waits would cost a goroutine and a message more each time.
type tickMsg struct{}

// onTick ends what is over, judges what depends on the time and asks whether another program has changed the keys.
func (a *app) onTick() tea.Cmd {
	now := a.now()
	a.expireStatus(now)
	a.expireSecrets(now)
	return tea.Batch(a.clearCopied(now), a.judge(now), a.watch())
}
