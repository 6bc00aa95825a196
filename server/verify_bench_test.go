package server

import (
	"net/http"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// discard is an answer that nobody reads. Its headers are used again, as those of a connection are.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkVerifyHandler is the handler beside one that sets the same headers and looks at nothing. What net/http does for a
// request is in neither.
func BenchmarkVerifyHandler(b *testing.B) {
	store := newFakeStore()
	_, secret := storeKey(b, store, "production")
	_, unknown := draft(b, "unknown", time.Now())
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Length", "0")
		header.Set(wire.HeaderKeyID, "01900000-0000-7000-8000-000000000000")
		header.Set(wire.HeaderKeyName, "production")
		header.Set(wire.HeaderKeyRole, model.RoleUse.String())
		w.WriteHeader(http.StatusOK)
	})
	verify := loaded(b, store, verifierOptions{})
	for _, c := range []struct {
		name    string
		handler http.Handler
		secret  string
	}{
		{"bare", bare, secret},
		{"hit", verify, secret},
		{"unknown", verify, unknown},
		{"checksum", verify, secret[:len(secret)-1] + string(secret[len(secret)-1]^1)},
		{"none", verify, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			r, w := bearer(c.secret), discard{http.Header{}}
			for b.Loop() {
				clear(w.header)
				c.handler.ServeHTTP(w, r)
			}
		})
	}
}
