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
