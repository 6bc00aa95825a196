package ui

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// widths and heights are those at which something folds, and their neighbours.
var (
	widths  = append(upTo(30), 39, 40, 41, 79, 80, 81, 119, 120, 200, 399, 400)
	heights = append(upTo(15), 23, 24, 25, 60, 119, 120)
)

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// TestT22EverySurfaceAtEverySize: no panic, exactly as many lines as the screen has, none wider, the cursor inside; with
// and without colours. checkFrame looks. Each surface has a third of the sizes, which three of them share out.
func TestT22EverySurfaceAtEverySize(t *testing.T) {
	for _, coloured := range []bool{false, true} {
		if coloured {
			colours(t)
		}
		all, k := surfaces(t), 0
		for _, surface := range slices.Sorted(maps.Keys(all)) {
			s := all[surface]()
			k++
			for i, w := range widths {
				for j, h := range heights {
					if (i+j+k)%3 != 0 || (coloured || !thorough) && i%3 != 0 || !thorough && j%3 != 0 {
						continue
					}
					s.app.width, s.app.height = w, h
					checkFrame(t, s.app)
					if n := len(s.app.crashes.all()); n > 0 {
						t.Fatalf("%s at %d x %d: %s", surface, w, h, s.app.crashes.all()[0])
					}
				}
			}
		}
	}
}

// TestT22HostileNamesAtEverySize: long, wide and escaped texts everywhere.
func TestT22HostileNamesAtEverySize(t *testing.T) {
	for _, open := range []func(*screen){
		func(*screen) {}, func(s *screen) { s.press("3") }, func(s *screen) { s.press("d"); s.typed("日本語") }, func(s *screen) { s.press("enter", "v") },
		func(s *screen) { s.press("j", "d") }, func(s *screen) {
			s.press("n")
			s.paste(strings.Repeat("日本語のキーと鍵 ", 3))
		},
	} {
		s := start(t, with(func(f *fakes) {
			for _, text := range hostileTexts {
				f.add(t, text, day)
			}
		}))
		open(s)
		for i, w := range widths {
			for j, h := range heights {
				if (i+j)%3 == 0 && (thorough || i%3 == 0) {
					s.app.width, s.app.height = w, h
					checkFrame(t, s.app)
				}
			}
		}
		if n := len(s.app.crashes.all()); n > 0 {
			t.Fatal(s.app.crashes.all()[0])
		}
	}
}

// TestT22Resizing changes the size at random under every surface, and the surface goes on as it was.
func TestT22Resizing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for surface, open := range surfaces(t) {
		s := open()
		before, often := s.text(), 40
		if !thorough {
			often = 15
		}
		for range often {
			s.send(tea.WindowSizeMsg{Width: random.IntN(130), Height: random.IntN(50)})
			if random.IntN(4) == 0 {
				s.send(keyMsg("down"))
				s.send(keyMsg("up"))
			}
		}
		s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		if s.app.top() == nil && s.app.view == keysView {
			s.press("g")
			s.app.list.top = 0
			continue
		}
		if surface != "activity" && s.text() != before {
			t.Errorf("%s after resizing:\n%s\nbefore:\n%s", surface, s.text(), before)
		}
	}
}

// TestT22ResizeWithTextInADialog: what was typed and where the cursor is survive, also below the smallest size.
func TestT22ResizeWithTextInADialog(t *testing.T) {
	s := start(t, three(t))
	s.press("d")
	s.typed("producti")
	before, cursor := s.text(), s.app.Cursor()
	for _, size := range [][2]int{{20, 5}, {1, 1}, {0, 0}, {400, 120}, {19, 4}, {25, 6}} {
		s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
	}
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if s.text() != before || s.app.Cursor() != cursor {
		t.Errorf("after resizing:\n%s", s.text())
	}
	s.send(tea.WindowSizeMsg{Width: 10, Height: 3})
	s.typed("on")
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.shows("[ enter deletes it for good ]")
}

func TestT22TooSmallSaysSo(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want string
	}{{19, 24, "clavier needs 20 columns and 5 rows."}, {80, 4, "clavier needs 20 columns and 5 rows."}, {20, 5, "clavier  l… 0 keys"}} {
		s := start(t, size(c.w, c.h))
		s.shows(c.want)
		s.press("q")
		if !s.quit {
			t.Errorf("at %d x %d one cannot leave", c.w, c.h)
		}
	}
}

// TestT22DialogsKeepTheirWayOutOnLowScreens: title, field and problem stay in sight.
func TestT22DialogsKeepWhatMattersOnLowScreens(t *testing.T) {
	for h := minHeight; h <= 24; h++ {
		s := start(t, three(t), size(40, h))
		s.press("d")
		s.shows("Delete production?")
		if h >= 6 {
			s.shows("waits for the exact name")
		}
		if !s.app.Cursor().Visible {
			t.Errorf("at height %d the field is out of sight:\n%s", h, s.text())
		}
		s.press("esc", "n")
		s.typed(" x")
		s.shows("a name does not start with a space")
		if !s.app.Cursor().Visible {
			t.Errorf("at height %d the field is out of sight:\n%s", h, s.text())
		}
	}
}

// TestStylesCarryNoMeaning: without styles the screen reads the same, and the selection, the view and the armed button
// are still told apart.
func TestStylesCarryNoMeaning(t *testing.T) {
	plain := map[string]string{}
	s := map[string]*screen{}
	for surface, open := range surfaces(t) {
		s[surface] = open()
		if frame := s[surface].app.View(); frame != ansi.Strip(frame) {
			t.Errorf("%s has styles without colours: %q", surface, frame)
		}
		plain[surface] = s[surface].text()
	}
	colours(t)
	for surface := range s {
		s[surface].app.theme = newTheme()
		frame := s[surface].app.View()
		if ansi.Strip(frame) != plain[surface] {
			t.Errorf("%s reads differently in colour", surface)
		}
		if frame == plain[surface] {
			t.Errorf("%s has no styles in colour", surface)
		}
	}
}

// TestT22LongErrorPushesNothingOut: title, field and the start of the error stay in sight.
func TestT22LongErrorPushesNothingOut(t *testing.T) {
	for h := 8; h <= 24; h++ {
		s := start(t, size(40, h))
		s.fakes.fail("create", errors.New(strings.Repeat("it went wrong ", 200)))
		s.press("n", "x", "enter")
		s.shows("New API key", "Name: x", "it went wrong", "…")
		if !s.app.Cursor().Visible {
			t.Errorf("at height %d the field is out of sight:\n%s", h, s.text())
		}
	}
}
