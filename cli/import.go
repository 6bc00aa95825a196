package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/model"
	"clavier/seal"
)

// maxImportInput bounds what is read of standard input for one secret, in bytes.
const maxImportInput = 64 << 10

// importOptions are the flags of clavier import.
type importOptions struct {
	created, note, from string
	all                 bool
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import NAME | import --from FILE [VAR[=NAME]]...",
		Short: "Keep keys that were made elsewhere",
		Long: `Keep a key that was made elsewhere, under a name of your choice. Its secret is
sealed like those that clavier makes. It is read from standard input, or asked
for on the terminal, where it is not shown; never an argument.

--from takes the variables of a .env file: those that are named, each under the
name of its variable or another (VAR=NAME), all with --all, or those that you
pick on the terminal. The file stays as it is.

--created is the day on which the key was made (2026-03-01), or the moment
(2026-03-01T09:00:00Z); left out, it is unknown. --note says where the key is
managed, such as the address of a settings page.

A secret that can be guessed is kept, with a warning. One that is kept already
is not kept twice.`,
		Example: `  clavier import 'mindee production' --note https://app.mindee.com/settings
  pass show mindee | clavier import mindee
  clavier import --from .env MINDEE_KEY='mindee production' STRIPE_KEY`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags := cmd.Flags()
			switch {
			case flags.Changed("from"):
				return a.importFrom(cmd.Context(), o, args)
			case flags.Changed("all"):
				return usagef("--all is about the file of --from")
			}
			if err := exactly("NAME")(cmd, args); err != nil {
				return err
			}
			return a.importOne(cmd.Context(), o, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.created, "created", "", "the `DATE` on which it was made")
	flags.StringVar(&o.note, "note", "", "a `TEXT` that says where it is managed")
	flags.StringVar(&o.from, "from", "", "import variables of `FILE`, a .env file")
	flags.BoolVar(&o.all, "all", false, "all variables of the file")
	for _, flag := range []string{"created", "note"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions)
	}
	return cmd
}

// importOne imports one secret, from standard input or the terminal.
func (a *app) importOne(ctx context.Context, o importOptions, typed string) error {
	in, err := a.described(o)
	if err != nil {
		return err
	}
	if in.Name, err = model.ParseName(typed); err != nil {
		return err
	}
	if in.Secret, err = a.readImported(); err != nil {
		return err
	}
	// Before a store is made for nothing.
	if _, err := model.CheckImport(in); err != nil {
		return fmt.Errorf("%s was not imported: %w", quote(typed), err)
	}
	return a.within(ctx, func(p *place) error {
		if err := a.keep(ctx, p, in); err != nil {
			return notDone(quote(typed), "imported", err)
		}
		return nil
	})
}

// described returns what the flags say of what is imported.
func (a *app) described(o importOptions) (model.Import, error) {
	in := model.Import{Note: o.note}
	if o.created == "" {
		return in, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, time.RFC3339} {
		at, err := time.ParseInLocation(layout, o.created, a.zone)
		if err != nil {
			continue
		}
		if at.After(a.now()) {
			return in, usagef("--created: %s has not come yet", o.created)
		}
		in.CreatedAt = at.UTC()
		return in, nil
	}
	return in, usagef("--created: %s is no day such as 2026-03-01, nor a moment such as 2026-03-01T09:00:00Z", quote(o.created))
}

// readImported reads a secret: all of standard input but a line end at its end, or what is typed or pasted on the terminal.
func (a *app) readImported() (model.Secret, error) {
	if isTerminal(a.streams.In) {
		terminal, err := a.terminal()
		if err != nil {
			return model.Secret{}, err
		}
		text, err := terminal.askHidden("Secret to import: ")
		return model.NewSecret(text), err
	}
	content, err := io.ReadAll(io.LimitReader(a.streams.In, maxImportInput+1))
	if err != nil {
		return model.Secret{}, fmt.Errorf("standard input cannot be read: %w", err)
	}
	if len(content) > maxImportInput {
		return model.Secret{}, errors.New("nothing was imported: standard input has more than 64 KiB, which no secret has")
	}
	text, _ := strings.CutSuffix(string(content), "\n")
	text, _ = strings.CutSuffix(text, "\r")
	return model.NewSecret(text), nil
}

// keep imports a secret and says so, with a warning if it can be guessed.
func (a *app) keep(ctx context.Context, p *place, in model.Import) error {
	importer, ok := any(p).(client.Importer)
	if !ok {
		return errors.New("this profile keeps no keys that were made elsewhere")
	}
	_, identityErr := p.vault.Protected()
	key, err := importer.Import(ctx, in)
	if err != nil {
		return err
	}
	a.sayf("imported %s, %s", quote(key.Name), model.Display(key.Hint))
	if weak := model.WeakSecret(in.Secret.Reveal()); weak != "" {
		a.sayf("%s: %s", quote(key.Name), weak)
	}
	if errors.Is(identityErr, seal.ErrNoIdentity) {
		a.sayf("your identity, which alone opens the secrets again, was made without a passphrase; " +
			"clavier identity protect puts one on it")
	}
	return nil
}
