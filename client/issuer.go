package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// Records is a record store: the embedded one, or one at the other end of a connection. Its errors wrap the
// sentinels of package model.
type Records interface {
	// Put stores the record durably before it returns. Repeating the same record changes nothing and is no error;
	// another body under the same id is model.ErrConflict; a taken name is model.ErrNameTaken.
	Put(ctx context.Context, record model.Record, by model.Actor) error
	// List returns all keys, newest first.
	List(ctx context.Context) ([]model.Key, error)
	// Pages gives all keys part by part, the newest first; see Pager.
	Pages(ctx context.Context) iter.Seq2[model.Page, error]
	// Changes tells what happened to the keys since a mark; see Follower.
	Changes(ctx context.Context, since int64) (model.Changes, error)
	// Sealed returns the sealed secret of a key or model.ErrNotFound.
	Sealed(ctx context.Context, id string) (model.Sealed, error)
	// Delete removes the record for good, durably, before it returns, or returns model.ErrNotFound.
	Delete(ctx context.Context, id string, by model.Actor, at time.Time) error
	// Find returns the key whose secret has this digest or model.ErrNotFound.
	Find(ctx context.Context, digest model.Digest) (model.Key, error)
	// Touch notes that the key was used at this moment; a store may drop what follows the last note within a minute.
	Touch(ctx context.Context, id string, at time.Time) error
	// Activity returns at most limit lines, newest first.
	Activity(ctx context.Context, limit int) ([]model.Activity, error)
	// Version returns a number that differs from an earlier one if anything may have changed in between.
	Version(ctx context.Context) (int64, error)
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

// Issuer is the provider for keys that clavier itself issues: the secret is drawn, hashed and sealed here, where the
// owner sits, and the store gets a record from which it cannot be had. It is safe for concurrent use if its parts are.
type Issuer struct {
	// Records and Vault are required.
	Records Records
	Vault   Vault
	// Prefix starts the secrets; model.DefaultPrefix if empty.
	Prefix string
	// Actor is noted with every change.
	Actor model.Actor
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Random is where secrets and ids are drawn from; crypto/rand if nil. Only tests set it.
	Random io.Reader
}

// The Issuer offers everything.
var (
	_ Client         = (*Issuer)(nil)
	_ Revealer       = (*Issuer)(nil)
	_ Unlocker       = (*Issuer)(nil)
	_ Verifier       = (*Issuer)(nil)
	_ ActivityReader = (*Issuer)(nil)
	_ Watcher        = (*Issuer)(nil)
	_ Pager          = (*Issuer)(nil)
	_ Follower       = (*Issuer)(nil)
)

func (c *Issuer) now() time.Time {
	if c.Now != nil {
		return c.Now().UTC()
	}
	return time.Now().UTC()
}

func (c *Issuer) random() io.Reader {
	if c.Random != nil {
		return c.Random
	}
	return rand.Reader
}

// List returns all keys, newest first.
func (c *Issuer) List(ctx context.Context) ([]model.Key, error) { return c.Records.List(ctx) }

// Pages gives all keys part by part, the newest first.
func (c *Issuer) Pages(ctx context.Context) iter.Seq2[model.Page, error] { return c.Records.Pages(ctx) }

// Changes tells what happened to the keys since a mark.
func (c *Issuer) Changes(ctx context.Context, since int64) (model.Changes, error) {
	return c.Records.Changes(ctx, since)
}

// Create draws a secret, seals it and stores the record under an id of its own choice (a UUIDv7, RFC 9562), so that
// a repeated Put of the same record can never make a second key. It returns once the record is durable.
func (c *Issuer) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	name, err := model.ParseName(string(draft.Name))
	if err != nil {
		return model.Issued{}, err
	}
	prefix := c.Prefix
	if prefix == "" {
		prefix = model.DefaultPrefix
	}
	secret, err := model.DrawSecret(c.random(), prefix)
	if err != nil {
		return model.Issued{}, err
	}
	sealed, err := c.Vault.Seal(secret)
	if err != nil {
		return model.Issued{}, err
	}
	id, err := uuid.NewV7FromReader(c.random())
	if err != nil {
		return model.Issued{}, fmt.Errorf("draw an id: %w", err)
	}
	key := model.Key{
		ID:   id.String(),
		Name: string(name),
		Hint: secret.Hint(),
		// Who makes a key is who it belongs to.
		Owner: c.Actor.By,
		// Whole milliseconds survive every store and every wire unchanged.
		CreatedAt: c.now().Truncate(time.Millisecond),
		LastUse:   model.LastUse{Reported: true},
	}
	if err := c.Records.Put(ctx, model.Record{Key: key, Sealed: sealed}, c.Actor); err != nil {
		return model.Issued{}, err
	}
	return model.Issued{Key: key, Secret: secret}, nil
}

// Reveal unseals the secret of a key.
func (c *Issuer) Reveal(ctx context.Context, id string) (model.Secret, error) {
	sealed, err := c.Records.Sealed(ctx, id)
	if err != nil {
		return model.Secret{}, err
	}
	return c.Vault.Unseal(sealed)
}

// Unlock opens a protected identity.
func (c *Issuer) Unlock(ctx context.Context, passphrase []byte) error {
	return c.Vault.Unlock(ctx, passphrase)
}

// Delete removes the key with this id for good.
func (c *Issuer) Delete(ctx context.Context, id string) error {
	return c.Records.Delete(ctx, id, c.Actor, c.now())
}

// Verify answers whether presented belongs to a live key, and notes its use. A malformed secret is refused before the
// store is asked. A use that cannot be noted does not turn a good answer into a bad one.
func (c *Issuer) Verify(ctx context.Context, presented model.Secret) (model.Key, error) {
	if model.CheckSecret(presented.Reveal()) != nil {
		return model.Key{}, model.ErrRefused
	}
	key, err := c.Records.Find(ctx, presented.Digest())
	if errors.Is(err, model.ErrNotFound) {
		return model.Key{}, model.ErrRefused
	}
	if err != nil {
		return model.Key{}, err
	}
	now := c.now()
	if key.StatusAt(now) != model.StatusActive {
		return model.Key{}, model.ErrRefused
	}
	_ = c.Records.Touch(ctx, key.ID, now)
	return key, nil
}

// Activity returns at most limit lines of what happened, newest first.
func (c *Issuer) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	return c.Records.Activity(ctx, limit)
}

// Version tells whether anything may have changed.
func (c *Issuer) Version(ctx context.Context) (int64, error) { return c.Records.Version(ctx) }
