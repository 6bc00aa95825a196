package remote

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
	"clavier/server"
	"clavier/store"
)

// TestT9Served is T9 with a real service: a create whose answer is lost at any byte, after the service has made it durable, is
// no error, and each leaves one key, whose secret is held.
func TestT9Served(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "own", "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var loseAt, longest atomic.Int64
	loseAt.Store(-1)
	service := server.New(server.Options{Store: s, Log: slog.New(slog.DiscardHandler)})
	gate := newCutter(t, service.Handler(), func(r *http.Request, answer int) int {
		if r.Method != http.MethodPut {
			return -1
		}
		longest.Store(max(longest.Load(), int64(answer)))
		return int(loseAt.Swap(-1))
	})
	o, token := options(t, gate.url())
	manager := record(t, "token")
	manager.Key.Role, manager.Sealed.Digest = model.RoleManage, token.Digest()
	if err := s.Put(t.Context(), manager, model.Actor{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	r := open(t, o)
	for until := time.Now().Add(10 * time.Second); ; {
		if _, err := r.State(t.Context()); err == nil {
			break
		} else if time.Now().After(until) {
			t.Fatal(err)
		}
	}

	made := map[string]model.Record{manager.Key.ID: manager}
	offsets(t, func(t *testing.T, cut int) int {
		sent := record(t, time.Duration(cut).String())
		made[sent.Key.ID] = sent
		loseAt.Store(int64(cut))
		if err := r.Put(t.Context(), sent, model.Actor{}); err != nil {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if loseAt.Load() != -1 {
			t.Errorf("cut at %d: nothing was lost", cut)
		}
		if key, err := r.Find(t.Context(), sent.Sealed.Digest); err != nil || key.ID != sent.Key.ID {
			t.Errorf("cut at %d: the secret belongs to %+v, %v", cut, key, err)
		}
		return int(longest.Load())
	})
	keys, err := r.List(t.Context())
	if err != nil || len(keys) != len(made) {
		t.Fatalf("there are %d keys, want %d: %v", len(keys), len(made), err)
	}
	for _, key := range keys {
		if made[key.ID].Key.Name != key.Name {
			t.Errorf("%q is none that was made", key.Name)
		}
	}
}
