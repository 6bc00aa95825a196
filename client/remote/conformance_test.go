package remote_test

import (
	"context"
	"crypto/rand"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/client"
	"clavier/client/clienttest"
	"clavier/client/remote"
	"clavier/e2e/pgtest"
	"clavier/model"
	"clavier/seal"
	"clavier/server"
	"clavier/store"
	"clavier/wire"
)

// TestConformanceSQLite runs the suite of all providers over HTTP, a server and the embedded store.
func TestConformanceSQLite(t *testing.T) {
	clienttest.Run(t, func(t *testing.T) client.Client {
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "own", "keys.db"))
		if err != nil {
			t.Fatal(err)
		}
		return issuer(t, s)
	})
}

// TestConformancePostgres runs the suite of all providers over HTTP, a server and PostgreSQL.
func TestConformancePostgres(t *testing.T) {
	database := pgtest.Start(t)
	clienttest.Run(t, func(t *testing.T) client.Client {
		s, err := store.OpenPostgres(t.Context(), database.NewDatabase(t))
		if err != nil {
			t.Fatal(err)
		}
		return issuer(t, s)
	})
}

// veiled is a store whose server knows one key more, with which it is asked: the profile of the suite begins empty.
type veiled struct {
	server.Store

	token model.Digested
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

// issuer returns a provider over a Remote, a server that is at work, and a store, which is closed with the test. The suite may turn
// the issuer's clock: that of the server follows it.
func issuer(t *testing.T, s server.Store) *client.Issuer {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	v := &veiled{s, model.Digested{
		Key:    model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: "token", Role: model.RoleManage, LastUse: model.LastUse{Reported: true}},
		Digest: secret.Digest(),
	}}
	provider := &client.Issuer{}
	var clock sync.Mutex
	now := func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		if provider.Now != nil {
			return provider.Now()
		}
		return time.Now()
	}
	service := server.New(server.Options{Store: v, Log: slog.New(slog.DiscardHandler), Now: now})
	listener := httptest.NewServer(service.Handler())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		listener.Close()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended: %v", err)
		}
		_ = s.Close()
	})
	awaitReady(t, listener.URL)
	r, err := remote.New(remote.Options{URL: listener.URL, Token: func(context.Context) (model.Secret, error) { return secret, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	vault, err := seal.Open(seal.Options{IdentityPath: filepath.Join(t.TempDir(), "own", "identity.txt"), Own: true})
	if err != nil {
		t.Fatal(err)
	}
	provider.Records, provider.Vault = r, vault
	return provider
}

// awaitReady returns once a server answers for its keys.
func awaitReady(t *testing.T, url string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); ; {
		response, err := http.Get(url + wire.PathReady)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(until) {
			t.Fatalf("the server does not get ready: %v", err)
		}
	}
}
