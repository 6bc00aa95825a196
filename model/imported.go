package model

import "time"

// Import is a secret that was made elsewhere, and what its owner knows of it.
type Import struct {
	Name   Name
	Secret Secret
	// CreatedAt is the moment at which the key was made; the zero time if nobody knows.
	CreatedAt time.Time
	// Note says where the key is managed: an address or a sentence. It may be empty.
	Note string
}
