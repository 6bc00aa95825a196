package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"clavier/config"
	"clavier/model"
)

func (a *app) profileRemoveCommand() *cobra.Command {
	var confirmed func() *string
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a profile from the settings",
		Long: `Remove a profile from the settings file, of which all else stays as it is. On a
terminal the exact name has to be typed; elsewhere --confirm has to be exactly the
name.

The keys stay. Those of a profile on this machine stay in its store, which is said
where it is. Those of a key service stay there, and so does the key that is the
token of the profile; the token itself and the list that is remembered are removed
from this machine. What a profile has left that is no longer in the settings, is
removed by its name, too.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: a.completeRemovable,
		RunE:              func(_ *cobra.Command, args []string) error { return a.removeProfile(args[0], confirmed()) },
	}
	confirmed = addConfirm(cmd, "the exact `NAME` of the profile to remove")
	return cmd
}

// removeProfile removes a profile and the files that clavier has made of it beside its store, once it is confirmed: by confirmed, the
// value of the flag, or on the terminal if that is nil.
func (a *app) removeProfile(name string, confirmed *string) error {
	settings, err := a.settings()
	if err != nil {
		return err
	}
	profile, unknown := settings.Profile(name)
	files, err := settings.FilesOf(name)
	switch {
	case unknown != nil && (err != nil || len(files) == 0):
		return unknown
	case err != nil:
		return err
	case unknown != nil:
		return a.removeLeft(name, files, confirmed)
	}
	if err := settings.WhyNoRemoval(name); err != nil {
		return err
	}
	stays := whatStays(profile)
	warning := fmt.Sprintf("Removing the profile %s takes it out of %s%s%s.\n", quote(name), model.Display(settings.File),
		model.Display(behindList(" and removes ", files)), model.Display(stays))
	if err := a.asked(removal(name, warning), confirmed); err != nil {
		return err
	}
	if err := config.RemoveProfile(settings.File, name); err != nil {
		return err
	}
	if files, err = settings.FilesOf(name); err == nil { // there may be more since it was asked
		err = removeFiles(files)
	}
	a.sayf("removed the profile %s from %s%s%s", name, settings.File, behindList(", and ", files), stays)
	if err != nil {
		return fmt.Errorf("the profile %s is removed, but not what clavier keeps of it: %w; once that is mended, run: clavier profile remove %s",
			name, err, shellWord(name))
	}
	return nil
}

// behindList returns files with what leads to them; nothing without any.
func behindList(lead string, files []string) string {
	if len(files) == 0 {
		return ""
	}
	return lead + strings.Join(files, ", ")
}

// removeLeft removes what a profile has left that is not in the settings.
func (a *app) removeLeft(name string, files []string, confirmed *string) error {
	what := strings.Join(files, ", ")
	warning := fmt.Sprintf("There is no profile %s; this is left of one: %s.\n", quote(name), model.Display(what))
	if err := a.asked(removal(name, warning), confirmed); err != nil {
		return err
	}
	if err := removeFiles(files); err != nil {
		return err
	}
	a.sayf("removed what a profile %s had left: %s", name, what)
	return nil
}

func removal(name, warning string) question {
	return question{verb: "remove", done: "removed", what: "name", want: name, warning: warning}
}

// whatStays says, behind a semicolon, what is not removed with a profile.
func whatStays(profile config.Profile) string {
	if !isService(profile) {
		if hasNoStore(profile) {
			return ""
		}
		return "; its keys stay in the store " + profile.Store
	}
	stays := fmt.Sprintf("; its keys stay at the key service %s, also the one that is its token, which works until it is deleted there", placeName(profile))
	if _, err := os.Stat(profile.Token); err == nil && !profile.TokenOwn {
		stays += "; the token stays in " + profile.Token
	}
	return stays
}

// removeFiles removes files, all that can be.
func removeFiles(files []string) error {
	var failed []error
	for _, file := range files {
		err := os.Remove(file)
		if cause := (*fs.PathError)(nil); errors.As(err, &cause) && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, fmt.Errorf("%s cannot be removed: %w", model.Display(file), cause.Err))
		}
	}
	if len(files) > 0 {
		_ = syncDir(filepath.Dir(files[0]))
	}
	if len(failed) > 0 {
		return failed[0]
	}
	return nil
}

// completeRemovable offers the names of the profiles that can be removed.
func (a *app) completeRemovable(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	settings, err := a.settings()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, profile := range settings.Profiles() {
		if settings.WhyNoRemoval(profile.Name) == nil {
			names = append(names, profile.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
