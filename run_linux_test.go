package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRunProcess is T20 for run: the secret is in the environment of the command and in no process's arguments. The command has
// the files that clavier was given, and no other.
func TestRunProcess(t *testing.T) {
	m := newMachine(t)
	secret := m.create(t, "production")
	given, err := os.Create(filepath.Join(t.TempDir(), "given"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = given.Close() }()
	cmd := m.command(t, "run", "--env", "A=production", "--", "sleep", "60")
	cmd.ExtraFiles = []*os.File{given}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	proc := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid))
	until(t, "the command", func() bool {
		arguments, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
		return string(arguments) == "sleep\x0060\x00"
	})
	environ, err := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil || !bytes.Contains(environ, []byte("A="+secret+"\x00")) {
		t.Errorf("the command does not have the secret: %v", err)
	}
	for pid := range processes(t) {
		arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if bytes.Contains(arguments, []byte(secret)) {
			t.Errorf("process %d has the secret among its arguments", pid)
		}
	}
	// What the test itself was started with is inherited by both.
	alone := exec.CommandContext(t.Context(), "sleep", "60")
	alone.ExtraFiles = cmd.ExtraFiles
	if err := alone.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = alone.Process.Kill(); _ = alone.Wait() }()
	until(t, "the command to have the files that it has without clavier", func() bool { // while it starts, it reads libraries
		want := openFiles(t, alone.Process.Pid)
		return openFiles(t, cmd.Process.Pid) == want && strings.Contains(want, "3")
	})
}

// openFiles returns the numbers of the files that a process has open.
func openFiles(t *testing.T, pid int) string {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]string, len(entries))
	for i, entry := range entries {
		numbers[i] = entry.Name()
	}
	return strings.Join(numbers, " ")
}
