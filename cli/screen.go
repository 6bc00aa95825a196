package cli

import (
	"context"
	"io"
	"os"
	"reflect"
	"sync"
	"time"

	"clavier/apis"
	"clavier/config"
	"clavier/ui"
	"clavier/ui/clip"
)

// plainCommands end a sentence that says why there is no screen.
const plainCommands = "use the commands list, create, show, copy, delete and verify instead; see clavier --help"

// screenTerminal returns the terminal for the screen, or says why there can be none.
func (a *app) screenTerminal() (*os.File, error) {
	out, ok := terminalOf(a.streams.Out)
	switch {
	case !ok || !isTerminal(a.streams.In):
		return nil, usagef("the screen needs a terminal on standard input and output: " + plainCommands)
	case os.Getenv("TERM") == "dumb":
		return nil, usagef("the screen cannot be drawn on a dumb terminal (TERM=dumb): " + plainCommands)
	}
	return out, nil
}

// screenOptions are those that settings decide, whatever the keys.
func (a *app) screenOptions(settings *config.Config, out *os.File) ui.Options {
	return ui.Options{
		Clipboard: func(terminal io.Writer) ui.Clipboard {
			return &lazyClipboard{setting: settings.Clipboard, terminal: terminal}
		},
		Export:        a.exporter(settings.Stale),
		Open:          openBrowser,
		Formats:       shownFormats(),
		EnvFile:       writeEnvLine,
		IgnoreFile:    ignoreEnvFile,
		HandOver:      handOverLine,
		ClearAfter:    settings.ClipboardClear,
		RevealFor:     settings.Reveal,
		Stale:         settings.Stale,
		StockRenderer: settings.Renderer == config.RendererStock,
		Input:         a.streams.In,
		Output:        out,
		Now:           a.now,
		Location:      a.zone,
	}
}

// screen shows the screen on the selected profile until the person leaves it.
func (a *app) screen(ctx context.Context) error {
	out, err := a.screenTerminal()
	if err != nil {
		return err
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	profile, err := settings.Profile("")
	if err != nil {
		return err
	}
	var opened services
	defer opened.close()
	service := opened.of(profile, a.openUnasked)
	// The store opens beside the start of the screen, so that the first frame has its rows.
	service.open()
	options := a.screenOptions(settings, out)
	prober := apis.New(apis.Options{UserAgent: "clavier/" + version(), Now: a.now})
	options.Profile, options.Service, options.Outside = shownProfile(profile), service, a.outside(settings.File, profile, prober)
	for _, p := range settings.Profiles() {
		options.Profiles = append(options.Profiles, shownProfile(p))
	}
	options.Switch = func(name string) (ui.Service, ui.Outside, error) {
		settings, err := a.readSettings() // APIs may have been picked since
		if err != nil {
			return nil, ui.Outside{}, err
		}
		profile, err := settings.Profile(name)
		if err != nil {
			return nil, ui.Outside{}, err
		}
		return opened.of(profile, a.openUnasked), a.outside(settings.File, profile, prober), nil
	}
	options.AddService = a.addFromScreen
	options.Lookup = lookupAmong(a.everyProfile, a.openUnasked)
	options.Waits = tellingWaits
	return ui.Run(tellingWaits(uninterrupted(ctx), nil), options)
}

// services are the profiles that the screen has opened. They stay open until it ends, and whoever comes back to one has the same
// again: each holds files and a list in memory.
type services struct {
	mu  sync.Mutex
	all []openedService
}

// openedService is a profile as it was when it was opened.
type openedService struct {
	lazyService

	profile config.Profile
	files   placeFiles
}

// placeFiles are the files of a profile as they were at a moment.
type placeFiles struct {
	store               os.FileInfo // nil if there was none
	token, ca, identity time.Time   // when they were written; the zero time if there was none
}

func filesOf(profile config.Profile) placeFiles {
	f := placeFiles{token: writtenAt(profile.Token), ca: writtenAt(profile.CA), identity: writtenAt(profile.Identity)}
	if info, err := os.Stat(profile.Store); err == nil {
		f.store = info
	}
	return f
}

// same reports whether the files are the same; a store that is written to stays the same, and one that was moved into its place does not.
func (f placeFiles) same(as placeFiles) bool {
	store := f.store == nil && as.store == nil || f.store != nil && as.store != nil && os.SameFile(f.store, as.store)
	return store && f.token.Equal(as.token) && f.ca.Equal(as.ca) && f.identity.Equal(as.identity)
}

// of returns the service of a profile. It is a new one if the settings of the profile or its files are others than they were.
func (s *services) of(profile config.Profile, open opening) lazyService {
	s.mu.Lock()
	defer s.mu.Unlock()
	files := filesOf(profile)
	for _, o := range s.all {
		if o.files.same(files) && reflect.DeepEqual(o.profile, profile) {
			return o.lazyService
		}
	}
	service := lazyPlace(profile, open)
	s.all = append(s.all, openedService{service, profile, files})
	return service
}

// writtenAt returns when a file was written; the zero time if there is none.
func writtenAt(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (s *services) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.all {
		o.close()
	}
}

// lazyClipboard looks around for the way to copy at the first copy: that may run programs, which the first frame does
// not wait for.
type lazyClipboard struct {
	setting  string
	terminal io.Writer

	mu    sync.Mutex
	board *clip.Clipboard // nil before the first copy
}

// Copy puts a secret on the clipboard.
func (c *lazyClipboard) Copy(ctx context.Context, secret string) (clip.Receipt, error) {
	c.mu.Lock()
	if c.board == nil {
		c.board = clip.New(clip.Choose(c.setting, clip.Here()), c.terminal)
	}
	board := c.board
	c.mu.Unlock()
	return board.Copy(ctx, secret)
}

// Clear takes the last copy off the clipboard, if it is still there.
func (c *lazyClipboard) Clear(ctx context.Context) (clip.Cleared, error) {
	c.mu.Lock()
	board := c.board
	c.mu.Unlock()
	if board == nil {
		return clip.Cleared{Outcome: clip.Nothing, Text: "nothing to clear"}, nil
	}
	return board.Clear(ctx)
}
