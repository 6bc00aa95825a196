package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"clavier/client"
	"clavier/config"
	"clavier/model"
	"clavier/scan"
)

// knownKeys are the keys of all profiles, to look secrets up among them.
type knownKeys struct {
	app        *app
	places     []*place
	notes      []string          // what is left out, for the person
	passphrase []byte            // that opened an identity; others may have the same
	found      map[string]holder // by what a scan calls it
	unasked    []unaskedPlace    // those that could not be asked, which are not asked again
}

// unaskedPlace is a profile whose key service could not be asked.
type unaskedPlace struct {
	place *place
	why   error
}

// holder is a key and the profile that it is of.
type holder struct {
	place *place
	key   model.Key
}

// open opens all profiles, or the one that --profile names. A profile without a store has no keys, and is given none; a key
// service is not asked yet. What was opened must be closed also after an error.
func (k *knownKeys) open(ctx context.Context) error {
	a := k.app
	settings, err := a.settings()
	if err != nil {
		return err
	}
	profiles := settings.Profiles()
	if a.given("profile") {
		profile, err := settings.Profile("")
		if err != nil {
			return err
		}
		profiles = []config.Profile{profile}
	}
	k.found = map[string]holder{}
	for _, profile := range profiles {
		if hasNoStore(profile) {
			continue
		}
		p, err := a.open(ctx, profile, k.unlock)
		if err != nil {
			return fmt.Errorf("profile %s: %w", profile.Name, err)
		}
		k.places = append(k.places, p)
	}
	return nil
}

// hasNoStore reports whether a profile keeps its keys on this machine and has none yet.
func hasNoStore(profile config.Profile) bool {
	if isService(profile) {
		return false
	}
	_, err := os.Stat(profile.Store)
	return errors.Is(err, fs.ErrNotExist)
}

// leaves reports whether a profile is left out because of err: its key service cannot be asked. What is kept on this machine is
// never left out.
func (k *knownKeys) leaves(ctx context.Context, p *place, err error) bool {
	if p.service == nil || ctx.Err() != nil || errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		return false
	}
	k.unasked = append(k.unasked, unaskedPlace{p, err})
	return true
}

// isLeft reports whether a profile was left out.
func (k *knownKeys) isLeft(p *place) bool {
	return slices.ContainsFunc(k.unasked, func(u unaskedPlace) bool { return u.place == p })
}

func (u unaskedPlace) String() string {
	return fmt.Sprintf("the profile %s could not be asked: %v", u.place.profile.Name, u.why)
}

func (k *knownKeys) close() {
	for _, p := range k.places {
		p.close()
	}
}

// holders returns the keys that have a secret, in the order of the profiles. A key service is asked by the digest.
func (k *knownKeys) holders(ctx context.Context, presented model.Secret) ([]holder, error) {
	var all []holder
	for _, p := range k.places {
		finder, ok := any(p).(client.Finder)
		if !ok || k.isLeft(p) {
			continue
		}
		key, err := finder.Lookup(ctx, presented)
		if errors.Is(err, model.ErrNotFound) || err != nil && k.leaves(ctx, p, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.profile.Name, err)
		}
		all = append(all, holder{p, key})
	}
	return all, nil
}

// lookup returns what a scan calls the key with this secret: the first that is live, if several profiles have it.
func (k *knownKeys) lookup(ctx context.Context, presented model.Secret) (string, error) {
	all, err := k.holders(ctx, presented)
	if err != nil || len(all) == 0 {
		return "", err
	}
	best := all[0]
	for _, h := range all {
		if live, _ := liveness(h.key, k.app.now()); live {
			best = h
			break
		}
	}
	return k.name(best), nil
}

// name returns what a scan calls a key, and notes it.
func (k *knownKeys) name(h holder) string {
	name := h.place.profile.Name + "\x00" + h.key.ID
	k.found[name] = h
	return name
}

// imported returns the secrets that were made elsewhere. It asks for the passphrase if there are any and the identity is
// protected; where nothing can be asked they are left out.
func (k *knownKeys) imported(ctx context.Context, leaveOut bool) ([]scan.Literal, error) {
	if leaveOut {
		return nil, nil
	}
	var all []scan.Literal
	for _, p := range k.places {
		some, err := k.importedOf(ctx, p)
		if err != nil && k.leaves(ctx, p, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.profile.Name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

func (k *knownKeys) importedOf(ctx context.Context, p *place) ([]scan.Literal, error) {
	var keys []model.Key
	for page, err := range p.Pages(ctx) {
		if err != nil {
			return nil, err
		}
		for _, key := range page.Keys {
			if key.Imported {
				keys = append(keys, key)
			}
		}
	}
	var all []scan.Literal
	for _, key := range keys {
		secret, err := p.Reveal(ctx, key.ID)
		if errors.Is(err, model.ErrLocked) {
			if err = k.unlock(ctx, p.Unlock); errors.Is(err, errNoTerminal) {
				k.notes = append(k.notes, fmt.Sprintf("%s of the profile %s %s left out: %v, and %v",
					number(len(keys), "imported key"), p.profile.Name, was(len(keys)), model.ErrLocked, errNoTerminal))
				return nil, nil
			}
			if err == nil {
				secret, err = p.Reveal(ctx, key.ID)
			}
		}
		switch {
		case errors.Is(err, model.ErrNotFound): // deleted meanwhile
		case err != nil:
			return nil, fmt.Errorf("key %s: %w (--issued-only leaves imported keys out)", quote(key.Name), err)
		case len(secret.Reveal()) < scan.MinLiteral:
			k.notes = append(k.notes, fmt.Sprintf("the imported key %s was left out: its secret has less than %d bytes, which stand in too many places by chance",
				quote(key.Name), scan.MinLiteral))
		default:
			all = append(all, scan.Literal{Key: k.name(holder{p, key}), Secret: secret})
		}
	}
	return all, nil
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// unlock opens an identity, with the passphrase that opened another one if it fits.
func (k *knownKeys) unlock(ctx context.Context, unlock func(context.Context, []byte) error) error {
	if k.passphrase != nil && unlock(ctx, append([]byte{}, k.passphrase...)) == nil {
		return nil
	}
	return k.app.unlock(ctx, func(ctx context.Context, passphrase []byte) error {
		kept := append([]byte{}, passphrase...)
		err := unlock(ctx, passphrase)
		if err == nil {
			k.passphrase = kept
		}
		return err
	})
}

// liveness says whether a key works as far as is known here, and the word for it.
func liveness(key model.Key, now time.Time) (live bool, word string) {
	switch status := key.StatusAt(now); {
	case status != model.StatusActive:
		return false, string(status)
	case key.Dead:
		return false, "dead when it was last tried"
	case key.Imported:
		return true, "live as far as is known"
	}
	return true, "live"
}

// rotation returns the command that rotates a key, for a shell. The names at a key service are its own, each once, so that it need
// not be asked for all.
func (k *knownKeys) rotation(ctx context.Context, h holder) (string, error) {
	if h.place.service != nil {
		return k.app.keyCommand(h.place.profile.Name, "rotate", h.key, []model.Key{h.key}), nil
	}
	keys, err := h.place.List(ctx)
	if err != nil {
		return "", err
	}
	return k.app.keyCommand(h.place.profile.Name, "rotate", h.key, keys), nil
}

// keyCommand returns a command of clavier on a key of a profile, for a shell; keys are all of that profile.
func (a *app) keyCommand(profile, verb string, key model.Key, keys []model.Key) string {
	words := []string{"clavier"}
	chosen, err := a.profile()
	if err != nil || a.given("profile") || chosen.Name != profile {
		words = append(words, "--profile", shellWord(profile))
	}
	target := key.Name
	if _, byID := model.Confirmation(key, keys); byID || strings.HasPrefix(target, "-") {
		target = key.ID
	}
	return strings.Join(append(words, verb, shellWord(target)), " ")
}

// shellWord quotes a word for a POSIX shell if it needs that.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
