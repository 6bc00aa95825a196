package model

import "time"

// Digest is the SHA-256 of a secret. A store that holds it can verify a presented secret and cannot reveal one.
type Digest [32]byte

// Sealed is a secret encrypted to its owner's recipients (an age file), with the digest that binds it to its
// record: what is unsealed must have this digest.
type Sealed struct {
	Digest     Digest
	Ciphertext []byte
}

// Record is what a store keeps for a key. It holds nothing from which the secret can be had without
// the owner's identity.
type Record struct {
	Key    Key
	Sealed Sealed
	// At is the moment at which the record was made, for its line of activity; the zero time means that it is CreatedAt of
	// the key. An imported key may be years older, or of unknown age. It is no part of what is kept.
	At time.Time
}

// MadeAt returns the moment for the record's line of activity.
func (r Record) MadeAt() time.Time {
	if r.At.IsZero() {
		return r.Key.CreatedAt
	}
	return r.At
}

// Actor says who makes a change and from where, for the activity of a store.
type Actor struct {
	// By is the person: the operating system's user name.
	By string
	// From is the place: the host name, and the address of the SSH client if there is one.
	From string
}

// Action is what an activity line tells of.
type Action string

// The actions that a store notes.
const (
	ActionCreated  Action = "created"
	ActionImported Action = "imported"
	ActionDeleted  Action = "deleted"
	// ActionRotated is the beginning of a rotation, noted for the old key.
	ActionRotated Action = "rotated"
	// ActionEnded is a key that was given an end, or another one, or none.
	ActionEnded Action = "given an end"
)

// Activity is one line of what happened in a store. It outlives the key that it speaks of.
type Activity struct {
	// At is the moment of the change, in UTC.
	At     time.Time
	Action Action
	// KeyID, KeyName and KeyCreatedAt are those of the key as it was.
	KeyID        string
	KeyName      string
	KeyCreatedAt time.Time
	Actor        Actor
	// Refused says why the change was not made; empty if it was made.
	Refused string
}
