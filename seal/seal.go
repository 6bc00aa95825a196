package seal

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"clavier/model"
)

const (
	// maxSecretSize bounds a secret in bytes; those of clavier have at most 54.
	maxSecretSize = 4 << 10
	// maxSealedSize bounds a ciphertext in bytes: a secret and about a hundred recipients.
	maxSealedSize = 256 << 10
)

// Seal encrypts secret to the owner's recipient and the further ones, and binds it to its digest. It makes the
// identity on first need and never asks for a passphrase. It returns model.ErrModes if the identity is not private,
// ErrNoIdentity if there is none and it may not be made, model.ErrLocked only if a protected identity has lost its
// .pub file.
func (v *Vault) Seal(secret model.Secret) (model.Sealed, error) {
	text := []byte(secret.Reveal())
	defer clear(text)
	if err := checkSize(text); err != nil {
		return model.Sealed{}, err
	}
	to, err := v.recipients()
	if err != nil {
		return model.Sealed{}, err
	}
	ciphertext, err := encrypt(text, to)
	if err != nil {
		return model.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext}, nil
}

func checkSize(secret []byte) error {
	if len(secret) == 0 || len(secret) > maxSecretSize {
		return fmt.Errorf("a secret to seal has 1 to %d bytes; this has %d", maxSecretSize, len(secret))
	}
	return nil
}

func encrypt(plain []byte, to []recipient) ([]byte, error) {
	recipients := make([]age.Recipient, len(to))
	for i, r := range to {
		recipients[i] = r.to
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unseal decrypts a sealed secret and checks that it is the one of its record. It returns model.ErrLocked if the
// identity must be unlocked first, model.ErrUnseal if the ciphertext is damaged or sealed to somebody else,
// model.ErrMismatch if it holds another secret than the record's; never a secret together with an error.
func (v *Vault) Unseal(sealed model.Sealed) (model.Secret, error) {
	opened, err := v.identities()
	if err != nil {
		return model.Secret{}, err
	}
	if len(sealed.Ciphertext) > maxSealedSize {
		return model.Secret{}, sentence(model.ErrUnseal, "the sealed secret is damaged: it is too large")
	}
	secret, err := v.decrypt(sealed.Ciphertext, opened)
	if err != nil {
		return model.Secret{}, err
	}
	digest := secret.Digest()
	if subtle.ConstantTimeCompare(digest[:], sealed.Digest[:]) != 1 {
		return model.Secret{}, model.ErrMismatch
	}
	return secret, nil
}

// identities returns what opens secrets, or model.ErrLocked, or model.ErrUnseal if there is no identity.
func (v *Vault) identities() ([]age.Identity, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, err := v.current()
	switch {
	case errors.Is(err, ErrNoIdentity):
		return nil, sentence(model.ErrUnseal, "the sealed secret cannot be opened: there is no identity at %s; "+
			"put the one back that it was sealed to", shown(v.opts.IdentityPath))
	case err != nil:
		return nil, err
	case id.locked():
		return nil, model.ErrLocked
	}
	return id.opened, nil
}

// decrypt returns the secret of a ciphertext, whose ever it is.
func (v *Vault) decrypt(ciphertext []byte, opened []age.Identity) (model.Secret, error) {
	r, err := age.Decrypt(bytes.NewReader(ciphertext), opened...)
	if stranger := (*age.NoIdentityMatchError)(nil); errors.As(err, &stranger) {
		return model.Secret{}, sentence(model.ErrUnseal, "the sealed secret cannot be opened with the identity %s: "+
			"it is damaged or was sealed to somebody else", shown(v.opts.IdentityPath))
	}
	if err != nil {
		return model.Secret{}, sentence(model.ErrUnseal, "the sealed secret is damaged and cannot be opened")
	}
	text, err := io.ReadAll(io.LimitReader(r, maxSecretSize+1))
	defer clear(text)
	if err != nil || len(text) > maxSecretSize {
		return model.Secret{}, sentence(model.ErrUnseal, "the sealed secret is damaged and cannot be opened")
	}
	return model.NewSecret(string(text)), nil
}
