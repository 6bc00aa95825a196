package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) profileTokenCommand() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "token NAME",
		Short: "Give a profile of a key service another token",
		Long: `Give a profile of a key service another token: one line of standard input, or
what is typed on the terminal. The service is asked whose it is; one that it does
not take, or of the role use, is refused, and the old one stays.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: a.completeServices,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := a.settings()
			if err != nil {
				return err
			}
			profile, err := settings.Profile(args[0])
			if err != nil {
				return err
			}
			if !isService(profile) {
				return usagef("the keys of the profile %s are on this machine: there is no token for them", quote(profile.Name))
			}
			token, err := a.readToken(profile.Name)
			if err != nil {
				return err
			}
			whose, err := a.keepToken(cmd.Context(), profile, token, offline)
			if err != nil {
				return orOffline(err)
			}
			a.sayf("the profile %s has another token for the key service %s%s", profile.Name, placeName(profile), behind(whose))
			return nil
		},
	}
	addOffline(cmd, &offline)
	return cmd
}

// behind puts a part of a sentence, if there is one, behind a semicolon.
func behind(text string) string {
	if text == "" {
		return ""
	}
	return "; " + text
}

func addOffline(cmd *cobra.Command, offline *bool) {
	cmd.Flags().BoolVar(offline, "offline", false, "keep the token without asking the key service whose it is")
}

// completeServices offers the names of the profiles whose keys a service keeps.
func (a *app) completeServices(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	settings, err := a.settings()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, profile := range settings.Profiles() {
		if isService(profile) {
			names = append(names, profile.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
