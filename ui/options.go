// Package ui is the Bubble Tea program: the key list, its dialogs and the activity view, over a small interface to
// whatever provider holds the keys. It knows nothing of stores, settings or providers.
package ui

import (
	"context"
	"io"
	"iter"
	"os"
	"time"

	"clavier/model"
	"clavier/ui/clip"
)

// Service is what the screen needs of a provider. What only some can do is found by type assertion: see revealer,
// unlocker, protector, activityReader, watcher, pager and follower. Its methods are called from commands, several at a time.
type Service interface {
	List(ctx context.Context) ([]model.Key, error)
	Create(ctx context.Context, draft model.Draft) (model.Issued, error)
	Delete(ctx context.Context, id string) error
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

// Clipboard puts a secret where the person can paste it. Both methods may take seconds and are called from commands.
type Clipboard interface {
	Copy(ctx context.Context, secret string) (clip.Receipt, error)
	Clear(ctx context.Context) (clip.Cleared, error)
}

// Profile is a place where keys live, as the header and the profile dialog show it.
type Profile struct {
	// Name is the profile's name, such as local.
	Name string
	// Place says where that is, such as "this machine".
	Place string
	// Protect are the names that are deleted with others only if they are typed.
	Protect model.Patterns
}

// Options is everything the screen is given. Service, Profile and Clipboard are required.
type Options struct {
	// Profile is where the program opens, and Service its keys.
	Profile Profile
	Service Service
	// Profiles are all profiles, for the profile dialog; Switch opens one of them.
	Profiles []Profile
	Switch   func(name string) (Service, error)
	// Clipboard makes the clipboard; terminal writes to the terminal between two frames, in one write.
	Clipboard func(terminal io.Writer) Clipboard
	// Export writes keys, without their secrets, into the file that a person named: as CSV or as JSON, by the end of the
	// name. If there is such a file it returns a *FileExistsError, unless it is told to replace it. Any other error is one
	// sentence, and nothing was written; so too if ctx ends. It is called from commands. If nil, nothing is exported.
	Export func(ctx context.Context, path string, replace bool, keys iter.Seq[model.Key]) (Exported, error)
	// ClearAfter is how long a copied secret stays in the clipboard; 0 means until something else is copied.
	ClearAfter time.Duration
	// RevealFor is how long a secret stays on screen; at most 30 s.
	RevealFor time.Duration
	// Stale says which keys are stale; model.DefaultStaleRule if it is the zero rule.
	Stale model.StaleRule
	// StockRenderer draws with Bubble Tea's own renderer instead of ui/paint.
	StockRenderer bool
	// Input and Output are the terminal; os.Stdin and os.Stdout if nil.
	Input, Output *os.File
	// Now is the clock and Location the zone that times are shown in; time.Now and time.Local if nil.
	Now      func() time.Time
	Location *time.Location
}
