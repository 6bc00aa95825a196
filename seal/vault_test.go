package seal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
)

// testWork is a scrypt work factor that takes no time.
const testWork = 2

func newOptions(t *testing.T) Options {
	t.Helper()
	return Options{IdentityPath: filepath.Join(t.TempDir(), "clavier", "identity.txt"), Own: true, WorkFactor: testWork}
}

func open(t *testing.T, opts Options) *Vault {
	t.Helper()
	v, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func drawSecret(t *testing.T) model.Secret {
	t.Helper()
	s, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSeal(t *testing.T, v *Vault, s model.Secret) model.Sealed {
	t.Helper()
	sealed, err := v.Seal(s)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// wantOpens fails unless v unseals sealed to want.
func wantOpens(t *testing.T, v *Vault, sealed model.Sealed, want model.Secret) {
	t.Helper()
	got, err := v.Unseal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if got.Reveal() != want.Reveal() {
		t.Fatal("unsealed another secret")
	}
}

func wantErr(t *testing.T, err, want error, parts ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestSealUnseal(t *testing.T) {
	opts := newOptions(t)
	v := open(t, opts)
	if _, err := os.Stat(filepath.Dir(opts.IdentityPath)); err == nil {
		t.Fatal("opening a vault made the directory")
	}
	if v.Locked() {
		t.Error("locked before there is an identity")
	}
	secret := drawSecret(t)
	sealed := mustSeal(t, v, secret)
	if sealed.Digest != secret.Digest() {
		t.Error("wrong digest")
	}
	if strings.Contains(string(sealed.Ciphertext), secret.Reveal()[8:20]) {
		t.Error("the ciphertext shows the secret")
	}
	wantOpens(t, v, sealed, secret)
	wantOpens(t, open(t, opts), sealed, secret) // another start
	if _, err := v.Seal(model.Secret{}); err == nil {
		t.Error("sealed nothing")
	}
}

func TestProtectKeepsSealingWithoutPassphrase(t *testing.T) {
	opts := newOptions(t)
	pass := "correct " + rand.Text()
	secret := drawSecret(t)
	v := open(t, opts)
	before := mustSeal(t, v, secret)
	recipients, err := v.Recipients()
	if err != nil {
		t.Fatal(err)
	}
	given := []byte(pass)
	if err := v.Protect(given); err != nil {
		t.Fatal(err)
	}
	if strings.Trim(string(given), "\x00") != "" {
		t.Error("the passphrase was not overwritten")
	}
	wantOpens(t, v, before, secret) // still unlocked

	v = open(t, opts)
	if !v.Locked() {
		t.Fatal("a protected identity is not locked")
	}
	after := mustSeal(t, v, secret)
	if got, err := v.Recipients(); err != nil || strings.Join(got, " ") != strings.Join(recipients, " ") {
		t.Fatalf("recipients %v, %v, want %v", got, err, recipients)
	}
	_, err = v.Unseal(before)
	wantErr(t, err, model.ErrLocked)
	wantErr(t, v.Protect([]byte("other")), model.ErrLocked)
	wantErr(t, v.Unlock(context.Background(), []byte("wrong")), model.ErrPassphrase)
	wantErr(t, v.Unlock(context.Background(), nil), model.ErrPassphrase)
	if !v.Locked() {
		t.Fatal("unlocked by a wrong passphrase")
	}
	if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
		t.Fatal(err)
	}
	if v.Locked() {
		t.Fatal("still locked")
	}
	wantOpens(t, v, before, secret)
	wantOpens(t, v, after, secret)
}

// TestT20Printing: nothing that formats a vault, locked or not, shows its identity or a passphrase.
func TestT20Printing(t *testing.T) {
	opts := newOptions(t)
	v := open(t, opts)
	mustSeal(t, v, drawSecret(t))
	content, err := os.ReadFile(opts.IdentityPath)
	if err != nil {
		t.Fatal(err)
	}
	key := string(content[strings.Index(string(content), "AGE-SECRET-KEY-"):])
	inBytes := strings.Trim(fmt.Sprintf("%d", []byte(key[20:40])), "[]")
	pass := rand.Text()
	for range 2 {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			for _, value := range []any{v, v.id, opts, struct{ inside *Vault }{v}, []*Vault{v}} {
				shown := fmt.Sprintf(verb, value)
				for _, hidden := range []string{key[20:40], pass, fmt.Sprintf("%x", key[20:40]), inBytes} {
					if strings.Contains(shown, hidden) {
						t.Errorf("%s of %T shows it", verb, value)
					}
				}
			}
		}
		if err := v.Protect([]byte(pass)); err != nil {
			t.Fatal(err)
		}
	}
}
