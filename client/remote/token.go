package remote

import (
	"context"
	"fmt"

	"clavier/model"
)

// holder keeps the token in memory once it was given. It is safe for concurrent use.
type holder struct {
	get func(context.Context) (model.Secret, error)
	// lock holds one value while nobody has it; who has it may touch the token.
	lock  chan struct{}
	token model.Secret
}

func newHolder(get func(context.Context) (model.Secret, error)) *holder {
	return &holder{get: get, lock: make(chan struct{}, 1)}
}

// take returns the token, which has the shape of one.
func (h *holder) take(ctx context.Context) (model.Secret, error) {
	select {
	case h.lock <- struct{}{}:
	case <-ctx.Done():
		return model.Secret{}, ctx.Err()
	}
	defer func() { <-h.lock }()
	if !h.token.IsZero() {
		return h.token, nil
	}
	token, err := h.get(ctx)
	if err != nil {
		return model.Secret{}, err
	}
	if err := model.CheckSecret(token.Reveal()); err != nil {
		return model.Secret{}, fmt.Errorf("%w: %w; nothing was sent", model.ErrToken, err)
	}
	h.token = token
	return token, nil
}

// forget drops a token that the service refused: another may stand in its place by now.
func (h *holder) forget(ctx context.Context, refused model.Secret) {
	select {
	case h.lock <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-h.lock }()
	if h.token.Reveal() == refused.Reveal() {
		h.token = model.Secret{}
	}
}
