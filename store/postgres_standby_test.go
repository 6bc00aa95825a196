package store

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// TestPostgresStandby: a copy that lags answers for no key, by itself or beside the server that it follows.
func TestPostgresStandby(t *testing.T) {
	primary := pgtest.Start(t)
	rec := record(t, "one", epoch)
	if err := openPostgres(t, primary.URL()).Put(t.Context(), rec, someone); err != nil {
		t.Fatal(err)
	}
	standby := primary.Standby(t)
	for _, attribute := range []string{"", "any", "standby", "read-write"} {
		p, err := OpenPostgres(t.Context(), wishing(t, standby.URL(), attribute))
		if err == nil {
			_ = p.Close()
		}
		if !errors.Is(err, model.ErrStoreWrite) || !strings.Contains(err.Error(), "read-only copy") || strings.Contains(err.Error(), "user=") {
			t.Errorf("target_session_attrs %q: %v", attribute, err)
		}
	}
	for range 3 {
		p := openPostgres(t, besides(t, standby.URL(), primary.URL()))
		if err := p.Put(t.Context(), record(t, "two", epoch), someone); err != nil && !errors.Is(err, model.ErrNameTaken) {
			t.Error(err)
		}
	}
}

// TestPostgresFailover: where a copy takes the place of a server and does not have its last changes, numbers come again. What is made
// under them then is not missed.
func TestPostgresFailover(t *testing.T) {
	primary := pgtest.Start(t)
	rec := record(t, "deleted", epoch)
	follower := openPostgres(t, primary.URL())
	if err := follower.Put(t.Context(), rec, someone); err != nil {
		t.Fatal(err)
	}
	standby := primary.Standby(t)
	standby.Stop(t)
	follower = openPostgres(t, besides(t, primary.URL(), standby.URL()))
	for _, name := range []string{"lost", "lost too"} {
		if err := follower.Put(t.Context(), record(t, name, epoch), someone); err != nil {
			t.Fatal(err)
		}
	}
	_, changes := counted(t, follower)
	told, err := follower.DigestChanges(t.Context(), changes)
	if err != nil || told.All || len(told.Keys) != 0 {
		t.Fatalf("with nothing changed, %+v, %v", told, err)
	}
	version, err := follower.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	primary.Kill(t)
	standby.Again(t)
	standby.Promote(t)
	other := openPostgres(t, standby.URL())
	if err := other.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	if err := other.Put(t.Context(), record(t, "new", epoch), someone); err != nil {
		t.Fatal(err)
	}
	if now, err := follower.Version(t.Context()); err != nil || now == version {
		t.Errorf("the version is %d as before, %v", now, err)
	}
	if told, err = follower.DigestChanges(t.Context(), told.Mark); err != nil || !told.All {
		t.Errorf("the deletion is not told: %+v, %v", told, err)
	}
	keys, mark := counted(t, follower)
	if told, err = follower.DigestChanges(t.Context(), mark); err != nil || told.All || keys != 1 {
		t.Errorf("from there on %+v, of %d keys, %v", told, keys, err)
	}
}

// counted reads all keys, and returns how many there are and the mark of the moment.
func counted(t *testing.T, p *Postgres) (keys int, mark int64) {
	t.Helper()
	for page, err := range p.Digests(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		keys, mark = keys+len(page.Keys), page.Mark
	}
	return keys, mark
}

// wishing returns an address with a wish about the server, if it is not empty.
func wishing(t *testing.T, address, attribute string) string {
	t.Helper()
	if attribute == "" {
		return address
	}
	return address + "&target_session_attrs=" + attribute
}

// besides returns an address of two servers, the first of which is tried first.
func besides(t *testing.T, first, second string) string {
	t.Helper()
	a, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := url.Parse(second)
	if err != nil {
		t.Fatal(err)
	}
	query := a.Query()
	for _, name := range []string{"host", "port"} {
		query.Set(name, a.Query().Get(name)+","+b.Query().Get(name))
	}
	a.RawQuery = query.Encode()
	return a.String()
}
