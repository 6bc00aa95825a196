package ui

import (
	"context"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"clavier/ui/table"
)

// screen is the program without a terminal and without time: messages go in one by one, frames are read, commands run
// until they are done or held up by a gate, and timers never fire by themselves. Every frame is checked for what must
// hold of all of them.
type screen struct {
	tb    testing.TB
	app   *app
	fakes *fakes
	clock *clock

	running   int // commands that are neither done nor parked
	parked    int
	quit      bool
	suspended bool
	timers    int
	mayCrash  bool // the test throws
}

// setup changes what a screen starts with.
type setup struct {
	fakes   *fakes
	options Options
	width   int
	height  int
}

func size(w, h int) func(*setup)              { return func(s *setup) { s.width, s.height = w, h } }
func onlyBasics(s *setup)                     { s.options.Service = bare{s.fakes} }
func clearAfter(d time.Duration) func(*setup) { return func(s *setup) { s.options.ClearAfter = d } }

// with prepares what stands outside before the program starts.
func with(prepare func(*fakes)) func(*setup) { return func(s *setup) { prepare(s.fakes) } }

// start runs the program to its first settled frame.
func start(tb testing.TB, changes ...func(*setup)) *screen {
	tb.Helper()
	c := &clock{now: noon}
	f := newFakes(c)
	s := &setup{fakes: f, width: 80, height: 24, options: Options{
		Profile: Profile{Name: "local", Place: "this machine"}, Service: full{bare{f}},
		Clipboard:  func(io.Writer) Clipboard { return board{f} },
		ClearAfter: 45 * time.Second, RevealFor: 30 * time.Second, Now: c.Now, Location: time.UTC, Waits: waits,
	}}
	for _, change := range changes {
		change(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	a := newApp(ctx, withDefaults(s.options), s.width, s.height)
	a.clipboard = a.opts.Clipboard(nil)
	a.pace = 0   // each page is shown
	a.atOnce = 0 // each search takes its way through the messages
	a.runSearch = func(ctx context.Context, search *table.Search) (*table.Listing, bool) {
		_ = f.enter(ctx, "search") // the end of ctx is the search's own matter
		return search.Run(ctx, 0)
	}
	scr := &screen{tb: tb, app: a, fakes: f, clock: c}
	tb.Cleanup(func() {
		if traces := a.crashes.all(); len(traces) > 0 && !scr.mayCrash {
			tb.Errorf("the program failed inside: %s", traces[0])
		}
	})
	scr.run(a.Init())
	scr.check()
	return scr
}

// colours lets Lip Gloss style as on a terminal with sixteen colours, for the rest of the test.
func colours(tb testing.TB) {
	tb.Helper()
	before := lipgloss.ColorProfile()
	lipgloss.SetColorProfile(termenv.ANSI)
	tb.Cleanup(func() { lipgloss.SetColorProfile(before) })
}

// run runs a command to its end, or until a gate holds it up, and hands its message to Update.
func (s *screen) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if isTick(cmd) {
		s.timers++
		return
	}
	s.running++
	go func() { s.fakes.events <- event{done: true, msg: cmd()} }()
	s.drain()
}

// isTick reports whether a command waits in real time, as those of tea.Tick do. They are counted and not run.
func isTick(cmd tea.Cmd) bool {
	return strings.Contains(runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name(), ".Tick.func")
}

// drain takes what commands bring until all are done or parked.
func (s *screen) drain() {
	s.tb.Helper()
	for s.running > 0 {
		s.next()
	}
}

// next takes one event.
func (s *screen) next() {
	s.tb.Helper()
	select {
	case e := <-s.fakes.events:
		switch {
		case e.parked != nil:
			e.parked.parked++
			s.running--
			s.parked++
		case e.woken != nil:
			e.woken.parked--
			s.running++
			s.parked--
		case e.done:
			s.running--
			s.deliver(e.msg)
		}
	case <-time.After(10 * time.Second):
		s.tb.Fatalf("a command does not end:\n%s", s.text())
	}
}

// deliver hands a message to Update as Bubble Tea would, which keeps some for itself.
func (s *screen) deliver(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.run(cmd)
		}
		return
	case tea.QuitMsg:
		s.quit = true
		return
	case tea.SuspendMsg:
		s.suspended = true
		return
	}
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		for i := range v.Len() { // tea.Sequence
			s.run(v.Index(i).Interface().(tea.Cmd))
		}
		return
	}
	s.send(msg)
}

// send hands a message to Update and runs what it asks for.
func (s *screen) send(msg tea.Msg) {
	s.tb.Helper()
	shown, cmd := s.app.Update(msg)
	if shown != s.app {
		s.tb.Fatalf("Update returns %v", shown)
	}
	s.check()
	s.run(cmd)
}

// hold makes a method wait until its gate is opened or its context ends.
func (s *screen) hold(method string) *gate {
	g := &gate{open: make(chan struct{})}
	s.fakes.mu.Lock()
	defer s.fakes.mu.Unlock()
	s.fakes.gates[method] = g
	return g
}

// release opens a gate for good and runs what waited there.
func (s *screen) release(method string) {
	s.tb.Helper()
	s.fakes.mu.Lock()
	g := s.fakes.gates[method]
	delete(s.fakes.gates, method)
	s.fakes.mu.Unlock()
	close(g.open)
	for g.parked > 0 {
		s.next()
	}
	s.drain()
}

// await takes events until the screen holds a text: for commands whose context was just ended.
func (s *screen) await(text string) {
	s.tb.Helper()
	for !strings.Contains(s.text(), text) {
		s.next()
	}
	s.drain()
}

// named are Bubble Tea's keys by the names that bindings use.
var named = func() map[string]tea.KeyMsg {
	m := map[string]tea.KeyMsg{}
	for t := tea.KeyType(-120); t <= 127; t++ {
		if k := (tea.KeyMsg{Type: t}); t != tea.KeyRunes && k.String() != "" {
			if _, ok := m[k.String()]; !ok {
				m[k.String()] = k
			}
		}
	}
	m[" "] = tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	return m
}()

func keyMsg(name string) tea.KeyMsg {
	if k, ok := named[name]; ok {
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// press presses keys one after the other.
func (s *screen) press(keys ...string) {
	s.tb.Helper()
	for _, k := range keys {
		s.send(keyMsg(k))
	}
}

// typed types a text, each character in a message of its own.
func (s *screen) typed(text string) {
	s.tb.Helper()
	for _, r := range text {
		s.press(string(r))
	}
}

// burst types a text that arrives in one read.
func (s *screen) burst(text string) {
	s.tb.Helper()
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text)})
}

func (s *screen) paste(text string) {
	s.tb.Helper()
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// after moves the clock and delivers the tick that comes then.
func (s *screen) after(d time.Duration) {
	s.tb.Helper()
	s.clock.advance(d)
	s.send(tickMsg{})
}

// spin moves the clock past the moment at which waiting is shown, and turns the spinner.
func (s *screen) spin() {
	s.tb.Helper()
	s.clock.advance(spinnerAfter)
	s.send(spinMsg{})
}

// lines are the rows of the frame without styles.
func (s *screen) lines() []string {
	return strings.Split(ansi.Strip(s.app.View()), "\n")
}

func (s *screen) text() string { return strings.Join(s.lines(), "\n") }

// status is the line above the footer.
func (s *screen) status() string {
	lines := s.lines()
	return strings.TrimSpace(lines[len(lines)-2])
}

func (s *screen) footer() string {
	lines := s.lines()
	return strings.TrimSpace(lines[len(lines)-1])
}

// cursorRow is the row of the list that the cursor is on, without its marker.
func (s *screen) cursorRow() string {
	s.tb.Helper()
	for _, line := range s.lines() {
		if row, ok := strings.CutPrefix(line, " >"); ok {
			return row[1:] // a space or a mark
		}
	}
	s.tb.Fatalf("no row is selected:\n%s", s.text())
	return ""
}

// shows fails unless the frame holds all texts; a line break in the frame may stand for a space.
func (s *screen) shows(texts ...string) {
	s.tb.Helper()
	frame := s.text()
	for _, text := range texts {
		if !strings.Contains(frame, text) && !strings.Contains(flow(frame), text) {
			s.tb.Errorf("the screen does not show %q:\n%s", text, frame)
		}
	}
}

// flow joins the rows of a frame, without borders and padding.
func flow(frame string) string {
	frame = strings.NewReplacer("│", " ", "─", " ", "┌", " ", "┐", " ", "└", " ", "┘", " ").Replace(frame)
	return strings.Join(strings.Fields(frame), " ")
}

func (s *screen) hides(texts ...string) {
	s.tb.Helper()
	frame := s.text()
	for _, text := range texts {
		if strings.Contains(frame, text) || strings.Contains(flow(frame), text) {
			s.tb.Errorf("the screen shows %q:\n%s", text, frame)
		}
	}
}

func (s *screen) says(status string) {
	s.tb.Helper()
	if got := s.status(); got != status {
		s.tb.Errorf("the status is %q, not %q", got, status)
	}
}

// check holds what is true of every frame: its size, that it holds only text and SGR, that the cursor is inside.
func (s *screen) check() {
	s.tb.Helper()
	checkFrame(s.tb, s.app)
}

func checkFrame(tb testing.TB, a *app) {
	tb.Helper()
	frame := a.View()
	lines := strings.Split(frame, "\n")
	if want := max(a.height, 1); len(lines) != want {
		tb.Fatalf("%d x %d: the frame has %d lines\n%s", a.width, a.height, len(lines), ansi.Strip(frame))
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > max(a.width, 1) {
			tb.Fatalf("%d x %d: line %d is %d wide: %q", a.width, a.height, i, w, line)
		}
		if bad := foreignTo(line); bad != "" {
			tb.Fatalf("%d x %d: line %d holds %s: %q", a.width, a.height, i, bad, line)
		}
	}
	if c := a.Cursor(); c.Visible && (c.X < 0 || c.Y < 0 || c.X >= a.width || c.Y >= a.height) {
		tb.Fatalf("%d x %d: the cursor is at %d, %d", a.width, a.height, c.X, c.Y)
	}
}

// foreignTo names what stands in a line beside text and complete SGR sequences that are closed at its end.
func foreignTo(line string) string {
	open := false
	for i := 0; i < len(line); {
		if line[i] != 0x1b {
			if line[i] < 0x20 || line[i] == 0x7f {
				return "a control character"
			}
			if line[i] == 0xc2 && i+1 < len(line) && line[i+1] < 0xa0 {
				return "a C1 control character"
			}
			i++
			continue
		}
		end := strings.IndexFunc(line[i+1:], func(r rune) bool { return (r < '0' || r > '9') && r != '[' && r != ';' })
		if end < 0 || line[i+1] != '[' || line[i+1+end] != 'm' {
			return "a sequence that is no SGR"
		}
		params := line[i+2 : i+1+end]
		open = params != "" && params != "0"
		i += end + 2
	}
	if open {
		return "a style that is not closed"
	}
	return ""
}
