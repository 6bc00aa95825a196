package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/teatest"
)

// loop runs the program in Bubble Tea's own loop, with its renderer and its timers; the clock is still the test's.
func loop(t *testing.T, prepare ...func(*setup)) (*teatest.TestModel, *screen) {
	t.Helper()
	s := start(t, append(prepare, func(s *setup) { s.options.StockRenderer = true })...)
	s.app.ops = nil // begin anew: Init runs again
	s.app.list = newKeyList()
	return teatest.NewTestModel(t, s.app, teatest.WithInitialTermSize(80, 24)), s
}

// wait waits until what was written since the last wait holds the texts.
func wait(t *testing.T, m *teatest.TestModel, texts ...string) {
	t.Helper()
	teatest.WaitFor(t, m.Output(), func(output []byte) bool {
		read := ansi.Strip(string(output))
		for _, text := range texts {
			if !strings.Contains(read, text) {
				return false
			}
		}
		return true
	}, teatest.WithDuration(20*time.Second), teatest.WithCheckInterval(5*time.Millisecond))
}

func send(m *teatest.TestModel, keys ...string) {
	for _, k := range keys {
		m.Send(keyMsg(k))
	}
}

func ended(t *testing.T, m *teatest.TestModel) *app {
	t.Helper()
	return m.FinalModel(t, teatest.WithFinalTimeout(20*time.Second)).(*app)
}

func TestLoopCreateCopyDelete(t *testing.T) {
	m, s := loop(t, three(t))
	wait(t, m, "production", "staging", "3 keys")
	m.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("nbatch")})
	wait(t, m, "Name: batch")
	send(m, "enter")
	wait(t, m, "batch was created", "Hidden again in")
	send(m, "c")
	wait(t, m, "copied batch")
	s.fakes.mu.Lock()
	id := s.fakes.keys[0].ID
	s.fakes.mu.Unlock()
	if s.fakes.held() != s.fakes.secret(id) {
		t.Error("the clipboard does not hold the secret")
	}
	s.clock.advance(time.Second)
	send(m, "enter")
	wait(t, m, "n new")
	send(m, "g", "d")
	wait(t, m, "Delete batch?")
	m.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("batch")})
	send(m, "enter")
	wait(t, m, "deleted batch for good")
	send(m, "q")
	if a := ended(t, m); a.ended != nil || len(a.crashes.all()) > 0 {
		t.Errorf("the program ended with %v", a.ended)
	}
}

func TestLoopShowsAnotherProgramsChange(t *testing.T) {
	m, s := loop(t, three(t))
	t.Cleanup(sendTicks(m))
	wait(t, m, "3 keys")
	s.fakes.add(t, "made-elsewhere", time.Second)
	wait(t, m, "made-elsewhere", "4 keys")
	send(m, "ctrl+c")
	ended(t, m)
}

func TestLoopAsksBeforeLeavingAWrite(t *testing.T) {
	m, s := loop(t, three(t))
	wait(t, m, "3 keys")
	s.hold("create")
	send(m, "n", "x", "enter", "ctrl+c")
	wait(t, m, "Leave now?")
	send(m, "y")
	a := ended(t, m)
	if a.work.finish(0) {
		t.Error("the write is not waited for")
	}
	s.release("create")
	if !a.work.finish(20 * time.Second) {
		t.Error("the write has not ended")
	}
}

func TestLoopEndsCleanlyAfterAPanic(t *testing.T) {
	m, s := loop(t, three(t))
	wait(t, m, "3 keys")
	thrown := passphrase()
	s.mayCrash = true
	s.app.dialogs = []dialog{&explosive{"update", thrown}}
	send(m, "x")
	a := ended(t, m)
	if !errors.Is(a.ended, errPanic) || len(a.crashes.all()) != 1 {
		t.Errorf("the program ended with %v", a.ended)
	}
	var output bytes.Buffer
	if _, err := output.ReadFrom(m.FinalOutput(t)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(output.String(), thrown) {
		t.Error("what was thrown is on the screen")
	}
}
