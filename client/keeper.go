package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// Keeper is the provider for secrets that were made elsewhere: it keeps them sealed, and can neither make nor verify a key,
// nor give it an end. It is safe for concurrent use if its parts are.
type Keeper struct {
	// Records and Vault are required.
	Records Records
	Vault   Vault
	// Actor is noted with every change.
	Actor model.Actor
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Random is where secrets and ids are drawn from; crypto/rand if nil. Only tests set it.
	Random io.Reader
}

// What a Keeper offers.
var (
	_ Client         = (*Keeper)(nil)
	_ Revealer       = (*Keeper)(nil)
	_ Unlocker       = (*Keeper)(nil)
	_ Importer       = (*Keeper)(nil)
	_ Finder         = (*Keeper)(nil)
	_ Rotator        = (*Keeper)(nil)
	_ AnswerKeeper   = (*Keeper)(nil)
	_ ActivityReader = (*Keeper)(nil)
	_ Watcher        = (*Keeper)(nil)
	_ Pager          = (*Keeper)(nil)
	_ Follower       = (*Keeper)(nil)
)

func (c *Keeper) now() time.Time {
	if c.Now != nil {
		return c.Now().UTC()
	}
	return time.Now().UTC()
}

func (c *Keeper) random() io.Reader {
	if c.Random != nil {
		return c.Random
	}
	return rand.Reader
}

// List returns all keys, newest first.
func (c *Keeper) List(ctx context.Context) ([]model.Key, error) { return c.Records.List(ctx) }

// Pages gives all keys part by part, the newest first.
func (c *Keeper) Pages(ctx context.Context) iter.Seq2[model.Page, error] { return c.Records.Pages(ctx) }

// Changes tells what happened to the keys since a mark.
func (c *Keeper) Changes(ctx context.Context, since int64) (model.Changes, error) {
	return c.Records.Changes(ctx, since)
}

// Import seals a secret that was made elsewhere and keeps it under an id of its own choice. It returns once the record is
// durable.
func (c *Keeper) Import(ctx context.Context, in model.Import) (model.Key, error) {
	record, err := c.importRecord(in)
	if err != nil {
		return model.Key{}, err
	}
	if err := c.Records.Put(ctx, record, c.Actor); err != nil {
		return model.Key{}, err
	}
	return record.Key, nil
}

// RotateImport stores a successor whose secret was made elsewhere, and begins the rotation.
func (c *Keeper) RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error) {
	record, err := c.importRecord(in)
	if err != nil {
		return model.Key{}, err
	}
	if err := c.Records.PutSuccessor(ctx, record, oldID, c.Actor); err != nil {
		return model.Key{}, err
	}
	record.Key.Rotating = true
	return record.Key, nil
}

func (c *Keeper) importRecord(in model.Import) (model.Record, error) {
	in, err := model.CheckImport(in)
	if err != nil {
		return model.Record{}, err
	}
	record, err := c.record(in.Name, in.Secret)
	if err != nil {
		return model.Record{}, err
	}
	record.Key.CreatedAt = in.CreatedAt
	record.Key.Imported, record.Key.Note = true, in.Note
	return record, nil
}

// record seals a secret under a new id (a UUIDv7, RFC 9562), so that a repeated Put of the same record can never make a
// second key.
func (c *Keeper) record(name model.Name, secret model.Secret) (model.Record, error) {
	sealed, err := c.Vault.Seal(secret)
	if err != nil {
		return model.Record{}, err
	}
	id, err := uuid.NewV7FromReader(c.random())
	if err != nil {
		return model.Record{}, fmt.Errorf("draw an id: %w", err)
	}
	key := model.Key{
		ID:   id.String(),
		Name: string(name),
		Hint: secret.Hint(),
		// Who makes or imports a key is who it belongs to.
		Owner: c.Actor.By,
	}
	// Whole milliseconds survive every store and every wire unchanged.
	return model.Record{Key: key, Sealed: sealed, At: c.now().Truncate(time.Millisecond)}, nil
}

// Lookup returns the key that has this secret, whether it is live or not, and notes no use.
func (c *Keeper) Lookup(ctx context.Context, presented model.Secret) (model.Key, error) {
	return c.Records.Find(ctx, presented.Digest())
}

// Reveal unseals the secret of a key.
func (c *Keeper) Reveal(ctx context.Context, id string) (model.Secret, error) {
	sealed, err := c.Records.Sealed(ctx, id)
	if err != nil {
		return model.Secret{}, err
	}
	return c.Vault.Unseal(sealed)
}

// Unlock opens a protected identity.
func (c *Keeper) Unlock(ctx context.Context, passphrase []byte) error {
	return c.Vault.Unlock(ctx, passphrase)
}

// Delete removes the key with this id for good, and ends the rotation that it is part of.
func (c *Keeper) Delete(ctx context.Context, id string) error {
	return c.Records.Delete(ctx, id, c.Actor, c.now())
}

// Rotations returns the unfinished rotations, those that began last first.
func (c *Keeper) Rotations(ctx context.Context) ([]model.Rotation, error) {
	return c.Records.Rotations(ctx)
}

// StepDone notes that a step of the rotation of this old key is done.
func (c *Keeper) StepDone(ctx context.Context, oldID string, step model.Step) error {
	return c.Records.StepDone(ctx, oldID, step, c.now())
}

// KeepAnswers notes how APIs answered.
func (c *Keeper) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	return c.Records.KeepAnswers(ctx, answers)
}

// Answers returns at most limit answers of APIs, the latest first.
func (c *Keeper) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	return c.Records.Answers(ctx, limit)
}

// Activity returns at most limit lines of what happened, newest first.
func (c *Keeper) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	return c.Records.Activity(ctx, limit)
}

// Version tells whether anything may have changed.
func (c *Keeper) Version(ctx context.Context) (int64, error) { return c.Records.Version(ctx) }
