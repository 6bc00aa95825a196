package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"clavier/config"
	"clavier/model"
	"clavier/seal"
)

// maxSkew is how far the clock of a service may be from ours before that is noted: ends of keys are judged there.
const maxSkew = 10 * time.Second

// examineService looks at the token and the remembered list of a profile, and asks its service how it stands.
func (a *app) examineService(ctx context.Context, r *report, profile config.Profile) {
	r.add("address", sound, profile.URL)
	err := checkTokenDir(profile)
	if err == nil {
		err = seal.CheckFile(profile.Token)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = noToken(profile)
	}
	if err != nil {
		r.add("token", unsound, err.Error()+a.tokenElsewhere(profile, err))
	} else {
		r.add("token", sound, profile.Token+", sealed and private")
		a.examineReach(ctx, r, profile)
	}
	list, err := newMemory(profile).recalled()
	switch {
	case err != nil:
		r.add("remembered", unsound, err.Error())
	case list.At.IsZero():
		r.add("remembered", noted, "nothing yet: the list is kept in "+profile.List+" once it was read")
	default:
		r.add("remembered", sound, fmt.Sprintf("%s of %d, %s ago, in %s",
			number(len(list.Keys), "key"), list.Total, model.Age(list.At, a.now()), profile.List))
	}
}

// tokenElsewhere adds to the sentence about a token that is not there that the profile has one for another address.
func (a *app) tokenElsewhere(profile config.Profile, err error) string {
	settings, failed := a.settings()
	if failed != nil || !profile.TokenOwn || !errors.Is(err, model.ErrToken) {
		return ""
	}
	if files, _ := settings.FilesNamed(profile.Name); slices.ContainsFunc(files, func(file string) bool { return file != profile.List }) {
		return "; the one that it has is for another address"
	}
	return ""
}

// examineReach asks the service how it stands.
func (a *app) examineReach(ctx context.Context, r *report, profile config.Profile) {
	p, err := a.openUnasked(ctx, profile)
	if err != nil {
		r.add("service", unsound, err.Error())
		return
	}
	defer p.close()
	before := a.now()
	state, err := p.service.State(ctx)
	if errors.Is(err, model.ErrLocked) {
		r.add("service", noted, "not asked: the token can only be had with the passphrase of the identity, which is not asked for here")
		return
	}
	if err != nil {
		r.add("service", unsound, err.Error())
		return
	}
	after := a.now()
	r.add("service", sound, fmt.Sprintf("reachable, clavier %s, %s", state.Server, number(state.Total, "key")))
	r.add("role", sound, fmt.Sprintf("%s: the token is the key %s", state.Self.Role, quote(state.Self.Name)))
	skew := skewOf(state.At, before, after)
	switch {
	case skew.Abs() > maxSkew:
		r.add("clock", noted, fmt.Sprintf("that of the service is %s from this one: keys end by its time", skew.Abs().Round(time.Second)))
	default:
		r.add("clock", sound, "the service has the same time")
	}
}

// skewOf returns how far a clock is ahead that said at between two moments of ours; 0 if it may be right.
func skewOf(at, before, after time.Time) time.Duration {
	switch {
	case at.Before(before):
		return at.Sub(before)
	case at.After(after):
		return at.Sub(after)
	}
	return 0
}
