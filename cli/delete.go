package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/config"
	"clavier/model"
)

func (a *app) deleteCommand() *cobra.Command {
	var confirmed func() *string
	cmd := &cobra.Command{
		Use:   "delete NAME|ID",
		Short: "Delete a key for good",
		Long: `Delete a key for good: it stops working at once and cannot be had again. On a
terminal the exact name has to be typed; elsewhere --confirm has to be exactly
the name. A name that cannot be typed with certainty, or that another key has
too, is confirmed with the id.

Its hash and sealed secret are erased from the store, too. Where that cannot be
done at once, as another program uses the store, the key is deleted all the same,
and what erases them is said. Exit codes: 0 the key is deleted, 1 it is not, or
nobody knows, 2 wrong use.`,
		Args:              exactly("NAME|ID"),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.within(cmd.Context(), func(p *place) error { return a.delete(cmd.Context(), p, args[0], confirmed()) })
		},
	}
	confirmed = addConfirm(cmd, "the exact `NAME` of the key to delete, or its id")
	return cmd
}

// delete deletes the key that nameOrID means, once it is confirmed: by confirmed, the value of the flag, or on the
// terminal if that is nil.
func (a *app) delete(ctx context.Context, p *place, nameOrID string, confirmed *string) error {
	keys, err := p.List(ctx)
	if err != nil {
		return err
	}
	key, err := client.Find(keys, nameOrID)
	if err != nil {
		return err
	}
	if err := a.confirm(key, keys, confirmed); err != nil {
		return err
	}
	err = p.Delete(ctx, key.ID)
	if err != nil && !errors.Is(err, model.ErrNotErased) {
		return notDone(quote(key.Name), "deleted", err)
	}
	a.sayf("deleted %s, %s", quote(key.Name), key.Hint)
	if err != nil {
		a.sayf("%s", notErased(p.profile))
	}
	return nil
}

// notErased is what is said of a key that is deleted and not yet erased. Nobody has to do anything: what comes next erases it.
func notErased(profile config.Profile) string {
	if isService(profile) {
		return fmt.Sprintf("its hash and sealed secret could not be erased at once from the log of the store of the key service %s: "+
			"the next deletion there does it", placeName(profile))
	}
	return fmt.Sprintf("its hash and sealed secret could not be erased at once from the log of the store %s: "+
		"the next command on this store does it, once no other program uses it", profile.Store)
}

// confirm returns nil if the person has confirmed that key is the one to delete.
func (a *app) confirm(key model.Key, all []model.Key, confirmed *string) error {
	want, byID := model.Confirmation(key, all)
	what := "name"
	if byID {
		what = "id"
	}
	return a.asked(question{verb: "delete", done: "deleted", what: what, want: want, warning: a.warning(key)}, confirmed)
}

// warning says what stops working when key is deleted.
func (a *app) warning(key model.Key) string {
	now := a.now()
	if key.Imported {
		return fmt.Sprintf("%s was made elsewhere: here it is only forgotten, for good, and the secret %s goes on working\n"+
			"until it is deleted where it was made.\n", quote(key.Name), model.Display(key.Hint))
	}
	return fmt.Sprintf("Deleting %s cannot be undone. Whatever uses the secret %s stops working.\n"+
		"It was made at %s (%s ago). Last used: %s.\n",
		quote(key.Name), model.Display(key.Hint), key.CreatedAt.In(a.zone).Format(timeLayout),
		model.Age(key.CreatedAt, now), key.LastUse.Used(now))
}
