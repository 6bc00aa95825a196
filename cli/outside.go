package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"clavier/apis"
	"clavier/client"
	"clavier/config"
	"clavier/dotenv"
	"clavier/model"
	"clavier/ui"
)

// outside is what the screen is given of a profile beside its keys. What is picked and dropped goes into the settings file.
func (a *app) outside(file string, profile config.Profile, prober *apis.Prober) ui.Outside {
	return ui.Outside{
		APIs:      profile.APIs,
		Catalogue: apis.Catalogue(profile.Preset),
		PickAPI: func(_ context.Context, api model.API) error {
			return config.AddAPI(file, profile.Name, api)
		},
		DropAPI: func(_ context.Context, api model.API) error {
			return config.RemoveAPI(file, profile.Name, api.Name)
		},
		Try:     prober.Try,
		Console: profile.Console,
	}
}

// everyProfile returns the profiles that there are at this moment.
func (a *app) everyProfile() ([]config.Profile, error) {
	settings, err := a.readSettings()
	if err != nil {
		return nil, err
	}
	return settings.Profiles(), nil
}

// lookupAmong returns what asks all profiles whose secret it is. Each is opened for the question alone, and one that cannot be
// asked is named in the error.
func lookupAmong(profiles func() ([]config.Profile, error), open opening) func(context.Context, model.Secret) ([]ui.Found, error) {
	return func(ctx context.Context, secret model.Secret) ([]ui.Found, error) {
		all, err := profiles()
		if err != nil {
			return nil, err
		}
		var found []ui.Found
		var failed []string
		for _, profile := range all {
			key, ok, err := lookupIn(ctx, profile, secret, open)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case err != nil:
				failed = append(failed, fmt.Sprintf("profile %s could not be asked: %v", profile.Name, err))
			case ok:
				found = append(found, ui.Found{Profile: profile.Name, Key: key})
			}
		}
		if len(failed) > 0 {
			return found, errors.New(strings.Join(failed, "; "))
		}
		return found, nil
	}
}

// lookupIn asks one profile. One that has no store has no keys, and is given none.
func lookupIn(ctx context.Context, profile config.Profile, secret model.Secret, open opening) (key model.Key, ok bool, err error) {
	if hasNoStore(profile) {
		return model.Key{}, false, nil
	}
	p, err := open(ctx, profile)
	if err != nil {
		return model.Key{}, false, err
	}
	defer p.close()
	finder, ok := any(p).(client.Finder)
	if !ok {
		return model.Key{}, false, nil
	}
	key, err = finder.Lookup(ctx, secret)
	if errors.Is(err, model.ErrNotFound) {
		return model.Key{}, false, nil
	}
	return key, err == nil, err
}

// formatAbouts says in a few words what each format is for.
var formatAbouts = map[dotenv.Format]string{
	dotenv.Dotenv:     "a line of a .env file",
	dotenv.Shell:      "an export line for sh, bash, zsh and ksh",
	dotenv.Fish:       "a set line for fish",
	dotenv.PowerShell: "an $env: assignment",
	dotenv.JSON:       "an object",
	dotenv.Docker:     "a line for docker run --env-file",
	dotenv.Systemd:    "a line for EnvironmentFile=",
}

// shownFormats are the formats as the screen offers them.
func shownFormats() []ui.Format {
	all := make([]ui.Format, len(dotenv.Formats))
	for i, format := range dotenv.Formats {
		all[i] = ui.Format{
			Name: string(format), About: formatAbouts[format],
			Write: func(variable string, secret model.Secret) (string, error) {
				var b strings.Builder
				err := dotenv.Write(&b, format, []dotenv.Pair{{Name: variable, Value: secret}})
				return b.String(), err
			},
		}
	}
	return all
}

// writeEnvLine writes one variable into the .env file that a person named.
func writeEnvLine(ctx context.Context, line ui.EnvLine, secret model.Secret) (ui.EnvWritten, error) {
	file, err := exportFile(line.Path)
	if err != nil {
		return ui.EnvWritten{}, err
	}
	written, err := dotenv.Set(ctx, file.Path, []dotenv.Pair{{Name: line.Variable, Value: secret}}, dotenv.Options{Tracked: line.Tracked})
	if errors.Is(err, dotenv.ErrTracked) {
		return ui.EnvWritten{}, &ui.TrackedFileError{Path: file.Shown}
	}
	if err != nil {
		return ui.EnvWritten{}, err
	}
	return ui.EnvWritten{Path: file.Shown, Exposed: written.Git.State == dotenv.Exposed, Shared: written.Shared}, nil
}

// ignoreEnvFile adds the .env file that a person named to the .gitignore beside it.
func ignoreEnvFile(ctx context.Context, typed string) error {
	file, err := exportFile(typed)
	if err != nil {
		return err
	}
	_, err = dotenv.Ignore(ctx, file.Path)
	return err
}
