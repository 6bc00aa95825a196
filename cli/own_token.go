package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"clavier/config"
	"clavier/model"
	"clavier/seal"
)

// sealToken seals the token of a profile into its file, which is durable when it returns, or as it was after an error.
func sealToken(profile config.Profile, vault *seal.Vault, token model.Secret) error {
	if err := checkTokenDir(profile); err != nil {
		return err
	}
	return vault.SealFile(profile.Token, token)
}

// rotate makes the successor of a key. If the key is the token of the profile, the successor is that from now on. If only this
// failed, the successor comes with the error.
func (p *place) rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	old, err := p.ownToken(ctx, oldID)
	if err != nil {
		return model.Issued{}, err
	}
	if old.ID == "" || draft.Role < old.Role {
		return p.Issuer.Rotate(ctx, oldID, draft)
	}
	issuer, kept := *p.Issuer, ""
	issuer.Keep = func(next model.Key, secret model.Secret) error {
		if err := checkTokenDir(p.profile); err != nil {
			return err
		}
		kept = nextToken(p.profile, next.ID)
		return p.vault.SealFile(kept, secret)
	}
	issued, err := issuer.Rotate(ctx, oldID, draft)
	if err != nil {
		if kept != "" && ctx.Err() == nil && !errors.Is(err, model.ErrOutcomeUnknown) { // else there may be a key
			_ = os.Remove(kept)
		}
		return issued, err
	}
	err = p.presentNext(ctx, old, issued.Key, issued.Secret)
	issued.IsToken = err == nil
	return issued, err
}

// nextToken is the file of the secret of a key that is being made to replace the token of the profile. What is in it was made here for
// this: what a service hands out when it is asked could be a secret that is not for it.
func nextToken(profile config.Profile, id string) string { return profile.Token + "." + id }

// followToken makes the successor of an unfinished rotation the token of the profile, if the old key is that still, as whoever made
// the successor was interrupted. It reports whether it did. A successor that was not made here is for the person to give.
func (p *place) followToken(ctx context.Context, r model.Rotation) (bool, error) {
	old, err := p.ownToken(ctx, r.OldID)
	if err != nil || old.ID == "" {
		return false, err
	}
	next, err := p.service.Get(ctx, r.NewID)
	if err != nil || next.Imported || next.Role < old.Role || next.StatusAt(time.Now()) != model.StatusActive {
		return false, err
	}
	secret, err := p.vault.OpenFile(nextToken(p.profile, next.ID))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("the profile %s still presents %s, whose successor was not made with it: give it that with: clavier profile token %s",
			p.profile.Name, quote(old.Name), shellWord(p.profile.Name))
	case err != nil:
		return false, fmt.Errorf("the profile %s still presents %s, as the secret of the successor cannot be had: %w; give it another token with: clavier profile token %s",
			p.profile.Name, quote(old.Name), err, shellWord(p.profile.Name))
	}
	err = p.presentNext(ctx, old, next, secret)
	return err == nil, err
}

// ownToken returns the key with this id if it is the token of the profile; else the zero key.
func (p *place) ownToken(ctx context.Context, id string) (model.Key, error) {
	if p.service == nil {
		return model.Key{}, nil
	}
	if own, err := p.service.Own(ctx, id); err != nil || !own {
		return model.Key{}, err
	}
	return p.service.Get(ctx, id)
}

// presentNext gives the profile the successor of its token, in the file first, and whoever gives up meanwhile does not stop it.
func (p *place) presentNext(ctx context.Context, old, next model.Key, secret model.Secret) error {
	if err := sealToken(p.profile, p.vault, secret); err != nil {
		return fmt.Errorf("%s was made, but the profile %s still presents %s, as its token cannot be kept: %w; once that is mended, run: clavier --profile %s rotate %s",
			quote(next.Name), p.profile.Name, quote(old.Name), err, shellWord(p.profile.Name), old.ID)
	}
	_ = os.Remove(nextToken(p.profile, next.ID))
	return p.service.Present(context.WithoutCancel(ctx), next.ID, secret)
}

// presents is what is said once a profile has taken the successor of its token.
func presents(profile config.Profile) string {
	return fmt.Sprintf("the profile %s presents its successor from now on", profile.Name)
}
