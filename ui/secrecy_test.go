package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"
)

// pieceOfSecret returns a part of a secret that a frame shows, or nothing. Eight characters of 62 do not stand there by
// chance; frames are 80 wide, so that a shown secret is not broken into less.
func (s *screen) pieceOfSecret() string {
	s.fakes.mu.Lock()
	defer s.fakes.mu.Unlock()
	frame := s.app.View()
	for _, secret := range s.fakes.secrets {
		text := secret.Reveal()
		for i := len("clv_"); i+8 <= len(text); i++ {
			if strings.Contains(frame, text[i:i+8]) {
				return text[i : i+8]
			}
		}
	}
	return ""
}

// TestT19NoSecretWithoutAnExplicitShow presses random keys, moves the clock, takes the focus away, makes things fail,
// hang and change, and looks for secrets in every frame. One may be there only while the screen says how long it will
// be, and never past the time that it was given.
func TestT19NoSecretWithoutAnExplicitShow(t *testing.T) {
	keys := []string{
		"n", "c", "y", "d", "v", "v", "enter", "enter", "esc", "j", "k", "G", "?", "1", "3", "p", "ctrl+r", "ctrl+l", "ctrl+z", "q", "ctrl+c", "a", " ",
		"2", "t", "i", "L", "x", "tab", "down",
	}
	methods := []string{"list", "create", "delete", "reveal", "copy", "clear", "activity", "version", "unlock", "try", "answers", "import", "lookup", "envFile"}
	shownOften, steps := 0, 60
	if !thorough {
		steps = 25
	}
	rapid.Check(t, func(r *rapid.T) {
		s := start(t, three(t), abroad(&outside{}, "orders"), with(func(f *fakes) {
			if rapid.Bool().Draw(r, "locked") {
				f.locked = "a"
			}
		}))
		var asked time.Time // when a key was last pressed that may show a secret
		look := func(did string) {
			if s.pieceOfSecret() == "" {
				return
			}
			shownOften++
			if !strings.Contains(s.text(), "Hidden again in ") || s.clock.Now().Sub(asked) >= 30*time.Second {
				r.Fatalf("after %s the secret is on the screen, without saying so or for too long:\n%s", did, s.text())
			}
		}
		for range steps {
			var did string
			switch rapid.IntRange(0, 15).Draw(r, "what") {
			case 0:
				did = "a tick"
				s.after(time.Duration(rapid.IntRange(1, 20).Draw(r, "seconds")) * time.Second)
			case 1:
				did = "losing the focus"
				s.send(tea.BlurMsg{})
				if piece := s.pieceOfSecret(); piece != "" {
					r.Fatalf("a secret is on the screen without the focus:\n%s", s.text())
				}
			case 2:
				method := rapid.SampledFrom(methods).Draw(r, "method")
				did = method + " fails or works"
				var err error
				if rapid.Bool().Draw(r, "fails") {
					err = fmt.Errorf("%s does not work", method)
				}
				s.fakes.fail(method, err)
			case 3:
				did = "another program's change"
				if len(s.fakes.keys) > 1 && rapid.Bool().Draw(r, "delete") {
					s.fakes.remove(s.fakes.keys[0].ID)
				} else {
					s.fakes.add(t, fmt.Sprintf("other-%d", s.fakes.made), time.Minute)
				}
			case 4:
				did = "the name of the key"
				if d, ok := s.app.top().(*deleteDialog); ok {
					s.typed(d.confirm)
				}
			case 5:
				did = "resize"
				s.send(tea.WindowSizeMsg{Width: 80, Height: rapid.IntRange(24, 40).Draw(r, "height")})
			default:
				did = rapid.SampledFrom(keys).Draw(r, "key")
				if did == "v" || did == "enter" { // show; create, or unlock with v before it
					asked = s.clock.Now()
				}
				s.press(did)
			}
			look(did)
		}
		for _, trace := range s.app.crashes.all() {
			r.Fatal(trace)
		}
	})
	if shownOften == 0 {
		t.Error("no secret was ever shown: the test looks at nothing")
	}
}

// TestT19WorkingDayShowsNothing goes through a day's work and looks at every frame that is no explicit show.
func TestT19WorkingDayShowsNothing(t *testing.T) {
	s := start(t, three(t), abroad(&outside{}, "orders"))
	for _, step := range []string{
		"t", "esc", "2", "enter", "esc", "1", "enter", "x", "enter", "x", "down", "down", "enter", "enter", "esc", "c", "j", "c", "enter", "c", "d", "esc", "esc", "3", "1", "?", "esc", "n", "z", "esc", "ctrl+r", "G", "d", "esc", "ctrl+z", "ctrl+l", "p",
	} {
		s.press(step)
		s.after(time.Second)
		if piece := s.pieceOfSecret(); piece != "" {
			t.Fatalf("after %s the screen shows a secret:\n%s", step, s.text())
		}
	}
	s.press("enter", "v")
	if s.pieceOfSecret() == "" {
		t.Fatal("a secret that is shown is not found: the test looks at nothing")
	}
}
