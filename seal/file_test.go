package seal

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
)

func sealFile(t *testing.T, v *Vault, secret model.Secret) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "clavier", "team.token")
	if err := v.SealFile(path, secret); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantFile(t *testing.T, v *Vault, path string, want model.Secret) {
	t.Helper()
	got, err := v.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Reveal() != want.Reveal() {
		t.Error("the file has another secret")
	}
}

func TestSealFile(t *testing.T) {
	v := open(t, newOptions(t))
	first, second := drawSecret(t), drawSecret(t)
	path := sealFile(t, v, first)
	wantFile(t, v, path, first)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), first.Reveal()[8:20]) {
		t.Error("the file shows the secret")
	}
	if err := v.SealFile(path, second); err != nil {
		t.Fatal(err)
	}
	wantFile(t, v, path, second)
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := v.SealFile(path, model.Secret{}); err == nil {
		t.Error("sealed nothing")
	}
	wantFile(t, v, path, second)
	if err := CheckFile(path); err != nil {
		t.Error(err)
	}
}

func TestOpenFileLocked(t *testing.T) {
	opts := newOptions(t)
	v := open(t, opts)
	secret := drawSecret(t)
	path := sealFile(t, v, secret)
	pass := rand.Text()
	if err := v.Protect([]byte(pass)); err != nil {
		t.Fatal(err)
	}
	v = open(t, opts)
	_, err := v.OpenFile(path)
	wantErr(t, err, model.ErrLocked)
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, v, path, secret)
}

// TestT4DamagedFile: a file that was changed or cut, or belongs to somebody else, never gives a secret.
func TestT4DamagedFile(t *testing.T) {
	v := open(t, newOptions(t))
	path := sealFile(t, v, drawSecret(t))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(about string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if secret, err := v.OpenFile(path); !errors.Is(err, model.ErrUnseal) || !secret.IsZero() {
			t.Errorf("%s: %v", about, err)
		}
	}
	for i := range whole {
		changed := append([]byte{}, whole...)
		changed[i] ^= 1
		refused("a flipped bit", changed)
	}
	refused("a part", whole[:len(whole)-1])
	refused("nothing", nil)
	refused("too much", make([]byte, maxSealedSize+1))
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	stranger := open(t, newOptions(t))
	mustSeal(t, stranger, drawSecret(t))
	_, err = stranger.OpenFile(path)
	wantErr(t, err, model.ErrUnseal, path, "sealed to somebody else")
}

func TestOpenFileRefusals(t *testing.T) {
	v := open(t, newOptions(t))
	path := sealFile(t, v, drawSecret(t))
	if _, err := v.OpenFile(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := v.OpenFile(filepath.Dir(path)); err == nil {
		t.Error("a directory is taken")
	}
	if os.PathSeparator != '/' {
		return
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o602, 0o044} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := v.OpenFile(path)
		wantErr(t, err, model.ErrModes, "run chmod 600 "+path)
		wantErr(t, CheckFile(path), model.ErrModes)
	}
}

func TestDiscard(t *testing.T) {
	v := open(t, newOptions(t))
	secret := drawSecret(t)
	mustSeal(t, v, secret)
	sealed, err := Discard(secret)
	if err != nil {
		t.Fatal(err)
	}
	if sealed.Digest != secret.Digest() || !strings.HasPrefix(string(sealed.Ciphertext), "age-encryption.org/v1\n") ||
		strings.Contains(string(sealed.Ciphertext), secret.Reveal()[8:20]) {
		t.Error("the sealed secret is not what it should be")
	}
	_, err = v.Unseal(sealed)
	wantErr(t, err, model.ErrUnseal)
	if _, err := Discard(model.Secret{}); err == nil {
		t.Error("sealed nothing")
	}
}
