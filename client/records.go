package client

import (
	"context"
	"time"

	"clavier/model"
)

// Records is a record store: the embedded one, or one at the other end of a connection. Its errors wrap the
// sentinels of package model.
type Records interface {
	KeyRecords
	RotationRecords
	AnswerKeeper
	Follower
	Pager
	Watcher
	ActivityReader
}

// KeyRecords is what a record store does with one key.
type KeyRecords interface {
	// Put stores the record durably before it returns. Repeating the same record changes nothing and is no error;
	// another body under the same id is model.ErrConflict, and so is any under the id of a key that was deleted; a taken
	// name is model.ErrNameTaken; a secret that is held already is model.ErrHeld for an imported key.
	Put(ctx context.Context, record model.Record, by model.Actor) error
	// List returns all keys, newest first.
	List(ctx context.Context) ([]model.Key, error)
	// Sealed returns the sealed secret of a key or model.ErrNotFound.
	Sealed(ctx context.Context, id string) (model.Sealed, error)
	// Delete removes the record for good, durably, before it returns, or returns model.ErrNotFound. With it go the rotation
	// that the key is part of, and the answers for it.
	Delete(ctx context.Context, id string, by model.Actor, at time.Time) error
	// End gives the key an end, at the moment at; see Ender.
	End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error)
	// Find returns the key whose secret has this digest or model.ErrNotFound.
	Find(ctx context.Context, digest model.Digest) (model.Key, error)
	// Touch notes that the key was used at this moment; a store may drop what follows the last note within a minute.
	Touch(ctx context.Context, id string, at time.Time) error
}

// RotationRecords is what a record store keeps of rotations.
type RotationRecords interface {
	// PutSuccessor is Put of a key that replaces the one with oldID, and begins the rotation in the same durable step. It
	// returns what Put returns, model.ErrNotFound, model.ErrRotating, or model.ErrExpired if the old key is not active.
	PutSuccessor(ctx context.Context, record model.Record, oldID string, by model.Actor) error
	// Rotations returns the unfinished rotations, those that began last first.
	Rotations(ctx context.Context) ([]model.Rotation, error)
	// StepDone notes durably that a step of the rotation of this old key was done at this moment; see Rotator.
	StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error
}

// Vault seals secrets to the owner's recipients and unseals them with the owner's identity.
type Vault interface {
	// Seal never needs a passphrase.
	Seal(secret model.Secret) (model.Sealed, error)
	// Unseal returns model.ErrLocked, model.ErrUnseal or model.ErrMismatch; never a secret that is not the record's.
	Unseal(sealed model.Sealed) (model.Secret, error)
	// Unlock opens a protected identity or returns model.ErrPassphrase.
	Unlock(ctx context.Context, passphrase []byte) error
}
