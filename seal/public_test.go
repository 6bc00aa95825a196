package seal

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// writeIdentity puts an identity file somewhere outside of clavier's own directory.
func writeIdentity(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newProtected makes a protected identity and returns what opens it.
func newProtected(t *testing.T) (opts Options, pass string, sealed model.Sealed, secret model.Secret) {
	t.Helper()
	opts, pass, secret = newOptions(t), rand.Text(), drawSecret(t)
	v := open(t, opts)
	sealed = mustSeal(t, v, secret)
	if err := v.Protect([]byte(pass)); err != nil {
		t.Fatal(err)
	}
	return opts, pass, sealed, secret
}

// TestLostPublicHalf: the .pub file of a protected identity is written anew when it is unlocked.
func TestLostPublicHalf(t *testing.T) {
	opts, pass, sealed, secret := newProtected(t)
	pub := opts.IdentityPath + ".pub"
	want, err := os.ReadFile(pub)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(pub); err != nil {
		t.Fatal(err)
	}
	v := open(t, opts)
	_, err = v.Seal(secret)
	wantErr(t, err, model.ErrLocked, pub, "is missing", "clavier identity recipient")
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	mustSeal(t, v, secret)
	wantOpens(t, v, sealed, secret)
	if got, err := os.ReadFile(pub); err != nil || string(got) != string(want) {
		t.Errorf("%s holds %q, %v, want %q", pub, got, err, want)
	}
}

// TestForeignPublicHalf: a .pub file that belongs to somebody else is noticed when the identity is unlocked.
func TestForeignPublicHalf(t *testing.T) {
	opts, pass, _, secret := newProtected(t)
	other, err := open(t, newOptions(t)).Recipients()
	if err != nil {
		t.Fatal(err)
	}
	pub := opts.IdentityPath + ".pub"
	if err := os.WriteFile(pub, []byte(other[0]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := open(t, opts)
	wantErr(t, v.Unlock(context.Background(), []byte(pass)), ErrPublicHalf, pub, opts.IdentityPath)
	if !v.Locked() {
		t.Error("unlocked all the same")
	}
	for _, content := range []string{"", "# nothing\n", "ssh-ed25519 AAAA", "\x00"} {
		if err := os.WriteFile(pub, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := v.Seal(secret)
		wantErr(t, err, ErrPublicHalf, pub, "remove it")
	}
	// What the sentence says mends it.
	if err := os.Remove(pub); err != nil {
		t.Fatal(err)
	}
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	secret2 := drawSecret(t)
	wantOpens(t, v, mustSeal(t, v, secret2), secret2)
}

// TestLostIdentity: an identity that was there is never replaced by a new one in silence.
func TestLostIdentity(t *testing.T) {
	opts := newOptions(t)
	secret := drawSecret(t)
	v := open(t, opts)
	sealed := mustSeal(t, v, secret)
	kept := opts.IdentityPath + ".kept"
	if err := os.Rename(opts.IdentityPath, kept); err != nil {
		t.Fatal(err)
	}
	_, err := v.Seal(secret)
	wantErr(t, err, ErrNoIdentity, opts.IdentityPath+" is gone")
	_, err = open(t, opts).Seal(secret)
	wantErr(t, err, ErrNoIdentity, "its public half "+opts.IdentityPath+".pub is there")
	wantRefused(t, v, sealed, model.ErrUnseal, "lost")
	if err := os.Rename(kept, opts.IdentityPath); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, v, sealed, secret)
}

// TestChangedIdentity: a running program sees that another one has protected or replaced the identity.
func TestChangedIdentity(t *testing.T) {
	opts := newOptions(t)
	secret := drawSecret(t)
	running := open(t, opts)
	sealed := mustSeal(t, running, secret)
	wantOpens(t, running, sealed, secret)
	pass := rand.Text()
	if err := open(t, opts).Protect([]byte(pass)); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, running, sealed, model.ErrLocked, "protected by another program")
	if err := running.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, running, sealed, secret)
	if protected, err := running.Protected(); err != nil || !protected {
		t.Errorf("protected is %v, %v", protected, err)
	}
	// Another passphrase: the old one no longer opens.
	if err := running.Protect([]byte("another " + pass)); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, running, sealed, secret)
	later := open(t, opts)
	wantErr(t, later.Unlock(context.Background(), []byte(pass)), model.ErrPassphrase)
	if err := later.Unlock(context.Background(), []byte("another "+pass)); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, later, sealed, secret)
}

func TestPassphraseRefusals(t *testing.T) {
	v := open(t, newOptions(t))
	for text, want := range map[string]string{"": "at least one character", "a\nb": "no control characters", "\xff": "valid UTF-8"} {
		if err := v.Protect([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if protected, err := v.Protected(); err == nil {
		t.Errorf("an identity was made, protected %v", protected)
	}
}

// TestUnlockCancelled: who no longer waits gets the error of the context at once, and the passphrase is overwritten.
func TestUnlockCancelled(t *testing.T) {
	opts, pass, _, _ := newProtected(t)
	v := open(t, opts)
	v.unlocking.Lock() // somebody else is trying
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cancel()
	given := []byte(pass)
	if err := v.Unlock(ctx, given); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if strings.Trim(string(given), "\x00") != "" {
		t.Error("the passphrase was not overwritten")
	}
	v.unlocking.Unlock()
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Error(err)
	}
}

// TestProtectKeepsLink: an identity that is a symbolic link into another directory stays one.
func TestProtectKeepsLink(t *testing.T) {
	opts := newOptions(t)
	mustSeal(t, open(t, opts), drawSecret(t))
	link := filepath.Join(t.TempDir(), "link.txt")
	if err := os.Symlink(opts.IdentityPath, link); err != nil {
		t.Skip(err)
	}
	linked := Options{IdentityPath: link, WorkFactor: testWork}
	if err := open(t, linked).Protect([]byte(rand.Text())); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if !open(t, linked).Locked() || !open(t, opts).Locked() {
		t.Error("the target was not protected")
	}
}
