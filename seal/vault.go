// Package seal encrypts secrets to their owner's age recipients and decrypts them with the owner's identity.
//
// What it writes are ordinary age files (age-encryption.org/v1): the plain age tool opens every sealed secret with the
// same identity. The identity is an age identity file, with or without a passphrase, or an SSH key (Ed25519 or RSA).
// Sealing needs the public half only, so it never asks for a passphrase.
package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"clavier/model"
)

// Options say whose secrets a Vault seals.
type Options struct {
	// IdentityPath is the absolute path of the identity file. The public half of a protected identity, where the file
	// itself does not show it, is read from the same path with ".pub" added.
	IdentityPath string
	// Own says that the identity lies in clavier's own directory: it is made if there is none, and the directory must
	// be private too. An identity elsewhere is never made.
	Own bool
	// Recipients are further age or SSH recipients that every secret is sealed to, as in the settings.
	Recipients []string
	// WorkFactor is the logarithm of the scrypt work of Protect; 0 means age's own (18, about a second). Only tests
	// set it.
	WorkFactor int
}

// The errors that callers tell apart beside those of package model, each with what to do about it.
var (
	// ErrNoIdentity: there is no identity at the path of the settings, and it is not for clavier to make one. Restore
	// the file or correct the setting.
	ErrNoIdentity = errors.New("no identity")
	// ErrPublicHalf: the .pub file beside an identity does not belong to it. What was sealed to it in the meantime
	// cannot be opened with this identity.
	ErrPublicHalf = errors.New("the public half does not belong to the identity")
	// ErrNotAge: the identity is an SSH key, whose passphrase is not for clavier to set. The text names the command.
	ErrNotAge = errors.New("the identity is an SSH key")
)

// errNotMade is the ErrNoIdentity of a first start: the identity may be made.
var errNotMade = fmt.Errorf("%w yet", ErrNoIdentity)

// Vault seals and unseals. It reads the identity when it is first needed and again when the file has changed. It is
// safe for concurrent use.
type Vault struct {
	opts    Options
	further []recipient

	unlocking sync.Mutex // held while a passphrase is tried: one at a time takes enough memory (256 MiB)

	mu     sync.Mutex
	id     *identity // nil until first needed
	synced bool      // the identity's directory entry is durable
}

// Open checks the options and touches no file. It returns an error that names the recipient that is none.
func Open(opts Options) (*Vault, error) {
	if !filepath.IsAbs(opts.IdentityPath) {
		return nil, fmt.Errorf("the identity needs an absolute path; %s is none", quoted(opts.IdentityPath))
	}
	further, err := parseRecipients(opts.Recipients)
	if err != nil {
		return nil, err
	}
	return &Vault{opts: opts, further: further}, nil
}

// Locked reports whether the identity is protected and has not been unlocked. It is false if there is no identity yet
// or it cannot be read.
func (v *Vault) Locked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, err := v.current()
	return err == nil && id.locked()
}

// Protected reports whether the identity stands behind a passphrase, unlocked or not. It returns ErrNoIdentity if
// there is none yet, and the errors of reading it.
func (v *Vault) Protected() (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, err := v.current()
	if err != nil {
		return false, err
	}
	return id.protected, nil
}

// Recipients returns the public recipients that secrets are sealed to: the owner's own first, then the further ones.
// It makes the identity if there is none and it is clavier's own. It returns model.ErrLocked if a protected identity
// has lost its .pub file, which Unlock writes anew.
func (v *Vault) Recipients() ([]string, error) {
	to, err := v.recipients()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(to))
	for i, r := range to {
		texts[i] = r.text
	}
	return texts, nil
}

// recipients returns whom to seal to, each once. The identity, made if need be, is durable when it returns.
func (v *Vault) recipients() ([]recipient, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, err := v.need()
	if err != nil {
		return nil, err
	}
	if len(id.own) == 0 {
		return nil, sentence(model.ErrLocked, "%s, which holds the public recipient of the protected identity %s, is missing: "+
			"run clavier identity recipient and give the passphrase to write it anew", shown(v.pubPath()), shown(v.opts.IdentityPath))
	}
	if v.opts.Own && !v.synced {
		// Another program may have made the identity a moment ago. A record must never outlive what it is sealed to.
		if err := syncDir(filepath.Dir(v.opts.IdentityPath)); err != nil {
			return nil, err
		}
		v.synced = true
	}
	return uniteRecipients(id.own, v.further)
}

// Format writes "[vault]" whatever the verb and flags: what it holds is not for printing.
func (v *Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vault]") }

func (v *Vault) pubPath() string { return v.opts.IdentityPath + ".pub" }

// need returns the identity, which it makes if there is none and it is clavier's own. v.mu is held.
func (v *Vault) need() (*identity, error) {
	id, err := v.current()
	if !errors.Is(err, errNotMade) {
		return id, err
	}
	if err := makeIdentity(v.opts.IdentityPath); err != nil {
		return nil, err
	}
	return v.current()
}

// current returns the identity as it is on disk now; a file that changed is read again, and is locked again if it is
// protected. v.mu is held.
func (v *Vault) current() (*identity, error) {
	path := v.opts.IdentityPath
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && exists(v.pubPath()) {
		// Another program may have made both in between, the .pub file last.
		info, err = os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, v.missing(true)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, v.missing(false)
	}
	if err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	if v.opts.Own {
		if err := checkPrivateDir(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	// A protected age identity also depends on its .pub file, so it is read again until it is unlocked.
	if v.id != nil && unchanged(v.id.info, info) && (!v.id.protected || !v.id.locked()) {
		return v.id, nil
	}
	id, err := loadIdentity(path)
	if err != nil {
		return nil, err
	}
	if v.id != nil {
		v.id.wipe()
	}
	v.id = id
	return id, nil
}

// missing says why there is no identity, as an ErrNoIdentity; as an errNotMade if it may be made.
func (v *Vault) missing(hasPublic bool) error {
	path := v.opts.IdentityPath
	switch {
	case v.id != nil:
		return sentence(ErrNoIdentity, "the identity %s is gone: put it back", shown(path))
	case !v.opts.Own:
		return sentence(ErrNoIdentity, "there is no identity at %s: correct the setting identity, or put the file there", shown(path))
	case hasPublic:
		return sentence(ErrNoIdentity, "the identity %s is missing but its public half %s is there: put the identity back, "+
			"or remove the public half to start with a new one that opens no older key", shown(path), shown(v.pubPath()))
	}
	return sentence(errNotMade, "there is no identity at %s yet: it is made with the first key", shown(path))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// unchanged reports whether two looks at a path saw the same file.
func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && a.Mode() == b.Mode()
}

// sentenceError reads as its text alone and is one of the sentinels to errors.Is.
type sentenceError struct {
	text string
	is   error
}

func (e *sentenceError) Error() string { return e.text }
func (e *sentenceError) Unwrap() error { return e.is }

func sentence(is error, format string, args ...any) error {
	return &sentenceError{fmt.Sprintf(format, args...), is}
}

// shown makes a path safe to show.
func shown(path string) string { return model.Display(path) }

// quoted shows the start of a text that may be anything.
func quoted(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
