package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/store"
)

// soon is how long these tests wait for what must come within a second. That it does is held by those over a store in memory,
// on a clock of their own: here other tests may keep the processors.
const soon = 20 * time.Second

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come", what)
		}
	}
}

// opened opens a store in a file, as every process does for itself.
func opened(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// following runs a verifier over a store in a file of its own opening.
func following(t *testing.T, path string) (*verifier, *store.Store) {
	t.Helper()
	s := opened(t, path)
	v := newVerifier(s, verifierOptions{Log: quiet, FlushEvery: 20 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- v.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	eventually(t, "readiness", func() bool { return v.ready() == nil })
	return v, s
}

// TestT26TwoServersOnOneFile: what is done by one counts for the other, and by whoever did it at once for itself.
func TestT26TwoServersOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private", "keys.db")
	_, early := storeKey(t, opened(t, path), "from before", withRole(model.RoleManage))
	one, first := following(t, path)
	two, second := following(t, path)
	expect(t, "from before", one, early, http.StatusOK)
	expect(t, "from before", two, early, http.StatusOK)

	record, secret := draft(t, "production", time.Now())
	if err := first.Put(t.Context(), record, somebody); err != nil {
		t.Fatal(err)
	}
	if err := one.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, "stored here", one, secret, http.StatusOK)
	eventually(t, "a key that was stored by the other", func() bool { return status(two, secret) == http.StatusOK })

	ended, over := storeKey(t, second, "ended")
	eventually(t, "a key that was stored by the other", func() bool { return status(one, over) == http.StatusOK })
	if _, err := first.End(t.Context(), ended.ID, time.Now().Add(-time.Second), somebody, time.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end", func() bool { return status(two, over) == http.StatusUnauthorized })

	remove(t, second, record.Key.ID)
	if err := two.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, "deleted here", two, secret, http.StatusUnauthorized)
	eventually(t, "the deletion", func() bool { return status(one, secret) == http.StatusUnauthorized })

	if err := first.Put(t.Context(), record, somebody); !errors.Is(err, model.ErrConflict) {
		t.Errorf("what the other deleted is stored again: %v", err)
	}
	_, fresh := storeKey(t, first, "production")
	eventually(t, "the name under another secret", func() bool { return status(two, fresh) == http.StatusOK })
	expect(t, "the old secret", two, secret, http.StatusUnauthorized)
}

// TestUsesReachTheFile: a use shows in the list, and another server that sees the key used does not note it within the minute.
func TestUsesReachTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private", "keys.db")
	key, secret := storeKey(t, opened(t, path), "production")
	one, first := following(t, path)
	two, second := following(t, path)
	expect(t, "used", one, secret, http.StatusOK)
	noted := func(s *store.Store) time.Time {
		got, err := s.Get(t.Context(), key.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.LastUse.At
	}
	eventually(t, "the use", func() bool { return !noted(second).IsZero() })
	at := noted(first)
	if time.Since(at) > soon || time.Until(at) > 0 {
		t.Errorf("used %v ago", time.Since(at))
	}
	if err := two.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, "used at the other", two, secret, http.StatusOK)
	if left, _ := two.uses.waiting(); left != 0 {
		t.Error("the use is to be noted twice within a minute")
	}
}

// TestAStormOfChanges changes one file through two servers at once. In the end both know what the store holds, and no key was
// ever refused between its own storing and its deletion, nor taken after it.
func TestAStormOfChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private", "keys.db")
	verifiers, stores := [2]*verifier{}, [2]*store.Store{}
	for i := range verifiers {
		verifiers[i], stores[i] = following(t, path)
	}
	kept := [4][]string{}
	var all sync.WaitGroup
	for worker := range kept {
		all.Go(func() {
			v, s := verifiers[worker%2], stores[worker%2]
			caught := func() {
				if err := v.catchUp(t.Context()); err != nil {
					t.Error(err)
				}
			}
			for i := range 10 {
				key, secret := storeKey(t, s, fmt.Sprintf("key %d of %d", i, worker))
				caught()
				expect(t, "stored", v, secret, http.StatusOK)
				if i%3 == 0 {
					kept[worker] = append(kept[worker], secret)
					continue
				}
				if err := s.Delete(t.Context(), key.ID, somebody, time.Now()); err != nil && !errors.Is(err, model.ErrNotErased) {
					t.Error(err)
				}
				caught()
				expect(t, "deleted", v, secret, http.StatusUnauthorized)
			}
		})
	}
	all.Wait()
	for _, v := range verifiers {
		if err := v.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v.size() != 4*4 {
			t.Errorf("%d keys, want 16", v.size())
		}
		for _, secrets := range kept {
			for _, secret := range secrets {
				expect(t, "kept", v, secret, http.StatusOK)
			}
		}
	}
}
