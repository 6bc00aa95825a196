package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"clavier/model"
)

// Profile is a named place where keys live.
type Profile struct {
	Name string
	// Provider is ProviderLocal, ProviderManual or ProviderService.
	Provider string
	// Preset is the platform that its keys come from, as model.FindPreset knows it; empty if none is named.
	Preset string
	// Console is the https address of the page on which its keys are made; empty if there is none.
	Console string
	// APIs are what its keys open, in the order of the settings file. Each has passed model.CheckAPI.
	APIs []model.API
	// Prefix starts the secrets of new keys.
	Prefix string
	// Store is the absolute path of the database; empty with ProviderService.
	Store string
	// URL is the address of the key service, as model.CheckServiceURL takes it; empty with another provider, as is all about
	// the service.
	URL string
	// Token is the absolute path of the file that has the token for the service, sealed to the owner.
	Token string
	// TokenOwn is true if Token is where clavier keeps it, so that the directory is its own too.
	TokenOwn bool
	// CA is the absolute path of a PEM file of authorities that may vouch for the service beside those of the system; empty
	// if there is none.
	CA string
	// List is the absolute path of the file that remembers the keys as they were when the service was last reached.
	List string
	// Identity is the absolute path of the identity file.
	Identity string
	// IdentityOwn is true if Identity is where clavier makes it on first need.
	IdentityOwn bool
	// Recipients are further recipients to seal to, beside the owner.
	Recipients []string
	// Protect are the names of keys that need more than a mark to be deleted; none if it is empty.
	Protect model.Patterns
}

// profileValues is a profile as the settings file has it.
type profileValues struct {
	name   string
	values map[string]value
	apis   []apiValues
	lines  []span // those of its tables and settings, APIs included, in order
}

// Profile returns the profile with this name; the chosen one if name is empty.
func (c *Config) Profile(name string) (Profile, error) {
	if name == "" {
		name = c.values[nameProfile].text
	}
	found := c.find(name)
	if found == nil {
		names := make([]string, len(c.profiles))
		for i, p := range c.profiles {
			names[i] = p.name
		}
		if near := model.Nearest(name, names); near != "" {
			return Profile{}, fmt.Errorf("there is no profile %s; did you mean %q?", quoted(name), near)
		}
		return Profile{}, fmt.Errorf("there is no profile %s; there is %s", quoted(name), strings.Join(names, ", "))
	}
	return c.build(found), nil
}

// WouldBe returns the profile that a new one would be once AddProfile has added it. It returns an *Error for what AddProfile
// refuses in it, and if there is such a profile already.
func (c *Config) WouldBe(add NewProfile) (Profile, error) {
	given, err := add.check()
	if err != nil {
		return Profile{}, err
	}
	for _, p := range c.profiles {
		if strings.EqualFold(p.name, add.Name) {
			return Profile{}, alreadyThere(c.File, p.name)
		}
	}
	return c.build(given), nil
}

// build returns what is in force for a profile.
func (c *Config) build(found *profileValues) Profile {
	of := func(name string) value {
		s, _ := findSpec(profileSettings, name)
		return c.inProfile(found, s)
	}
	identity := of(nameIdentity).text
	token, tokenOwn, list := of(nameToken).text, false, ""
	if found.isService() {
		tokenOwn = token == c.places.token(found.name, of(nameURL).text)
		list = c.places.list(found.name)
	}
	return Profile{
		Name:        found.name,
		Provider:    of(nameProvider).text,
		Preset:      of(namePreset).text,
		Console:     of(nameConsole).text,
		APIs:        found.apiList(),
		Prefix:      of(namePrefix).text,
		Store:       of(nameStore).text,
		URL:         of(nameURL).text,
		Token:       token,
		TokenOwn:    tokenOwn,
		CA:          of(nameCA).text,
		List:        list,
		Identity:    identity,
		IdentityOwn: identity == c.places.identity(),
		Recipients:  slices.Clone(of(nameRecipients).list),
		Protect:     slices.Clone(of(nameProtect).list),
	}
}

// Profiles returns all profiles: local, then the others in the order of the settings file.
func (c *Config) Profiles() []Profile {
	all := make([]Profile, 0, len(c.profiles))
	for _, p := range c.profiles {
		if found, err := c.Profile(p.name); err == nil {
			all = append(all, found)
		}
	}
	return all
}

func (c *Config) find(name string) *profileValues {
	for i := range c.profiles {
		if c.profiles[i].name == name {
			return &c.profiles[i]
		}
	}
	return nil
}

// inProfile returns what holds for a setting of a profile. One that can also stand outside of profiles has the value of
// its flag or environment variable, then of the profile, then the one outside.
func (c *Config) inProfile(p *profileValues, s spec) value {
	outside, both := c.values[s.name]
	inside, set := p.values[s.name]
	switch {
	case set && (!both || outside.origin == originDefault || outside.line > 0):
		return inside
	case both && outside.origin != originDefault:
		return outside
	}
	v := s.defaultValue()
	switch s.name {
	case nameIdentity:
		v.text = c.places.identity()
	case nameStore:
		if !p.isService() {
			v.text = filepath.Join(c.places.data, p.name+".db")
		}
	case nameToken:
		if p.isService() {
			v.text = c.places.token(p.name, p.values[nameURL].text)
		}
	case nameProvider, nameConsole:
		if s.name == nameProvider && p.isService() {
			return p.byURL(v)
		}
		return p.byPreset(s.name, v)
	}
	return v
}

// maxProfileName is the most characters that the name of a profile has.
const maxProfileName = 32

// CheckProfileName returns an error that says what the name of a profile is like. It becomes a file name.
func CheckProfileName(name string) error {
	ok := name != "" && len(name) <= maxProfileName
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
	}
	if !ok {
		return fmt.Errorf("the name of a profile has 1 to %d letters, digits, - or _; %s is none", maxProfileName, quoted(name))
	}
	return nil
}

// quoted shows the start of a text that may be anything.
func quoted(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// shown makes a path safe to show.
func shown(path string) string { return model.Display(path) }
