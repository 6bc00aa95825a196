// Package model holds the words of clavier as types: keys, secrets, names, records and the errors that
// every other package shares. It is pure: no input or output, no clock, no randomness of its own.
package model

import "time"

// Status says what a key can still do.
type Status string

// The statuses of a key.
const (
	// StatusActive is a key that verifies.
	StatusActive Status = "active"
	// StatusExpired is a key whose end has passed; it does not verify.
	StatusExpired Status = "expired"
	// StatusDisabled is a key that its provider has switched off; it does not verify.
	StatusDisabled Status = "disabled"
)

// LastUse is the last moment at which a key was used, as far as its provider tells. The zero value means
// that the provider does not report it, which is not the same as never.
type LastUse struct {
	// Reported is true if the provider keeps track of use.
	Reported bool
	// At is the moment of the last use; the zero time means never. It means nothing if Reported is false.
	At time.Time
}

// Never reports whether the provider keeps track of use and has seen none.
func (u LastUse) Never() bool { return u.Reported && u.At.IsZero() }

// Key is the record of an API key as lists and dialogs show it. It never contains the secret.
//
// Name, Hint, ID, Owner and Note came from a store or a server: pass them through [Display] before they reach a screen.
type Key struct {
	// ID names the key for good; a UUIDv7 for the keys that clavier makes.
	ID string
	// Name is what its owner calls it.
	Name string
	// Hint is what may always be shown of the secret; see [Secret.Hint].
	Hint string
	// Owner is who the key belongs to, as its provider tells; empty if it does not.
	Owner string
	// CreatedAt is the moment the key was made, in UTC.
	CreatedAt time.Time
	// LastUse is the last moment it was used.
	LastUse LastUse
	// ExpiresAt is the moment from which it does not verify; the zero time means never.
	ExpiresAt time.Time
	// Disabled is true if the provider has switched the key off.
	Disabled bool
	// Imported is true if the secret was made elsewhere and is only kept here.
	Imported bool
	// Note says where an imported key is managed, as its owner wrote it; empty if nobody did.
	Note string
	// Rotating is true if the key is the old one or the successor of an unfinished rotation.
	Rotating bool
	// Dead is true if an API refused the key when it was last tried.
	Dead bool
	// Role is what the key may ask of a key service.
	Role Role
}

// StatusAt returns what the key can do at the moment now.
func (k Key) StatusAt(now time.Time) Status {
	switch {
	case k.Disabled:
		return StatusDisabled
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return StatusExpired
	default:
		return StatusActive
	}
}

// Draft is what a person decides about a key that does not exist yet.
type Draft struct {
	Name Name
	// Role is what the key may ask of a key service.
	Role Role
}

// Issued is a key together with its secret, as it exists at the one moment of its making.
type Issued struct {
	Key    Key
	Secret Secret
	// IsToken is true if it replaces the token of its profile, which presents it from now on.
	IsToken bool
}
