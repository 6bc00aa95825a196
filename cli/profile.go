package cli

import (
	"github.com/spf13/cobra"

	"clavier/config"
	"clavier/model"
)

func (a *app) profileCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "The named places where keys live",
		Args:  cobra.ArbitraryArgs,
		RunE:  subcommand,
	}
	cmd.AddCommand(a.profileListCommand(), a.profileAddCommand())
	return cmd
}

func (a *app) profileListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the profiles",
		Args:  exactly(),
		RunE: func(*cobra.Command, []string) error {
			settings, err := a.settings()
			if err != nil {
				return err
			}
			chosen, err := settings.Profile("")
			if err != nil {
				return err
			}
			rows := [][]string{{"NAME", "PLACE", "PREFIX", "STORE", "CHOSEN"}}
			for _, p := range settings.Profiles() {
				mark := ""
				if p.Name == chosen.Name {
					mark = "chosen"
				}
				rows = append(rows, []string{p.Name, placeName(p), p.Prefix, model.Display(p.Store), mark})
			}
			return a.printed(writeTable(a.streams.Out, rows))
		},
	}
}

func (a *app) profileAddCommand() *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a profile with a store of its own on this machine",
		Long: `Add a profile with a store of its own on this machine, by a table in the
settings file. The prefix starts the secrets of its keys: a letter, then
letters, digits or _, and _ at the end.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := config.CheckProfileName(args[0]); err != nil {
				return wrongUse(err)
			}
			if cmd.Flags().Changed("prefix") {
				if err := model.CheckPrefix(prefix); err != nil {
					return wrongUse(err)
				}
			}
			settings, err := a.settings()
			if err != nil {
				return err
			}
			if err := config.AddProfile(settings.File, config.NewProfile{Name: args[0], Prefix: prefix}); err != nil {
				return err
			}
			a.sayf("added the profile %s to %s; open it with: clavier --profile %s", args[0], settings.File, args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "start the secrets of its keys with `PREFIX` (default "+model.DefaultPrefix+")")
	_ = cmd.RegisterFlagCompletionFunc("prefix", cobra.NoFileCompletions)
	return cmd
}
