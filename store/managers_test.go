package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/model"
	"clavier/server"
)

// eachKind runs a test over a new store of both kinds.
func eachKind(t *testing.T, test func(t *testing.T, s server.Store), options ...Option) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, open(t, newPath(t), options...)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newPostgres(t, options...)) })
}

// managerKey stores a key that may manage keys.
func managerKey(t *testing.T, s server.Store, name string, change ...func(key *model.Key)) model.Record {
	t.Helper()
	rec := record(t, name, epoch)
	rec.Key.Role = model.RoleManage
	for _, one := range change {
		one(&rec.Key)
	}
	if _, err := s.PutNew(t.Context(), rec, "", someone); err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestManagers holds that a key goes only if somebody can still manage keys, now and later.
func TestManagers(t *testing.T) {
	now := epoch.Add(24 * time.Hour)
	plain := func(*model.Key) {}
	ends := func(key *model.Key) { key.ExpiresAt = now.Add(time.Hour) }
	expired := func(key *model.Key) { key.ExpiresAt = now.Add(-time.Hour) }
	disabled := func(key *model.Key) { key.Disabled = true }
	imported := func(key *model.Key) { key.Imported = true }
	reads := func(key *model.Key) { key.Role = model.RoleRead }
	type kind = func(key *model.Key)
	for _, c := range []struct {
		name   string
		own    kind // of the key that goes
		others []kind
		last   bool
	}{
		{"alone", plain, nil, true},
		{"beside an equal", plain, []kind{plain}, false},
		{"beside one that ends", plain, []kind{ends}, true},
		{"beside one that has ended", plain, []kind{expired}, true},
		{"beside one that is disabled", plain, []kind{disabled}, true},
		{"beside one that is imported", plain, []kind{imported}, true},
		{"beside one that reads", plain, []kind{reads}, true},
		{"beside all of these and an equal", plain, []kind{ends, expired, disabled, imported, reads, plain}, false},
		{"one that ends, alone", ends, nil, true},
		{"one that ends, beside one that does not", ends, []kind{plain}, false},
		{"one that ends, beside another", ends, []kind{ends}, true},
		{"one that is imported", imported, nil, false},
		{"one that reads", reads, nil, false},
		{"one that has ended", expired, nil, false},
		{"one that is disabled", disabled, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachKind(t, func(t *testing.T, s server.Store) {
				for i, other := range c.others {
					managerKey(t, s, fmt.Sprint("other ", i), other)
				}
				own := managerKey(t, s, "own", c.own)
				begun, err := s.Activity(t.Context(), 100)
				if err != nil {
					t.Fatal(err)
				}
				live := own.Key.StatusAt(now) == model.StatusActive
				for what, at := range map[string]time.Time{"now": now, "before": now.Add(-time.Minute), "later": now.Add(48 * time.Hour)} {
					if !live || !c.last {
						continue
					}
					if _, err := s.End(t.Context(), own.Key.ID, at, someone, now); !errors.Is(err, model.ErrLastManager) {
						t.Errorf("End %s: error %v", what, err)
					}
				}
				if c.last {
					if err := s.Delete(t.Context(), own.Key.ID, someone, now); !errors.Is(err, model.ErrLastManager) {
						t.Errorf("Delete: error %v", err)
					}
					if key, err := s.Get(t.Context(), own.Key.ID); err != nil || !key.ExpiresAt.Equal(own.Key.ExpiresAt) || key.Disabled {
						t.Errorf("the key is %+v, error %v", key, err)
					}
					if lines, err := s.Activity(t.Context(), 100); err != nil || len(lines) != len(begun) {
						t.Errorf("%d lines, %d before; error %v", len(lines), len(begun), err)
					}
				}
				if live { // which an end can always be taken from
					if key, err := s.End(t.Context(), own.Key.ID, time.Time{}, someone, now); err != nil || !key.ExpiresAt.IsZero() {
						t.Errorf("taking the end away: %+v, error %v", key, err)
					}
				}
				if c.last {
					return
				}
				if live {
					if _, err := s.End(t.Context(), own.Key.ID, now.Add(time.Hour), someone, now); err != nil {
						t.Errorf("End later: error %v", err)
					}
					if _, err := s.End(t.Context(), own.Key.ID, now, someone, now); err != nil {
						t.Errorf("End now: error %v", err)
					}
				}
				if err := s.Delete(t.Context(), own.Key.ID, someone, now); err != nil {
					t.Errorf("Delete: error %v", err)
				}
			}, WithManagers())
		})
	}
}

// TestManagersOfAnEmbeddedStore holds that only the store of a service has the rule.
func TestManagersOfAnEmbeddedStore(t *testing.T) {
	eachKind(t, func(t *testing.T, s server.Store) {
		own := managerKey(t, s, "own")
		if _, err := s.End(t.Context(), own.Key.ID, epoch.Add(time.Hour), someone, epoch); err != nil {
			t.Error(err)
		}
		if err := s.Delete(t.Context(), own.Key.ID, someone, epoch); err != nil {
			t.Error(err)
		}
	})
}

// TestManagersAtOnce lets the last two managers go at the same moment, over two values on one store and over one: one stays.
func TestManagersAtOnce(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		path := newPath(t)
		managersAtOnce(t, amount(100, 40, 20), open(t, path, WithManagers()), open(t, path, WithManagers()))
	})
	t.Run("SQLite, one value", func(t *testing.T) {
		s := open(t, newPath(t), WithManagers())
		managersAtOnce(t, amount(100, 40, 20), s, s)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		address := pgtest.Shared(t).NewDatabase(t)
		managersAtOnce(t, amount(100, 40, 20), openPostgres(t, address, WithManagers()), openPostgres(t, address, WithManagers()))
	})
	t.Run("PostgreSQL, one value", func(t *testing.T) {
		p := newPostgres(t, WithManagers())
		managersAtOnce(t, amount(100, 40, 20), p, p)
	})
}

func managersAtOnce(t *testing.T, rounds int, stores ...server.Store) {
	t.Helper()
	stays := managerKey(t, stores[0], "first").Key
	for round := range rounds {
		pair := []model.Key{stays, managerKey(t, stores[0], fmt.Sprint("manager ", round)).Key}
		outcomes := make([]error, len(pair))
		var both sync.WaitGroup
		for i, key := range pair {
			both.Go(func() {
				if (round+i)%3 == 0 { // an end to come does not leave a manager either
					_, outcomes[i] = stores[i].End(t.Context(), key.ID, epoch.Add(time.Hour), someone, epoch)
					return
				}
				outcomes[i] = stores[i].Delete(t.Context(), key.ID, someone, epoch)
			})
		}
		both.Wait()
		won := 0
		for i, err := range outcomes {
			switch {
			case err == nil:
				won++
			case errors.Is(err, model.ErrLastManager):
				stays = pair[i]
			default:
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d of two went: %v", round, won, outcomes)
		}
		if key, err := stores[0].Get(t.Context(), stays.ID); err != nil || !key.ExpiresAt.IsZero() || key.Disabled {
			t.Fatalf("round %d: what stays is %+v, error %v", round, key, err)
		}
	}
}
