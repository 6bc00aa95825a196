//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// needs skips a test for want of a program; where everything must be there, it fails.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatal(program + " is not installed")
	}
	t.Skip(program + " is not installed")
}

// TestRunJobControl runs a command from real shells at a terminal: it is stopped, continued and interrupted like any other.
func TestRunJobControl(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	for _, shell := range [][]string{
		{"bash", "--norc", "--noprofile", "-i"}, {"zsh", "-f", "-i", "+Z"}, {"dash", "-i"},
	} {
		t.Run(shell[0], func(t *testing.T) {
			needs(t, shell[0])
			m := machine{dir: m.dir, env: append(m.env, "PS1=ask> ", "PROMPT=ask> ")}
			cmd := exec.CommandContext(t.Context(), shell[0], shell[1:]...)
			cmd.Env, cmd.Dir = m.env, m.dir
			s := sit(t, cmd)
			told := func(what string) {
				t.Helper()
				until(t, what, func() bool { return strings.Contains(s.seen(), what) })
			}
			told("ask> ")
			// What is typed is echoed: the answers are written so that the question does not have them.
			s.types(`clavier run --env A=production -- sh -c 'echo re""ady ${#A}; exec cat'` + "\r")
			told("ready 42")
			during := s.modes()
			s.types("first\r")
			until(t, "the echo and the answer", func() bool { return strings.Count(s.seen(), "first") == 2 })
			s.types("\x1a")
			until(t, "the command to be stopped", func() bool {
				return strings.Contains(strings.ToLower(s.seen()), "stopped") || strings.Contains(s.seen(), "suspended")
			})
			s.types("echo in the sh''ell\r")
			told("in the shell")
			s.types("fg\r")
			// Typed, stopped, and named again. What is typed before the command has the terminal would be read in the shell's modes.
			until(t, "the command to go on", func() bool {
				return strings.Count(s.seen(), "clavier run") == 3 && reflect.DeepEqual(during, s.modes())
			})
			s.types("second\r")
			until(t, "the echo and the answer", func() bool { return strings.Count(s.seen(), "second") == 2 })
			prompts := strings.Count(s.seen(), "ask> ")
			s.types("\x03")
			until(t, "the shell", func() bool { return strings.Count(s.seen(), "ask> ") > prompts })
			s.types("echo co''de $?\r")
			told("code 130")
			s.types("exit 0\r")
			s.wantEnd(0)
		})
	}
}

// started runs a command by clavier and returns it, with a function that reads its next line.
func (m *machine) started(t *testing.T, script string) (*exec.Cmd, func() string) {
	t.Helper()
	cmd := m.command(t, "run", "--env", "A=production", "--", "sh", "-c", script)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(out)
	return cmd, func() string {
		line, _ := reader.ReadString('\n')
		return strings.TrimSuffix(line, "\n")
	}
}

// TestRunSignals: what is sent to clavier reaches the command, for it is the command.
func TestRunSignals(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	// What this process ignores, as under nohup, its children do too. What it hears, they have as it is.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGPIPE)
	defer signal.Stop(heard)
	for name, sent := range map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1, "PIPE": syscall.SIGPIPE,
	} {
		t.Run(name+" caught", func(t *testing.T) {
			cmd, line := m.started(t, `trap 'echo got it; exit 3' `+name+`; echo $$; while :; do sleep 0.02; done`)
			if pid := line(); pid != strconv.Itoa(cmd.Process.Pid) {
				t.Errorf("the command is process %s, clavier was %d", pid, cmd.Process.Pid)
			}
			if err := cmd.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			if got := line(); got != "got it" {
				t.Errorf("it says %q", got)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 3 {
				t.Errorf("exit code %d", got)
			}
		})
		t.Run(name+" deadly", func(t *testing.T) {
			cmd, line := m.started(t, `echo ready; exec sleep 60`)
			line()
			if err := cmd.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != sent {
				t.Errorf("it ended by %v", cmd.ProcessState)
			}
		})
	}
	// nohup, and a shell that ignores ctrl+c.
	for _, name := range []string{"HUP", "INT"} {
		t.Run(name+" ignored", func(t *testing.T) {
			cmd := m.command(t)
			cmd.Path, cmd.Err = "/bin/sh", nil
			cmd.Args = []string{"sh", "-c", `trap '' ` + name + `; exec clavier run --env A=production -- sh -c 'kill -` + name + ` $$; echo alive'`}
			if out, err := cmd.Output(); err != nil || string(out) != "alive\n" {
				t.Errorf("%q %v", out, err)
			}
		})
	}
}

// TestRunTerminal: the passphrase is asked for before, and then the terminal is the command's, as it was.
func TestRunTerminal(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	m.protect(t, "correct horse")
	s := sit(t, m.command(t, "run", "--env", "A=production", "--", "sh", "-c", `test -t 0 && test -t 1 && echo re""ady ${#A}; read x; echo "<$x>"; exit 5`))
	s.asked(askPassphrase, true)
	s.types("correct horse\r")
	until(t, "the command", func() bool { return strings.Contains(s.seen(), "ready 42") })
	s.asked("ready 42", false)
	s.types("typed\r")
	s.wantEnd(5)
	until(t, "its answer", func() bool { return strings.Contains(s.seen(), "<typed>") })
}

// TestRunTerminalInterrupted: nothing is started if the passphrase is not given.
func TestRunTerminalInterrupted(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	m.protect(t, "correct horse")
	s := sit(t, m.command(t, "run", "--env", "A=production", "--", "touch", "started"))
	s.asked(askPassphrase, true)
	s.types("\x03")
	s.wantEnd(1)
	if _, err := os.Stat(m.dir + "/started"); err == nil {
		t.Error("it was started")
	}
}

// TestRunStore: while the command runs, the store is free, and another program changes it at once.
func TestRunStore(t *testing.T) {
	m := newMachine(t)
	m.create(t, "production")
	cmd, line := m.started(t, `echo ready; exec sleep 60`)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	line()
	m.create(t, "staging")
	if _, err := m.command(t, "delete", "production", "--confirm", "production").Output(); err != nil {
		t.Error(err)
	}
}
