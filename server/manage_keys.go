package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"clavier/model"
	"clavier/wire"
)

// The most bytes of a body.
const (
	maxRecordBody = 1 << 20
	maxSmallBody  = 4 << 10
)

// keyPath is the path of one key.
const keyPath = wire.PathKeys + "/{id}"

// actionNoted is what the activity calls a note about a key that was refused: a use, a step of a rotation, an answer.
const actionNoted model.Action = "noted"

type (
	keyIn struct {
		ID string `path:"id" format:"uuid" doc:"The id of the key."`
	}
	putIn struct {
		ID   string `path:"id" format:"uuid" doc:"The id that the client chose for the key, a UUIDv7."`
		Body wire.Record
	}
	expiryIn struct {
		ID   string `path:"id" format:"uuid" doc:"The id of the key."`
		Body wire.Expiry
	}
	lookupIn struct {
		Body wire.Lookup
	}
	keyOut struct {
		Body wire.Key
	}
	putOut struct {
		Status int
		Body   wire.Key
	}
	sealedOut struct {
		Body wire.Sealed
	}
)

func (m *manage) registerKeys() {
	register(m, operation{
		id: "store-key", method: http.MethodPut, path: keyPath, role: model.RoleManage, action: model.ActionCreated,
		summary: "Store the record of a key. Repeating it changes nothing. The id of a deleted key is never taken again: 409.",
		body:    maxRecordBody, status: http.StatusCreated, others: []int{http.StatusOK, http.StatusNotFound, http.StatusConflict},
	}, m.put)
	register(m, operation{
		id: "list-keys", method: http.MethodGet, path: wire.PathKeys, role: model.RoleRead,
		summary: "List keys, newest first, page by page.",
		status:  http.StatusOK, others: []int{http.StatusBadRequest},
	}, m.list)
	register(m, operation{
		id: "get-key", method: http.MethodGet, path: keyPath, role: model.RoleRead, summary: "Tell of one key.",
		status: http.StatusOK, others: []int{http.StatusNotFound},
	}, m.get)
	register(m, operation{
		id: "delete-key", method: http.MethodDelete, path: keyPath, role: model.RoleManage, action: model.ActionDeleted,
		summary: "Delete a key for good. 202 says that it is deleted, and that its sealed secret may still stand in the store's log.",
		status:  http.StatusNoContent, others: []int{http.StatusAccepted, http.StatusNotFound, http.StatusConflict},
	}, m.remove)
	register(m, operation{
		id: "get-sealed", method: http.MethodGet, path: keyPath + wire.SealedSuffix, role: model.RoleRead,
		summary: "Hand out the sealed secret of a key.", status: http.StatusOK, others: []int{http.StatusNotFound},
	}, m.sealed)
	register(m, operation{
		id: "end-key", method: http.MethodPost, path: keyPath + wire.ExpirySuffix, role: model.RoleManage, action: model.ActionEnded,
		summary: "Give a key an end, another one, or none. An end that is not in the future is now, and for good.",
		body:    maxSmallBody, status: http.StatusOK, others: []int{http.StatusNotFound, http.StatusConflict},
	}, m.end)
	register(m, operation{
		id: "note-use", method: http.MethodPost, path: keyPath + wire.UseSuffix, role: model.RoleManage, action: actionNoted,
		summary: "Note that a key is used now.", status: http.StatusNoContent, others: []int{http.StatusNotFound},
	}, m.use)
	register(m, operation{
		id: "find-key", method: http.MethodPost, path: wire.PathLookup, role: model.RoleRead,
		summary: "Tell which key has a secret.", body: maxSmallBody, status: http.StatusOK, others: []int{http.StatusNotFound},
	}, m.lookup)
}

// put stores a record under the id that its client chose.
func (m *manage) put(ctx context.Context, c *call, in *putIn) (*putOut, error) {
	if err := checkGiven("created_at", in.Body.CreatedAt); err != nil {
		return nil, err
	}
	if err := checkGiven("expires_at", in.Body.ExpiresAt); err != nil {
		return nil, err
	}
	record, err := in.Body.Model(in.ID)
	if err != nil {
		return nil, unfit(err.Error())
	}
	if err := checkRecord(record, in.Body.Replaces); err != nil {
		return nil, err
	}
	record.At = m.now().UTC()
	c.key, c.action = record.Key, model.ActionCreated
	if record.Key.Imported {
		c.action = model.ActionImported
	}
	if record.Key.Role > c.caller.Role {
		return nil, model.ErrRole
	}

	made, err := m.store.PutNew(ctx, record, in.Body.Replaces, c.actor)
	if err != nil {
		if errors.Is(err, model.ErrRotating) || errors.Is(err, model.ErrExpired) { // this is about the other key
			c.action, c.key = model.ActionRotated, model.Key{ID: in.Body.Replaces}
			if old, oldErr := m.store.Get(ctx, in.Body.Replaces); oldErr == nil {
				c.key = old
			}
		}
		return nil, err
	}
	if !made {
		key, err := m.store.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &putOut{http.StatusOK, wire.KeyOf(key)}, m.made(ctx)
	}
	key := record.Key
	key.Rotating, key.LastUse.Reported = in.Body.Replaces != "", !key.Imported
	return &putOut{http.StatusCreated, wire.KeyOf(key)}, m.made(ctx)
}

// made takes in a change that this server made, before it is acknowledged.
func (m *manage) made(ctx context.Context) error {
	err := m.verify.catchUpWith(ctx)
	if err == nil {
		return nil
	}
	kind, _ := wire.KindOf(model.ErrOutcomeUnknown)
	p := kindProblem(kind, "the change is made, but this server could not read it back, and may for a while verify by what it knew before; "+
		"read the list again before anything is repeated")
	p.cause = err
	return p
}

func (m *manage) get(ctx context.Context, _ *call, in *keyIn) (*keyOut, error) {
	key, err := m.store.Get(ctx, in.ID)
	return &keyOut{wire.KeyOf(key)}, err
}

func (m *manage) sealed(ctx context.Context, _ *call, in *keyIn) (*sealedOut, error) {
	sealed, err := m.store.Sealed(ctx, in.ID)
	return &sealedOut{wire.Sealed{SHA256: wire.DigestText(sealed.Digest), Sealed: sealed.Ciphertext}}, err
}

func (m *manage) lookup(ctx context.Context, _ *call, in *lookupIn) (*keyOut, error) {
	digest, err := wire.ParseDigest(in.Body.SHA256)
	if err != nil {
		return nil, unfit(err.Error())
	}
	key, err := m.store.Find(ctx, digest)
	return &keyOut{wire.KeyOf(key)}, err
}

func (m *manage) remove(ctx context.Context, c *call, in *keyIn) (*nothing, error) {
	err := m.store.Delete(ctx, in.ID, c.actor, m.now().UTC())
	if err != nil && !errors.Is(err, model.ErrNotErased) {
		return nil, err
	}
	if readErr := m.made(ctx); readErr != nil {
		return nil, readErr
	}
	return &nothing{}, err
}

func (m *manage) end(ctx context.Context, c *call, in *expiryIn) (*keyOut, error) {
	now := m.now().UTC()
	ends := time.Time{}
	switch {
	case in.Body.AtOnce: // whatever else there is
		ends = now
	case in.Body.ExpiresAt != nil:
		if err := checkGiven("expires_at", in.Body.ExpiresAt); err != nil {
			return nil, err
		}
		ends = in.Body.ExpiresAt.UTC()
	}
	key, err := m.store.End(ctx, in.ID, ends, c.actor, now)
	if err != nil {
		return nil, err
	}
	return &keyOut{wire.KeyOf(key)}, m.made(ctx)
}

func (m *manage) use(ctx context.Context, c *call, in *keyIn) (*nothing, error) {
	key, err := m.store.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c.key = key
	if err := m.store.NoteUses(ctx, []model.Use{{KeyID: in.ID, At: m.now().UTC()}}); err != nil {
		return nil, err
	}
	return &nothing{}, m.made(ctx)
}
