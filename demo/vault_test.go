package demo

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"clavier/model"
)

func draw(t *testing.T) model.Secret {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func newVault(t testing.TB) *Vault {
	t.Helper()
	vault, err := NewVault()
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

func TestVault(t *testing.T) {
	vault, secret := newVault(t), draw(t)
	sealed, err := vault.Seal(secret)
	if err != nil {
		t.Fatal(err)
	}
	body := secret.Reveal()[4:36]
	if bytes.Contains(sealed.Ciphertext, []byte(body)) || sealed.Digest != secret.Digest() {
		t.Error("the secret is not sealed, or not bound to its digest")
	}
	opened, err := vault.Unseal(sealed)
	if err != nil || opened.Reveal() != secret.Reveal() {
		t.Errorf("it does not open: %v", err)
	}
	again, err := vault.Seal(secret)
	if err != nil || bytes.Equal(again.Ciphertext, sealed.Ciphertext) {
		t.Error("the same secret is sealed to the same bytes")
	}
	if err := vault.Unlock(t.Context(), nil); err != nil {
		t.Error(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(format, vault); got != "[vault]" {
			t.Errorf("%s prints %q", format, got)
		}
	}
}

// TestT4VaultKnowsItsOwn: flipped bytes, truncated, swapped, and of another vault.
func TestT4VaultKnowsItsOwn(t *testing.T) {
	vault := newVault(t)
	one, _ := vault.Seal(draw(t))
	two, _ := vault.Seal(draw(t))
	refused := func(about string, sealed model.Sealed) {
		t.Helper()
		if secret, err := vault.Unseal(sealed); !errors.Is(err, model.ErrUnseal) || secret.Reveal() != "" {
			t.Errorf("%s: %v", about, err)
		}
	}
	for i := range one.Ciphertext {
		flipped := bytes.Clone(one.Ciphertext)
		flipped[i] ^= 1
		refused("a flipped byte", model.Sealed{Digest: one.Digest, Ciphertext: flipped})
		refused("a truncated one", model.Sealed{Digest: one.Digest, Ciphertext: one.Ciphertext[:i]})
	}
	refused("a swapped one", model.Sealed{Digest: one.Digest, Ciphertext: two.Ciphertext})
	other, _ := newVault(t).Seal(draw(t))
	refused("of another vault", other)
	if strings.Contains(fmt.Sprint(model.ErrUnseal), "clv_") {
		t.Error("the error holds a secret")
	}
}
