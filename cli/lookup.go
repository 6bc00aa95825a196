package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"clavier/export"
	"clavier/model"
)

func (a *app) lookupCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lookup",
		Short: "Say which key a secret is that turned up somewhere",
		Long: `Read a secret on standard input, or ask for it on the terminal without showing
it, and say which key it is, issued or imported, of which profile, and whether it
is live. All profiles are asked, or the one that --profile names; a key service
gets the digest of the secret alone. White space around the secret does not
matter. Nothing is noted as a use. If no key has it, exit with 1.

With --json, an array of objects: key, id, profile, hint, imported, live and
status.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			presented, err := a.readAnySecret()
			if err != nil {
				return err
			}
			known := &knownKeys{app: a}
			defer known.close()
			if err := known.open(cmd.Context()); err != nil {
				return err
			}
			holders, err := known.holders(cmd.Context(), presented)
			if err != nil {
				return err
			}
			if err := a.writeHolders(holders, asJSON); err != nil {
				return a.printed(err)
			}
			return a.verdictOf(holders, known.unasked)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// verdictOf is nil if a key has the secret. Profiles that could not be asked are named.
func (a *app) verdictOf(holders []holder, unasked []unaskedPlace) error {
	if len(holders) > 0 {
		for _, u := range unasked {
			a.sayf("%v", u)
		}
		return nil
	}
	if len(unasked) == 0 {
		return errors.New("no key has this secret")
	}
	why := make([]string, len(unasked))
	for i, u := range unasked {
		why[i] = u.String()
	}
	return fmt.Errorf("no key that could be looked at has this secret; %s", strings.Join(why, "; "))
}

func (a *app) writeHolders(holders []holder, asJSON bool) error {
	if asJSON {
		all := make([]keyJSON, 0, len(holders))
		for _, h := range holders {
			all = append(all, a.keyJSON(h))
		}
		return export.WriteJSON(a.streams.Out, all)
	}
	for _, h := range holders {
		_, status := liveness(h.key, a.now())
		_, err := fmt.Fprintf(a.streams.Out, "%s (%s), %s\n", quote(h.key.Name), model.Display(h.place.profile.Name), status)
		if err != nil {
			return err
		}
	}
	return nil
}

// maxSecret bounds what is read as one secret, in bytes, white space around it included.
const maxSecret = 64 << 10

// readAnySecret reads a secret of any shape: all of standard input, or what is typed on the terminal. White space around it
// is dropped.
func (a *app) readAnySecret() (model.Secret, error) {
	var text string
	if isTerminal(a.streams.In) {
		terminal, err := a.terminal()
		if err != nil {
			return model.Secret{}, err
		}
		if text, err = terminal.askHidden("Secret to look up: "); err != nil {
			return model.Secret{}, err
		}
	} else {
		data, err := io.ReadAll(io.LimitReader(a.streams.In, maxSecret+1))
		if err != nil {
			return model.Secret{}, fmt.Errorf("standard input cannot be read: %w", err)
		}
		if len(data) > maxSecret {
			return model.Secret{}, usagef("standard input has more than %d bytes: give one secret; clavier scan searches files", maxSecret)
		}
		text = string(data)
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return model.Secret{}, usagef("there is no secret on standard input; give one, or run this on a terminal to be asked for it")
	}
	return model.NewSecret(text), nil
}
