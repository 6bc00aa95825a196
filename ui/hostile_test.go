package ui

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"golang.org/x/text/unicode/norm"

	"clavier/model"
	"clavier/ui/clip"
)

// hostileTexts are what names, hints and errors could try.
var hostileTexts = []string{
	"\x1b[2J\x1b[H", "\x1b]0;title\a", "\x1b]52;c;aGk=\a", "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "\u009b2J", "\x9b2J",
	"a\u202egpj.exe", "\u2066a\u2069", "a\r\nb", "\b\b\b", "\x00\x7f", "\xff\xfe\xc0\x80", strings.Repeat("鍵", 100), strings.Repeat("e\u0301\u0302", 80),
	"\u0301\u0302", "🇩🇪🇫🇷🇩", "👩\u200d💻👍\U0001f3fb", "\u0d4e", "\u0e33", "\u3164\u200b\ufeff", "\U000e0041", strings.Repeat("x", 5000), "\x1bP+q544e\x1b\\",
	"\x0e\x0f", "\x1bc", "\x1b(0", "a\u2028b\u2029c", "\ue0b0", "\U0001f1e9", "⟨U+202E⟩", "\u1100\u1161\u11a8", "\u115f", "ﷺ", "\u0600\u06dd1",
}

// hostileScreens are the places where outside text is shown, each with the text in it. A text of harmless letters that is
// as wide must give the same picture everywhere else.
func hostileScreens(tb testing.TB, text string) map[string]*screen {
	build := func(changes ...func(*setup)) *screen {
		return start(tb, append([]func(*setup){size(100, 24), with(func(f *fakes) {
			f.add(tb, "before", time.Hour)
			key := f.add(tb, "x", 2*time.Hour)
			f.add(tb, "after", 3*time.Hour)
			f.secrets[key.ID] = model.NewSecret(text)
			for i := range f.keys { // the same in every run
				f.keys[i].Hint = "clv_…0000"
			}
			f.change(key.ID, func(k *model.Key) { k.Name, k.Hint, k.ID = text, text, text })
			f.secrets[text] = model.NewSecret(text)
			f.lines[1].KeyName, f.lines[1].KeyID, f.lines[1].Actor = text, text, model.Actor{By: text, From: text}
			f.lines[1].Action = model.ActionDeleted
			f.receipt = clip.Receipt{Confirmed: true, Text: text, Note: text}
			f.cleared = clip.Cleared{Outcome: clip.Gone, Text: text}
		})}, changes...)...)
	}
	all := map[string]*screen{}
	places := map[string]func(*screen){
		"list":   func(*screen) {},
		"narrow": func(s *screen) { s.app.width, s.app.height = 33, 9 },
		"marked": func(s *screen) { s.press("j", " ", "k") },
		"found": func(s *screen) { // by each of its characters, which are highlighted
			s.press("/")
			for _, r := range []rune(text)[:min(len([]rune(text)), 8)] {
				s.burst(string(r) + " ")
			}
			s.press("up", "enter")
		},
		"unread": func(s *screen) {
			s.press("/")
			s.paste(text)
			s.burst(" age> foo: ")
			s.paste(text)
		},
		"details":  func(s *screen) { s.press("j", "enter") },
		"revealed": func(s *screen) { s.press("j", "enter", "v") },
		"delete":   func(s *screen) { s.press("j", "d") },
		"activity": func(s *screen) { s.press("3") },
		"bulk":     func(s *screen) { s.press("a", "d", "down") },
		"outcome": func(s *screen) {
			s.fakes.fail("delete", fmt.Errorf("%s", text))
			s.press("a", "d")
			s.paste("delete 3 keys")
			s.press("enter", "j")
		},
		"copied":  func(s *screen) { s.press("j", "c") },
		"cleared": func(s *screen) { s.press("j", "c"); s.after(45 * time.Second) },
		"copying": func(s *screen) { s.hold("copy"); s.press("j", "c"); s.spin() },
		"error":   func(s *screen) { s.fakes.fail("reveal", fmt.Errorf("%s", text)); s.press("c") },
		"failed":  func(s *screen) { s.fakes.fail("create", fmt.Errorf("%s", text)); s.press("n", "q", "enter") },
		"profiles": func(s *screen) {
			s.app.opts.Profiles = []Profile{{Name: "local", Place: "here"}, {Name: text, Place: text}}
			s.app.opts.Switch = func(string) (Service, Outside, error) { return nil, Outside{}, fmt.Errorf("%s", text) }
			s.press("p", "j", "enter")
		},
		"header": func(s *screen) { s.app.profile = Profile{Name: text, Place: text} },
	}
	maps.Copy(places, hostileExports(text))
	maps.Copy(places, hostileRotations(text))
	maps.Copy(places, hostileOutside(text))
	maps.Copy(places, hostileServices(text))
	for name, prepare := range places {
		if !thorough && (len(name)+width(model.Display(text)))%3 != 0 { // another third for texts of another width
			continue
		}
		s := build()
		prepare(s)
		all[name] = s
	}
	all["load"] = build(with(func(f *fakes) { f.errs["list"] = fmt.Errorf("%s", text) }))
	return all
}

// ownRune reports whether r may stand in a frame outside of the hostile text: in our own words and borders.
func ownRune(r rune) bool {
	return r >= 0x20 && r <= 0x7e || strings.ContainsRune("·…•│─┌┐└┘↑↓⟨⟩", r)
}

// checkHostile draws every place with the text and holds what must be true:
//   - the frame is text and SGR, and has the size of the screen (checkFrame);
//   - each character of the frame that is not ours comes from the displayed text;
//   - written to a terminal, every line ends where the program counted, what the terminal shows is what the frame says,
//     and the terminal's title, bell, cursor and modes are untouched.
func checkHostile(tb testing.TB, text string) map[string]*vt.Emulator {
	tb.Helper()
	shown := model.Display(text)
	pictures := map[string]*vt.Emulator{}
	for place, s := range hostileScreens(tb, text) {
		checkFrame(tb, s.app)
		if n := len(s.app.crashes.all()); n > 0 {
			tb.Fatalf("%s: %+q: %s", place, text, s.app.crashes.all()[0])
		}
		frame := s.app.View()
		for _, r := range ansi.Strip(frame) {
			if r != '\n' && !ownRune(r) && !strings.ContainsRune(shown, r) {
				tb.Fatalf("%s: %+q brings %U to the screen", place, text, r)
			}
		}
		pictures[place] = emulated(tb, place, text, frame, s.app.width, s.app.height)
	}
	return pictures
}

// emulated writes a frame to a terminal with room on the right, each line at its place.
func emulated(tb testing.TB, place, text, frame string, w, h int) *vt.Emulator {
	tb.Helper()
	events := 0
	emulator := vt.NewEmulator(w+2, h)
	tb.Cleanup(func() { _ = emulator.Close() })
	emulator.SetCallbacks(vt.Callbacks{
		Bell: func() { events++ }, Title: func(string) { events++ }, IconName: func(string) { events++ },
		AltScreen: func(bool) { events++ }, CursorVisibility: func(bool) { events++ },
		WorkingDirectory: func(string) { events++ },
	})
	lines := strings.Split(frame, "\n")
	for y, line := range lines {
		fmt.Fprintf(emulator, "\x1b[%d;1H%s", y+1, line)
		if at := emulator.CursorPosition(); at.Y != y || at.X != width(line) {
			tb.Fatalf("%s: %+q: after line %d the cursor is at %d, %d and not at %d, %d: %q", place, text, y, at.X, at.Y, width(line), y, line)
		}
		fmt.Fprint(emulator, "\x1b[m")
	}
	if events > 0 {
		tb.Fatalf("%s: %+q reached the terminal itself", place, text)
	}
	for y, line := range lines {
		var row strings.Builder
		for x := range w {
			row.WriteString(cellText(emulator, x, y))
			if cell := emulator.CellAt(x, y); cell != nil && cell.Link.URL != "" {
				tb.Fatalf("%s: %+q is a link", place, text)
			}
		}
		if got, want := plain(row.String()), plain(ansi.Strip(line)); got != want {
			tb.Fatalf("%s: %+q: the terminal shows %q and not %q", place, text, got, want)
		}
	}
	return emulator
}

// cellText is what stands in a cell: nothing in the second half of a wide character.
func cellText(emulator *vt.Emulator, x, y int) string {
	cell := emulator.CellAt(x, y)
	switch {
	case cell == nil || cell.Content == "" && cell.Width == 1:
		return " "
	case cell.Width == 0:
		return ""
	}
	return cell.Content
}

// plain is a line without what this emulator does not keep: combining marks, and spaces at the end.
func plain(line string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return r
	}, norm.NFD.String(line)), " ")
}

// TestT16HostileText: beside harmless text of the same width, nothing changes outside the text's own cells.
func TestT16HostileText(t *testing.T) {
	const harmless = "Q" // in no word of ours
	beside := map[int]map[string]*vt.Emulator{}
	for i, text := range hostileTexts {
		if !thorough && i%8 != 0 {
			continue
		}
		pictures := checkHostile(t, text)
		cells := width(model.Display(text))
		if _, err := model.ParseName(text); cells > 40 || err != nil && strings.TrimSpace(text) == "" {
			continue // long texts are cut and wrapped at places that depend on them
		}
		if beside[cells] == nil {
			beside[cells] = checkHostile(t, strings.Repeat(harmless, cells))
		}
		for place, got := range pictures {
			if place == "delete" || place == "found" || place == "unread" {
				continue // a harmless name is asked for itself, a hostile one for the id; a filter says what was typed
			}
			want, ok := beside[cells][place]
			if !ok {
				t.Fatalf("there is no harmless text in %s", place)
			}
			for y := range want.Height() {
				for x := range want.Width() {
					ours := cellText(want, x, y)
					if ours != harmless && ours != "…" && ours != cellText(got, x, y) {
						t.Fatalf("%s: %+q changes cell %d, %d from %q to %q:\n%s\n%s", place, text, x, y, ours, cellText(got, x, y), want, got)
					}
				}
			}
		}
	}
}

func FuzzHostileText(f *testing.F) {
	for i, text := range hostileTexts {
		if thorough || i%8 == 1 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 500 {
			t.Skip("longer texts are cut")
		}
		checkHostile(t, text)
	})
}
