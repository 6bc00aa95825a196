package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// RemoveProfile takes a profile with all that belongs to it out of the settings file at path. All else stays as it is, byte for byte,
// comments on lines of their own too; a comment behind a setting goes with it, and so does one blank line above each table. It returns
// an *Error if there is no such profile, if the file says that the program opens with it, if it is the one that there always is, or if
// the file was not sound before; then nothing is changed.
func RemoveProfile(path, name string) error {
	byHand := fmt.Sprintf("the profile %q cannot be taken out; remove it by hand", name)
	return edit(path, nameProfile, byHand, func(before *fileReader) ([]byte, error) {
		p, err := before.existing(name)
		if err == nil {
			err = refuseRemoval(path, name, []value{before.values[nameProfile]})
		}
		if err != nil {
			return nil, err
		}
		if before.inline {
			return nil, &Error{Where: path, Name: nameProfile, Text: byHand}
		}
		return before.without(p.lines), nil
	})
}

// WhyNoRemoval returns an *Error if RemoveProfile would refuse a profile, or if the environment says that the program opens with it.
func (c *Config) WhyNoRemoval(name string) error { return refuseRemoval(c.File, name, c.opens) }

// refuseRemoval returns an *Error if a profile has to stay; opens are what there is to say with which the program opens.
func refuseRemoval(file, name string, opens []value) error {
	if name == DefaultProfile {
		return &Error{Where: file, Name: nameProfile, Text: fmt.Sprintf("there is always a profile %q: what is set of it is removed by hand", name)}
	}
	for _, v := range opens {
		if v.text == name {
			return v.error(file, nameProfile, fmt.Sprintf("the program opens with the profile %q: name another one here first", name))
		}
	}
	return nil
}

// claim notes that a part of the file, with its whole lines, belongs to the profile that a dotted key is of, if it is of one.
func (r *fileReader) claim(path []part, of span) error {
	if path[0].name != tableProfiles {
		return nil
	}
	if len(path) == 1 {
		r.inline = r.inline || !of.heads
		return nil
	}
	p, err := r.profile(path[1])
	if err == nil {
		p.lines = append(p.lines, r.linesOf(of))
	}
	return err
}

// ownFile is what follows the name of a profile in the names of the files that clavier keeps of it beside its store: the list that is
// remembered, and the token, for each address, with what is being made to replace it.
var ownFile = regexp.MustCompile(`^\.(list|[0-9a-f]{16}\.token(\.[0-9a-f-]{36})?)$`)

// FilesOf returns the files that clavier has made beside its store for a profile alone: of one that is in the settings, its list and
// what is for the address of its service; of one that is not, whatever is called after it. None of them is one that another profile
// uses; and there is nothing to be had of a profile that is not in settings which --config or CLAVIER_CONFIG name, for it may be in
// others.
func (c *Config) FilesOf(name string) ([]string, error) {
	files, err := c.FilesNamed(name)
	if err != nil {
		return nil, err
	}
	profile, err := c.Profile(name)
	known := err == nil
	if !known && c.file.origin != originDefault {
		return nil, nil
	}
	return slices.DeleteFunc(files, func(path string) bool {
		its := path == profile.List || profile.TokenOwn && (path == profile.Token || strings.HasPrefix(path, profile.Token+"."))
		return known && !its || c.isOfAnother(name, path)
	}), nil
}

// FilesNamed returns the files beside the store that have the names which clavier gives to a list and to tokens of a profile with this
// name, for whatever address, whether there is such a profile or not.
func (c *Config) FilesNamed(name string) ([]string, error) {
	if err := CheckProfileName(name); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(c.places.data)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("look for the files of the profile %s: %w", name, err)
	}
	var files []string
	for _, entry := range entries {
		if rest, ok := strings.CutPrefix(entry.Name(), name); ok && ownFile.MatchString(rest) && !entry.IsDir() {
			files = append(files, filepath.Join(c.places.data, entry.Name()))
		}
	}
	return files, nil
}

// isOfAnother reports whether a profile with another name uses a file.
func (c *Config) isOfAnother(name, path string) bool {
	return slices.ContainsFunc(c.Profiles(), func(p Profile) bool {
		return p.Name != name && slices.Contains([]string{p.Token, p.List, p.Store, p.Identity, p.CA}, path)
	})
}
