package server

import (
	"context"
	"iter"
	"time"

	"clavier/model"
)

// Store is the record store that a server serves. It is safe for concurrent use; its errors wrap the sentinels of package
// model and read as sentences. Package store has two: SQLite and PostgreSQL.
type Store interface { //nolint:interfacebloat // it is all that a store does for a server
	// Sealed, Delete, End, Find, Rotations, StepDone, KeepAnswers and Answers are those of client.Records. Delete and End return
	// model.ErrLastManager too: while a key may manage keys, one that has no end is left, whatever servers share the store.
	Sealed(ctx context.Context, id string) (model.Sealed, error)
	Delete(ctx context.Context, id string, by model.Actor, at time.Time) error
	End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error)
	Find(ctx context.Context, digest model.Digest) (model.Key, error)
	Rotations(ctx context.Context) ([]model.Rotation, error)
	StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error
	KeepAnswers(ctx context.Context, answers []model.Answer) error
	Answers(ctx context.Context, limit int) ([]model.Answer, error)
	Activity(ctx context.Context, limit int) ([]model.Activity, error)
	Changes(ctx context.Context, since int64) (model.Changes, error)
	Version(ctx context.Context) (int64, error)

	// PutNew is Put of client.Records, or PutSuccessor if there is an old id, and reports whether the record was new.
	PutNew(ctx context.Context, record model.Record, oldID string, by model.Actor) (made bool, err error)
	// Get returns the key with this id or model.ErrNotFound.
	Get(ctx context.Context, id string) (model.Key, error)
	// After returns at most limit keys behind a place in the list, newest first, with the Total and Mark of the moment. A page
	// without keys is behind the last.
	After(ctx context.Context, place model.Cursor, limit int) (model.Page, error)
	// NoteUses notes that keys were used, in one durable transaction. A use within a minute of the one that is noted for its
	// key, or before it, is dropped, and so is that of a key which is gone.
	NoteUses(ctx context.Context, uses []model.Use) error
	// NoteRefusal adds a line about a change that was refused to the activity, durably.
	NoteRefusal(ctx context.Context, line model.Activity) error
	// Digests gives all keys with their digests part by part, in any order, each that exists throughout exactly once; all
	// pages bear the Mark of the first. A store without keys gives one page without keys. An error comes last, with an empty page.
	Digests(ctx context.Context) iter.Seq2[model.DigestPage, error]
	// DigestChanges tells what happened to the keys since a mark of Digests or DigestChanges, whoever did it.
	DigestChanges(ctx context.Context, since int64) (model.DigestChanges, error)
	// Close closes the store.
	Close() error
}

// Notifier is a store that can tell of changes sooner than one that is asked for them.
type Notifier interface {
	// Notify calls changed after each change that any program makes, until ctx ends or nothing can be heard any more; then it
	// returns why. It calls changed when it begins to hear, too, may call it without a change, and may miss some: who is told asks, and
	// asks without being told too.
	Notify(ctx context.Context, changed func()) error
}
