package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/dotenv"
	"clavier/model"
	"clavier/project"
)

// want is a variable and the key whose secret it gets.
type want struct {
	variable string
	key      string // name or id
	where    string // the place of a project's file that says so; empty for an argument
}

// assignments is a flag that is given once for each VAR=NAME. What is wrong with one is said later, by a sentence that does not
// repeat it: it might be a secret.
type assignments []string

func (l *assignments) String() string { return strings.Join(*l, " ") }

// Set takes another one.
func (l *assignments) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// Type is the word for it in the help.
func (l *assignments) Type() string { return "VAR=NAME" }

// parseWants takes VAR=NAME arguments apart.
func parseWants(args []string) ([]want, error) {
	wants := make([]want, 0, len(args))
	for _, arg := range args {
		variable, key, ok := strings.Cut(arg, "=")
		switch {
		case project.LooksSecret(arg):
			return nil, usagef("an argument looks like a secret, which other programs can read and the shell remembers: " +
				"write VAR=NAME with the name or id of a key")
		case !ok || key == "":
			return nil, usagef("%s is not VAR=NAME, a variable and the name or id of a key", quote(arg))
		}
		if err := dotenv.CheckName(variable); err != nil {
			return nil, wrongUse(err)
		}
		if strings.HasPrefix(variable, project.OwnPrefix) {
			return nil, usagef("%s cannot be set: %s variables are clavier's own settings", variable, project.OwnPrefix)
		}
		for _, other := range wants {
			if other.variable == variable {
				return nil, usagef("%s is given twice", variable)
			}
		}
		wants = append(wants, want{variable: variable, key: key})
	}
	return wants, nil
}

// wanted returns what the arguments and the project want, of which the arguments win. The project's profile is the one that
// is meant from here on, unless a flag or the environment names another.
func (a *app) wanted(args []string, noProject bool) (wants []want, hasProject bool, err error) {
	if wants, err = parseWants(args); err != nil || noProject {
		return wants, false, err
	}
	file, err := a.project()
	if err != nil || file == nil {
		return wants, false, err
	}
	if err := a.useProfileOf(file); err != nil {
		return nil, true, err
	}
	given := map[string]bool{}
	for _, w := range wants {
		given[w.variable] = true
	}
	for _, v := range file.Variables {
		if !given[v.Name] {
			wants = append(wants, want{v.Name, v.Key, fmt.Sprintf("%s:%d", model.Display(file.Path), v.Line)})
		}
	}
	return wants, true, nil
}

// values returns the variables with their secrets. If some of the keys cannot be used, one error names all of them; before
// says what was not done then.
func (a *app) values(ctx context.Context, wants []want, before string) ([]dotenv.Pair, error) {
	pairs := make([]dotenv.Pair, 0, len(wants))
	err := a.within(ctx, func(p *place) error {
		all, err := p.List(ctx)
		if err != nil {
			return err
		}
		keys, err := a.usable(all, wants)
		if err != nil {
			return fmt.Errorf("%s: %w", before, err)
		}
		secrets := map[string]model.Secret{}
		for i, key := range keys {
			if _, there := secrets[key.ID]; !there {
				if secrets[key.ID], err = a.unsealed(ctx, p, key.ID); err != nil {
					return fmt.Errorf("%s: the key %s: %w", before, quote(key.Name), err)
				}
				if key.Dead {
					a.sayf("the key %s was refused by an API when it was last tried", quote(key.Name))
				}
			}
			pairs = append(pairs, dotenv.Pair{Name: wants[i].variable, Value: secrets[key.ID]})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pairs, nil
}

// unsealed returns the secret of a key. It asks for the passphrase if the identity is locked.
func (a *app) unsealed(ctx context.Context, p *place, id string) (model.Secret, error) {
	revealer, ok := any(p).(client.Revealer)
	if !ok {
		return model.Secret{}, errors.New("secrets of this profile cannot be had again")
	}
	secret, err := revealer.Reveal(ctx, id)
	if unlocker, can := any(p).(client.Unlocker); can && errors.Is(err, model.ErrLocked) {
		if err = a.unlock(ctx, unlocker.Unlock); err == nil {
			secret, err = revealer.Reveal(ctx, id)
		}
	}
	return secret, err
}

// usable returns the key of each want, or one error that says of every want what is wrong with its key.
func (a *app) usable(all []model.Key, wants []want) ([]model.Key, error) {
	keys := make([]model.Key, len(wants))
	var wrong []string
	for i, w := range wants {
		key, err := client.Find(all, w.key)
		var problem string
		switch {
		case errors.Is(err, model.ErrNotFound):
			problem = "there is no key " + quote(w.key)
		case errors.Is(err, model.ErrAmbiguous):
			problem = "several keys are named " + quote(w.key) + ", give the id of one"
		case err != nil:
			return nil, err
		default:
			problem = a.unusable(key)
		}
		if problem != "" {
			name := w.variable
			if w.where != "" {
				name += " (" + w.where + ")"
			}
			wrong = append(wrong, name+": "+problem)
		}
		keys[i] = key
	}
	if len(wrong) > 0 {
		profile, err := a.profile()
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s; this is the profile %s, see clavier list", strings.Join(wrong, "; "), profile.Name)
	}
	return keys, nil
}

// unusable says why a key that is there opens nothing; "" if nothing is known against it.
func (a *app) unusable(key model.Key) string {
	switch key.StatusAt(a.now()) {
	case model.StatusExpired:
		return fmt.Sprintf("the key %s expired at %s", quote(key.Name), key.ExpiresAt.In(a.zone).Format(time.DateTime))
	case model.StatusDisabled:
		return fmt.Sprintf("the key %s is disabled", quote(key.Name))
	default:
		return ""
	}
}

// completeWants offers VAR=NAME for the keys of the profile once the variable is typed.
func (a *app) completeWants(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	variable, _, ok := strings.Cut(typed, "=")
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	names, directive := a.completeKeys(cmd, nil, "")
	for i, name := range names {
		names[i] = variable + "=" + name
	}
	return names, directive
}
