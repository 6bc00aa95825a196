package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/adrg/xdg"
)

// places are the directories where files live unless a setting says otherwise.
type places struct {
	config string // $XDG_CONFIG_HOME/clavier
	data   string // $XDG_DATA_HOME/clavier
}

func (p places) identity() string { return filepath.Join(p.config, "identity.txt") }

// token is where the token of a profile for the key service at an address lies unless a setting says otherwise. Each address has a
// file of its own, so that whoever edits the address never sends the token to somebody else.
func (p places) token(profile, address string) string {
	digest := sha256.Sum256([]byte(address))
	return filepath.Join(p.data, profile+"."+hex.EncodeToString(digest[:8])+".token")
}

// list is where the list of a profile is remembered.
func (p places) list(profile string) string { return filepath.Join(p.data, profile+".list") }

// findPlaces asks the XDG base directories (specification 0.8), or what stands for them on macOS and Windows. A
// variable that is empty or relative counts as not set.
func findPlaces() (places, error) {
	// The package has looked at the environment before main; tests change it afterwards.
	xdg.Reload()
	config, err := base("XDG_CONFIG_HOME", xdg.ConfigHome)
	if err != nil {
		return places{}, err
	}
	data, err := base("XDG_DATA_HOME", xdg.DataHome)
	if err != nil {
		return places{}, err
	}
	return places{config: filepath.Join(config, "clavier"), data: filepath.Join(data, "clavier")}, nil
}

// base returns the base directory that xdg found. Without a home, xdg takes the root directory.
func base(variable, found string) (string, error) {
	if filepath.IsAbs(os.Getenv(variable)) {
		return found, nil
	}
	if _, err := home(); err != nil || !filepath.IsAbs(found) {
		return "", &Error{Where: "environment", Name: "HOME",
			Text: "HOME names no directory, so there is no place for keys: set HOME, or XDG_CONFIG_HOME and XDG_DATA_HOME"}
	}
	return found, nil
}

func home() (string, error) {
	if runtime.GOOS != "windows" && !filepath.IsAbs(os.Getenv("HOME")) {
		return "", errors.New("HOME names no directory")
	}
	return xdg.Home, nil
}

// checkPath returns a check that expands ~ and refuses a relative path, which would mean another file in every
// directory.
func checkPath(name string) func(string) (string, error) {
	return func(s string) (string, error) {
		path := s
		if rest, ok := strings.CutPrefix(s, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
			dir, err := home()
			if err != nil {
				return "", fmt.Errorf("%q starts with ~, but %w", name, err)
			}
			path = filepath.Join(dir, rest)
		}
		if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
			return "", fmt.Errorf("%q is a path that starts with / or ~/, not %s", name, quoted(s))
		}
		return filepath.Clean(path), nil
	}
}
