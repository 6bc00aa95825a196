package cli

import (
	"github.com/spf13/cobra"
)

func newRoot(streams Streams) *cobra.Command {
	a := newApp(streams)
	root := &cobra.Command{
		Use:   "clavier",
		Short: "Make, list, copy and delete API keys from the keyboard",
		Long: `clavier makes API keys, names them, lists them with the moment they were made,
hands them to you by clipboard and deletes them for good. Without a command it
opens the screen; the commands do the same without it.

Exit codes: 0 done, 1 refused or failed, 2 wrong use.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.screen(cmd.Context()) },
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, cmd.CommandPath())
	})
	root.SuggestionsMinimumDistance = 2
	root.PersistentFlags().StringVar(&a.flags.profile, "profile", "", "the profile `NAME` whose keys are meant")
	root.PersistentFlags().StringVar(&a.flags.config, "config", "", "read the settings from `FILE` instead of the usual one")
	a.given = root.PersistentFlags().Changed
	_ = root.RegisterFlagCompletionFunc("profile", a.completeProfiles)
	root.AddCommand(
		a.listCommand(), a.createCommand(), a.showCommand(), a.copyCommand(), a.deleteCommand(), a.verifyCommand(),
		a.envCommand(), a.runCommand(), a.allowCommand(), a.importCommand(),
		a.identityCommand(), a.profileCommand(), a.configCommand(), a.doctorCommand(), a.demoCommand(), a.completionCommand(),
	)
	root.AddCommand(a.scanCommand(), a.lookupCommand())
	root.AddCommand(a.tryCommand())
	root.AddCommand(a.rotateCommand())
	root.AddCommand(a.serveCommand())
	return root
}
