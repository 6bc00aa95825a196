//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// typist sits at a pseudo-terminal that outlives the program it runs, so that its modes can be looked at afterwards.
type typist struct {
	*testing.T
	keyboard, tty *os.File
	before        *term.State
	cmd           *exec.Cmd
	ended         chan error

	mu     sync.Mutex
	screen strings.Builder
}

// sit starts cmd on a new terminal.
func sit(t *testing.T, cmd *exec.Cmd) *typist {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &typist{T: t, keyboard: keyboard, tty: tty, cmd: cmd, ended: make(chan error, 1)}
	t.Cleanup(func() { _ = tty.Close(); _ = keyboard.Close() })
	s.before = s.modes()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- cmd.Wait() }()
	go s.watch()
	return s
}

func (s *typist) modes() *term.State {
	s.Helper()
	state, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		s.Fatal(err)
	}
	return state
}

func (s *typist) watch() {
	buffer := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(buffer)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.screen.Write(buffer[:n])
		s.mu.Unlock()
	}
}

func (s *typist) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

const patience = 20 * time.Second

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// asked waits for a question, and for the echo to be off if the answer is hidden.
func (s *typist) asked(question string, hidden bool) {
	s.Helper()
	until(s.T, "the question "+question, func() bool { return strings.Contains(s.seen(), question) })
	if same := reflect.DeepEqual(s.before, s.modes()); same == hidden {
		s.Errorf("%s: modes of the terminal as before: %v, want %v", question, same, !hidden)
	}
}

func (s *typist) types(keys string) {
	s.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.Fatal(err)
	}
}

// wantEnd waits for the program to end with this exit code and looks whether the terminal is whole.
func (s *typist) wantEnd(code int) {
	s.Helper()
	select {
	case err := <-s.ended:
		exit := (*exec.ExitError)(nil)
		if err != nil && !errors.As(err, &exit) {
			s.Fatal(err)
		}
		if got := s.cmd.ProcessState.ExitCode(); got != code {
			s.Errorf("ended with %v, want exit code %d", s.cmd.ProcessState, code)
		}
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		s.Fatalf("the program did not end")
	}
	if !reflect.DeepEqual(s.before, s.modes()) {
		s.Error("the modes of the terminal are not as before")
	}
}

const askPassphrase = "Passphrase of the identity: "

// TestPassphrasePrompt holds that a passphrase is never shown, and that the terminal is whole however the prompt ends.
func TestPassphrasePrompt(t *testing.T) {
	m := newMachine(t)
	secret := m.create(t, "production")
	m.protect(t, "correct horse")
	for _, test := range []struct {
		name string
		act  func(*typist)
		code int
		says string
	}{
		{"answered", func(s *typist) { s.types("correct horse\r") }, 0, secret},
		{"corrected", func(s *typist) { s.types("correct hoo\x7frse\r") }, 0, secret},
		{"second try", func(s *typist) {
			s.types("correct house\r")
			until(s.T, "the second question", func() bool { return strings.Count(s.seen(), askPassphrase) == 2 })
			s.asked(askPassphrase, true)
			s.types("correct horse\r")
		}, 0, secret},
		{"ctrl+c", func(s *typist) { s.types("corr\x03") }, 1, "interrupted; nothing was done"},
		{"ctrl+d", func(s *typist) { s.types("\x04") }, 1, "interrupted; nothing was done"},
		{"SIGINT", func(s *typist) { _ = s.cmd.Process.Signal(syscall.SIGINT) }, 1, "interrupted; nothing was done"},
		{"SIGTERM", func(s *typist) { _ = s.cmd.Process.Signal(syscall.SIGTERM) }, 1, "interrupted; nothing was done"},
		{"SIGHUP", func(s *typist) { _ = s.cmd.Process.Signal(syscall.SIGHUP) }, 1, "interrupted; nothing was done"},
		{"SIGQUIT", func(s *typist) { _ = s.cmd.Process.Signal(syscall.SIGQUIT) }, 1, "interrupted; nothing was done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sit(t, m.command(t, "show", "production"))
			s.asked(askPassphrase, true)
			test.act(s)
			s.wantEnd(test.code)
			until(t, "what is said at the end", func() bool { return strings.Contains(s.seen(), test.says) })
			if seen := s.seen(); strings.Contains(seen, "corr") || strings.Contains(seen, "horse") {
				t.Error("what was typed was shown")
			}
			if test.code != 0 && strings.Contains(s.seen(), secret) {
				t.Error("the secret was shown without the passphrase")
			}
		})
	}
}

// TestProtectPrompt holds the same for a new passphrase.
func TestProtectPrompt(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	for _, test := range []struct{ name, again, says string }{
		{"differ", "correct house\r", "the two passphrases differ; nothing was changed"},
		{"ctrl+c", "corr\x03", "interrupted; nothing was done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sit(t, m.command(t, "identity", "protect"))
			s.asked("New passphrase: ", true)
			s.types("correct horse\r")
			s.asked("The same again: ", true)
			s.types(test.again)
			s.wantEnd(1)
			until(t, "what is said at the end", func() bool { return strings.Contains(s.seen(), test.says) })
			if strings.Contains(s.seen(), "corr") {
				t.Error("what was typed was shown")
			}
		})
	}
	m.output(t, "show", "production") // still without a passphrase
}

// TestVerifyPrompt holds that a secret that is typed is not shown.
func TestVerifyPrompt(t *testing.T) {
	m := newMachine(t)
	secret := m.create(t, "production")
	s := sit(t, m.command(t, "verify"))
	s.asked("Secret to verify: ", true)
	s.types(secret + "\r")
	s.wantEnd(0)
	until(t, "the name", func() bool { return strings.Contains(s.seen(), "production") })
	if strings.Contains(s.seen(), secret) {
		t.Error("the secret was shown")
	}
}

// TestDeletePrompt holds that the name is typed in sight, that a line typed ahead deletes nothing, and that ctrl+c does
// not either.
func TestDeletePrompt(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	const question = `Type the name "production" to delete it: `
	for _, keys := range []string{"\n", "production \n", "\x03", "\x04"} {
		s := sit(t, m.command(t, "delete", "production"))
		s.asked(question, false)
		s.types(keys)
		select {
		case <-s.ended:
		case <-time.After(patience):
			t.Fatal("the program did not end")
		}
		if s.cmd.ProcessState.Success() || !reflect.DeepEqual(s.before, s.modes()) {
			t.Errorf("%q: %v, and modes of the terminal as before: %v", keys, s.cmd.ProcessState, reflect.DeepEqual(s.before, s.modes()))
		}
	}
	m.output(t, "show", "production")
	s := sit(t, m.command(t, "delete", "production"))
	s.asked(question, false)
	s.types("production\n")
	s.wantEnd(0)
	if m.output(t, "list") != "" {
		t.Error("the key is still there")
	}
}
