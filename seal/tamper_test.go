package seal

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"filippo.io/age"

	"clavier/model"
)

// wantRefused fails unless sealed is refused with the named error and no secret.
func wantRefused(t *testing.T, v *Vault, sealed model.Sealed, want error, what string) {
	t.Helper()
	got, err := v.Unseal(sealed)
	if !errors.Is(err, want) {
		t.Fatalf("%s: got error %v, want %v", what, err, want)
	}
	if !got.IsZero() {
		t.Fatalf("%s: a secret came with the error", what)
	}
}

// TestT4Tampering: what is unsealed is the secret of the record or nothing. Every flipped byte, every
// truncation and every extension of the ciphertext is refused by name.
func TestT4Tampering(t *testing.T) {
	t.Parallel()
	opts := newOptions(t)
	stranger, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	opts.Recipients = []string{stranger.Recipient().String()}
	v := open(t, opts)
	secret := drawSecret(t)
	sealed := mustSeal(t, v, secret)
	for i := range sealed.Ciphertext {
		for _, mask := range []byte{0x01, 0x20} {
			damaged := sealed
			damaged.Ciphertext = slices.Clone(sealed.Ciphertext)
			damaged.Ciphertext[i] ^= mask
			wantRefused(t, v, damaged, model.ErrUnseal, "flipped")
		}
		truncated := sealed
		truncated.Ciphertext = sealed.Ciphertext[:i]
		wantRefused(t, v, truncated, model.ErrUnseal, "truncated")
	}
	extended := sealed
	extended.Ciphertext = append(slices.Clone(sealed.Ciphertext), 0)
	wantRefused(t, v, extended, model.ErrUnseal, "extended")
	extended.Ciphertext = append(slices.Clone(sealed.Ciphertext), make([]byte, maxSealedSize)...)
	wantRefused(t, v, extended, model.ErrUnseal, "extended beyond the bound")
	for i := range sealed.Digest {
		other := sealed
		other.Digest[i] ^= 1
		wantRefused(t, v, other, model.ErrMismatch, "flipped digest")
	}
	wantRefused(t, v, model.Sealed{}, model.ErrUnseal, "empty")
	wantOpens(t, v, sealed, secret)
}

// TestT4Swap: a ciphertext that belongs to another record opens, and is refused.
func TestT4Swap(t *testing.T) {
	v := open(t, newOptions(t))
	one, two := drawSecret(t), drawSecret(t)
	a, b := mustSeal(t, v, one), mustSeal(t, v, two)
	a.Ciphertext, b.Ciphertext = b.Ciphertext, a.Ciphertext
	wantRefused(t, v, a, model.ErrMismatch, "swapped")
	wantRefused(t, v, b, model.ErrMismatch, "swapped")
	a.Digest, b.Digest = b.Digest, a.Digest
	wantOpens(t, v, a, two)
	wantOpens(t, v, b, one)
}

// TestT4Planted: whoever can write the store can seal anything to the public recipient; it is refused unless it is what
// the digest was made of.
func TestT4Planted(t *testing.T) {
	v := open(t, newOptions(t))
	to, err := v.recipients()
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range [][]byte{nil, []byte("x"), make([]byte, maxSecretSize), make([]byte, maxSecretSize+1), make([]byte, 200_000)} {
		ciphertext, err := encrypt(plain, to)
		if err != nil {
			t.Fatal(err)
		}
		want := model.ErrMismatch
		if len(plain) > maxSecretSize {
			want = model.ErrUnseal
		}
		wantRefused(t, v, model.Sealed{Digest: drawSecret(t).Digest(), Ciphertext: ciphertext}, want, "planted")
		if len(plain) > maxSecretSize {
			wantRefused(t, v, model.Sealed{Digest: sha256.Sum256(plain), Ciphertext: ciphertext}, want, "too large")
		}
	}
}

// TestStranger: what was sealed to somebody else, or to an identity that was lost, is refused by name.
func TestStranger(t *testing.T) {
	mine, other := open(t, newOptions(t)), open(t, newOptions(t))
	sealed := mustSeal(t, other, drawSecret(t))
	wantRefused(t, mine, sealed, model.ErrUnseal, "no identity yet")
	mustSeal(t, mine, drawSecret(t))
	wantRefused(t, mine, sealed, model.ErrUnseal, "another identity")
}
