package server

import (
	"context"
	"net/http"
	"time"

	"clavier/model"
	"clavier/server/live"
)

// gate is what the managing half asks of the verifying one.
type gate interface {
	// ServeHTTP answers whether a presented secret belongs to a live key.
	http.Handler
	// run keeps the keys fresh until ctx ends, then writes the uses that are left.
	run(ctx context.Context) error
	// identify returns whose secret the header presents; model.ErrToken or model.ErrUnsure otherwise.
	identify(header http.Header) (live.Found, error)
	// catchUp takes in what has changed in the store.
	catchUp(ctx context.Context) error
	// ready returns why the gate cannot answer; nil if it can.
	ready() error
	// lastManager reports whether the key is the only live one that may manage keys.
	lastManager(id string, now time.Time) bool
	// stats counts the answers.
	stats() (allowed, denied, unsure uint64)
}

// closed is a gate that never is sure.
type closed struct{}

func newGate(Options) gate { return closed{} }

func (closed) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func (closed) run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
func (closed) identify(http.Header) (live.Found, error) { return live.Found{}, model.ErrUnsure }
func (closed) catchUp(context.Context) error            { return nil }
func (closed) ready() error                             { return model.ErrUnsure }
func (closed) lastManager(string, time.Time) bool       { return false }
func (closed) stats() (allowed, denied, unsure uint64)  { return 0, 0, 0 }
