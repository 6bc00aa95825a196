package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"clavier/client"
	"clavier/client/remote"
	"clavier/config"
	"clavier/model"
	"clavier/seal"
)

// isService reports whether the keys of a profile are kept by a key service.
func isService(profile config.Profile) bool { return profile.Provider == config.ProviderService }

// unlocking asks for the passphrase of an identity until unlock takes it.
type unlocking func(ctx context.Context, unlock func(context.Context, []byte) error) error

// openService returns the place of a profile whose keys a service keeps. The service is not asked yet, and the token is unsealed
// when it is first needed: if the identity is locked then, ask opens it, or the answer is model.ErrLocked if ask is nil.
func openService(profile config.Profile, vault *seal.Vault, ask unlocking) (*place, error) {
	token := func(ctx context.Context) (model.Secret, error) {
		secret, err := openToken(profile, vault)
		if ask != nil && errors.Is(err, model.ErrLocked) {
			if err = ask(ctx, vault.Unlock); err == nil {
				secret, err = openToken(profile, vault)
			}
		}
		return secret, err
	}
	service, err := connect(profile, token)
	if err != nil {
		return nil, err
	}
	issuer := &client.Issuer{Keeper: client.Keeper{Records: service, Vault: vault, Actor: actor()}, Prefix: profile.Prefix}
	return &place{Keeper: &issuer.Keeper, Issuer: issuer, profile: profile, vault: vault, store: service, service: service}, nil
}

// connect returns the service of a profile, which is asked with a token. Nothing is sent yet.
func connect(profile config.Profile, token func(context.Context) (model.Secret, error)) (*remote.Remote, error) {
	return remote.New(remote.Options{
		URL: profile.URL, CAFile: profile.CA, Token: token, UserAgent: "clavier/" + version(), Actor: actor(),
		Waiting: tellWaits(placeName(profile)), Within: untilInterrupted,
	})
}

// openToken unseals the token of a profile. It returns model.ErrToken if there is none, model.ErrModes if others can read it, or
// what unsealing says.
func openToken(profile config.Profile, vault *seal.Vault) (model.Secret, error) {
	if err := checkTokenDir(profile); err != nil {
		return model.Secret{}, err
	}
	secret, err := vault.OpenFile(profile.Token)
	if errors.Is(err, fs.ErrNotExist) {
		return model.Secret{}, noToken(profile)
	}
	return secret, err
}

// checkTokenDir looks whether the directory of the token is private, if it is clavier's own.
func checkTokenDir(profile config.Profile) error {
	if !profile.TokenOwn {
		return nil
	}
	err := seal.CheckPrivate(filepath.Dir(profile.Token))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// told reads as its sentence alone, and is one of the errors that callers tell apart.
type told struct {
	text string
	is   error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.is }

// noToken is what is said of a profile without a token.
func noToken(profile config.Profile) error {
	return &told{fmt.Sprintf("the profile %s has no token for the key service %s: give it one with: clavier profile token %s",
		profile.Name, placeName(profile), profile.Name), model.ErrToken}
}
