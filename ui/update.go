package ui

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"
)

// signalMsg says that the process was told to end.
type signalMsg struct{ signal os.Signal }

// errPanic is returned by Run when the program itself failed. The trace has been printed.
var errPanic = errors.New("clavier failed inside; its trace stands above")

// Update takes one message. A panic ends the program with the terminal whole.
func (a *app) Update(msg tea.Msg) (shown tea.Model, cmd tea.Cmd) {
	shown = a // also after a panic: Bubble Tea goes on drawing what it gets
	defer func() {
		if r := recover(); r != nil {
			a.crashes.add("updating the screen", debug.Stack())
			a.ended = errPanic
			cmd = tea.Quit
		}
	}()
	return shown, a.update(msg)
}

func (a *app) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
		return nil
	case tea.KeyMsg:
		a.away = false
		return a.onKeys(msg)
	case doneMsg:
		return a.onDone(msg)
	case tickMsg:
		return a.onTick()
	case spinMsg:
		return a.onSpin()
	case tea.BlurMsg:
		a.away = true
		a.hideSecrets()
		return nil
	case tea.FocusMsg:
		a.away = false
		return nil
	case tea.SuspendMsg:
		a.hideSecrets()
		return nil
	case tea.ResumeMsg:
		a.resumed()
		a.repaint()
		return nil
	case signalMsg:
		a.hideSecrets()
		a.ended = &InterruptedError{Signal: msg.signal}
		return tea.Quit
	}
	return nil
}

// onKeys takes what one read from the terminal brought. Letters that arrive together are one message; each is a key
// of its own, unless they are a paste or text for a field.
func (a *app) onKeys(msg tea.KeyMsg) tea.Cmd {
	if msg.Type != tea.KeyRunes || msg.Paste || msg.Alt || len(msg.Runes) < 2 {
		return a.onKey(msg)
	}
	var cmds []tea.Cmd
	for i, r := range msg.Runes {
		if a.typing() && len(a.held) == 0 {
			cmds = append(cmds, a.onKey(tea.KeyMsg{Type: tea.KeyRunes, Runes: msg.Runes[i:]}))
			break
		}
		cmds = append(cmds, a.onKey(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}))
	}
	return tea.Batch(cmds...)
}

// onKey routes one key: keys that apply everywhere, the bindings of the top dialog or the view, the text field.
func (a *app) onKey(msg tea.KeyMsg) tea.Cmd {
	bound, ok := find(everywhere(), msg)
	if ok && !msg.Paste {
		return bound.do(a)
	}
	if a.hold(msg) {
		return nil
	}
	if !msg.Paste {
		bound, ok = find(a.bindings(), msg)
	}
	switch {
	case msg.Paste:
		return a.typed(msg)
	case ok && bound.why != "":
		a.say(toneWarning, bound.why)
		return nil
	case ok:
		return bound.do(a)
	}
	return a.typed(msg)
}

// InterruptedError is the error of Run when a signal ended the program.
type InterruptedError struct{ Signal os.Signal }

// Error names the signal.
func (e *InterruptedError) Error() string { return fmt.Sprintf("ended by %v", e.Signal) }
