package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print the settings in force and where each came from",
		Long: `Print the settings in force for the profile, each with where it came from: the
default, the settings file with the line, an environment variable CLAVIER_*,
or a flag.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			settings, err := a.settings()
			if err != nil {
				return err
			}
			rows := [][]string{{"SETTING", "VALUE", "FROM"}}
			for _, setting := range settings.Effective() {
				rows = append(rows, []string{setting.Name, setting.Value, setting.Origin})
			}
			return a.printed(writeTable(a.streams.Out, rows))
		},
	}
}
