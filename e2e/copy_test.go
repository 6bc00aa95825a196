//go:build linux || darwin

package e2e

import (
	"fmt"
	"testing"

	"clavier/e2e/term"
)

// lastClip is what the clipboard of the terminal holds now, and how often it was set.
func lastClip(x term.Terminal) (text string, times int) {
	clips := x.Clips()
	if len(clips) == 0 {
		return "", 0
	}
	return clips[len(clips)-1].Text, len(clips)
}

// mustNotAsk fails the test if the program has asked to read the clipboard.
func mustNotAsk(tb testing.TB, x term.Terminal) {
	tb.Helper()
	for _, c := range x.Clips() {
		if c.Query {
			tb.Errorf("the clipboard of the terminal was read")
		}
	}
}

// waitClip waits until the far end of the terminal holds what ok accepts.
func waitClip(tb testing.TB, x term.Terminal, desc string, ok func(string) bool) {
	tb.Helper()
	eventually(tb, desc, func() bool {
		text, _ := lastClip(x)
		return ok(text)
	})
}

// TestCopyArrives: c puts the right secret into the clipboard at the far end of the terminal, the status line tells the
// way, and the secret is taken off again when its time is over.
func TestCopyArrives(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name string
		tmux bool
		opts term.Options
		way  string
	}{
		{"terminal", false, term.Options{}, "terminal (OSC 52), unconfirmed"},
		{"tmux external", true, term.Options{TmuxConf: []string{"set -s set-clipboard external"}}, "tmux + terminal (unconfirmed)"},
		{"tmux on", true, term.Options{TmuxConf: []string{"set -s set-clipboard on"}}, "tmux + terminal (unconfirmed)"},
	}
	for _, tt := range ways {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, tt.opts)
			p.tmux = tt.tmux
			p.opts.Cols = 120
			p.WriteSettings(p.tb, "clipboard_clear = \"2s\"\n")
			secrets := p.create("staging", "production")
			x := p.open()
			waitSelected(x, "production")
			x.Type("jc")
			s := x.WaitFor("copied staging · " + tt.way + " · clears in ")
			mustMask(p.tb, s)
			waitClip(p.tb, x, "the secret at the far end", func(text string) bool { return text == secrets[0] })
			waitClip(p.tb, x, "the clearing", func(text string) bool { return text == " " })
			x.WaitFor("terminal asked to clear, unconfirmed")
			if _, times := lastClip(x); times != 2 {
				p.tb.Errorf("the clipboard was set %d times, want a copy and a clearing", times)
			}
			mustNotAsk(p.tb, x)
			if m, ok := x.(*term.Tmux); ok && m.Tmux("list-buffers") != "" {
				p.tb.Errorf("tmux still has a buffer")
			}
		})
	}
}

// TestCopyFromDialogs: the dialogs of a new key and of details copy the same secret as the list.
func TestCopyFromDialogs(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 120}, func(p *place) {
		x := p.open()
		x.WaitFor("No API keys yet")
		x.Type("nproduction")
		x.WaitFor("enter creates it")
		x.Key(term.Enter)
		x.WaitFor("production was created")
		x.Type("c")
		s := x.WaitFor("copied production · ")
		secret := secretShape.FindString(s.String())
		if secret == "" {
			p.tb.Errorf("copying closed the dialog\n%s", s.Frame())
		}
		waitClip(p.tb, x, "the secret at the far end", func(text string) bool { return text == secret })
		leave(p.tb, x, "was created")
		x.Key(term.Enter)
		x.WaitFor("Last used")
		x.Type("y")
		eventually(p.tb, "the second copy", func() bool {
			text, times := lastClip(x)
			return times == 2 && text == secret
		})
		mustMask(p.tb, x.Screen())
		leave(p.tb, x, "┌ production")
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		waitClip(p.tb, x, "the clearing on exit", func(text string) bool { return text == " " })
		s = x.Screen()
		if p.tmux && !s.Contains("tmux cleared; terminal asked to clear, unconfirmed") ||
			!p.tmux && !s.Contains("clavier: terminal asked to clear, unconfirmed") {
			p.tb.Errorf("it does not say what became of the copy\n%s", s.Frame())
		}
	})
}

// TestT18ClearedAtEveryEnd: however the program ends, the secret is taken off the clipboard, and it says so.
func TestT18ClearedAtEveryEnd(t *testing.T) {
	t.Parallel()
	for _, end := range endings {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, term.Options{Cols: 120}, func(p *place) {
				secret := p.create("production")[0]
				x := p.open()
				waitSelected(x, "production")
				x.Type("c")
				waitClip(p.tb, x, "the copy", func(text string) bool { return text == secret })
				x.WaitFor("copied production")
				end.do(p, x)
				if code := x.WaitExit(); code != end.code {
					p.tb.Errorf("code %d, want %d", code, end.code)
				}
				waitClip(p.tb, x, "the clearing", func(text string) bool { return text == " " })
				if s := x.Screen(); !s.Contains("terminal asked to clear, unconfirmed") {
					p.tb.Errorf("it does not say what became of the copy\n%s", s.Frame())
				}
				if m, ok := x.(*term.Tmux); ok && m.Tmux("list-buffers") != "" {
					p.tb.Errorf("tmux still has a buffer")
				}
			})
		})
	}
}

// TestCopySwitchedOff: clipboard = "none" copies nothing and says so; clipboard_clear = "0" clears nothing and says so.
func TestCopySwitchedOff(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 120}, func(p *place) {
		p.WriteSettings(p.tb, "clipboard = \"none\"\n")
		p.create("production")
		x := p.open()
		waitSelected(x, "production")
		x.Type("c")
		s := x.WaitFor("nothing was copied: ")
		if line := s.LineWith("nothing was copied"); line != ` nothing was copied: clipboard = "none" is set` {
			p.tb.Errorf("it does not say why\n%s", s.Frame())
		}
		if _, times := lastClip(x); times != 0 {
			p.tb.Errorf("the clipboard was set %d times", times)
		}
	})
	everywhere(t, term.Options{Cols: 120}, func(p *place) {
		p.WriteSettings(p.tb, "clipboard_clear = \"0\"\n")
		secrets := p.create("production")
		x := p.open()
		waitSelected(x, "production")
		x.Type("c")
		x.WaitFor("stays until something else is copied")
		x.Type("q")
		x.WaitExit()
		if text, times := lastClip(x); text != secrets[0] || times != 1 {
			p.tb.Errorf("the clipboard was set %d times and holds the secret: %t", times, text == secrets[0])
		}
	})
}

// TestCopyCommand: the plain command copies to the terminal that it runs on, and says the way on standard error.
func TestCopyCommand(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 120}, func(p *place) {
		p.WriteSettings(p.tb, "clipboard_clear = \"0\"\n")
		secrets := p.create("production")
		x := p.open("copy", "production")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		way := "terminal (OSC 52)"
		if p.tmux {
			way = "tmux + terminal"
		}
		if s := x.Screen(); !s.Contains(fmt.Sprintf("copied %q: %s", "production", way)) {
			p.tb.Errorf("it does not say the way\n%s", s.Frame())
		}
		waitClip(p.tb, x, "the secret at the far end", func(text string) bool { return text == secrets[0] })
	})
}
