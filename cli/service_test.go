package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/client"
	"clavier/client/clienttest"
	"clavier/config"
	"clavier/model"
	"clavier/seal"
	"clavier/server"
	"clavier/store"
	"clavier/wire"
)

// veiled is a store whose server knows one key more, the token: the profile of its client begins empty.
type veiled struct {
	server.Store

	token model.Digested
	reads atomic.Int32 // pages of keys that were read
}

func (v *veiled) Digests(ctx context.Context) iter.Seq2[model.DigestPage, error] {
	return func(yield func(model.DigestPage, error) bool) {
		first := true
		for page, err := range v.Store.Digests(ctx) {
			if first && err == nil {
				page.Keys, first = append([]model.Digested{v.token}, page.Keys...), false
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

func (v *veiled) Get(ctx context.Context, id string) (model.Key, error) {
	if id == v.token.Key.ID {
		return v.token.Key, nil
	}
	return v.Store.Get(ctx, id)
}

func (v *veiled) After(ctx context.Context, place model.Cursor, limit int) (model.Page, error) {
	v.reads.Add(1)
	return v.Store.After(ctx, place, limit)
}

// kept is a key service of the test.
type kept struct {
	*veiled

	profile config.Profile
	stop    func()
}

// keep starts a key service, and returns it with a profile whose token has this role.
func keep(t *testing.T, role model.Role) *kept {
	t.Helper()
	token, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "own", "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	v := &veiled{Store: records, token: model.Digested{
		Key:    model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: "token", Role: role, LastUse: model.LastUse{Reported: true}},
		Digest: token.Digest(),
	}}
	service := server.New(server.Options{Store: v, Log: slog.New(slog.DiscardHandler)})
	listener := httptest.NewServer(service.Handler())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		listener.Close()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = records.Close()
	})
	profile := localProfile(t)
	dir := filepath.Dir(profile.Store)
	profile.Name, profile.Provider, profile.Store = "team", config.ProviderService, ""
	profile.URL, profile.Token, profile.TokenOwn, profile.List = listener.URL, filepath.Join(dir, "team.token"), true, filepath.Join(dir, "team.list")
	vault, err := vaultOf(profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.SealFile(profile.Token, token); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		response, err := listener.Client().Get(listener.URL + wire.PathReady)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the service is not ready")
		}
	}
	return &kept{veiled: v, profile: profile, stop: listener.Close}
}

// serviceProfile is a new profile of a key service of its own.
func serviceProfile(t *testing.T) config.Profile {
	t.Helper()
	return keep(t, model.RoleManage).profile
}

func lazyOf(t *testing.T, profile config.Profile) *lazyRemote {
	t.Helper()
	l, ok := lazyPlace(profile, openProfile).(*lazyRemote)
	if !ok {
		t.Fatal("a key service is opened as something else")
	}
	t.Cleanup(l.close)
	return l
}

func create(t *testing.T, by client.Creator, name string) model.Key {
	t.Helper()
	issued, err := by.Create(t.Context(), model.Draft{Name: model.Name(name)})
	if err != nil {
		t.Fatal(err)
	}
	return issued.Key
}

// recalled returns what is remembered of a profile, as the next start would find it.
func recalled(t *testing.T, profile config.Profile) model.Remembered {
	t.Helper()
	list, err := lazyOf(t, profile).Remembered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantRecalled(t *testing.T, profile config.Profile, names ...string) {
	t.Helper()
	list := recalled(t, profile)
	if len(list.Keys) != len(names) || list.Total != len(names) || time.Since(list.At) > time.Minute {
		t.Fatalf("remembered are %d of %d keys at %v, want %q", len(list.Keys), list.Total, list.At, names)
	}
	for i, key := range list.Keys {
		if key.Name != names[i] {
			t.Errorf("key %d is %q, want %q", i, key.Name, names[i])
		}
	}
}

func readPages(t *testing.T, l *lazyRemote) (mark int64) {
	t.Helper()
	for page, err := range l.Pages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		mark = page.Mark
	}
	return mark
}

// TestServiceRemembers: a list that was read whole is remembered, and what has changed since once the screen closes.
func TestServiceRemembers(t *testing.T) {
	service := keep(t, model.RoleManage)
	l := lazyOf(t, service.profile)
	first := create(t, l, "first")
	if list := recalled(t, service.profile); !list.At.IsZero() {
		t.Errorf("before anything was read, %+v is remembered", list)
	}
	for range l.Pages(t.Context()) { // left after the first page: nobody knows the rest
		break
	}
	mark := readPages(t, l)
	l.memory.busy.Wait()
	wantRecalled(t, service.profile, "first")

	create(t, l, "second")
	if err := l.Delete(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	changes, err := l.Changes(t.Context(), mark)
	if err != nil {
		t.Fatal(err)
	}
	wantRecalled(t, service.profile, "first") // not on every small change
	before := recalled(t, service.profile).At
	if version, err := l.Version(t.Context()); err != nil || version != changes.Mark {
		t.Fatalf("the version is %d, %v, want %d", version, err, changes.Mark)
	}
	l.close()
	wantRecalled(t, service.profile, "second")
	if after := recalled(t, service.profile).At; !after.After(before) {
		t.Errorf("the list is of %v, and was of %v", after, before)
	}
	other := service.profile
	other.URL = "https://elsewhere.example"
	if list := recalled(t, other); !list.At.IsZero() {
		t.Error("the list of another service is remembered")
	}
}

// TestServiceAway: what is remembered needs neither the service nor the token, and all else says what is wrong.
func TestServiceAway(t *testing.T) {
	service := keep(t, model.RoleManage)
	l := lazyOf(t, service.profile)
	create(t, l, "only")
	if _, err := l.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.close()
	service.stop()
	wantRecalled(t, service.profile, "only")
	l = lazyOf(t, service.profile)
	if _, err := l.List(t.Context()); !errors.Is(err, model.ErrUnreachable) {
		t.Errorf("List says %v", err)
	}
	if _, err := l.Role(t.Context()); !errors.Is(err, model.ErrUnreachable) {
		t.Errorf("Role says %v", err)
	}
	l.close()
	wantRecalled(t, service.profile, "only")
}

// TestServiceAwaySaysWhatIsRemembered: where the service cannot answer for its keys, a command says how to see them all the same.
func TestServiceAwaySaysWhatIsRemembered(t *testing.T) {
	service := keep(t, model.RoleManage)
	l := lazyOf(t, service.profile)
	create(t, l, "only")
	if _, err := l.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.close()
	a, m := newApp(Streams{}), newMemory(service.profile)
	for is, says := range map[error]bool{
		model.ErrUnreachable: true, model.ErrUnsure: true, model.ErrStoreAway: true, model.ErrStoreBusy: false, model.ErrToken: false,
	} {
		err := a.orRemembered(fmt.Errorf("list: %w", is), m)
		if !errors.Is(err, is) || strings.Contains(err.Error(), "clavier list --remembered") != says {
			t.Errorf("%v is told as %v", is, err)
		}
	}
}

// TestServiceRole: the role is the token's, and what it does not allow is refused.
func TestServiceRole(t *testing.T) {
	for _, role := range []model.Role{model.RoleRead, model.RoleManage} {
		l := lazyOf(t, keep(t, role).profile)
		if got, err := l.Role(t.Context()); err != nil || got != role {
			t.Errorf("the role is %v, %v, want %v", got, err, role)
		}
		_, err := l.Create(t.Context(), model.Draft{Name: "x"})
		if refused := errors.Is(err, model.ErrRole); refused != (role == model.RoleRead) {
			t.Errorf("with the role %v, a new key is %v", role, err)
		}
	}
}

// TestServiceLocked: with a protected identity, unlocking comes before everything that asks the service.
func TestServiceLocked(t *testing.T) {
	profile := serviceProfile(t)
	passphrase := rand.Text()
	options := sealOptions(profile)
	options.WorkFactor = 2
	vault, err := seal.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Protect([]byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	l := lazyOf(t, profile)
	if _, err := l.List(t.Context()); !errors.Is(err, model.ErrLocked) {
		t.Fatalf("List says %v", err)
	}
	if protected, err := l.Protected(t.Context()); err != nil || !protected {
		t.Fatalf("Protected says %v, %v", protected, err)
	}
	if err := l.Unlock(t.Context(), []byte("not "+passphrase)); !errors.Is(err, model.ErrPassphrase) {
		t.Fatalf("Unlock says %v", err)
	}
	if err := l.Unlock(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.List(t.Context()); err != nil {
		t.Errorf("List says %v", err)
	}
}

// TestServiceLookup: a key of a service is found among all profiles, without a reading of the list.
func TestServiceLookup(t *testing.T) {
	service := keep(t, model.RoleManage)
	p := opened(t, service.profile)
	issued, err := p.Issuer.Create(t.Context(), model.Draft{Name: "found"})
	if err != nil {
		t.Fatal(err)
	}
	never := localProfile(t)
	lookup := lookupAmong(func() ([]config.Profile, error) { return []config.Profile{never, service.profile}, nil }, openProfile)
	found, err := lookup(t.Context(), issued.Secret)
	if err != nil || len(found) != 1 || found[0].Profile != "team" || found[0].Key.ID != issued.Key.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	if reads := service.reads.Load(); reads != 0 {
		t.Errorf("%d pages were read", reads)
	}
	service.stop()
	if found, err := lookup(t.Context(), issued.Secret); err == nil || len(found) != 0 {
		t.Errorf("without the service, found %+v, %v", found, err)
	}
}

// TestServiceConformance holds a key service, as the screen gets it, to what every provider must do.
func TestServiceConformance(t *testing.T) {
	clienttest.Run(t, func(t *testing.T) client.Client { return lazyOf(t, serviceProfile(t)) })
}
