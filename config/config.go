// Package config finds the settings and profiles, and says where files live.
//
// A setting has, in this order, the value of its flag, of its CLAVIER_* environment variable, of the settings file, or
// its default. The settings file is strict: whatever it does not know is refused by name, with line and column.
package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clavier/model"
)

// DefaultProfile is the profile that exists with no settings file.
const DefaultProfile = "local"

// The ways to copy that the setting clipboard can name.
const (
	ClipboardAuto   = "auto"
	ClipboardNative = "native"
	ClipboardOSC52  = "osc52"
	ClipboardTmux   = "tmux"
	ClipboardNone   = "none"
)

// The renderers that the setting renderer can name.
const (
	RendererCells = "cells"
	RendererStock = "stock"
)

// The providers that a profile can have.
const (
	// ProviderLocal is the embedded store, which issues keys.
	ProviderLocal = "local"
	// ProviderManual is the embedded store for keys that are made elsewhere: it keeps them and makes none.
	ProviderManual = "manual"
	// ProviderService is a key service at the other end of a connection, which keeps keys that are made here.
	ProviderService = "service"
)

// Source says where settings come from beside the settings file.
type Source struct {
	// Path is the settings file of the flag --config; it must exist. If empty, it is CLAVIER_CONFIG, which must exist
	// too, or $XDG_CONFIG_HOME/clavier/config.toml, which need not.
	Path string
	// Environ holds "CLAVIER_X=value" among others; os.Environ() if nil. XDG_* and HOME are always those of the process.
	Environ []string
	// Flags holds the flags that were given, by name without dashes, such as "profile" or "clipboard-clear".
	Flags map[string]string
	// CheckRecipient says why a text is no recipient; any text that is not blank is taken if nil.
	CheckRecipient func(string) error
}

// Config is what is in force.
type Config struct {
	// File is the settings file, whether it exists or not.
	File string
	// Clipboard is the way to copy: one of the Clipboard constants.
	Clipboard string
	// ClipboardClear is how long a copy stays; 0 means that it is not cleared.
	ClipboardClear time.Duration
	// Reveal is how long a secret is shown at most: 1 to 30 s.
	Reveal time.Duration
	// Renderer is RendererCells or RendererStock.
	Renderer string
	// Stale says which keys are stale; none of its spans is 0.
	Stale model.StaleRule

	file     value            // the path, and who gave it
	read     bool             // there is such a file
	opens    []value          // what the settings file and the environment each say of the profile that the program opens with
	places   places           // where files live unless a setting says otherwise
	values   map[string]value // the settings outside of profiles
	profiles []profileValues
}

// Setting is one line of what is in force.
type Setting struct {
	Name, Value string
	// Origin is "default", "file PATH:LINE", "environment CLAVIER_X" or "flag --x".
	Origin string
}

// Load finds out what is in force. It reads the settings file if there is one and makes nothing. It returns an *Error
// that names what is wrong and where, or an error that wraps model.ErrModes if others can change the settings file.
func Load(src Source) (*Config, error) {
	env, err := readEnviron(src)
	if err != nil {
		return nil, err
	}
	c := unset()
	if c.places, err = findPlaces(); err != nil {
		return nil, err
	}
	if err := c.findFile(src.Path, env[nameConfig]); err != nil {
		return nil, err
	}
	delete(env, nameConfig)
	if err := c.readFile(src); err != nil {
		return nil, err
	}
	for _, said := range []map[string]value{c.values, env} {
		if v, ok := said[nameProfile]; ok {
			c.opens = append(c.opens, v)
		}
	}
	maps.Copy(c.values, env)
	if err := c.takeFlags(src); err != nil {
		return nil, err
	}
	return c, c.settle()
}

// Defaults returns what is in force where nothing is set. It looks at nothing, and has no profile.
func Defaults() *Config {
	c := unset()
	c.fill()
	return c
}

// unset returns settings that have their defaults.
func unset() *Config {
	c := &Config{values: map[string]value{}}
	for _, s := range settings {
		c.values[s.name] = s.defaultValue()
	}
	return c
}

// findFile decides which settings file it is. One that a flag or the environment names may be relative to the
// working directory.
func (c *Config) findFile(flag string, env value) error {
	switch {
	case flag != "":
		c.file = value{text: flag, origin: "flag --config"}
	case env.text != "":
		c.file = env
	default:
		c.file = value{text: filepath.Join(c.places.config, "config.toml"), origin: originDefault}
	}
	path, err := filepath.Abs(c.file.text)
	if err != nil {
		return &Error{Where: c.file.origin, Name: nameConfig, Text: err.Error()}
	}
	c.File, c.file.text = path, path
	return nil
}

// takeFlags lays the flags over what is there.
func (c *Config) takeFlags(src Source) error {
	for flag, text := range src.Flags {
		where := "--" + flag
		i := slices.IndexFunc(settings, func(s spec) bool { return flagName(s.name) == flag })
		if i < 0 {
			return &Error{Where: where, Name: flag, Text: "there is no such setting"}
		}
		s := settings[i]
		v, err := s.parse(text, src)
		if err != nil {
			return &Error{Where: where, Name: s.name, Text: err.Error()}
		}
		v.origin = "flag " + where
		c.values[s.name] = v
	}
	return nil
}

// fill sets the exported fields from the values, all of which have been parsed before.
func (c *Config) fill() {
	c.Clipboard = c.values[nameClipboard].text
	c.Renderer = c.values[nameRenderer].text
	c.ClipboardClear, _ = time.ParseDuration(c.values[nameClipboardClear].text)
	c.Reveal, _ = time.ParseDuration(c.values[nameReveal].text)
	c.Stale.Older, _ = model.ParseSpan(c.values[nameStaleOlder].text)
	c.Stale.Unused, _ = model.ParseSpan(c.values[nameStaleUnused].text)
	c.Stale.Never, _ = model.ParseSpan(c.values[nameStaleNever].text)
}

// settle fills the exported fields and looks whether the chosen profile can be had.
func (c *Config) settle() error {
	c.fill()
	local := profileValues{name: DefaultProfile}
	if i := slices.IndexFunc(c.profiles, func(p profileValues) bool { return p.name == DefaultProfile }); i >= 0 {
		local = c.profiles[i]
		c.profiles = slices.Delete(c.profiles, i, i+1)
	}
	c.profiles = slices.Insert(c.profiles, 0, local)
	chosen := c.values[nameProfile]
	if _, err := c.Profile(chosen.text); err != nil {
		return chosen.error(c.File, nameProfile, err.Error())
	}
	return nil
}

// Effective returns what is in force for the chosen profile, each setting with where it came from.
func (c *Config) Effective() []Setting {
	file := c.File
	if !c.read {
		file += " (not there)"
	}
	lines := make([]Setting, 0, 1+len(settings)+len(profileSettings))
	lines = append(lines, Setting{nameConfig, file, c.file.origin})
	for _, s := range settings {
		if _, both := findSpec(profileSettings, s.name); both {
			continue // it stands with those of the profile
		}
		v := c.values[s.name]
		lines = append(lines, Setting{s.name, v.text, v.origin})
	}
	chosen := c.find(c.values[nameProfile].text)
	for _, s := range profileSettings {
		v := c.inProfile(chosen, s)
		text := v.text
		if s.item != nil {
			text = strings.Join(v.list, ", ")
		}
		if text == "" {
			text = "none"
		}
		lines = append(lines, Setting{s.name, text, v.origin})
	}
	lines = append(lines, chosen.apiSettings()...)
	for i, line := range lines {
		lines[i] = Setting{line.Name, model.Display(line.Value), model.Display(line.Origin)}
	}
	return lines
}
