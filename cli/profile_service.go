package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"clavier/client/remote"
	"clavier/config"
	"clavier/model"
	"clavier/seal"
	"clavier/ui"
)

// addService makes a profile of a key service, once the service has told whose the token is; offline, it is not asked. The token is
// sealed and durable before the profile is in the settings, and gone again if it does not get there.
func (a *app) addService(ctx context.Context, add config.NewProfile, token model.Secret, offline bool) (profile config.Profile, whose string, err error) {
	settings, err := a.readSettings()
	if err != nil {
		return profile, "", err
	}
	if profile, err = settings.WouldBe(add); err != nil {
		return profile, "", err
	}
	if whose, err = a.keepToken(ctx, profile, token, offline); err != nil {
		return profile, "", err
	}
	if err := config.AddProfile(settings.File, add); err != nil {
		if !a.hasProfile(add.Name) { // else it was added beside this, and the token there may be its own
			_ = os.Remove(profile.Token)
		}
		return profile, "", err
	}
	return profile, whose, nil
}

func (a *app) hasProfile(name string) bool {
	settings, err := a.readSettings()
	if err != nil {
		return false
	}
	_, err = settings.Profile(name)
	return err == nil
}

// keepToken seals the token of a profile into its file. Unless offline, the service is asked first, and whose the token is comes
// back; one that may not list keys is refused. After an error the file is as it was.
func (a *app) keepToken(ctx context.Context, profile config.Profile, token model.Secret, offline bool) (whose string, err error) {
	if err := model.CheckSecret(token.Reveal()); err != nil {
		return "", &told{"this is no token of a key service: " + err.Error(), model.ErrToken}
	}
	if err := checkTokenDir(profile); err != nil {
		return "", err
	}
	if !offline {
		state, err := askState(ctx, profile, token)
		if err != nil {
			return "", refusedToken(err)
		}
		whose = fmt.Sprintf("the token is the key %s with the role %s", quote(state.Self.Name), state.Self.Role)
		if state.Self.Role == model.RoleUse {
			return "", &told{whose + ", which may only be verified: have one of the role read or manage made; nothing was kept", model.ErrRole}
		}
	}
	vault, err := a.vaultOf(profile)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return whose, sealToken(profile, vault, token)
}

// askState asks the service of a profile how it stands, with a token that is not kept yet.
func askState(ctx context.Context, profile config.Profile, token model.Secret) (remote.State, error) {
	service, err := connect(profile, func(context.Context) (model.Secret, error) { return token, nil })
	if err != nil {
		return remote.State{}, err
	}
	defer func() { _ = service.Close() }()
	return service.State(ctx)
}

// refusedToken says why a token is not kept.
func refusedToken(err error) error {
	if errors.Is(err, model.ErrRole) {
		return &told{"the token is a key of the role use, which may only be verified: have one of the role read or manage made; nothing was kept", err}
	}
	return fmt.Errorf("%w; nothing was kept", err)
}

// orOffline adds to what a command says of a service that cannot be reached how to do without it.
func orOffline(err error) error {
	if errors.Is(err, model.ErrUnreachable) {
		return fmt.Errorf("%w (--offline does not ask the service)", err)
	}
	return err
}

// fieldOf says of what was typed on the screen which field is wrong, and only the sentence.
func fieldOf(err error) error {
	text := err.Error()
	setting := (*config.Error)(nil)
	if errors.As(err, &setting) && setting.Line == 0 {
		text = setting.Text
	}
	switch address, isAddress := strings.CutPrefix(text, `"url" `); {
	case isAddress && strings.HasPrefix(address, "is an address "):
		return &ui.FieldError{Field: ui.ServiceAddress, Text: "type " + strings.TrimPrefix(address, "is ")}
	case isAddress:
		return &ui.FieldError{Field: ui.ServiceAddress, Text: "the address " + address}
	case setting != nil && setting.Line == 0:
		return &ui.FieldError{Field: ui.ServiceName, Text: text}
	case errors.Is(err, model.ErrToken), errors.Is(err, model.ErrRole):
		return &ui.FieldError{Field: ui.ServiceToken, Text: text}
	case errors.Is(err, model.ErrUnreachable):
		return &ui.FieldError{Field: ui.ServiceAddress, Text: text}
	}
	return err
}

// addFromScreen makes a profile of a key service as the screen asks for it.
func (a *app) addFromScreen(ctx context.Context, add ui.NewService) (ui.Profile, error) {
	profile, _, err := a.addService(ctx, config.NewProfile{Name: add.Name, URL: add.URL}, add.Token, false)
	if err != nil {
		return ui.Profile{}, fieldOf(err)
	}
	return shownProfile(profile), nil
}

// readToken reads a token: one line of standard input, or what is typed on the terminal, which does not show it.
func (a *app) readToken(profile string) (model.Secret, error) {
	if isTerminal(a.streams.In) {
		terminal, err := a.terminal()
		if err != nil {
			return model.Secret{}, err
		}
		text, err := terminal.askHidden("Token for the profile " + profile + ": ")
		return model.NewSecret(strings.TrimSpace(text)), err
	}
	line, err := readLine(a.streams.In)
	switch {
	case errors.Is(err, errLongLine):
		return model.Secret{}, err
	case err != nil && !errors.Is(err, io.EOF):
		return model.Secret{}, fmt.Errorf("standard input cannot be read: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return model.Secret{}, usagef("there is no token on standard input; give it as one line, or run this on a terminal to be asked for it")
	}
	return model.NewSecret(line), nil
}

// sayIdentity tells of an identity that was made on the way, if there was none before.
func (a *app) sayIdentity(before error) {
	if errors.Is(before, seal.ErrNoIdentity) {
		a.sayf("your identity, which alone opens the secrets again, was made without a passphrase; " +
			"clavier identity protect puts one on it")
	}
}
