package cli

import (
	"context"
	"time"

	"clavier/model"
)

// lazyIssuer offers what a client.Issuer does. Its profile is one whose place has an Issuer.
type lazyIssuer struct{ lazyKeeper }

// Create makes a key.
func (l *lazyIssuer) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Issued, error) { return p.Issuer.Create(ctx, draft) })
}

// Rotate makes the successor of a key, and begins the rotation.
func (l *lazyIssuer) Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Issued, error) { return p.rotate(ctx, oldID, draft) })
}

// End gives a key an end.
func (l *lazyIssuer) End(ctx context.Context, id string, at time.Time) (model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Key, error) { return p.Issuer.End(ctx, id, at) })
}

// Verify answers whether a secret belongs to a live key.
func (l *lazyIssuer) Verify(ctx context.Context, presented model.Secret) (model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Key, error) { return p.Issuer.Verify(ctx, presented) })
}
