package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/config"
	"clavier/model"
)

// owned returns a profile of a key service whose token is a key of its own, and that key.
func owned(t *testing.T) (config.Profile, model.Key) {
	t.Helper()
	profile := serviceProfile(t)
	p := opened(t, profile)
	issued, err := p.Issuer.Create(t.Context(), model.Draft{Name: "own", Role: model.RoleManage})
	if err != nil {
		t.Fatal(err)
	}
	if err := sealToken(profile, p.vault, issued.Secret); err != nil {
		t.Fatal(err)
	}
	return profile, issued.Key
}

// TestOwnTokenOnTheScreen: who rotates the token of the profile on the screen goes on with the successor, and may delete the old key.
func TestOwnTokenOnTheScreen(t *testing.T) {
	profile, own := owned(t)
	l := lazyOf(t, profile)
	if err := l.Delete(t.Context(), own.ID); !errors.Is(err, model.ErrOwnToken) {
		t.Errorf("deleting the token: %v", err)
	}
	issued, err := l.Rotate(t.Context(), own.ID, model.Draft{Name: "next", Role: own.Role})
	if err != nil || !issued.IsToken {
		t.Fatalf("rotated: %v, %v", issued.IsToken, err)
	}
	if err := l.Delete(t.Context(), own.ID); err != nil {
		t.Errorf("deleting the old key: %v", err)
	}
	if _, err := l.List(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := lazyOf(t, profile).List(t.Context()); err != nil {
		t.Errorf("the next start: %v", err)
	}
	other := create(t, l, "other")
	if issued, err := l.Rotate(t.Context(), other.ID, model.Draft{Name: "other next"}); err != nil || issued.IsToken {
		t.Errorf("another key: %v, %v", issued.IsToken, err)
	}
}

// TestOwnTokenUnwritable: a token that cannot be kept is told with what mends it, the old one is presented until then, and
// taking the rotation up again mends it.
func TestOwnTokenUnwritable(t *testing.T) {
	profile, own := owned(t)
	p := opened(t, profile)
	if _, err := p.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(profile.Token)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(profile.Token), os.Mkdir(profile.Token, 0o700)); err != nil {
		t.Fatal(err)
	}
	issued, err := p.rotate(t.Context(), own.ID, model.Draft{Name: "next", Role: own.Role})
	if err == nil || issued.IsToken || issued.Key.ID == "" || !strings.Contains(err.Error(), "run: clavier --profile team rotate "+own.ID) {
		t.Fatalf("rotated: %v, %v", issued.IsToken, err)
	}
	if err := p.Delete(t.Context(), own.ID); !errors.Is(err, model.ErrOwnToken) {
		t.Errorf("deleting the token: %v", err)
	}
	if err := errors.Join(os.Remove(profile.Token), os.WriteFile(profile.Token, before, 0o600)); err != nil {
		t.Fatal(err)
	}
	l := lazyOf(t, profile)
	rotation := model.Rotation{OldID: own.ID, NewID: issued.Key.ID}
	for _, want := range []bool{true, false} { // once is enough
		if follows, err := l.FollowToken(t.Context(), rotation); err != nil || follows != want {
			t.Errorf("followed: %v, %v, want %v", follows, err, want)
		}
	}
	if err := l.Delete(t.Context(), own.ID); err != nil {
		t.Errorf("deleting the old key: %v", err)
	}
	wantTokensAlone(t, profile)
}

// TestOwnTokenNotKept: where the secret of the successor cannot be kept before it is made, it is not made; and what was kept for one
// that the service refuses does not stay.
func TestOwnTokenNotKept(t *testing.T) {
	profile, own := owned(t)
	p := opened(t, profile)
	other := profile
	other.Token = filepath.Join(profile.Token, "below a file")
	for name, of := range map[string]config.Profile{"next": other, "own": profile} { // the second is a name that is taken
		p.profile = of
		if issued, err := p.rotate(t.Context(), own.ID, model.Draft{Name: model.Name(name), Role: own.Role}); err == nil || issued.Key.ID != "" {
			t.Errorf("%s: rotated: %v, %v", name, issued.IsToken, err)
		}
	}
	if keys, err := p.List(t.Context()); err != nil || len(keys) != 1 {
		t.Errorf("there are %d keys, %v", len(keys), err)
	}
	wantTokensAlone(t, profile)
}

// wantTokensAlone fails if there is more than the token beside the token.
func wantTokensAlone(t *testing.T, profile config.Profile) {
	t.Helper()
	if files, err := filepath.Glob(profile.Token + "*"); err != nil || len(files) != 1 {
		t.Errorf("there are %q, %v", files, err)
	}
}

// TestOwnTokenElsewhere: only a successor that was made here becomes the token by itself. The secret of any other would be what the
// service hands out, which could be a secret that is for somebody else.
func TestOwnTokenElsewhere(t *testing.T) {
	profile, own := owned(t)
	elsewhere := opened(t, profile)
	issued, err := elsewhere.Issuer.Rotate(t.Context(), own.ID, model.Draft{Name: "next", Role: own.Role})
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(profile.Token)
	if err != nil {
		t.Fatal(err)
	}
	l := lazyOf(t, profile)
	follows, err := l.FollowToken(t.Context(), model.Rotation{OldID: own.ID, NewID: issued.Key.ID})
	if follows || err == nil || !strings.Contains(err.Error(), "clavier profile token team") {
		t.Errorf("followed: %v, %v", follows, err)
	}
	if now, err := os.ReadFile(profile.Token); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the token is another one, %v", err)
	}
	if err := l.Delete(t.Context(), own.ID); !errors.Is(err, model.ErrOwnToken) {
		t.Errorf("deleting the token: %v", err)
	}
}

// TestOwnTokenLowerRole: a successor of a lower role is no token.
func TestOwnTokenLowerRole(t *testing.T) {
	profile, own := owned(t)
	l := lazyOf(t, profile)
	issued, err := l.Rotate(t.Context(), own.ID, model.Draft{Name: "lower"})
	if err != nil || issued.IsToken {
		t.Fatalf("rotated: %v, %v", issued.IsToken, err)
	}
	if follows, err := l.FollowToken(t.Context(), model.Rotation{OldID: own.ID, NewID: issued.Key.ID}); err != nil || follows {
		t.Errorf("followed: %v, %v", follows, err)
	}
}
