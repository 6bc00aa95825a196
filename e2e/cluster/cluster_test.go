//go:build linux || darwin

// Package cluster runs several key services on one store, and breaks them.
package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/e2e/program"
	"clavier/e2e/service"
)

func TestMain(m *testing.M) {
	code := m.Run()
	program.Clean()
	os.Exit(code)
}

// backend is a place for the records of several services.
type backend struct {
	name string
	// open returns the value of --store, and the database server if there is one.
	open func(t *testing.T, home *program.Home) (store string, db *pgtest.Server)
}

var backends = []backend{
	{"SQLite", func(_ *testing.T, home *program.Home) (string, *pgtest.Server) {
		return filepath.Join(home.Dir, "store", "keys.db"), nil
	}},
	{"PostgreSQL", func(t *testing.T, _ *program.Home) (string, *pgtest.Server) {
		t.Helper()
		db := pgtest.Start(t)
		return db.NewDatabase(t), db
	}},
}

// two starts two services on one store.
func two(t *testing.T, b backend) (one, other *service.Service, db *pgtest.Server) {
	t.Helper()
	home := program.NewHome(t)
	store, db := b.open(t, home)
	one = service.Start(t, home, nil, "--store", store)
	other = service.Start(t, home, nil, "--store", store)
	return one, other, db
}

// TestDeletedElsewhere is trust row T26: what one service deletes, the other refuses within a second.
func TestDeletedElsewhere(t *testing.T) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			one, other, db := two(t, b)
			for range 5 {
				key := one.Make("key " + time.Now().Format(time.RFC3339Nano))
				other.Wait("the new key is known", func() bool { return other.Verify(key.Secret) == http.StatusOK })
				since := time.Now()
				one.Delete(key)
				wantRefusedWithin(t, other, key, since)
				if status := one.Verify(key.Secret); status != http.StatusUnauthorized {
					t.Errorf("the service that deleted the key answers %d", status)
				}
			}
			if db == nil {
				return
			}
			t.Run("connections cut", func(t *testing.T) {
				for range 3 {
					key := one.Make("cut " + time.Now().Format(time.RFC3339Nano))
					other.Wait("the new key is known", func() bool { return other.Verify(key.Secret) == http.StatusOK })
					db.CutConnections(t, "clavier")
					since := time.Now()
					one.Delete(key)
					wantRefusedWithin(t, other, key, since)
				}
			})
		})
	}
}

// TestDatabaseRestarted: services outlive their database. While it is away they change nothing, and what it has they have again.
func TestDatabaseRestarted(t *testing.T) {
	one, other, db := two(t, backends[1])
	before := one.Make("before")
	doomed := one.Make("doomed")
	db.Kill(t)
	if status := one.Verify(before.Secret); status != http.StatusOK {
		t.Errorf("a moment after its database was killed a service answers %d for a live key", status)
	}
	if status, body := one.Ask(http.MethodDelete, "/v1/keys/"+doomed.ID, nil); status < http.StatusInternalServerError {
		t.Errorf("without its database a deletion is answered %d %s", status, body)
	}
	db.Again(t)
	for _, s := range []*service.Service{one, other} {
		s.Wait("the service works again", func() bool { return s.Verify(before.Secret) == http.StatusOK })
	}
	var after service.Key
	one.Wait("keys are made again", func() bool {
		key, record := service.Draw(t, "after")
		status, _ := one.Ask(http.MethodPut, "/v1/keys/"+key.ID, record)
		after = key
		return status == http.StatusCreated
	})
	other.Wait("the new key is known elsewhere", func() bool { return other.Verify(after.Secret) == http.StatusOK })
	since := time.Now()
	other.Delete(after)
	wantRefusedWithin(t, one, after, since)
}

// TestFailsClosed is the rest of trust row T26: a service that cannot be sure for longer than its setting answers for no key.
func TestFailsClosed(t *testing.T) {
	home := program.NewHome(t)
	db := pgtest.Start(t)
	s := service.Start(t, home, nil, "--store", db.NewDatabase(t), "--unsure-after", "2s")
	key := s.Make("live")
	db.Kill(t)
	killed := time.Now()
	s.Wait("the service answers for no key", func() bool { return s.Verify(key.Secret) == http.StatusServiceUnavailable })
	if took := time.Since(killed); took < time.Second {
		t.Errorf("it gave up after %v, before its setting of 2s", took)
	}
	if status := s.Verify(service.Unknown(t)); status == http.StatusOK {
		t.Error("an unknown key is let through")
	}
	db.Again(t)
	s.Wait("the service is sure again", func() bool { return s.Verify(key.Secret) == http.StatusOK })
}

// TestKilledInAStorm: one of two services is killed in a storm of creates and deletes from eight clients, again and again; then
// the invariants of trust row T6 hold at both, over HTTP.
func TestKilledInAStorm(t *testing.T) {
	const rounds, changes = 4, 60
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			one, other, _ := two(t, b)
			var known []*outcome
			for round := range rounds {
				s := rage(t, round, one, other)
				s.until(changes)
				one.Kill()
				s.until(changes + 10) // the other goes on
				known = append(known, s.end()...)
				one.Run("127.0.0.1:0")
				// What was acknowledged by the other a moment ago reaches this one within a second.
				last := other.Make("last of round " + string(rune('a'+round)))
				one.Wait("the services agree", func() bool { return one.Verify(last.Secret) == http.StatusOK })
				wantWhole(t, one, known)
				wantWhole(t, other, known)
			}
			one.Stop()
			other.Stop()
		})
	}
}
