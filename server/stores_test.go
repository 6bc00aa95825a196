package server

import (
	"path/filepath"
	"testing"

	"clavier/store"
)

var _ Store = (*store.Store)(nil)

// eachStore runs a test over a store in memory and over the embedded one.
func eachStore(t *testing.T, test func(t *testing.T, m *managed)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, manageOver(t, newFakeStore())) })
	t.Run("SQLite", func(t *testing.T) {
		s, _ := openStore(t)
		test(t, manageOver(t, s))
	})
}

// openStore makes a store in a file, and says where that is.
func openStore(t *testing.T) (*store.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hidden place", "keys.db")
	s, err := store.Open(t.Context(), path, store.WithManagers())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, path
}
