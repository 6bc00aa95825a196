package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"clavier/model"
	"clavier/wire"
)

// Put stores a record. What it sends is safe to repeat, and is repeated if no answer came; if none came at last, the service is
// asked whether it has the key. It returns model.ErrOutcomeUnknown if nobody could tell: another Put of the same record then
// makes the key or finds it made.
func (r *Remote) Put(ctx context.Context, record model.Record, by model.Actor) error {
	return r.put(ctx, record, "", by)
}

// PutSuccessor is Put of a key that replaces the one with oldID, and begins the rotation in the same step.
func (r *Remote) PutSuccessor(ctx context.Context, record model.Record, oldID string, by model.Actor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !wire.ValidID(oldID) {
		return model.ErrNotFound
	}
	return r.put(ctx, record, oldID, by)
}

func (r *Remote) put(ctx context.Context, record model.Record, replaces string, by model.Actor) error {
	at, err := r.endpoint.key(record.Key.ID, "")
	if err != nil {
		return errors.New("a key service takes keys under a UUID alone, in lower case")
	}
	body, err := json.Marshal(wire.RecordOf(record, replaces))
	if err != nil {
		return fmt.Errorf("the record cannot be sent: %w", err)
	}
	got := r.tries(ctx, call{
		method: http.MethodPut, url: at, body: body, by: by, changes: true, repeatable: true,
		read: into(func(sent wire.Key) error { return sameKey(sent, record.Key.ID) }),
	})
	if err := got.err(); !errors.Is(err, model.ErrOutcomeUnknown) || ctx.Err() != nil {
		return err
	}
	if key, err := r.Get(ctx, record.Key.ID); err == nil && key.Name == record.Key.Name && key.Hint == record.Key.Hint {
		return nil
	}
	return got.err()
}

// sameKey returns an error unless what was sent is the key with this id.
func sameKey(sent wire.Key, id string) error {
	if _, err := sent.Model(); err != nil {
		return fmt.Errorf("a key in it cannot be read: %w", err)
	}
	if sent.ID != id {
		return errors.New("it answered with another key")
	}
	return nil
}

// Get returns the key with this id or model.ErrNotFound.
func (r *Remote) Get(ctx context.Context, id string) (model.Key, error) {
	if err := ctx.Err(); err != nil {
		return model.Key{}, err
	}
	at, err := r.endpoint.key(id, "")
	if err != nil {
		return model.Key{}, err
	}
	var key model.Key
	err = r.do(ctx, question(at, intoKey(&key, id)))
	return key, err
}

// intoKey returns what reads a key; its id is this one, unless that is empty.
func intoKey(key *model.Key, id string) func(answer) error {
	return into(func(sent wire.Key) error {
		if id == "" {
			id = sent.ID
		}
		if err := sameKey(sent, id); err != nil {
			return err
		}
		got, err := sent.Model()
		*key = got
		return err
	})
}

// Sealed returns the sealed secret of a key or model.ErrNotFound.
func (r *Remote) Sealed(ctx context.Context, id string) (model.Sealed, error) {
	if err := ctx.Err(); err != nil {
		return model.Sealed{}, err
	}
	at, err := r.endpoint.key(id, wire.SealedSuffix)
	if err != nil {
		return model.Sealed{}, err
	}
	var sealed model.Sealed
	err = r.do(ctx, question(at, into(func(sent wire.Sealed) error {
		digest, err := wire.ParseDigest(sent.SHA256)
		sealed = model.Sealed{Digest: digest, Ciphertext: sent.Sealed}
		return err
	})))
	return sealed, err
}

// Delete removes a key for good, or returns model.ErrOwnToken before anything is sent. It is safe to repeat, and is repeated if no answer came: a key that is gone then was deleted.
func (r *Remote) Delete(ctx context.Context, id string, by model.Actor, _ time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := r.endpoint.key(id, "")
	if err != nil {
		return err
	}
	if err := r.spare(ctx, id); err != nil {
		return err
	}
	got := r.tries(ctx, call{method: http.MethodDelete, url: at, by: by, changes: true, repeatable: true, read: empty})
	switch {
	case got.doubt == nil:
		return got.err()
	case got.failure == nil, errors.Is(got.failure.err, model.ErrNotFound):
		return nil
	case ctx.Err() == nil && errors.Is(got.err(), model.ErrOutcomeUnknown):
		if _, err := r.Get(ctx, id); errors.Is(err, model.ErrNotFound) {
			return nil
		}
	}
	return got.err()
}

// End gives a key an end. What was sent is not repeated; if no answer came, the key is read again, and what has the end now was
// given it. It returns model.ErrOutcomeUnknown if that does not tell, and model.ErrOwnToken before anything is sent.
func (r *Remote) End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error) {
	if err := ctx.Err(); err != nil {
		return model.Key{}, err
	}
	to, err := r.endpoint.key(id, wire.ExpirySuffix)
	if err != nil {
		return model.Key{}, err
	}
	if !ends.IsZero() {
		if err := r.spare(ctx, id); err != nil {
			return model.Key{}, err
		}
	}
	var expiry wire.Expiry
	switch {
	case ends.IsZero():
	case !ends.After(at):
		expiry.AtOnce = true
	default:
		utc := ends.UTC()
		expiry.ExpiresAt = &utc
	}
	body, err := json.Marshal(expiry)
	if err != nil {
		return model.Key{}, fmt.Errorf("the end cannot be sent: %w", err)
	}
	var key model.Key
	err = r.do(ctx, call{method: http.MethodPost, url: to, body: body, by: by, changes: true, read: intoKey(&key, id)})
	if err == nil || !errors.Is(err, model.ErrOutcomeUnknown) || ctx.Err() != nil {
		return key, err
	}
	now, again := r.Get(ctx, id)
	if again == nil && (expiry.AtOnce && now.Disabled || !expiry.AtOnce && !now.Disabled && now.ExpiresAt.Equal(ends)) {
		return now, nil
	}
	return model.Key{}, err
}

// Find returns the key whose secret has this digest or model.ErrNotFound.
func (r *Remote) Find(ctx context.Context, digest model.Digest) (model.Key, error) {
	body, err := json.Marshal(wire.Lookup{SHA256: wire.DigestText(digest)})
	if err != nil {
		return model.Key{}, fmt.Errorf("the digest cannot be sent: %w", err)
	}
	var key model.Key
	err = r.do(ctx, call{
		method: http.MethodPost, url: r.endpoint.At(wire.PathLookup, nil), body: body, repeatable: true, read: intoKey(&key, ""),
	})
	return key, err
}

// Touch notes that a key was used now: the moment is the service's. What was sent is not repeated.
func (r *Remote) Touch(ctx context.Context, id string, _ time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := r.endpoint.key(id, wire.UseSuffix)
	if err != nil {
		return err
	}
	return r.do(ctx, call{method: http.MethodPost, url: at, changes: true, read: empty})
}
