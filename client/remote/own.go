package remote

import (
	"context"
	"fmt"

	"clavier/model"
)

// Own reports whether the key with this id is the token that is presented. It asks the service whose the token is, unless that is
// known.
func (r *Remote) Own(ctx context.Context, id string) (bool, error) {
	token, self, err := r.token.whose(ctx)
	if err == nil && self == "" {
		var state State
		if state, err = r.State(ctx); err == nil {
			self = state.Self.ID
			r.token.belongs(ctx, token, self)
		}
	}
	return err == nil && self == id, err
}

// Present makes the secret of a key the token from now on, in the place of the one that was presented. It returns model.ErrToken for
// what has not the shape of a token.
func (r *Remote) Present(ctx context.Context, id string, secret model.Secret) error {
	if err := checkToken(secret); err != nil {
		return err
	}
	return r.token.replace(ctx, secret, id)
}

// spare returns model.ErrOwnToken for the key that is the token: whoever ends it locks himself out.
func (r *Remote) spare(ctx context.Context, id string) error {
	own, err := r.Own(ctx, id)
	switch {
	case err != nil:
		return err
	case !own:
		return nil
	}
	return sorry(fmt.Sprintf("%v for the key service %s: give the profile another one first (clavier profile token NAME), "+
		"or rotate the key, whose successor the profile then takes; nothing was changed", model.ErrOwnToken, r.host), model.ErrOwnToken)
}
