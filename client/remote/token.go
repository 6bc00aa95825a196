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
	// self is the id of the key that is the token; empty while that is not known.
	self string
}

func newHolder(get func(context.Context) (model.Secret, error)) *holder {
	return &holder{get: get, lock: make(chan struct{}, 1)}
}

// hold waits until nobody else has the token. What it returns lets go of it.
func (h *holder) hold(ctx context.Context) (release func(), err error) {
	select {
	case h.lock <- struct{}{}:
		return func() { <-h.lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take returns the token, which has the shape of one.
func (h *holder) take(ctx context.Context) (model.Secret, error) {
	token, _, err := h.whose(ctx)
	return token, err
}

// whose is take with the id of the key that is the token; empty while that is not known.
func (h *holder) whose(ctx context.Context) (model.Secret, string, error) {
	release, err := h.hold(ctx)
	if err != nil {
		return model.Secret{}, "", err
	}
	defer release()
	if !h.token.IsZero() {
		return h.token, h.self, nil
	}
	token, err := h.get(ctx)
	if err != nil {
		return model.Secret{}, "", err
	}
	if err := checkToken(token); err != nil {
		return model.Secret{}, "", err
	}
	h.token = token
	return token, h.self, nil
}

// checkToken returns model.ErrToken for what is no token: a secret that somebody else made never goes to a service.
func checkToken(token model.Secret) error {
	if err := model.CheckSecret(token.Reveal()); err != nil {
		return fmt.Errorf("%w: %w; nothing was sent", model.ErrToken, err)
	}
	return nil
}

// belongs notes the id of the key that a token is, unless another stands in its place by now.
func (h *holder) belongs(ctx context.Context, token model.Secret, id string) {
	release, err := h.hold(ctx)
	if err != nil {
		return
	}
	defer release()
	if h.token.Reveal() == token.Reveal() {
		h.self = id
	}
}

// replace puts another token into the place of what is kept.
func (h *holder) replace(ctx context.Context, token model.Secret, id string) error {
	release, err := h.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	h.token, h.self = token, id
	return nil
}

// forget drops a token that the service refused: another may stand in its place by now.
func (h *holder) forget(ctx context.Context, refused model.Secret) {
	release, err := h.hold(ctx)
	if err != nil {
		return
	}
	defer release()
	if h.token.Reveal() == refused.Reveal() {
		h.token, h.self = model.Secret{}, ""
	}
}
