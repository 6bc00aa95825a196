package cli

import (
	"path/filepath"
	"testing"

	"clavier/client"
	"clavier/client/clienttest"
	"clavier/config"
)

// localProfile is a new profile in a directory of its own.
func localProfile(t *testing.T) config.Profile {
	t.Helper()
	dir := t.TempDir()
	return config.Profile{
		Name:        "local",
		Provider:    config.ProviderLocal,
		Prefix:      "clv_",
		Store:       filepath.Join(dir, "data", "clavier", "local.db"),
		Identity:    filepath.Join(dir, "config", "clavier", "identity.txt"),
		IdentityOwn: true,
	}
}

// TestConformance holds the embedded provider, as the commands open it, to what every provider must do.
func TestConformance(t *testing.T) {
	clienttest.Run(t, func(t *testing.T) client.Client {
		p, err := openProfile(t.Context(), localProfile(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.close)
		return p.Issuer
	})
}

// TestConformanceLazy holds the same for what the screen gets.
func TestConformanceLazy(t *testing.T) {
	clienttest.Run(t, func(t *testing.T) client.Client {
		l := lazyPlace(localProfile(t))
		t.Cleanup(l.close)
		return l
	})
}

// The screen finds what a service offers by type assertion.
var (
	_ client.Client         = (*lazy)(nil)
	_ client.Revealer       = (*lazy)(nil)
	_ client.Unlocker       = (*lazy)(nil)
	_ client.ActivityReader = (*lazy)(nil)
	_ client.Watcher        = (*lazy)(nil)
	_ client.Pager          = (*lazy)(nil)
	_ client.Follower       = (*lazy)(nil)
)
