package cli

import (
	"context"
	"iter"

	"clavier/model"
)

// lazyKeeper offers what a client.Keeper does, and what the screen asks of an identity.
type lazyKeeper struct{ lazy }

// List returns all keys, newest first.
func (l *lazyKeeper) List(ctx context.Context) ([]model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) ([]model.Key, error) { return p.List(ctx) })
}

// Pages gives all keys part by part, the newest first, once the profile is open.
func (l *lazyKeeper) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		p, err := l.get(ctx)
		if err != nil {
			yield(model.Page{}, err)
			return
		}
		p.Pages(ctx)(yield)
	}
}

// Changes tells what happened to the keys since a mark.
func (l *lazyKeeper) Changes(ctx context.Context, since int64) (model.Changes, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Changes, error) { return p.Changes(ctx, since) })
}

// Delete removes a key for good.
func (l *lazyKeeper) Delete(ctx context.Context, id string) error {
	return l.do(ctx, func(p *place) error { return p.Delete(ctx, id) })
}

// Import keeps a secret that was made elsewhere.
func (l *lazyKeeper) Import(ctx context.Context, in model.Import) (model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Key, error) { return p.Import(ctx, in) })
}

// Lookup returns the key that has this secret.
func (l *lazyKeeper) Lookup(ctx context.Context, presented model.Secret) (model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Key, error) { return p.Lookup(ctx, presented) })
}

// Reveal unseals the secret of a key.
func (l *lazyKeeper) Reveal(ctx context.Context, id string) (model.Secret, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Secret, error) { return p.Reveal(ctx, id) })
}

// Unlock opens a protected identity.
func (l *lazyKeeper) Unlock(ctx context.Context, passphrase []byte) error {
	return l.do(ctx, func(p *place) error { return p.Unlock(ctx, passphrase) })
}

// Protected reports whether the identity stands behind a passphrase.
func (l *lazyKeeper) Protected(ctx context.Context) (bool, error) {
	return with(ctx, &l.lazy, func(p *place) (bool, error) { return p.vault.Protected() })
}

// RotateImport stores a successor whose secret was made elsewhere, and begins the rotation.
func (l *lazyKeeper) RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Key, error) { return p.RotateImport(ctx, oldID, in) })
}

// Rotations returns the unfinished rotations.
func (l *lazyKeeper) Rotations(ctx context.Context) ([]model.Rotation, error) {
	return with(ctx, &l.lazy, func(p *place) ([]model.Rotation, error) { return p.Rotations(ctx) })
}

// StepDone notes that a step of a rotation is done.
func (l *lazyKeeper) StepDone(ctx context.Context, oldID string, step model.Step) error {
	return l.do(ctx, func(p *place) error { return p.StepDone(ctx, oldID, step) })
}

// KeepAnswers notes how APIs answered.
func (l *lazyKeeper) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	return l.do(ctx, func(p *place) error { return p.KeepAnswers(ctx, answers) })
}

// Answers returns at most limit answers of APIs, the latest first.
func (l *lazyKeeper) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	return with(ctx, &l.lazy, func(p *place) ([]model.Answer, error) { return p.Answers(ctx, limit) })
}

// Activity returns at most limit lines of what happened, newest first.
func (l *lazyKeeper) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	return with(ctx, &l.lazy, func(p *place) ([]model.Activity, error) { return p.Activity(ctx, limit) })
}

// Version tells whether anything may have changed.
func (l *lazyKeeper) Version(ctx context.Context) (int64, error) {
	return with(ctx, &l.lazy, func(p *place) (int64, error) { return p.Version(ctx) })
}
