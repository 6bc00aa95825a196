package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/model"
)

func (a *app) deleteCommand() *cobra.Command {
	var confirm string
	cmd := &cobra.Command{
		Use:   "delete NAME|ID",
		Short: "Delete a key for good",
		Long: `Delete a key for good: it stops working at once and cannot be had again. On a
terminal the exact name has to be typed; elsewhere --confirm has to be exactly
the name. A name that cannot be typed with certainty, or that another key has
too, is confirmed with the id.`,
		Args:              exactly("NAME|ID"),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer p.close()
			keys, err := p.List(cmd.Context())
			if err != nil {
				return err
			}
			key, err := client.Find(keys, args[0])
			if err != nil {
				return err
			}
			if err := a.confirm(key, keys, confirm, cmd.Flags().Changed("confirm")); err != nil {
				return err
			}
			return a.delete(cmd.Context(), p, key)
		},
	}
	cmd.Flags().StringVar(&confirm, "confirm", "", "the exact `NAME` of the key to delete, or its id")
	_ = cmd.RegisterFlagCompletionFunc("confirm", cobra.NoFileCompletions)
	return cmd
}

func (a *app) delete(ctx context.Context, p *place, key model.Key) error {
	if err := p.Delete(ctx, key.ID); err != nil {
		return fmt.Errorf("%s was not deleted: %w", quote(key.Name), err)
	}
	a.say("deleted %s, %s", quote(key.Name), key.Hint)
	return nil
}

// confirm returns nil if the person has confirmed that key is the one to delete: by the flag if it is given, else by
// typing on the terminal.
func (a *app) confirm(key model.Key, all []model.Key, flag string, given bool) error {
	want, byID := model.Confirmation(key, all)
	what := "name"
	if byID {
		what = "id"
	}
	if given {
		if !model.Confirms(flag, want) {
			return fmt.Errorf("nothing was deleted: --confirm is not the %s %s", what, quote(want))
		}
		return nil
	}
	if !isTerminal(a.streams.In) {
		return fmt.Errorf("nothing was deleted: there is no terminal to ask on; confirm with the %s: --confirm %s", what, quote(want))
	}
	terminal, err := openTerminal()
	if err != nil {
		return fmt.Errorf("nothing was deleted: %w; confirm with the %s: --confirm %s", err, what, quote(want))
	}
	defer terminal.close()
	typed, err := terminal.ask(a.warning(key) + fmt.Sprintf("Type the %s %s to delete it: ", what, quote(want)))
	switch {
	case errors.Is(err, errInterrupted):
		return errors.New("nothing was deleted")
	case err != nil:
		return fmt.Errorf("nothing was deleted: %w", err)
	case !model.Confirms(typed, want):
		return fmt.Errorf("nothing was deleted: what was typed is not the %s", what)
	}
	return nil
}

// warning says what stops working when key is deleted.
func (a *app) warning(key model.Key) string {
	now := a.now()
	return fmt.Sprintf("Deleting %s cannot be undone. Whatever uses the secret %s stops working.\n"+
		"It was made at %s (%s ago). Last used: %s.\n",
		quote(key.Name), model.Display(key.Hint), key.CreatedAt.In(a.zone).Format(timeLayout),
		model.Age(key.CreatedAt, now), key.LastUse.Used(now))
}
