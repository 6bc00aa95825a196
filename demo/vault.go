package demo

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"io"

	"clavier/model"
)

// Vault seals and unseals with AES-256-GCM under a key that exists in the memory of this process and nowhere else: what it
// sealed can be opened by nobody once the process has ended. It is for throwaway stores, and some hundred times faster
// than age. It is safe for concurrent use.
type Vault struct{ aead cipher.AEAD }

// NewVault returns a vault with a key of its own.
func NewVault() (*Vault, error) {
	var key [32]byte
	defer clear(key[:])
	_, _ = rand.Read(key[:]) // it never fails
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("demo: make a vault: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("demo: make a vault: %w", err)
	}
	return &Vault{aead}, nil
}

// Seal encrypts a secret and binds it to its digest.
func (v *Vault) Seal(secret model.Secret) (model.Sealed, error) {
	digest := secret.Digest()
	ciphertext := v.aead.Seal(nil, nil, []byte(secret.Reveal()), digest[:]) //nolint:gosec // the nonce is drawn inside
	return model.Sealed{Digest: digest, Ciphertext: ciphertext}, nil
}

// Unseal decrypts what Seal made. It returns model.ErrUnseal for what is damaged, made by another vault, or bound to
// another digest, and model.ErrMismatch if what opens has not the digest of its record.
func (v *Vault) Unseal(sealed model.Sealed) (model.Secret, error) {
	text, err := v.aead.Open(nil, nil, sealed.Ciphertext, sealed.Digest[:])
	if err != nil {
		return model.Secret{}, model.ErrUnseal
	}
	secret := model.NewSecret(string(text))
	if secret.Digest() != sealed.Digest {
		return model.Secret{}, model.ErrMismatch
	}
	return secret, nil
}

// Unlock has nothing to do: no passphrase stands before the vault.
func (v *Vault) Unlock(context.Context, []byte) error { return nil }

// Format writes "[vault]" whatever the verb and flags: what it holds is not for printing.
func (v *Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vault]") }
