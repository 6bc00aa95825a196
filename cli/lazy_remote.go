package cli

import (
	"context"
	"iter"

	"clavier/model"
)

// lazyRemote offers what a client.Issuer does for the keys of a service, its list as it was when it was last reached, and the role
// of the profile's token.
type lazyRemote struct {
	lazyIssuer

	memory *memory
}

// close closes the profile and remembers its list.
func (l *lazyRemote) close() {
	l.lazyIssuer.close()
	l.memory.close()
}

// List returns all keys, newest first, and remembers them.
func (l *lazyRemote) List(ctx context.Context) ([]model.Key, error) {
	keys, err := l.lazyIssuer.List(ctx)
	if err == nil {
		all := l.memory.read()
		all.add(model.Page{Keys: keys})
		all.done()
		l.memory.saveLater(ctx)
	}
	return keys, err
}

// Pages gives all keys part by part, and remembers them once all are given.
func (l *lazyRemote) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		all := l.memory.read()
		for page, err := range l.lazyIssuer.Pages(ctx) {
			if err == nil {
				all.add(page)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
		all.done()
		l.memory.saveLater(ctx)
	}
}

// Changes tells what happened to the keys since a mark.
func (l *lazyRemote) Changes(ctx context.Context, since int64) (model.Changes, error) {
	changes, err := l.lazyIssuer.Changes(ctx, since)
	if err == nil {
		l.memory.follow(since, changes)
	}
	return changes, err
}

// Version tells whether anything may have changed.
func (l *lazyRemote) Version(ctx context.Context) (int64, error) {
	version, err := l.lazyIssuer.Version(ctx)
	if err == nil {
		l.memory.confirm(version)
	}
	return version, err
}

// Remembered returns the list as it was when the service was last reached.
func (l *lazyRemote) Remembered(context.Context) (model.Remembered, error) {
	return l.memory.recalled()
}

// FollowToken makes the successor of an unfinished rotation the token of the profile, if the old key is that still, and reports
// whether it did.
func (l *lazyRemote) FollowToken(ctx context.Context, rotation model.Rotation) (bool, error) {
	return with(ctx, &l.lazy, func(p *place) (bool, error) { return p.followToken(ctx, rotation) })
}

// Role returns what the token of the profile may ask of the service.
func (l *lazyRemote) Role(ctx context.Context) (model.Role, error) {
	return with(ctx, &l.lazy, func(p *place) (model.Role, error) { return p.service.Role(ctx) })
}
