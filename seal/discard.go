package seal

import (
	"fmt"

	"filippo.io/age"

	"clavier/model"
)

// Discard seals a secret to an identity that nobody has and that is forgotten at once: for the record of a key whose secret is
// handed over at its making and is never to be had again.
func Discard(secret model.Secret) (model.Sealed, error) {
	text := []byte(secret.Reveal())
	defer clear(text)
	if err := checkSize(text); err != nil {
		return model.Sealed{}, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return model.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	ciphertext, err := encrypt(text, []recipient{{to: id.Recipient()}})
	if err != nil {
		return model.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext}, nil
}
