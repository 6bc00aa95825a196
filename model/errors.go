package model

import "errors"

// The errors that callers tell apart, each with what to do about it.
var (
	// ErrNotFound: no key has this id or name. Read the list again.
	ErrNotFound = errors.New("no such key")
	// ErrNameTaken: another key of the profile has this name. Ask for another name and keep what was typed.
	ErrNameTaken = errors.New("another key has this name")
	// ErrAmbiguous: several keys have this name. Ask for the id.
	ErrAmbiguous = errors.New("several keys have this name")
	// ErrConflict: another record has this id, or a key that was deleted had it. Never overwrite it; draw a new id.
	ErrConflict = errors.New("another record has this id, or a deleted key had it")
	// ErrRotating: the key has an unfinished rotation already. Go on with that one.
	ErrRotating = errors.New("the key is being rotated already")
	// ErrExpired: the end of the key has passed, and nothing brings it back. Make another key.
	ErrExpired = errors.New("the key has expired")
	// ErrHeld: a key of the profile has this secret already.
	ErrHeld = errors.New("a key has this secret already")
	// ErrRefused: a presented secret does not belong to a live key. The same for every reason.
	ErrRefused = errors.New("not a live key")
	// ErrLocked: the identity is protected and must be unlocked with its passphrase first. Ask for it and repeat.
	ErrLocked = errors.New("the identity is protected by a passphrase")
	// ErrPassphrase: the passphrase given does not open the identity. Ask again.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrUnseal: the sealed secret cannot be opened with the identity: damaged, or sealed to somebody else.
	ErrUnseal = errors.New("the sealed secret cannot be opened with this identity")
	// ErrMismatch: the sealed secret opened, and is not the one its record was made for. Never use it.
	ErrMismatch = errors.New("the sealed secret does not belong to this key")
	// ErrStoreBusy: another program held the store for too long (5 s). Nothing was changed; try again.
	ErrStoreBusy = errors.New("the store is busy")
	// ErrStoreDamaged: the file is no store of ours, or is damaged. Restore it from a copy.
	ErrStoreDamaged = errors.New("the store is damaged or not a clavier store")
	// ErrStoreNewer: a newer clavier made this store. Update the program.
	ErrStoreNewer = errors.New("the store was made by a newer clavier")
	// ErrStoreWrite: the change could not be made durable: disk full, read-only, I/O error. It was not made, unless the
	// sentence says to read the list again: after a failed sync nobody knows.
	ErrStoreWrite = errors.New("the store cannot be written")
	// ErrStoreAway: no connection to the database of the store could be had, or it was lost before a change was committed: nothing was
	// changed. What is this is ErrStoreWrite, too. Try again.
	ErrStoreAway = errors.New("the store cannot be reached")
	// ErrNotErased: the key is deleted, durably, and no longer verifies, but its digest and sealed secret may still stand in
	// the store's log, because another program kept reading or the disk failed. Delete it again to erase them; otherwise
	// the next deletion does it, or the next program that opens the store.
	ErrNotErased = errors.New("deleted, and not yet erased")
	// ErrUnreachable: the place of the keys could not be asked, or did not answer: nothing was changed. What was last known may be
	// shown with its age; try again.
	ErrUnreachable = errors.New("the key service cannot be reached")
	// ErrOutcomeUnknown: a change was sent, and no answer told whether it was made. Read the list again before anything is repeated.
	ErrOutcomeUnknown = errors.New("it is not known whether the change was made")
	// ErrToken: the key service does not take the token of the profile. Have another one made.
	ErrToken = errors.New("the key service does not take the token")
	// ErrRole: the role of the token does not allow this. Nothing was changed.
	ErrRole = errors.New("the role of the token does not allow this")
	// ErrLastManager: the key is the last live one that may manage keys; without it nobody could. Make another one first.
	ErrLastManager = errors.New("this is the last key that may manage keys")
	// ErrOwnToken: the key is the token of the profile, which could ask the service nothing more without it. Nothing was changed;
	// give the profile another token first, or rotate the key.
	ErrOwnToken = errors.New("this key is the token of the profile")
	// ErrUnsure: a key service has not been able to ask its store for too long, and answers for no key until it has.
	ErrUnsure = errors.New("the key service cannot be sure which keys are live")
	// ErrModes: a file or directory that must be private is open to others or belongs to somebody else. The text
	// that wraps it holds the command that mends it.
	ErrModes = errors.New("not private")
)
