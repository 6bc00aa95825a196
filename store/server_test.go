package store

import "clavier/server"

// A server can serve the store.
var _ server.Store = (*Store)(nil)
