//go:build linux || darwin

package e2e

import (
	"bytes"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"clavier/e2e/term"
)

// clipSequence is an OSC 52, plain or wrapped for tmux.
var clipSequence = regexp.MustCompile("\x1b+\\]52;[^\x07\x1b]*(\x07|\x1b+\\\\)")

// leaks counts the places where part of the secret stands in a stream, apart from copies. Eight characters in a row do
// not happen by chance; the last four, which the hint shows, are no part.
func leaks(stream []byte, secret string) int {
	const part = 8
	stream = clipSequence.ReplaceAll(stream, nil)
	body := secret[len("clv_"):]
	n := 0
	for i := 0; i+part <= len(body); i++ {
		n += bytes.Count(stream, []byte(body[i:i+part]))
	}
	return n
}

// TestT19NoSecretInTheStream: no part of a secret is sent to the terminal but for an explicit show and an OSC 52 copy.
func TestT19NoSecretInTheStream(t *testing.T) {
	t.Parallel()
	for _, renderer := range []string{"cells", "stock"} {
		t.Run(renderer, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{Cols: 100, Env: []string{"CLAVIER_RENDERER=" + renderer}})
			secret := p.create("staging", "production")[1]
			x := p.Start(p.tb, p.opts)
			waitSelected(x, "production")

			// Everything there is, but for v.
			x.Key(term.Enter)
			x.WaitFor("┌ production")
			leave(p.tb, x, "┌ production")
			x.Type("c")
			waitClip(p.tb, x, "the copy", func(text string) bool { return text == secret })
			x.Type("3")
			x.WaitFor("WHEN")
			x.Type("1?")
			x.WaitFor("┌ Keys")
			leave(p.tb, x, "┌ Keys")
			x.Type("dprod")
			x.WaitFor("│ Name: prod ")
			x.Resize(60, 20)
			x.Key(term.CtrlL, term.FocusOut, term.FocusIn)
			leave(p.tb, x, "┌ Delete")
			x.Screen()
			if n := leaks(x.Raw(), secret); n != 0 {
				p.tb.Errorf("%d parts of the secret were sent without being asked for", n)
			}

			// Each way to hide it ends it.
			x.Key(term.Enter)
			x.WaitFor("┌ production")
			hidings := map[string]func(){
				"v":     func() { x.Type("v") },
				"focus": func() { x.Key(term.FocusOut, term.FocusIn) },
				"esc and enter": func() {
					leave(p.tb, x, "┌ production")
					x.Key(term.Enter)
					x.WaitFor("┌ production")
				},
				"ctrl+z": func() {
					x.Send(string(term.CtrlZ))
					x.WaitStopped()
					x.Foreground()
					x.WaitFor("┌ production")
				},
			}
			for how, hide := range hidings {
				mark := len(x.Raw())
				x.Type("v")
				mustShow(p.tb, x.WaitFor("Hidden again in "), secret)
				if leaks(x.Raw()[mark:], secret) == 0 {
					p.tb.Fatalf("the secret that is on the screen is not found in the stream")
				}
				hide()
				x.WaitGone("Hidden again in ")
				x.Screen()
				mark = len(x.Raw())
				x.Resize(61, 21)
				x.Key(term.CtrlL)
				x.Resize(60, 20)
				mustMask(p.tb, x.Screen())
				if n := leaks(x.Raw()[mark:], secret); n != 0 {
					p.tb.Errorf("after %s: %d parts of the secret were sent", how, n)
				}
			}
			mark := len(x.Raw())
			x.Signal(syscall.SIGTERM)
			x.WaitExit()
			if n := leaks(x.Raw()[mark:], secret); n != 0 {
				p.tb.Errorf("at the end: %d parts of the secret were sent", n)
			}
			if len(x.Clips()) != 2 {
				p.tb.Errorf("the clipboard was set %d times, want a copy and a clearing", len(x.Clips()))
			}
		})
	}
}

// TestT19NothingInScrollback: whatever ends the program while a secret is shown, nothing of the secret stays in what the
// terminal keeps.
func TestT19NothingInScrollback(t *testing.T) {
	t.Parallel()
	for _, end := range endings {
		for _, renderer := range []string{"cells", "stock"} {
			t.Run(end.name+"/"+renderer, func(t *testing.T) {
				t.Parallel()
				p := atTerminal(t, term.Options{Env: []string{"CLAVIER_RENDERER=" + renderer}})
				p.tmux = true
				secret := p.create("production")[0]
				x := p.StartTmux(p.tb, p.opts)
				waitSelected(x, "production")
				x.Key(term.Enter)
				x.WaitFor("┌ production")
				x.Type("v")
				mustShow(p.tb, x.WaitFor("Hidden again in "), secret)
				x.Resize(90, 30)
				mustShow(p.tb, x.WaitFor("Hidden again in "), secret)
				x.Resize(80, 24)
				end.do(p, x)
				x.WaitExit()
				x.Screen()
				kept := x.CaptureScrollback()
				if leaks([]byte(kept), secret) != 0 || strings.Contains(kept, "production") {
					p.tb.Errorf("the scrollback holds\n%s", kept)
				}
			})
		}
	}
}
