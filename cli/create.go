package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"clavier/export"
	"clavier/model"
	"clavier/seal"
)

func (a *app) createCommand() *cobra.Command {
	var asJSON bool
	var word string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a key and print its secret",
		Long: `Make a key with this name. The secret alone goes to standard output,
everything else to standard error. With --json, standard output gets the
object of list --json and "secret". A name has 1 to 64 characters, none of
them invisible, no space first or last, and no other key of the profile has
it.

The role says what the key may ask of a key service beside being verified: use
is nothing more, read is to list keys and what happened, manage is to make, end
and delete keys too. A key service lets no key make one of a higher role than
its own.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := model.ParseName(args[0])
			if err != nil {
				return err
			}
			role, err := model.ParseRole(word)
			if err != nil {
				return usagef("--role: %w", err)
			}
			draft := model.Draft{Name: name, Role: role}
			return a.within(cmd.Context(), func(p *place) error { return a.create(cmd.Context(), p, draft, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object with the secret")
	cmd.Flags().StringVar(&word, "role", model.RoleUse.String(), "make a key of this `ROLE`: use, read or manage")
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(model.RoleWords(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) create(ctx context.Context, p *place, draft model.Draft, asJSON bool) error {
	issuer, err := p.issues("make the key there, then take it in with: clavier import NAME")
	if err != nil {
		return err
	}
	_, identityErr := p.vault.Protected()
	surviveBrokenPipe()
	issued, err := issuer.Create(ctx, draft)
	if err != nil {
		return notDone(quote(string(draft.Name)), "made", err)
	}
	if err := a.writeIssued(issued, asJSON); err != nil {
		return fmt.Errorf("the key %s was made, but its secret cannot be written to standard output (%w); "+
			"have it with: clavier show %s", quote(issued.Key.Name), err, issued.Key.ID)
	}
	a.sayf("made %s, %s, at %s%s", quote(issued.Key.Name), issued.Key.Hint,
		issued.Key.CreatedAt.In(a.zone).Format("2006-01-02 15:04:05 MST"), mayMore(issued.Key.Role))
	if errors.Is(identityErr, seal.ErrNoIdentity) {
		a.sayf("your identity, which alone opens the secrets again, was made without a passphrase; " +
			"clavier identity protect puts one on it")
	}
	return nil
}

// mayMore says the role of a new key, if it is more than to be used.
func mayMore(role model.Role) string {
	if role == model.RoleUse {
		return ""
	}
	return ", with the role " + role.String()
}

func (a *app) writeIssued(issued model.Issued, asJSON bool) error {
	if asJSON {
		return export.WriteJSON(a.streams.Out, issuedJSON{a.judged().Object(issued.Key), issued.Secret.Reveal()})
	}
	return a.writeSecret(issued.Secret)
}

// writeSecret writes the secret and a line end in one write.
func (a *app) writeSecret(secret model.Secret) error {
	_, err := io.WriteString(a.streams.Out, secret.Reveal()+"\n")
	return err
}
