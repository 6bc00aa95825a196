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

// NewService is a key service that is to become a profile, as a person typed it.
type NewService struct {
	// Name is what the profile is to be called, and URL the address of the service.
	Name, URL string
	// Token is the secret of a key of the service, by which its keys are read and managed.
	Token model.Secret
}

// Outside is what the keys of a profile open, and where they are made.
type Outside struct {
	// APIs are those that keys of the profile open; Catalogue those that it can pick from.
	APIs, Catalogue []model.API
	// PickAPI adds an API to the settings of the profile, and DropAPI takes it out. If nil, that cannot be done.
	PickAPI, DropAPI func(ctx context.Context, api model.API) error
	// Try asks an API whether a secret works. It never fails: what nobody knows is VerdictUnknown, with the reason. The
	// answer bears no KeyID. If nil, nothing is tried.
	Try func(ctx context.Context, api model.API, secret model.Secret) model.Answer
	// Console is the address of the page where the provider's keys are managed; empty if there is none.
	Console string
}

// Found is a key that a secret turned out to be.
type Found struct {
	// Profile is where it is.
	Profile string
	Key     model.Key
}

// Format is one way to hand a secret to a program as a variable.
type Format struct {
	// Name is what it is called: "dotenv", "fish". About says in a few words what it is for.
	Name, About string
	// Write returns the text for one variable. The error is a sentence that says why it cannot hold this secret.
	Write func(variable string, secret model.Secret) (string, error)
}

// EnvLine is a line of a .env file that is to be written.
type EnvLine struct {
	// Path is the file as a person typed it, and Variable the name.
	Path, Variable string
	// Tracked allows a file that git tracks.
	Tracked bool
}

// EnvWritten is what has become of a .env file.
type EnvWritten struct {
	// Path is the file, as a person would name it.
	Path string
	// Exposed is true if the file lies in a git repository that does not ignore it.
	Exposed bool
	// Shared is true if other users of this machine can read the file.
	Shared bool
}

// TrackedFileError says that git tracks a file, so that a secret in it would be published. It was left alone.
type TrackedFileError struct {
	// Path is the file, as a person would name it.
	Path string
}

// Error says that git tracks the file.
func (e *TrackedFileError) Error() string {
	return "git tracks " + e.Path + ": a secret in it would be published"
}

// Options is everything the screen is given. Service, Profile and Clipboard are required.
type Options struct {
	// Profile is where the program opens, and Service its keys.
	Profile Profile
	Service Service
	// Outside is what the profile's keys open.
	Outside
	// Profiles are all profiles, for the profile dialog; Switch opens one of them.
	Profiles []Profile
	Switch   func(name string) (Service, Outside, error)
	// AddService makes a profile of a key service and returns it; the screen then adds it to Profiles and switches to it. The
	// error is one sentence, and nothing was kept; so too if ctx ends. It is called from commands and needs Switch. If nil, no
	// service can be added here.
	AddService func(ctx context.Context, add NewService) (Profile, error)
	// Clipboard makes the clipboard; terminal writes to the terminal between two frames, in one write.
	Clipboard func(terminal io.Writer) Clipboard
	// Export writes keys, without their secrets, into the file that a person named: as CSV or as JSON, by the end of the
	// name. If there is such a file it returns a *FileExistsError, unless it is told to replace it. Any other error is one
	// sentence, and nothing was written; so too if ctx ends. It is called from commands. If nil, nothing is exported.
	Export func(ctx context.Context, path string, replace bool, keys iter.Seq[model.Key]) (Exported, error)
	// Open shows an address to the person, in a browser beside the terminal. The error is a sentence that says why that
	// cannot be. If nil, addresses are only shown.
	Open func(url string) error
	// Lookup tells which keys of all profiles have this secret, live or not. Profiles that could not be asked are named in
	// the error, beside what was found. If nil, nothing is looked up.
	Lookup func(ctx context.Context, secret model.Secret) ([]Found, error)
	// Formats are the ways to hand a secret to a program as a variable; EnvFile writes it into a .env file, and IgnoreFile
	// adds such a file to the .gitignore beside it. If nil, there is none.
	Formats    []Format
	EnvFile    func(ctx context.Context, line EnvLine, secret model.Secret) (EnvWritten, error)
	IgnoreFile func(ctx context.Context, path string) error
	// HandOver runs a command that gets the secret on its standard input. What it says comes to out line by line, displayable and
	// without the secret. The error is a sentence. At the end of ctx the command is ended. If nil, no command is run.
	HandOver func(ctx context.Context, line HandOverLine, secret model.Secret, out func(line string)) error
	// Waits returns a context for an operation. Calls under it tell when they wait because a service has asked for that: its host and
	// until when, and the zero time once they wait no longer. told can be called at any moment. If nil, nothing tells.
	Waits func(ctx context.Context, told func(host string, until time.Time)) context.Context
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
