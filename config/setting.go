package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	namePrefix         = "prefix"
	nameStore          = "store"
)

// tableProfiles holds the profiles.
const tableProfiles = "profiles"

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
	def  string // the default; one that depends on the profile or the machine is empty here
	list bool
	// check returns an error that says what is allowed, or the value as it is kept.
	check func(string) (string, error)
}

// settings are those outside of profiles, in the order in which they are shown.
var settings = []spec{
	{name: nameProfile, def: DefaultProfile, check: same(CheckProfileName)},
	{name: nameClipboard, def: ClipboardAuto, check: oneOf(nameClipboard, ClipboardAuto, ClipboardNative, ClipboardOSC52, ClipboardTmux, ClipboardNone)},
	{name: nameClipboardClear, def: "45s", check: checkClipboardClear},
	{name: nameReveal, def: "30s", check: checkReveal},
	{name: nameRenderer, def: RendererCells, check: oneOf(nameRenderer, RendererCells, RendererStock)},
	{name: nameIdentity, check: checkPath(nameIdentity)},
	{name: nameRecipients, list: true},
}

// profileSettings are those of a [profiles.NAME] table, in the order in which they are shown.
var profileSettings = []spec{
	{name: nameProvider, def: ProviderLocal, check: oneOf(nameProvider, ProviderLocal)},
	{name: namePrefix, def: model.DefaultPrefix, check: same(model.CheckPrefix)},
	{name: nameStore, check: checkPath(nameStore)},
	{name: nameIdentity, check: checkPath(nameIdentity)},
	{name: nameRecipients, list: true},
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

func findSpec(specs []spec, name string) (spec, bool) {
	i := slices.IndexFunc(specs, func(s spec) bool { return s.name == name })
	if i < 0 {
		return spec{}, false
	}
	return specs[i], true
}

// parse takes a value from a flag or the environment; a list has commas or line ends between its items.
func (s spec) parse(text string, checkRecipient func(string) error) (value, error) {
	if !s.list {
		kept, err := s.check(text)
		return value{text: kept}, err
	}
	var v value
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		item = strings.TrimSpace(item)
		if err := checkItem(item, checkRecipient); err != nil {
			return value{}, err
		}
		v.list = append(v.list, item)
	}
	return v, nil
}

// checkItem looks at one of the recipients.
func checkItem(item string, checkRecipient func(string) error) error {
	if strings.TrimSpace(item) == "" {
		return errors.New("a recipient is blank; it starts with age1, ssh-ed25519 or ssh-rsa")
	}
	if checkRecipient == nil {
		return nil
	}
	if err := checkRecipient(item); err != nil {
		return fmt.Errorf("bad recipient: %w", err)
	}
	return nil
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
		if near := nearest(s, allowed); near != "" {
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

// nearest returns the candidate that text was most likely meant to be, or nothing.
func nearest(text string, candidates []string) string {
	best, bestAt := "", 3 // at most two characters amiss
	for _, c := range candidates {
		if d := distance(strings.ToLower(text), strings.ToLower(c)); d < bestAt && d < len(c) {
			best, bestAt = c, d
		}
	}
	return best
}

// distance is the number of characters to insert, delete or replace to turn a into b (Levenshtein, 1965). A long text is
// like nothing.
func distance(a, b string) int {
	if len(a) > 2*maxProfileName {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func names(specs []spec) []string {
	out := make([]string, len(specs))
	for i, s := range specs {
		out[i] = s.name
	}
	return out
}
