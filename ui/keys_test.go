package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// surfaces are the states of the program in which keys mean different things.
func surfaces(tb testing.TB) map[string]func(...func(*setup)) *screen {
	keys := with(func(f *fakes) {
		for i := range 25 {
			f.add(tb, fmt.Sprintf("key-%02d", 25-i), time.Duration(26-i)*time.Hour)
		}
	})
	at := func(prepare func(*screen), changes ...func(*setup)) func(...func(*setup)) *screen {
		return func(more ...func(*setup)) *screen {
			s := start(tb, append(append([]func(*setup){keys}, changes...), more...)...)
			prepare(s)
			return s
		}
	}
	empty := func(more ...func(*setup)) *screen { return start(tb, more...) }
	press := func(keys ...string) func(*screen) { return func(s *screen) { s.press(keys...) } }
	locked := with(func(f *fakes) { f.locked = passphrase() })
	broken := with(func(f *fakes) { f.errs["list"] = fmt.Errorf("the store \x1b[2J is busy") })
	all := map[string]func(...func(*setup)) *screen{
		"empty": empty,
		"list":  at(press("j", "j")),
		"one key": func(more ...func(*setup)) *screen {
			return start(tb, append(more, with(func(f *fakes) { f.add(tb, "only", time.Hour) }))...)
		},
		"basic list":     at(press("j"), onlyBasics),
		"loading":        at(func(s *screen) { s.spin() }, with(func(f *fakes) { f.gates["list"] = &gate{open: make(chan struct{})} })),
		"reloading":      at(func(s *screen) { s.hold("list"); s.press("ctrl+r"); s.spin() }),
		"failure":        at(press(), broken),
		"stale":          at(func(s *screen) { s.fakes.fail("list", fmt.Errorf("busy")); s.press("ctrl+r"); s.after(time.Minute) }),
		"filtering":      at(func(s *screen) { s.press("/"); s.burst("key-1") }),
		"filter problem": at(func(s *screen) { s.press("/"); s.burst("key-1 age>9 -4") }),
		"filter again":   at(func(s *screen) { s.press("/"); s.burst("key-2"); s.press("enter", "esc", "/", "up") }),
		"filtered":       at(func(s *screen) { s.press("/"); s.burst("key-1 foo:"); s.press("enter", "j") }),
		"no match":       at(func(s *screen) { s.press("/"); s.burst("zebra"); s.press("enter") }),
		"only stale":     at(func(s *screen) { s.press("!", "j") }, with(func(f *fakes) { f.add(tb, "old", 100*day) })),
		"none stale":     at(press("!")),
		"marked": at(func(s *screen) {
			s.press(" ", " ", "/")
			s.burst("key-1")
			s.press("enter", "j", " ")
		}),
		"half read":     at(func(s *screen) { s.press("j", " "); s.spin() }, byPages(10), shut("page")),
		"activity":      at(press("3", "j")),
		"no activity":   func(more ...func(*setup)) *screen { s := start(tb, more...); s.press("3"); return s },
		"new":           at(press("n", "x")),
		"new complains": at(press("n", " ")),
		"creating":      at(func(s *screen) { s.hold("create"); s.press("n", "x", "enter"); s.spin() }),
		"created":       at(func(s *screen) { s.press("n", "x", "enter"); s.clock.advance(time.Second) }),
		"created bare": func(more ...func(*setup)) *screen {
			s := start(tb, more...)
			s.press("n", "x", "enter")
			s.clock.advance(time.Second)
			return s
		},
		"details":       at(press("enter")),
		"revealed":      at(press("enter", "v")),
		"revealing":     at(func(s *screen) { s.hold("reveal"); s.press("enter", "v"); s.spin() }),
		"basic details": at(press("enter"), onlyBasics),
		"delete":        at(press("d", "x")),
		"delete armed":  at(func(s *screen) { s.press("d"); s.typed("key-01") }),
		"delete gone":   at(func(s *screen) { s.press("d"); s.fakes.remove(s.fakes.keys[0].ID); s.after(time.Second) }),
		"deleting":      at(func(s *screen) { s.hold("delete"); s.press("d"); s.typed("key-01"); s.press("enter"); s.spin() }),
		"bulk":          at(press("a", "d", "x")),
		"bulk guarded":  at(press("a", "d", "down"), guarded(tb)),
		"bulk left out": at(press("a", "d", "ctrl+x", "down", "ctrl+x"), guarded(tb)),
		"bulk none":     at(press(" ", "d", "ctrl+x")),
		"bulk armed":    at(func(s *screen) { s.press("a", "d"); s.paste("delete 25 keys") }),
		"bulk news": at(func(s *screen) {
			s.press("a", "d")
			s.fakes.gone("key-01")
			s.after(time.Second)
			s.clock.advance(settle)
		}),
		"bulk deleting": at(func(s *screen) { s.hold("delete"); s.bulk(); s.paste("delete 25 keys"); s.press("enter"); s.spin() }),
		"bulk stopping": at(func(s *screen) { s.hold("delete"); s.bulk(); s.paste("delete 25 keys"); s.press("enter", "esc") }),
		"bulk done": at(func(s *screen) {
			s.bulk()
			s.paste("delete 25 keys")
			s.press("enter")
			s.clock.advance(settle)
		}),
		"bulk failed": at(func(s *screen) {
			s.bulk()
			s.paste("delete 25 keys")
			s.fakes.fail("delete", fmt.Errorf("the store \x1b[2J is busy"))
			s.press("enter")
			s.clock.advance(settle)
			s.fakes.fail("delete", nil)
		}),
		"unlock":    at(press("c", "x"), locked),
		"unlocking": at(func(s *screen) { s.hold("unlock"); s.press("c", "x", "enter"); s.spin() }, locked),
		"help":      at(press("?")),
		"quit":      at(func(s *screen) { s.hold("delete"); s.press("d"); s.typed("key-01"); s.press("enter", "ctrl+c") }),
		"profiles":  at(press("p"), profiles),
		"opening":   at(func(s *screen) { s.hold("switch"); s.press("p", "j", "enter"); s.spin() }, profiles),
		"copied":    at(press("c")),
	}
	maps.Copy(all, exportSurfaces(at))
	maps.Copy(all, rotateSurfaces(at))
	maps.Copy(all, outsideSurfaces(tb, at))
	maps.Copy(all, serviceSurfaces(at))
	return all
}

// profiles gives the screen three of them; opening one calls "switch".
func profiles(s *setup) {
	f := s.fakes
	s.options.Profiles = []Profile{
		{Name: "local", Place: "this machine"}, {Name: "team", Place: "keys.example.org"}, {Name: "evil\x1b[2J", Place: "nowhere\u202e"},
	}
	s.options.Switch = func(string) (Service, Outside, error) {
		if err := f.enter(f.background(), "switch"); err != nil {
			return nil, Outside{}, err
		}
		return bare{f}, Outside{}, nil
	}
}

// observed is what a key may change: the frame, what was asked of the outside, where the program stands.
func (s *screen) observed() string {
	s.fakes.mu.Lock()
	defer s.fakes.mu.Unlock()
	return fmt.Sprint(s.app.View(), s.fakes.calls, s.quit, s.suspended, len(s.app.dialogs), s.app.Cursor(), s.timers)
}

// TestEveryBindingDoesSomething presses every key of every binding where it applies; and where it does not apply, the
// reason is shown.
func TestEveryBindingDoesSomething(t *testing.T) {
	nothing := map[string]bool{ // they are there already, or it is wrong as before
		"activity/Activity": true, "no apis/My APIs": true, "profiles/up": true, "import wrong/import": true,
	}
	moving := []string{"scroll", "down", "up", "first", "last", "half a page down", "half a page up", "page down", "page up"}
	all := surfaces(t)
	for n, surface := range slices.Sorted(maps.Keys(all)) {
		open := all[surface]
		for i, b := range append(open().app.bindings(), everywhere()...) {
			if !thorough && (i+n)%5 != 0 { // another fifth on each surface
				continue
			}
			if b.Help().Key == "" || b.Help().Desc == "" {
				t.Errorf("%s: binding %v has no help", surface, b.Keys())
			}
			for j, k := range b.Keys() {
				if j > 0 && !thorough {
					break
				}
				s := open()
				repainted := false
				s.app.repaint = func() { repainted = true }
				before := s.observed()
				s.press(k)
				for b.Help().Desc == cancelHelp && before == s.observed() {
					s.next() // the command hears that it was given up
				}
				if b.why != "" {
					s.says(b.why)
					continue
				}
				// Scrolling what fits, and showing the view that is shown.
				still := surface != "list" && surface != "profiles" && slices.Contains(moving, b.Help().Desc) ||
					s.app.view == keysView && b.Help().Desc == "API keys"
				if before == s.observed() && !repainted && !still && !nothing[surface+"/"+b.Help().Desc] {
					t.Errorf("%s: %s (%s) does nothing", surface, k, b.Help().Desc)
				}
			}
		}
	}
}

// TestFooterAndHelpAreTheBindings: the footer names what applies now, help names all of it, and no key has two meanings.
func TestFooterAndHelpAreTheBindings(t *testing.T) {
	for surface, open := range surfaces(t) {
		s := open(size(200, 60))
		footer := s.footer()
		seen := map[string]string{}
		for _, b := range append(everywhere(), s.app.bindings()...) {
			for _, k := range b.Keys() {
				if other, ok := seen[k]; ok {
					t.Errorf("%s: %s means %s and %s", surface, k, other, b.Help().Desc)
				}
				seen[k] = b.Help().Desc
			}
			shown := strings.Contains("  "+footer+"  ", "  "+b.Help().Key+" "+b.Help().Desc+"  ")
			if shown != (!b.minor && b.why == "") {
				t.Errorf("%s: %q in the footer: %v\n%s", surface, b.Help().Key+" "+b.Help().Desc, shown, footer)
			}
		}
		if _, ok := find(s.app.bindings(), keyMsg("?")); !ok || s.app.top() != nil {
			continue
		}
		bindings := append(s.app.bindings(), everywhere()...)
		s.app.width = 72 // no wider than the dialog, or its lines would be mixed with those of the list
		s.press("?")
		help := flow(s.text())
		for _, b := range bindings {
			line := b.Help().Key + " " + b.Help().Desc
			if b.why != "" {
				line += ": " + b.why
			}
			if !strings.Contains(help, line) {
				t.Errorf("%s: help does not say %q:\n%s", surface, line, s.text())
			}
		}
	}
}

// stride is how finely widths are looked at.
func stride() int {
	if thorough {
		return 1
	}
	return 7
}

// TestFooterKeepsTheWayOut: as the screen narrows, help and the way out stay longest and nothing is cut in half.
func TestFooterKeepsTheWayOut(t *testing.T) {
	all := surfaces(t)
	for n, surface := range slices.Sorted(maps.Keys(all)) {
		if !thorough && n%3 != 1 {
			continue
		}
		s := all[surface](size(200, 24))
		whole := map[string]bool{}
		for _, b := range s.app.bindings() {
			whole[b.Help().Key+" "+b.Help().Desc] = true
		}
		last := ""
		if parts := strings.Split(s.footer(), "  "); len(parts) > 0 {
			last = parts[len(parts)-1]
		}
		for w := 100; w >= minWidth; w -= stride() {
			s.app.width = w
			s.check()
			footer := s.footer()
			for part := range strings.SplitSeq(footer, "  ") {
				if part != "" && !whole[part] {
					t.Fatalf("%s at %d columns: %q in %q", surface, w, part, footer)
				}
			}
			if !strings.HasSuffix(footer, last) {
				t.Fatalf("%s at %d columns: %q has lost %q", surface, w, footer, last)
			}
		}
	}
}

// TestUnboundKeysDoNothing presses every key that no binding names.
func TestUnboundKeysDoNothing(t *testing.T) {
	all := surfaces(t)
	for n, surface := range slices.Sorted(maps.Keys(all)) {
		if !thorough && n%3 != 0 {
			continue
		}
		s := all[surface]()
		if s.app.typing() {
			continue
		}
		tried := 0
		for name, k := range named {
			if tried++; tried%stride() != 0 {
				continue
			}
			if _, ok := find(append(everywhere(), s.app.bindings()...), k); ok {
				continue
			}
			before := s.observed()
			s.send(k)
			s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Alt: true})
			if s.observed() != before {
				t.Fatalf("%s: %s does something", surface, name)
			}
		}
	}
}

// TestRunOfLettersIsTheSameAsLetters: what arrives in one read does what it does one by one.
func TestRunOfLettersIsTheSameAsLetters(t *testing.T) {
	for _, run := range []string{"jjj", "Gkk", "jjc", "3jj1", "nprod", "djjj", "?jj", "jn", "ccc", "qq", "vvv", "xyz", "jjjq"} {
		one, many := start(t, three(t)), start(t, three(t))
		one.fakes.keys = many.fakes.keys
		one.fakes.secrets = many.fakes.secrets
		one.press("ctrl+r")
		many.press("ctrl+r")
		one.burst(run)
		many.typed(run)
		if one.text() != many.text() || one.quit != many.quit || one.fakes.held() != many.fakes.held() {
			t.Errorf("%q in one read shows\n%s\nnot\n%s", run, one.text(), many.text())
		}
	}
}

func TestEditingInAField(t *testing.T) {
	s := start(t)
	s.press("n")
	s.typed("prod")
	s.press("home")
	s.typed("my ")
	s.shows("Name: my prod ")
	s.press("end", "backspace", "left", "delete")
	s.shows("Name: my pr ")
	s.press("ctrl+u")
	s.shows("Name: ")
	s.hides("Name: m")
	s.press("ctrl+v") // would read the clipboard of this machine
	s.hides("Name: m")
	s.press("j", "k", "q", "?", "1", "3", " ", "x")
	s.shows("Name: jkq?13 x")
}

// TestCursorStandsInTheField, where the next character goes, and nowhere else.
func TestCursorStandsInTheField(t *testing.T) {
	s := start(t)
	if s.app.Cursor().Visible {
		t.Error("a cursor stands in the list")
	}
	s.press("n")
	at := s.app.Cursor()
	line := s.lines()[at.Y]
	if before, _, ok := strings.Cut(line, "Name: "); !ok || !at.Visible || width(before)+len("Name: ") != at.X {
		t.Errorf("the cursor is at %+v of %q", at, line)
	}
	s.typed("鍵é")
	if got := s.app.Cursor(); got.X != at.X+3 {
		t.Errorf("after a wide and a narrow character the cursor is at %d, not %d", got.X, at.X+3)
	}
	s.press("left", "left")
	if got := s.app.Cursor(); got.X != at.X {
		t.Errorf("at the start of the field the cursor is at %d, not %d", got.X, at.X)
	}
	s.press("end")
	s.typed(strings.Repeat("鍵", 100))
	if got := s.app.Cursor(); !got.Visible || got.X <= at.X || got.X >= 80-5 {
		t.Errorf("in a long text the cursor is at %d", got.X)
	}
}

// TestStockRendererDrawsACursor where it cannot place the terminal's own.
func TestStockRendererDrawsACursor(t *testing.T) {
	colours(t)
	s := start(t, func(s *setup) { s.options.StockRenderer = true })
	if strings.Contains(s.app.View(), "\x1b[7m") {
		t.Error("a cursor stands in the list")
	}
	s.press("n")
	s.typed("ab")
	if !strings.Contains(s.app.View(), "\x1b[7m \x1b[0m") {
		t.Errorf("no cursor is drawn: %q", s.app.View())
	}
	s.press("left")
	if !strings.Contains(s.app.View(), "\x1b[7mb\x1b[0m") {
		t.Errorf("the cursor is not on b: %q", s.app.View())
	}
}
