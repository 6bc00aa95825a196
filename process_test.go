package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
	"clavier/seal"
)

// machine is a directory with all that the program has on a machine, and the environment to run it there.
type machine struct {
	dir string
	env []string
}

func newMachine(t *testing.T, extra ...string) *machine {
	t.Helper()
	dir := t.TempDir()
	env := append([]string{
		"HOME=" + filepath.Join(dir, "home"),
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"TMPDIR=" + dir,
		"PATH=" + os.Getenv("PATH"),
		"TERM=xterm-256color",
		"LANG=C.UTF-8",
		"TZ=UTC",
		"GORACE=atexit_sleep_ms=0",
	}, extra...)
	return &machine{dir: dir, env: env}
}

// command is the program with these arguments, on this machine.
func (m *machine) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("clavier")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env, cmd.Dir = m.env, m.dir
	return cmd
}

// output runs the program and returns its standard output without the last line end.
func (m *machine) output(t *testing.T, args ...string) string {
	t.Helper()
	out, err := m.command(t, args...).Output()
	if err != nil {
		t.Fatalf("clavier %s: %v", args[0], err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// create makes a key and returns its secret.
func (m *machine) create(t *testing.T, name string) string {
	t.Helper()
	secret := m.output(t, "create", name)
	if err := model.CheckSecret(secret); err != nil {
		t.Fatalf("create %s printed no secret: %v", name, err)
	}
	return secret
}

// protect puts a passphrase on the identity, with the least work that it can take.
func (m *machine) protect(t *testing.T, passphrase string) {
	t.Helper()
	identity := filepath.Join(m.dir, "config", "clavier", "identity.txt")
	vault, err := seal.Open(seal.Options{IdentityPath: identity, Own: true, WorkFactor: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Protect([]byte(passphrase)); err != nil {
		t.Fatal(err)
	}
}
