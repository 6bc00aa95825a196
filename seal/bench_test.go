package seal

import (
	"path/filepath"
	"testing"

	"clavier/model"
)

// benchVault returns a vault with an identity, and something to seal.
func benchVault(b *testing.B) (*Vault, model.Secret) {
	b.Helper()
	v, err := Open(Options{IdentityPath: filepath.Join(b.TempDir(), "clavier", "identity.txt"), Own: true})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := v.Recipients(); err != nil {
		b.Fatal(err)
	}
	return v, model.NewSecret("any")
}

// BenchmarkSeal measures what a create pays for sealing.
func BenchmarkSeal(b *testing.B) {
	v, secret := benchVault(b)
	for b.Loop() {
		if _, err := v.Seal(secret); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnseal measures what a copy pays for unsealing.
func BenchmarkUnseal(b *testing.B) {
	v, secret := benchVault(b)
	sealed, err := v.Seal(secret)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := v.Unseal(sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstSeal measures what the very first create pays: the identity is made too.
func BenchmarkFirstSeal(b *testing.B) {
	for b.Loop() {
		benchVault(b)
	}
}
