package cli

import (
	"context"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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

// manualProfile is a new profile whose keys are made elsewhere.
func manualProfile(t *testing.T) config.Profile {
	t.Helper()
	profile := localProfile(t)
	profile.Name, profile.Provider = "elsewhere", config.ProviderManual
	return profile
}

// TestConformance holds the embedded providers, as the commands open them, to what every provider must do.
func TestConformance(t *testing.T) {
	t.Run("issuer", func(t *testing.T) {
		clienttest.Run(t, func(t *testing.T) client.Client { return opened(t, localProfile(t)).Issuer })
	})
	t.Run("keeper", func(t *testing.T) {
		clienttest.Run(t, func(t *testing.T) client.Client { return opened(t, manualProfile(t)).Keeper })
	})
}

// openProfile opens a profile with a vault of its own, for tests that do as another program would.
func openProfile(ctx context.Context, profile config.Profile) (*place, error) {
	vault, err := vaultOf(profile)
	if err != nil {
		return nil, err
	}
	return openWith(ctx, profile, vault, nil)
}

func opened(t *testing.T, profile config.Profile) *place {
	t.Helper()
	p, err := openProfile(t.Context(), profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// TestConformanceLazy holds the same for what the screen gets.
func TestConformanceLazy(t *testing.T) {
	for name, profile := range map[string]func(*testing.T) config.Profile{"issuer": localProfile, "keeper": manualProfile} {
		t.Run(name, func(t *testing.T) {
			clienttest.Run(t, func(t *testing.T) client.Client {
				l := lazyPlace(profile(t), openProfile)
				t.Cleanup(l.close)
				return l
			})
		})
	}
}

// TestPlacesOfferTheirProvider holds that a profile offers exactly what its provider can do: the screen finds it by type
// assertion, and so do the commands.
func TestPlacesOfferTheirProvider(t *testing.T) {
	local, manual, service := opened(t, localProfile(t)), opened(t, manualProfile(t)), opened(t, serviceProfile(t))
	if local.Issuer == nil || manual.Issuer != nil || service.Issuer == nil {
		t.Error("keys are not made where they should be")
	}
	if _, err := manual.issues("look elsewhere"); Report(io.Discard, err) != exitUsage || !strings.Contains(err.Error(), "elsewhere") {
		t.Errorf("a profile whose keys are made elsewhere says %v", err)
	}
	for _, test := range []struct {
		lazy     lazyService
		provider any
		also     []string
	}{
		{lazyPlace(localProfile(t), openProfile), local.Issuer, nil},
		{lazyPlace(manualProfile(t), openProfile), manual.Keeper, nil},
		{lazyPlace(serviceProfile(t), openProfile), service.Issuer, []string{"FollowToken", "Remembered", "Role"}},
	} {
		provider := reflect.TypeOf(test.provider)
		offered := reflect.TypeOf(test.lazy)
		for method := range provider.Methods() {
			if !has(offered, method.Name) {
				t.Errorf("%v lacks %s of %v", offered, method.Name, provider)
			}
		}
		for method := range offered.Methods() {
			// Protected is of the identity, not of the provider.
			if !has(provider, method.Name) && method.Name != "Protected" && !slices.Contains(test.also, method.Name) {
				t.Errorf("%v has %s, and %v does not", offered, method.Name, provider)
			}
		}
	}
}

func has(typ reflect.Type, method string) bool {
	_, ok := typ.MethodByName(method)
	return ok
}
