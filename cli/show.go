package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/model"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME|ID",
		Short: "Print the secret of a key",
		Long: `Print the secret of a key, alone, on standard output. If the identity is
protected, its passphrase is asked for on the terminal.`,
		Args:              exactly("NAME|ID"),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, secret, err := a.reveal(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.printed(a.writeSecret(secret))
		},
	}
}

// reveal returns the key that nameOrID means, and its secret. It asks for the passphrase if the identity is locked.
func (a *app) reveal(ctx context.Context, nameOrID string) (model.Key, model.Secret, error) {
	var key model.Key
	var secret model.Secret
	err := a.within(ctx, func(p *place) error {
		keys, err := p.List(ctx)
		if err != nil {
			return err
		}
		if key, err = client.Find(keys, nameOrID); err != nil {
			return err
		}
		secret, err = p.Reveal(ctx, key.ID)
		if errors.Is(err, model.ErrLocked) {
			if err = a.unlock(ctx, p.Unlock); err == nil {
				secret, err = p.Reveal(ctx, key.ID)
			}
		}
		return err
	})
	return key, secret, err
}

// unlockTries is how often a passphrase is asked for, as ssh does.
const unlockTries = 3

// unlock asks for the passphrase of the identity on the terminal until it is right. It returns the last answer of
// unlock, errInterrupted, or says that there is no terminal.
func (a *app) unlock(ctx context.Context, unlock func(context.Context, []byte) error) error {
	terminal, err := a.terminal()
	if err != nil {
		return fmt.Errorf("%w, and %w: run this where it can be typed", model.ErrLocked, err)
	}
	for try := 1; ; try++ {
		passphrase, err := terminal.askHidden("Passphrase of the identity: ")
		if err != nil {
			return err
		}
		err = unlock(ctx, []byte(passphrase))
		if !errors.Is(err, model.ErrPassphrase) || try == unlockTries {
			return err
		}
		a.sayf("%v; try again", err)
	}
}
