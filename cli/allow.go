package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"clavier/config"
	"clavier/model"
	"clavier/project"
)

func (a *app) allowCommand() *cobra.Command {
	var revoke bool
	cmd := &cobra.Command{
		Use:   "allow [FILE]",
		Short: "Let a project say which keys its programs get",
		Long: `A file ` + project.FileName + ` in a project's directory says which keys the project's
programs need in which variables. It holds names of keys and no secret:

    profile = "work"         # may be left out

    [env]
    DATABASE_KEY = "production"

clavier run and clavier env obey the one in the working directory, or in the
nearest directory above that has one, up to the home directory. They do so only
once you have allowed it by this command, and not any more when its content has
changed, until you allow it again.

Without FILE, the one that they would obey is meant. --revoke takes it back.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exactly("FILE")(cmd, args)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			allowances, err := a.allowances()
			if err != nil {
				return err
			}
			path, err := projectPath(args)
			if err != nil {
				return err
			}
			if revoke {
				return a.revoke(allowances, path)
			}
			return a.allow(allowances, path)
		},
	}
	cmd.Flags().BoolVar(&revoke, "revoke", false, "take it back, whatever the content")
	return cmd
}

// projectPath returns the path of the file that is meant: the argument, or the one of the project in whose directory this is.
func projectPath(args []string) (string, error) {
	if len(args) == 1 {
		if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
			return project.Locate(filepath.Join(args[0], project.FileName))
		}
		return project.Locate(args[0])
	}
	path, err := findProject()
	if err == nil && path == "" {
		return "", fmt.Errorf("there is no %s in this directory or above", project.FileName)
	}
	return path, err
}

func (a *app) allow(allowances project.Allowances, path string) error {
	file, err := project.Read(path)
	if err != nil {
		return err
	}
	if err := allowances.Allow(file); err != nil {
		return err
	}
	a.sayf("allowed %s: %s", model.Display(file.Path), contents(file))
	return nil
}

// contents says what a project's file asks for.
func contents(file *project.File) string {
	parts := make([]string, 0, len(file.Variables))
	for _, v := range file.Variables {
		parts = append(parts, v.Name+" gets the key "+quote(v.Key))
	}
	text := "it sets no variable"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	if file.Profile != "" {
		text += "; profile " + quote(file.Profile)
	}
	return text
}

func (a *app) revoke(allowances project.Allowances, path string) error {
	found, err := allowances.Revoke(path)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%s was not allowed", model.Display(path))
	}
	a.sayf("%s is not allowed any more", model.Display(path))
	return nil
}

func (a *app) allowances() (project.Allowances, error) {
	settings, err := a.settings()
	if err != nil {
		return project.Allowances{}, err
	}
	return project.Allowances{Dir: filepath.Join(settings.DataDir(), "allowed")}, nil
}

func findProject() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("the working directory is not known: %w", err)
	}
	home, err := config.Home()
	if err != nil {
		home = "" // then the search ends at the root
	}
	return project.Find(dir, home)
}

// project returns the file of the project in whose directory this is, nil if there is none. It is allowed.
func (a *app) project() (*project.File, error) {
	path, err := findProject()
	if err != nil || path == "" {
		return nil, err
	}
	file, err := project.Read(path)
	if err != nil {
		return nil, fmt.Errorf("%w (--no-project leaves it out)", err)
	}
	allowances, err := a.allowances()
	if err != nil {
		return nil, err
	}
	err = allowances.Check(file)
	if errors.Is(err, project.ErrNotAllowed) {
		return nil, fmt.Errorf("%s is not allowed, or has changed since: look at it, then run clavier allow (--no-project leaves it out)",
			model.Display(path))
	}
	return file, err
}

// useProfileOf makes the profile of a project the one that is meant, unless a flag or the environment has named one.
func (a *app) useProfileOf(file *project.File) error {
	if file.Profile == "" || a.given("profile") || os.Getenv("CLAVIER_PROFILE") != "" {
		return nil
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	if _, err := settings.Profile(file.Profile); err != nil {
		return fmt.Errorf("%s:%d: %w", model.Display(file.Path), file.ProfileLine, err)
	}
	given := a.given
	a.given = func(flag string) bool { return flag == "profile" || given(flag) }
	a.flags.profile, a.loaded = file.Profile, nil
	return nil
}
