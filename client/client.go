// Package client says what every provider of keys can do, and holds two providers over any record store: a [Keeper] keeps
// secrets that were made elsewhere, an [Issuer] also makes them.
//
// A provider implements [Client]. What only some can do is a small interface of its own (Creator, Revealer, Verifier, ...),
// found by type assertion, the way package io does it; who calls asks before offering the action. The suite in
// clienttest holds every provider to the same behaviour.
package client

import (
	"context"
	"iter"
	"time"

	"clavier/model"
)

// Client is what every provider can do. Errors wrap the sentinels of package model.
type Client interface {
	// List returns all keys, newest first.
	List(ctx context.Context) ([]model.Key, error)
	// Delete removes the key with this id for good. It returns model.ErrNotFound if there is none.
	Delete(ctx context.Context, id string) error
}

// Creator is a provider that makes keys.
type Creator interface {
	// Create makes a key and returns it with its secret once the provider holds it durably. It returns
	// model.ErrNameTaken if a key of the profile has the name.
	Create(ctx context.Context, draft model.Draft) (model.Issued, error)
}

// Revealer is a provider whose secrets can be had again.
type Revealer interface {
	// Reveal returns the secret of a key. It returns model.ErrNotFound, or model.ErrLocked if the identity must be
	// unlocked first (see Unlocker), or model.ErrUnseal or model.ErrMismatch if what is held is damaged.
	Reveal(ctx context.Context, id string) (model.Secret, error)
}

// Unlocker is a provider whose secrets may stand behind a passphrase.
type Unlocker interface {
	// Unlock opens the identity for the rest of the program's life. It returns model.ErrPassphrase if the
	// passphrase is wrong.
	Unlock(ctx context.Context, passphrase []byte) error
}

// Verifier is a provider that can say whether a presented secret belongs to a live key.
type Verifier interface {
	// Verify returns the key, or model.ErrRefused for every reason not to: malformed, unknown, expired, deleted, imported.
	// Any other error means that the question could not be answered.
	Verify(ctx context.Context, presented model.Secret) (model.Key, error)
}

// ActivityReader is a provider that notes what happened.
type ActivityReader interface {
	// Activity returns at most limit lines, newest first.
	Activity(ctx context.Context, limit int) ([]model.Activity, error)
}

// Pager is a provider that can give its keys part by part, so that the first are there before all are read.
type Pager interface {
	// Pages gives all keys. The first page has the newest keys, newest first, and comes quickly, with the Mark for a
	// Follower; the others have the rest in any order. Each key that exists throughout is given exactly once. A profile without
	// keys gives one page without keys. A page's slice of keys is valid until the next page is asked for. An error comes
	// last, with an empty page; ending ctx or the loop ends the reading.
	Pages(ctx context.Context) iter.Seq2[model.Page, error]
}

// Follower is a provider that can tell what has changed since an earlier moment.
type Follower interface {
	// Changes tells what happened since a mark that a Pager's page or earlier Changes gave, whoever did it. All is true if
	// too much has changed, or if the mark means nothing here: then everything is to be read again.
	Changes(ctx context.Context, since int64) (model.Changes, error)
}

// Watcher is a provider that can tell cheaply whether anything has changed.
type Watcher interface {
	// Version returns a number that differs from an earlier one if the keys may have changed in between, whoever
	// changed them.
	Version(ctx context.Context) (int64, error)
}

// Importer is a provider that keeps secrets which were made elsewhere.
type Importer interface {
	// Import seals the secret and keeps it under an id of its own choice, durably. It returns model.ErrNameTaken,
	// model.ErrHeld with the name of the key that has the secret, or what [model.CheckImport] says.
	Import(ctx context.Context, in model.Import) (model.Key, error)
}

// Finder is a provider that can tell which of its keys a secret is.
type Finder interface {
	// Lookup returns the key that has this secret, issued or imported, whether it is live or not, and notes no use. It
	// returns model.ErrNotFound if no key has it.
	Lookup(ctx context.Context, presented model.Secret) (model.Key, error)
}

// Ender is a provider whose keys can be given an end.
type Ender interface {
	// End makes the key verify until the moment at and no longer, and returns it as it is then. What is not after now
	// ends it at once, for good, and whatever the clock does later; the zero time takes an end away. It returns
	// model.ErrNotFound, or model.ErrExpired if the key's end has passed: nothing brings such a key back.
	End(ctx context.Context, id string, at time.Time) (model.Key, error)
}

// Renewer is a Rotator that makes successors itself.
type Renewer interface {
	// Rotate makes the successor of a key and begins the rotation, both in one durable step. It returns
	// model.ErrNotFound, model.ErrExpired if the old key is not active, model.ErrRotating, or what Create returns.
	Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error)
}

// Rotator is a provider that remembers which key replaces which.
type Rotator interface {
	// RotateImport stores a successor whose secret was made elsewhere and begins the rotation, both in one durable step. It
	// returns model.ErrNotFound, model.ErrExpired if the old key is not active, model.ErrRotating, or what Import returns.
	RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error)
	// Rotations returns the unfinished rotations, those that began last first.
	Rotations(ctx context.Context) ([]model.Rotation, error)
	// StepDone notes durably that a step (StepHandOver, StepCheck or StepWatch) of the rotation of this old key is done.
	// Noting it again changes nothing. It returns model.ErrNotFound if there is no such rotation.
	StepDone(ctx context.Context, oldID string, step model.Step) error
}

// AnswerKeeper is a provider that remembers how APIs answered.
type AnswerKeeper interface {
	// KeepAnswers notes how APIs answered; of each key and API the answer given last is kept. A dead answer makes the key
	// dead, an alive one takes that back, and of answers for one key given together an alive one decides. Answers for keys
	// that are gone are dropped.
	KeepAnswers(ctx context.Context, answers []model.Answer) error
	// Answers returns at most limit of what is kept, the latest first.
	Answers(ctx context.Context, limit int) ([]model.Answer, error)
}
