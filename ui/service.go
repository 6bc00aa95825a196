package ui

import (
	"context"
	"iter"

	"clavier/model"
)

// Service is what the screen needs of a provider. What only some can do is found by type assertion: see the interfaces
// below. Its methods are called from commands, several at a time.
type Service interface {
	List(ctx context.Context) ([]model.Key, error)
	Delete(ctx context.Context, id string) error
}

// creator is a service that makes keys. Where it lacks, keys are made elsewhere, and imported.
type creator interface {
	Create(ctx context.Context, draft model.Draft) (model.Issued, error)
}

// importer is a service that keeps secrets which were made elsewhere.
type importer interface {
	Import(ctx context.Context, in model.Import) (model.Key, error)
}

// answerKeeper is a service that remembers how APIs answered. A dead answer makes the key dead.
type answerKeeper interface {
	KeepAnswers(ctx context.Context, answers []model.Answer) error
	Answers(ctx context.Context, limit int) ([]model.Answer, error)
}

// revealer is a service whose secrets can be had again.
type revealer interface {
	Reveal(ctx context.Context, id string) (model.Secret, error)
}

// unlocker is a service whose secrets may stand behind a passphrase; Reveal then says model.ErrLocked.
type unlocker interface {
	Unlock(ctx context.Context, passphrase []byte) error
}

// protector is a service that tells whether the identity stands behind a passphrase.
type protector interface {
	Protected(ctx context.Context) (bool, error)
}

// activityReader is a service that notes what happened.
type activityReader interface {
	Activity(ctx context.Context, limit int) ([]model.Activity, error)
}

// watcher is a service that tells cheaply whether its keys may have changed.
type watcher interface {
	Version(ctx context.Context) (int64, error)
}

// pager is a service that lists its keys by pages: the newest first and quickly, then the others in any order, each once.
type pager interface {
	Pages(ctx context.Context) iter.Seq2[model.Page, error]
}

// follower is a service that tells what has happened to its keys since a mark that its pages bear; see model.Page.
type follower interface {
	Changes(ctx context.Context, since int64) (model.Changes, error)
}

// rememberer is a service that keeps its list for the times when it cannot be reached. It answers from this machine.
type rememberer interface {
	Remembered(ctx context.Context) (model.Remembered, error)
}

// limited is a service whose keys have roles, and that allows what the role of the profile's token allows.
type limited interface {
	Role(ctx context.Context) (model.Role, error)
}
