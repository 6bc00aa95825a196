package cli

import (
	"context"

	"github.com/spf13/cobra"

	"clavier/model"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print what makes a shell complete clavier's commands",
		Long: `Print the script that makes a shell complete clavier's commands, flags and key
names.

bash:        source <(clavier completion bash)
zsh:         clavier completion zsh > "${fpath[1]}/_clavier"
fish:        clavier completion fish > ~/.config/fish/completions/clavier.fish
powershell:  clavier completion powershell | Out-String | Invoke-Expression`,
		Args:      exactly("bash, zsh, fish or powershell"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), a.streams.Out
			switch args[0] {
			case "bash":
				return a.printed(root.GenBashCompletionV2(out, true))
			case "zsh":
				return a.printed(root.GenZshCompletion(out))
			case "fish":
				return a.printed(root.GenFishCompletion(out, true))
			case "powershell":
				return a.printed(root.GenPowerShellCompletionWithDesc(out))
			default:
				return usagef("there is no completion for %s; there is for bash, zsh, fish and powershell", quote(args[0]))
			}
		},
	}
}

// completeKeys offers the names of the profile's keys. It says nothing about errors and makes no store.
func (a *app) completeKeys(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	keys, err := a.keysToOffer(cmd.Context())
	if err != nil || len(keys) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offers(keys), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// keysToOffer returns the keys of the profile; those of a key service as they were when it was last reached, for a shell must not
// wait for a network or a passphrase.
func (a *app) keysToOffer(ctx context.Context) (keys []model.Key, err error) {
	profile, err := a.profile()
	if err != nil || hasNoStore(profile) {
		return nil, err
	}
	if isService(profile) {
		list, err := newMemory(profile).recalled()
		return list.Keys, err
	}
	err = a.within(ctx, func(p *place) (err error) {
		keys, err = p.List(ctx)
		return err
	})
	return keys, err
}

// offers returns the names that can be typed with certainty, with their hints as descriptions.
func offers(keys []model.Key) []string {
	var names []string
	for _, key := range keys {
		if _, byID := model.Confirmation(key, keys); !byID {
			names = append(names, cobra.CompletionWithDesc(key.Name, model.Display(key.Hint)))
		}
	}
	return names
}

// completeProfiles offers the names of the profiles.
func (a *app) completeProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	settings, err := a.settings()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, profile := range settings.Profiles() {
		names = append(names, profile.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
