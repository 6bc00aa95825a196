package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"

	"clavier/model"
)

const originDefault = "default"

// The names of the settings.
const (
	nameConfig         = "config"
	nameProfile        = "profile"
	nameClipboard      = "clipboard"
	nameClipboardClear = "clipboard_clear"
	nameReveal         = "reveal"
	nameRenderer       = "renderer"
	nameIdentity       = "identity"
	nameRecipients     = "recipients"
	nameProvider       = "provider"
	namePreset         = "preset"
	nameConsole        = "console"
	nameURL            = "url"
	nameToken          = "token"
	nameCA             = "ca"
	namePrefix         = "prefix"
	nameStore          = "store"
	nameProtect        = "protect"
	nameStaleOlder     = "stale.older"
	nameStaleUnused    = "stale.unused"
	nameStaleNever     = "stale.never"
)

// tableProfiles holds the profiles.
const tableProfiles = "profiles"

// tables are those that hold settings: a setting with a dot in its name stands in the table before the dot.
var tables = []string{"stale"}

// The bounds of the settings that are durations.
const (
	minClipboardClear = time.Second
	maxClipboardClear = time.Hour
	minReveal         = time.Second
	maxReveal         = 30 * time.Second
)

// spec is a setting that exists.
type spec struct {
	name string
	def  string // the default; one that depends on the profile or the machine is empty here, as is that of a list
	// check returns an error that says what is allowed, or the value as it is kept.
	check func(string) (string, error)
	// like is a value that it could have, if that is neither the default nor among the examples.
	like string
	// item is set if the setting is a list.
	item *itemSpec
}

// itemSpec is what an item of a list is like.
type itemSpec struct {
	example string
	def     []string
	// check returns an error that says what is allowed, or the item as it is kept.
	check func(item string, src Source) (string, error)
	// number is set if the items are whole numbers, not strings.
	number bool
}

var (
	recipientItem = &itemSpec{example: "age1...", check: checkRecipient}
	protectItem   = &itemSpec{example: "*prod*", def: model.DefaultProtect, check: checkPattern}
)

// settings are those outside of profiles, in the order in which they are shown.
var settings = []spec{
	{name: nameProfile, def: DefaultProfile, check: same(CheckProfileName)},
	{name: nameClipboard, def: ClipboardAuto, check: oneOf(nameClipboard, ClipboardAuto, ClipboardNative, ClipboardOSC52, ClipboardTmux, ClipboardNone)},
	{name: nameClipboardClear, def: "45s", check: checkClipboardClear},
	{name: nameReveal, def: "30s", check: checkReveal},
	{name: nameRenderer, def: RendererCells, check: oneOf(nameRenderer, RendererCells, RendererStock)},
	{name: nameStaleOlder, def: "90d", check: checkSpan(nameStaleOlder)},
	{name: nameStaleUnused, def: "30d", check: checkSpan(nameStaleUnused)},
	{name: nameStaleNever, def: "14d", check: checkSpan(nameStaleNever)},
	{name: nameIdentity, check: checkPath(nameIdentity)},
	{name: nameRecipients, item: recipientItem},
	{name: nameProtect, item: protectItem},
}

// profileSettings are those of a [profiles.NAME] table, in the order in which they are shown.
var profileSettings = []spec{
	{name: nameProvider, def: ProviderLocal, check: oneOf(nameProvider, ProviderLocal, ProviderManual, ProviderService)},
	{name: namePreset, check: oneOf(namePreset, presetNames()...)},
	{name: nameConsole, check: checkConsole},
	{name: nameURL, like: "https://keys.example.com", check: same(model.CheckServiceURL)},
	{name: nameToken, check: checkPath(nameToken)},
	{name: nameCA, check: checkPath(nameCA)},
	{name: namePrefix, def: model.DefaultPrefix, check: same(model.CheckPrefix)},
	{name: nameStore, check: checkPath(nameStore)},
	{name: nameIdentity, check: checkPath(nameIdentity)},
	{name: nameRecipients, item: recipientItem},
	{name: nameProtect, item: protectItem},
}

// value is what a setting has, and who gave it.
type value struct {
	text         string
	list         []string
	origin       string
	line, column int // in the settings file; 0 if it came from elsewhere
}

// error says what is wrong with a value where it was given.
func (v value) error(file, name, text string) *Error {
	if v.line > 0 {
		return &Error{Where: file, Line: v.line, Column: v.column, Name: name, Text: text}
	}
	where := v.origin
	for _, prefix := range []string{"environment ", "flag "} {
		where = strings.TrimPrefix(where, prefix)
	}
	return &Error{Where: where, Name: name, Text: text}
}

func (s spec) defaultValue() value {
	v := value{text: s.def, origin: originDefault}
	if s.item != nil {
		v.list = s.item.def
	}
	return v
}

func findSpec(specs []spec, name string) (spec, bool) {
	i := slices.IndexFunc(specs, func(s spec) bool { return s.name == name })
	if i < 0 {
		return spec{}, false
	}
	return specs[i], true
}

// parse takes a value from a flag or the environment; a list has commas or line ends between its items.
func (s spec) parse(text string, src Source) (value, error) {
	if s.item == nil {
		kept, err := s.check(text)
		return value{text: kept}, err
	}
	var v value
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		kept, err := s.item.check(strings.TrimSpace(item), src)
		if err != nil {
			return value{}, err
		}
		v.list = append(v.list, kept)
	}
	return v, nil
}

func checkRecipient(item string, src Source) (string, error) {
	kept := strings.TrimSpace(item)
	if kept == "" {
		return "", errors.New("a recipient is blank; it starts with age1, ssh-ed25519 or ssh-rsa")
	}
	if src.CheckRecipient == nil {
		return kept, nil
	}
	if err := src.CheckRecipient(item); err != nil {
		return "", fmt.Errorf("bad recipient: %w", err)
	}
	return kept, nil
}

func checkPattern(item string, _ Source) (string, error) {
	_, err := model.ParsePatterns([]string{item})
	return item, err
}

// minSpan is the shortest span of the stale rule.
const minSpan = time.Hour

func checkSpan(name string) func(string) (string, error) {
	return func(s string) (string, error) {
		if d, err := model.ParseSpan(s); err != nil || d < minSpan {
			return "", fmt.Errorf(`%q is a span from 1h to 100y such as "90d" (units h, d, w, mo, y), not %s`, name, quoted(s))
		}
		return s, nil
	}
}

func same(check func(string) error) func(string) (string, error) {
	return func(s string) (string, error) { return s, check(s) }
}

func oneOf(name string, allowed ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if slices.Contains(allowed, s) {
			return s, nil
		}
		hint := ""
		if near := model.Nearest(s, allowed); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		if len(allowed) == 1 {
			return "", fmt.Errorf("%q is %s for now, not %s%s", name, allowed[0], quoted(s), hint)
		}
		return "", fmt.Errorf("%q is one of %s, not %s%s", name, strings.Join(allowed, ", "), quoted(s), hint)
	}
}

func checkClipboardClear(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d != 0 && (d < minClipboardClear || d > maxClipboardClear) {
		return "", fmt.Errorf(`"clipboard_clear" is "0" (off) or a duration from 1s to 1h such as "45s", not %s`, quoted(s))
	}
	return d.String(), nil
}

func checkReveal(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < minReveal || d > maxReveal {
		return "", fmt.Errorf(`"reveal" is a duration from 1s to 30s such as "10s", not %s`, quoted(s))
	}
	return d.String(), nil
}

// envName is the environment variable of a setting.
func envName(setting string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(setting, ".", "_"))
}

// flagName is the flag of a setting, without dashes.
func flagName(setting string) string { return strings.NewReplacer("_", "-", ".", "-").Replace(setting) }

// inTable returns the settings of a table under their names in it; those outside of all tables if it is empty.
func inTable(specs []spec, table string) []spec {
	var found []spec
	for _, s := range specs {
		before, after, dotted := strings.Cut(s.name, ".")
		switch {
		case !dotted && table == "":
			found = append(found, s)
		case dotted && before == table:
			s.name = after
			found = append(found, s)
		}
	}
	return found
}

func names(specs []spec) []string {
	out := make([]string, len(specs))
	for i, s := range specs {
		out[i] = s.name
	}
	return out
}

// kind is what an item is in the settings file.
func (i *itemSpec) kind() unstable.Kind {
	if i.number {
		return unstable.Integer
	}
	return unstable.String
}

// examples are values that settings without a default could have.
var examples = map[string]string{
	nameIdentity: "~/.ssh/id_ed25519", namePreset: model.PresetMindee, nameConsole: "https://example.com/keys",
	nameToken: "/path/to/token", nameCA: "/path/to/ca.pem",
	apiName: "models", apiURL: "https://api.example.com/v1/models", apiScheme: "Bearer", apiAbout: "what it is for",
}

// example returns a value that a setting could have.
func (s spec) example() string {
	switch {
	case s.like != "":
		return s.like
	case s.def != "":
		return s.def
	case s.name == nameStore:
		return "/path/to/store"
	}
	return examples[s.name]
}
