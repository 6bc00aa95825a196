package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clavier/apis"
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
				rows = append(rows, []string{p.Name, placeName(p), provider, prefix, model.Display(p.Store), mark})
			}
			return a.printed(writeTable(a.streams.Out, rows))
		},
	}
}

func (a *app) profileAddCommand() *cobra.Command {
	var add config.NewProfile
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a profile with a store of its own on this machine",
		Long: `Add a profile with a store of its own on this machine, by a table in the
settings file.

With --provider local, which is the default, its keys are made here. The prefix
starts their secrets: a letter, then letters, digits or _, and _ at the end.

With --provider manual its keys are made elsewhere, and are imported. The
console is the address of the page where they are made. A preset is a platform
that is known: it brings provider, console and a catalogue of APIs along, and
the profile begins with the first of them. There is: mindee.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			add.Name = args[0]
			if err := completeProfile(cmd, &add); err != nil {
				return err
			}
			settings, err := a.settings()
			if err != nil {
				return err
			}
			if err := config.AddProfile(settings.File, add); err != nil {
				return err
			}
			a.sayf("added the profile %s to %s; open it with: clavier --profile %s", add.Name, settings.File, add.Name)
			if console := model.FindPreset(add.Preset).Console; console != "" && add.Console == "" {
				add.Console = console
			}
			if add.Console != "" {
				a.sayf("its keys are made at %s; take one in with: clavier --profile %s import NAME", add.Console, add.Name)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&add.Prefix, "prefix", "", "start the secrets of its keys with `PREFIX` (default "+model.DefaultPrefix+")")
	flags.StringVar(&add.Provider, "provider", "", "where its keys are made, `KIND`: local or manual (default local, or what the preset says)")
	flags.StringVar(&add.Preset, "preset", "", "the platform that its keys come from, `NAME`: mindee")
	flags.StringVar(&add.Console, "console", "", "the https `ADDRESS` of the page where its keys are made")
	for flag, words := range map[string][]string{"prefix": nil, "console": nil, "provider": {config.ProviderLocal, config.ProviderManual}, "preset": presetNames()} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// completeProfile checks what the flags say of a new profile and adds what the preset brings. What is refused is wrong use.
func completeProfile(cmd *cobra.Command, add *config.NewProfile) error {
	if err := config.CheckProfileName(add.Name); err != nil {
		return wrongUse(err)
	}
	for _, given := range []struct {
		flag  string
		check func() error
	}{
		{"prefix", func() error { return model.CheckPrefix(add.Prefix) }},
		{"console", func() error { return model.CheckConsole(add.Console) }},
		{"provider", func() error { return oneOf("--provider", add.Provider, config.ProviderLocal, config.ProviderManual) }},
		{"preset", func() error { return oneOf("--preset", add.Preset, presetNames()...) }},
	} {
		if cmd.Flags().Changed(given.flag) {
			if err := given.check(); err != nil {
				return wrongUse(err)
			}
		}
	}
	if add.Provider == "" && add.Preset != "" {
		add.Provider = config.ProviderManual
	}
	if add.Provider == config.ProviderManual && add.Prefix != "" {
		return usagef("--prefix is for keys that are made here, and those of the provider manual are made elsewhere: leave it out")
	}
	if api, ok := apis.Default(add.Preset); ok {
		add.APIs = []model.API{api}
	}
	return nil
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
