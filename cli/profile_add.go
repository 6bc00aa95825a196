package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"clavier/apis"
	"clavier/config"
	"clavier/model"
)

func (a *app) profileAddCommand() *cobra.Command {
	var add config.NewProfile
	var offline bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a profile with a store of its own, or one of a key service",
		Long: `Add a profile, by a table in the settings file.

With --url, a key service keeps its keys: https://HOST, http to this machine alone,
or unix:/PATH. The token, which is a key of the service with the role read or
manage, is read on standard input, one line, or asked for on the terminal without
being shown. The service is asked whose it is; --offline does not. The token is
sealed to your identity and kept beside the stores. --ca is a PEM file of
authorities that may vouch for the service beside those of the system.

Without --url it gets a store of its own on this machine.

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
			if add.URL != "" {
				return a.addServiceProfile(cmd.Context(), settings, add, offline)
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
	flags.StringVar(&add.Provider, "provider", "", "where its keys are, `KIND`: local, manual or service (default local, or what the preset or the url says)")
	flags.StringVar(&add.Preset, "preset", "", "the platform that its keys come from, `NAME`: mindee")
	flags.StringVar(&add.Console, "console", "", "the https `ADDRESS` of the page where its keys are made")
	flags.StringVar(&add.URL, "url", "", "the `ADDRESS` of the key service that keeps its keys")
	flags.StringVar(&add.CA, "ca", "", "the PEM `FILE` of further authorities that may vouch for the key service")
	addOffline(cmd, &offline)
	for flag, words := range map[string][]string{"prefix": nil, "console": nil, "url": nil, "provider": providers, "preset": presetNames()} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// providers are the kinds of a profile.
var providers = []string{config.ProviderLocal, config.ProviderManual, config.ProviderService}

// addServiceProfile adds a profile of a key service, and says what was made.
func (a *app) addServiceProfile(ctx context.Context, settings *config.Config, add config.NewProfile, offline bool) error {
	profile, err := settings.WouldBe(add) // before the token is asked for
	if err != nil {
		return err
	}
	vault, err := a.vaultOf(profile)
	if err != nil {
		return err
	}
	_, identityErr := vault.Protected()
	token, err := a.readToken(add.Name)
	if err != nil {
		return err
	}
	profile, whose, err := a.addService(ctx, add, token, offline)
	if err != nil {
		return fmt.Errorf("the profile %s was not added: %w", quote(add.Name), orOffline(err))
	}
	a.sayf("added the profile %s to %s: the key service %s%s; open it with: clavier --profile %s",
		profile.Name, settings.File, placeName(profile), behind(whose), profile.Name)
	a.sayIdentity(identityErr)
	return nil
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
		{"provider", func() error { return oneOf("--provider", add.Provider, providers...) }},
		{"url", func() error { return model.CheckServiceURL(add.URL) }},
		{"preset", func() error { return oneOf("--preset", add.Preset, presetNames()...) }},
	} {
		if cmd.Flags().Changed(given.flag) {
			if err := given.check(); err != nil {
				return wrongUse(err)
			}
		}
	}
	if err := completeService(cmd, add); err != nil {
		return err
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

// completeService checks what the flags say of a key service. A path is relative to the working directory.
func completeService(cmd *cobra.Command, add *config.NewProfile) error {
	if add.URL == "" {
		for _, flag := range []string{"ca", "offline"} {
			if cmd.Flags().Changed(flag) {
				return usagef("--%s is for a key service: give --url too, or leave it out", flag)
			}
		}
		if add.Provider == config.ProviderService {
			return usagef("the provider service needs --url, the address of the key service")
		}
		return nil
	}
	switch {
	case add.Provider != "" && add.Provider != config.ProviderService:
		return usagef("--url is for a key service, and --provider says %s: leave one of them out", add.Provider)
	case add.Preset != "" || add.Console != "":
		return usagef("--url is for keys that are made here, and --preset and --console for those that are made elsewhere")
	}
	add.Provider = config.ProviderService
	if add.CA == "" {
		return nil
	}
	path, err := filepath.Abs(add.CA)
	if err != nil {
		return fmt.Errorf("the working directory is not known: %w", err)
	}
	add.CA = path
	return nil
}
