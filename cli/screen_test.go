package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"clavier/config"
	"clavier/model"
)

// remoteOf is what services give of the profile of a key service.
func remoteOf(t *testing.T, of *services, profile config.Profile) *lazyRemote {
	t.Helper()
	l, ok := of.of(profile, openProfile).(*lazyRemote)
	if !ok {
		t.Fatal("a key service is opened as something else")
	}
	return l
}

// TestServicesComeBack: whoever comes back to a profile has the same again, unless its settings or its token are others.
func TestServicesComeBack(t *testing.T) {
	profile := serviceProfile(t)
	var all services
	t.Cleanup(all.close)
	first := remoteOf(t, &all, profile)
	if local := all.of(localProfile(t), openProfile); local == lazyService(first) {
		t.Error("another profile is the same")
	}
	if remoteOf(t, &all, profile) != first {
		t.Error("the same profile is another")
	}
	other := profile
	other.APIs = []model.API{{Name: "models"}}
	if remoteOf(t, &all, other) == first {
		t.Error("other settings are the same profile")
	}
	if err := os.Chtimes(profile.Token, noon, noon); err != nil {
		t.Fatal(err)
	}
	second := remoteOf(t, &all, profile)
	if second == first || remoteOf(t, &all, profile) != second {
		t.Error("another token is not taken once")
	}
}

// TestServicesComeBackToAnotherStore: a store that was put into the place of the other is another, and one that was written to is not.
func TestServicesComeBackToAnotherStore(t *testing.T) {
	profile := localProfile(t)
	var all services
	t.Cleanup(all.close)
	if err := errors.Join(os.MkdirAll(filepath.Dir(profile.Store), 0o700), os.WriteFile(profile.Store, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	first := all.of(profile, openProfile)
	if err := os.WriteFile(profile.Store, []byte("more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all.of(profile, openProfile) != first {
		t.Error("a store that was written to is another")
	}
	backup := profile.Store + ".backup"
	if err := errors.Join(os.WriteFile(backup, nil, 0o600), os.Rename(backup, profile.Store)); err != nil {
		t.Fatal(err)
	}
	if all.of(profile, openProfile) == first {
		t.Error("another store is the same")
	}
}

// TestServicesClose: the newer list stays remembered, although the place that was left is written last.
func TestServicesClose(t *testing.T) {
	profile := serviceProfile(t)
	var all services
	left := remoteOf(t, &all, profile)
	left.memory.now = func() time.Time { return noon }
	create(t, left, "first")
	readPages(t, left)
	left.memory.busy.Wait()
	if _, err := left.Version(t.Context()); err != nil {
		t.Fatal(err)
	}
	left.memory.now = func() time.Time { return noon.Add(time.Hour) }

	profile.Protect = model.Patterns{"*"} // the settings were changed meanwhile
	entered := remoteOf(t, &all, profile)
	if entered == left {
		t.Fatal("other settings are the same profile")
	}
	entered.memory.now = func() time.Time { return noon.Add(time.Minute) }
	create(t, entered, "second")
	readPages(t, entered)
	entered.memory.busy.Wait()
	all.close()
	list := recalled(t, profile)
	if len(list.Keys) != 2 || !list.At.Equal(noon.Add(time.Minute)) {
		t.Errorf("remembered are %d keys of %v", len(list.Keys), list.At)
	}
}
