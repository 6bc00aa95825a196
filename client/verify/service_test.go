package verify_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/client/verify"
	"clavier/model"
	"clavier/server"
	"clavier/store"
	"clavier/wire"
)

// put stores a key and returns its secret.
func put(t *testing.T, s *store.Store, name string, role model.Role) (model.Key, model.Secret) {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	key := model.Key{
		ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(), Role: role, CreatedAt: time.Now().UTC(),
		LastUse: model.LastUse{Reported: true},
	}
	record := model.Record{Key: key, Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: []byte("sealed")}}
	if err := s.Put(t.Context(), record, model.Actor{}); err != nil {
		t.Fatal(err)
	}
	return key, secret
}

// TestT24Service: the middleware and a real key service agree: a key is let in with its id, name and role, and is refused
// within the time of an answer, and that of the service, once it is deleted; when the service is gone, nobody is let in.
func TestT24Service(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "own", "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	key, secret := put(t, s, "caf\u00e9 \u2026 production", model.RoleRead)
	service := server.New(server.Options{Store: s, Log: slog.New(slog.DiscardHandler)})
	listener := httptest.NewServer(service.Handler())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() { listener.Close(); stop(); <-ended })

	verifier, err := verify.New(verify.Options{URL: listener.URL, TTL: 50 * time.Millisecond, NegativeTTL: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = verifier.Close() })
	var seen verify.Identity
	api := verifier.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen, _ = verify.FromContext(r.Context()) }))
	ask := func(text string) int {
		request := httptest.NewRequest(http.MethodPost, "/invoices", nil)
		request.Header.Set("X-Api-Key", text)
		request.Header.Set(wire.HeaderKeyID, "root")
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, request)
		return answer.Code
	}
	// await asks until the answer is this one; until then it is 503 while the service is not ready, or that before.
	await := func(about string, want int, before ...int) {
		t.Helper()
		for until := time.Now().Add(10 * time.Second); ; {
			got := ask(secret.Reveal())
			switch {
			case got == want:
				return
			case len(before) > 0 && got != before[0] || time.Now().After(until):
				t.Fatalf("%s: the answer is %d, want %d", about, got, want)
			}
		}
	}
	await("a live key", http.StatusOK, http.StatusServiceUnavailable)
	if want := (verify.Identity{KeyID: key.ID, Name: key.Name, Role: model.RoleRead}); seen != want {
		t.Errorf("the API saw %+v, want %+v", seen, want)
	}
	unknown, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(unknown.Reveal()); got != http.StatusUnauthorized {
		t.Errorf("an unknown key: %d", got)
	}
	if err := s.Delete(t.Context(), key.ID, model.Actor{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	await("a deleted key", http.StatusUnauthorized, http.StatusOK)
	listener.Close()
	await("a service that is gone", http.StatusServiceUnavailable, http.StatusUnauthorized)
}
