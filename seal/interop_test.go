//go:build unix

package seal

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"clavier/model"
)

// typed runs a program on a terminal of its own and answers each of its passphrase prompts. It returns what the
// terminal showed.
func typed(t *testing.T, cmd *exec.Cmd, passphrase string) string {
	t.Helper()
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var shown bytes.Buffer
	answered := 0
	buf := make([]byte, 4096)
	for {
		n, err := terminal.Read(buf)
		shown.Write(buf[:n])
		// A prompt ends with a colon; the terminal does not echo the answers.
		for prompts := strings.Count(strings.ToLower(shown.String()), "passphrase"); answered < prompts && strings.HasSuffix(strings.TrimSpace(shown.String()), ":"); answered = prompts {
			if _, err := io.WriteString(terminal, passphrase+"\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, shown.String())
	}
	return shown.String()
}

// TestInteropOpensOurs: the plain age tool opens what clavier sealed, with the identity as it lies there, plain or
// protected.
func TestInteropOpensOurs(t *testing.T) {
	ageTool := tool(t, "age")
	opts := newOptions(t)
	v := open(t, opts)
	secret := drawSecret(t)
	sealed := mustSeal(t, v, secret)
	file := filepath.Join(t.TempDir(), "sealed.age")
	if err := os.WriteFile(file, sealed.Ciphertext, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(ageTool, "-d", "-i", opts.IdentityPath, file).Output()
	if err != nil || string(out) != secret.Reveal() {
		t.Fatalf("age does not open it with the plain identity: %v", err)
	}

	pass := "with spaces and ü " + rand.Text()
	if err := v.Protect([]byte(pass)); err != nil {
		t.Fatal(err)
	}
	opened := filepath.Join(t.TempDir(), "opened")
	typed(t, exec.Command(ageTool, "-d", "-i", opts.IdentityPath, "-o", opened, file), pass)
	if out, err := os.ReadFile(opened); err != nil || string(out) != secret.Reveal() {
		t.Fatalf("age does not open it with the protected identity: %v", err)
	}
	// The public half is a recipients file for age -R.
	theirs := filepath.Join(t.TempDir(), "theirs.age")
	cmd := exec.Command(ageTool, "-R", opts.IdentityPath+".pub", "-o", theirs)
	cmd.Stdin = strings.NewReader(secret.Reveal())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("age -R: %v\n%s", err, out)
	}
	ciphertext, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	wantOpens(t, v, model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext}, secret)
}

// TestInteropTakesTheirs: clavier takes an identity that age-keygen made and age -p protected, with age's own work
// factor and without the armor that clavier writes.
func TestInteropTakesTheirs(t *testing.T) {
	t.Parallel()
	ageTool, keygen := tool(t, "age"), tool(t, "age-keygen")
	dir := t.TempDir()
	plain, protected := filepath.Join(dir, "plain.txt"), filepath.Join(dir, "protected.txt")
	if out, err := exec.Command(keygen, "-o", plain).CombinedOutput(); err != nil {
		t.Fatalf("age-keygen: %v\n%s", err, out)
	}
	v := open(t, Options{IdentityPath: plain})
	secret := drawSecret(t)
	sealed := mustSeal(t, v, secret)
	wantOpens(t, v, sealed, secret)

	pass := rand.Text()
	typed(t, exec.Command(ageTool, "-p", "-o", protected, plain), pass)
	if err := os.Chmod(protected, 0o600); err != nil {
		t.Fatal(err)
	}
	v = open(t, Options{IdentityPath: protected})
	wantRefused(t, v, sealed, model.ErrLocked, "protected")
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, v, sealed, secret)
}

// TestInteropSSH: the plain age tool opens with an SSH key what clavier sealed to it, and the other way round.
func TestInteropSSH(t *testing.T) {
	t.Parallel()
	ageTool := tool(t, "age")
	for _, kind := range []string{"ed25519", "rsa"} {
		path, _ := makeSSH(t, "", "-t", kind)
		v := open(t, Options{IdentityPath: path})
		secret := drawSecret(t)
		cmd := exec.Command(ageTool, "-d", "-i", path)
		cmd.Stdin = bytes.NewReader(mustSeal(t, v, secret).Ciphertext)
		if out, err := cmd.Output(); err != nil || string(out) != secret.Reveal() {
			t.Errorf("%s: age does not open it: %v", kind, err)
		}
		cmd = exec.Command(ageTool, "-R", path+".pub")
		cmd.Stdin = strings.NewReader(secret.Reveal())
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		wantOpens(t, v, model.Sealed{Digest: secret.Digest(), Ciphertext: out}, secret)
	}
}
