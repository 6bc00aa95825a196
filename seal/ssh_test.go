package seal

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
)

// makeSSH makes an SSH key with ssh-keygen and returns its path and its public line without the comment. The passphrase
// is a fresh one of the test; it protects nothing.
func makeSSH(t *testing.T, passphrase string, args ...string) (path, public string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "id")
	args = append([]string{"-q", "-f", path, "-N", passphrase, "-C", "me@here"}, args...)
	if out, err := exec.Command(tool(t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	text, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return path, strings.Join(strings.Fields(string(text))[:2], " ")
}

// TestSSHIdentity: an SSH key made by ssh-keygen is the identity and its public half the recipient, protected or not.
func TestSSHIdentity(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		protected bool
		pub       bool // the .pub file stays
		args      []string
	}{
		{"ed25519", false, false, []string{"-t", "ed25519"}},
		{"ed25519 protected", true, false, []string{"-t", "ed25519", "-a", "1"}},
		{"rsa", false, false, []string{"-t", "rsa", "-b", "2048"}},
		{"rsa protected", true, false, []string{"-t", "rsa", "-b", "2048", "-a", "1"}},
		{"rsa as PEM", false, false, []string{"-t", "rsa", "-b", "2048", "-m", "PEM"}},
		{"rsa as PEM protected", true, true, []string{"-t", "rsa", "-b", "2048", "-m", "PEM"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pass := ""
			if test.protected {
				pass = rand.Text()
			}
			path, public := makeSSH(t, pass, test.args...)
			// Only the key's own mode matters, not that of its directory.
			if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if !test.pub {
				if err := os.Remove(path + ".pub"); err != nil {
					t.Fatal(err)
				}
			}
			v := open(t, Options{IdentityPath: path})
			secret := drawSecret(t)
			sealed := mustSeal(t, v, secret)
			if got, err := v.Recipients(); err != nil || len(got) != 1 || got[0] != public {
				t.Errorf("recipients are %v, %v, want %s", got, err, public)
			}
			if v.Locked() != test.protected {
				t.Errorf("locked is %v", v.Locked())
			}
			if test.protected {
				wantRefused(t, v, sealed, model.ErrLocked, "locked")
				wantErr(t, v.Unlock(context.Background(), []byte("wrong")), model.ErrPassphrase)
				if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
					t.Fatal(err)
				}
			}
			wantOpens(t, v, sealed, secret)
			wantErr(t, v.Protect([]byte("x")), ErrNotAge, "ssh-keygen -p -f "+path)
			if err := os.Chmod(path, 0o640); err != nil {
				t.Fatal(err)
			}
			_, err := v.Seal(secret)
			wantErr(t, err, model.ErrModes, "chmod 600 "+path)
		})
	}
}

func TestSSHRefusals(t *testing.T) {
	t.Parallel()
	t.Run("ecdsa", func(t *testing.T) {
		for _, pass := range []string{"", rand.Text()} {
			path, _ := makeSSH(t, pass, "-t", "ecdsa", "-a", "1")
			_, err := open(t, Options{IdentityPath: path}).Seal(drawSecret(t))
			if err == nil || !strings.Contains(err.Error(), "ecdsa-sha2-nistp256 cannot be sealed to; age takes ssh-ed25519 and ssh-rsa") {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("small rsa", func(t *testing.T) {
		path, _ := makeSSH(t, "", "-t", "rsa", "-b", "1024")
		_, err := open(t, Options{IdentityPath: path}).Seal(drawSecret(t))
		if err == nil || !strings.Contains(err.Error(), "RSA key size is too small") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hidden public half", func(t *testing.T) {
		path, _ := makeSSH(t, rand.Text(), "-t", "rsa", "-b", "2048", "-m", "PEM")
		if err := os.Remove(path + ".pub"); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, Options{IdentityPath: path}).Seal(drawSecret(t))
		if err == nil || !strings.Contains(err.Error(), "ssh-keygen -y -f "+path) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("public half of another", func(t *testing.T) {
		pass := rand.Text()
		path, _ := makeSSH(t, pass, "-t", "rsa", "-b", "2048", "-m", "PEM")
		other, _ := makeSSH(t, "", "-t", "rsa", "-b", "2048")
		text, err := os.ReadFile(other + ".pub")
		if err = errors.Join(err, os.WriteFile(path+".pub", text, 0o600)); err != nil {
			t.Fatal(err)
		}
		v := open(t, Options{IdentityPath: path})
		wantErr(t, v.Unlock(context.Background(), []byte(pass)), ErrPublicHalf, path)
		if !v.Locked() {
			t.Error("unlocked all the same")
		}
	})
}
