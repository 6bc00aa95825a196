package store

import (
	"path/filepath"
	"testing"

	"clavier/client"
	"clavier/client/clienttest"
	"clavier/e2e/pgtest"
	"clavier/seal"
	"clavier/server"
)

var _ interface {
	server.Store
	server.Notifier
	client.Records
} = (*Postgres)(nil)

// openPostgres opens the store at an address for the length of the test.
func openPostgres(t testing.TB, address string, options ...Option) *Postgres {
	t.Helper()
	p, err := OpenPostgres(t.Context(), address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// newPostgres opens a store in a database of its own.
func newPostgres(t testing.TB, options ...Option) *Postgres {
	t.Helper()
	return openPostgres(t, pgtest.Shared(t).NewDatabase(t), options...)
}

// TestPostgresConformance holds what issues keys over PostgreSQL to what every provider must do.
func TestPostgresConformance(t *testing.T) {
	dir := t.TempDir()
	vault, err := seal.Open(seal.Options{IdentityPath: filepath.Join(dir, "clavier", "identity.txt"), Own: true})
	if err != nil {
		t.Fatal(err)
	}
	keeper := func(t *testing.T) client.Keeper {
		return client.Keeper{Records: newPostgres(t), Vault: vault, Actor: someone}
	}
	t.Run("issuer", func(t *testing.T) {
		clienttest.Run(t, func(t *testing.T) client.Client { return &client.Issuer{Keeper: keeper(t)} })
	})
	t.Run("keeper", func(t *testing.T) {
		clienttest.Run(t, func(t *testing.T) client.Client { k := keeper(t); return &k })
	})
}
