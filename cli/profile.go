package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clavier/model"
)

func (a *app) profileCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "The named places where keys live",
		Args:  cobra.ArbitraryArgs,
		RunE:  subcommand,
	}
	cmd.AddCommand(a.profileListCommand(), a.profileAddCommand(), a.profileTokenCommand(), a.profileRemoveCommand())
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
			rows := [][]string{{"NAME", "PLACE", "PROVIDER", "PREFIX", "STORE", "CHOSEN"}}
			for _, p := range settings.Profiles() {
				mark := ""
				if p.Name == chosen.Name {
					mark = "chosen"
				}
				provider, prefix := p.Provider, p.Prefix
				if p.Preset != "" {
					provider += " (" + p.Preset + ")"
				}
				if !issues(p) {
					prefix = "" // nothing is made there that could have one
				}
				kept := p.Store
				if isService(p) {
					kept = p.URL
				}
				rows = append(rows, []string{p.Name, placeName(p), provider, prefix, model.Display(kept), mark})
			}
			return a.printed(writeTable(a.streams.Out, rows))
		},
	}
}

// oneOf says that a value is none of the words that a flag can have.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	hint := ""
	if near := model.Nearest(value, words); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return fmt.Errorf("%s is %s, not %s%s", flag, either(words), quote(value), hint)
}

// either joins words: "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func presetNames() []string {
	all := model.Presets()
	names := make([]string, len(all))
	for i, preset := range all {
		names[i] = preset.Name
	}
	return names
}
