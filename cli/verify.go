package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"clavier/model"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Say whether a secret belongs to a live key",
		Long: `Read a secret, one line, on standard input. If it belongs to a live key, print
the key's name and exit with 0; for every reason not to, say the same sentence
and exit with 1.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			presented, err := a.readPresented()
			if err != nil {
				return err
			}
			if model.CheckSecret(presented.Reveal()) != nil {
				return model.ErrRefused // without touching the store
			}
			var key model.Key
			err = a.within(cmd.Context(), func(p *place) error {
				issuer, err := p.issues("whoever made them verifies them")
				if err == nil {
					key, err = issuer.Verify(cmd.Context(), presented)
				}
				return err
			})
			if errors.Is(err, model.ErrRefused) {
				return model.ErrRefused
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.streams.Out, model.Display(key.Name))
			return a.printed(err)
		},
	}
}

// readPresented reads the secret to verify: one line of standard input, or what is typed on the terminal. A line that
// is missing or too long is the zero secret, which is refused like any other.
func (a *app) readPresented() (model.Secret, error) {
	if isTerminal(a.streams.In) {
		terminal, err := a.terminal()
		if err != nil {
			return model.Secret{}, err
		}
		text, err := terminal.askHidden("Secret to verify: ")
		return model.NewSecret(text), err
	}
	line, err := readLine(a.streams.In)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
		return model.Secret{}, fmt.Errorf("standard input cannot be read: %w", err)
	}
	return model.NewSecret(line), nil
}
