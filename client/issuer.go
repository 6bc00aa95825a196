package client

import (
	"context"
	"errors"
	"time"

	"clavier/model"
)

// Issuer is the provider for keys that clavier itself issues: the secret is drawn, hashed and sealed here, where the
// owner sits, and the store gets a record from which it cannot be had. It is a Keeper too, for secrets from elsewhere.
type Issuer struct {
	Keeper
	// Prefix starts the secrets; model.DefaultPrefix if empty.
	Prefix string
	// Keep is called with each successor before the record of it is stored, so that whoever needs the secret has it whatever
	// happens then; nil for nothing. After its error nothing is stored.
	Keep func(successor model.Key, secret model.Secret) error
}

// What an Issuer offers beside a Keeper.
var (
	_ Client   = (*Issuer)(nil)
	_ Creator  = (*Issuer)(nil)
	_ Verifier = (*Issuer)(nil)
	_ Ender    = (*Issuer)(nil)
	_ Renewer  = (*Issuer)(nil)
)

// Create draws a secret, seals it and stores the record under an id of its own choice, so that a repeated Put of the same
// record can never make a second key. It returns once the record is durable.
func (c *Issuer) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	record, secret, err := c.draw(draft)
	if err != nil {
		return model.Issued{}, err
	}
	if err := c.Records.Put(ctx, record, c.Actor); err != nil {
		return model.Issued{}, err
	}
	return model.Issued{Key: record.Key, Secret: secret}, nil
}

// Rotate makes the successor of a key and begins the rotation, both in one durable step. It returns the error of Keep, too.
func (c *Issuer) Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	record, secret, err := c.draw(draft)
	if err != nil {
		return model.Issued{}, err
	}
	if c.Keep != nil {
		if err := c.Keep(record.Key, secret); err != nil {
			return model.Issued{}, err
		}
	}
	if err := c.Records.PutSuccessor(ctx, record, oldID, c.Actor); err != nil {
		return model.Issued{}, err
	}
	record.Key.Rotating = true
	return model.Issued{Key: record.Key, Secret: secret}, nil
}

// draw makes the record of a new key, and its secret.
func (c *Issuer) draw(draft model.Draft) (model.Record, model.Secret, error) {
	name, err := model.ParseName(string(draft.Name))
	if err != nil {
		return model.Record{}, model.Secret{}, err
	}
	prefix := c.Prefix
	if prefix == "" {
		prefix = model.DefaultPrefix
	}
	secret, err := model.DrawSecret(c.random(), prefix)
	if err != nil {
		return model.Record{}, model.Secret{}, err
	}
	record, err := c.record(name, secret)
	if err != nil {
		return model.Record{}, model.Secret{}, err
	}
	record.Key.CreatedAt = record.At
	record.Key.LastUse.Reported, record.Key.Role = true, draft.Role
	return record, secret, nil
}

// End gives the key an end; the zero time takes it away. What is not after now disables it at once.
func (c *Issuer) End(ctx context.Context, id string, at time.Time) (model.Key, error) {
	return c.Records.End(ctx, id, at.Truncate(time.Millisecond), c.Actor, c.now())
}

// Verify answers whether presented belongs to a live key, and notes its use. A malformed secret is refused before the
// store is asked; an imported one is refused whatever its shape, for whoever made it decides about it. A use that cannot be
// noted does not turn a good answer into a bad one.
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
	if key.Imported || key.StatusAt(now) != model.StatusActive {
		return model.Key{}, model.ErrRefused
	}
	_ = c.Records.Touch(ctx, key.ID, now)
	return key, nil
}
