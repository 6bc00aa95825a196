// Package server is the key service: it verifies keys and lets people manage them, over HTTP and a record store. What it says
// and understands stands in package wire.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"clavier/wire"
)

// Options are what a server is made of.
type Options struct {
	// Store is required. The server never closes it.
	Store Store
	// Version is what the server says of itself; "dev" if empty.
	Version string
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Log takes what the server has to say; slog.Default if nil. It never gets a secret, a header or a body.
	Log *slog.Logger
	// UnsureAfter is how long the server goes on verifying without having been able to ask the store; 30 s if 0.
	UnsureAfter time.Duration
	// BehindProxy takes the address of a client from the last element of X-Forwarded-For.
	BehindProxy bool
}

// orDefaults returns the options with every one set.
func (o Options) orDefaults() Options {
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.UnsureAfter == 0 {
		o.UnsureAfter = 30 * time.Second
	}
	return o
}

// Server verifies keys and manages them over a record store. It answers once Run or Serve is at work.
type Server struct {
	options  Options
	verify   *verifier
	manage   *manage
	metrics  *metrics
	stopping atomic.Bool
}

// New returns a server over a store.
func New(o Options) *Server {
	o = o.orDefaults()
	v := newVerifier(o.Store, verifierOptions{Now: o.Now, UnsureAfter: o.UnsureAfter, Log: o.Log})
	s := &Server{options: o, verify: v, metrics: newMetrics(v)}
	s.manage = newManage(o, v, s.metrics, s.ready)
	return s
}

// Handler returns what answers on the address that everybody asks: /v1, /openapi.json, /healthz, /readyz and /problems.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// serve sends a request to the half that it is for. What stands below the path to verify is never looked at, whatever
// it is: proxies put the path of the request that they ask about there.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, wire.PathVerify); ok && (rest == "" || rest[0] == '/') {
		s.verify.ServeHTTP(w, r)
		return
	}
	s.manage.ServeHTTP(w, r)
}

// Metrics returns what answers at /metrics, for a listener of its own: anybody who may ask it learns how many keys there are.
func (s *Server) Metrics() http.Handler { return s.metrics.handler() }

// Run keeps what the server knows of the keys fresh until ctx ends, and then writes the uses that are not noted yet. It returns
// nil after that, or why it could not go on.
func (s *Server) Run(ctx context.Context) error { return s.verify.run(ctx) }
