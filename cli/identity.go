package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/seal"
)

func (a *app) identityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "identity",
		Short: "The identity that opens your sealed secrets",
		Long: `The identity is an age identity file or an SSH key. Secrets are sealed to its
public half, the recipient, and only the identity opens them again, here or
with the plain age tool.`,
		Args: cobra.ArbitraryArgs,
		RunE: subcommand,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "protect",
			Short: "Put a passphrase on the identity file, or change it",
			Long: `Put a passphrase on the identity file, or change it. It is asked for on the
terminal, and later whenever a secret has to be unsealed: by show and copy,
never by create, list and delete.`,
			Args: exactly(),
			RunE: func(cmd *cobra.Command, _ []string) error { return a.protect(cmd.Context()) },
		},
		&cobra.Command{
			Use:   "recipient",
			Short: "Print the public recipient of the identity",
			Args:  exactly(),
			RunE: func(cmd *cobra.Command, _ []string) error {
				vault, err := a.vault()
				if err != nil {
					return err
				}
				recipient, err := a.ownRecipient(cmd.Context(), vault)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.streams.Out, model.Display(recipient))
				return a.printed(err)
			},
		},
	)
	return cmd
}

// ownRecipient returns the public half of the identity. If that is lost, it asks for the passphrase to write it anew.
func (a *app) ownRecipient(ctx context.Context, vault *seal.Vault) (string, error) {
	all, err := vault.Recipients()
	if errors.Is(err, model.ErrLocked) {
		if err = a.unlock(ctx, vault.Unlock); err == nil {
			all, err = vault.Recipients()
		}
	}
	if err != nil {
		return "", err
	}
	return all[0], nil
}

func (a *app) protect(ctx context.Context) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	vault, err := vaultOf(profile)
	if err != nil {
		return err
	}
	terminal, err := a.terminal()
	if err != nil {
		return fmt.Errorf("%w: a passphrase is typed, never given as an argument or a file", err)
	}
	recipient, err := a.ownRecipient(ctx, vault)
	if err != nil {
		return err
	}
	if strings.HasPrefix(recipient, "ssh-") {
		return fmt.Errorf("the identity %s is an SSH key: set its passphrase with ssh-keygen -p", profile.Identity)
	}
	if vault.Locked() {
		if err := a.unlock(ctx, vault.Unlock); err != nil {
			return err
		}
	}
	passphrase, err := newPassphrase(terminal)
	if err != nil {
		return err
	}
	a.sayf("protecting the identity: making the passphrase slow to guess takes a moment")
	if err := vault.Protect([]byte(passphrase)); err != nil {
		return err
	}
	a.sayf("the identity %s is protected; without the passphrase nobody can open the sealed secrets, you included", profile.Identity)
	return nil
}

// newPassphrase asks for a passphrase twice.
func newPassphrase(terminal *tty) (string, error) {
	passphrase, err := terminal.askHidden("New passphrase: ")
	if err != nil {
		return "", err
	}
	if err := seal.CheckPassphrase([]byte(passphrase)); err != nil {
		return "", err
	}
	again, err := terminal.askHidden("The same again: ")
	if err != nil {
		return "", err
	}
	if passphrase != again {
		return "", errors.New("the two passphrases differ; nothing was changed")
	}
	return passphrase, nil
}
