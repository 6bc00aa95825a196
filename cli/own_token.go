package cli

import (
	"context"
	"fmt"
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
	issued, err := p.Issuer.Rotate(ctx, oldID, draft)
	if err != nil || old.ID == "" || issued.Key.Role < old.Role {
		return issued, err
	}
	err = p.presentNext(ctx, old, issued.Key, issued.Secret)
	issued.IsToken = err == nil
	return issued, err
}

// followToken makes the successor of an unfinished rotation the token of the profile, if the old key is that still: whoever made
// the successor was interrupted, or sat elsewhere. It reports whether it did.
func (p *place) followToken(ctx context.Context, r model.Rotation) (bool, error) {
	old, err := p.ownToken(ctx, r.OldID)
	if err != nil || old.ID == "" {
		return false, err
	}
	next, err := p.service.Get(ctx, r.NewID)
	if err != nil || next.Imported || next.Role < old.Role || next.StatusAt(time.Now()) != model.StatusActive {
		return false, err
	}
	secret, err := p.Reveal(ctx, next.ID)
	if err != nil {
		return false, fmt.Errorf("the profile %s still presents %s, as the secret of the successor cannot be had: %w; give the profile another token with: clavier profile token %s",
			p.profile.Name, quote(old.Name), err, p.profile.Name)
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
	return p.service.Present(context.WithoutCancel(ctx), next.ID, secret)
}

// presents is what is said once a profile has taken the successor of its token.
func presents(profile config.Profile) string {
	return fmt.Sprintf("the profile %s presents its successor from now on", profile.Name)
}
