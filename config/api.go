package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"clavier/model"
)

// tableAPIs is the list of tables in a profile that holds its APIs.
const tableAPIs = "apis"

const apisForm = `"apis" is a list of tables: write [[profiles.NAME.apis]] for each`

// The names of the settings of an API, as model.APIError has them.
const (
	apiName   = "name"
	apiMethod = "method"
	apiURL    = "url"
	apiHeader = "header"
	apiScheme = "scheme"
	apiAlive  = "alive"
	apiDead   = "dead"
	apiAbout  = "about"
)

// defaultHeader carries the secret unless the API says otherwise, after defaultScheme: RFC 6750.
const (
	defaultHeader = "Authorization"
	defaultScheme = "Bearer"
)

// apiSettings are those of a [[profiles.NAME.apis]] table. What they may hold, model.CheckAPI decides once all are known.
var apiSettings = []spec{
	{name: apiName, check: asItIs},
	{name: apiMethod, def: "GET", check: asItIs},
	{name: apiURL, check: asItIs},
	{name: apiHeader, def: defaultHeader, check: asItIs},
	{name: apiScheme, check: asItIs}, // its default depends on the header
	{name: apiAlive, item: &itemSpec{example: "200", def: []string{"200"}, number: true, check: checkStatus}},
	{name: apiDead, item: &itemSpec{example: "401", def: []string{"401"}, number: true, check: checkStatus}},
	{name: apiAbout, check: asItIs},
}

func asItIs(s string) (string, error) { return s, nil }

// checkStatus takes a number as TOML writes it; which numbers are statuses, model.CheckAPI knows.
func checkStatus(item string, _ Source) (string, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(item, "_", ""), 0, 32)
	if err != nil {
		return "", fmt.Errorf("%s is no HTTP status", quoted(item))
	}
	return strconv.FormatInt(n, 10), nil
}

func presetNames() []string {
	all := model.Presets()
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
}

func checkConsole(s string) (string, error) { return s, model.CheckConsole(s) }

// byPreset gives a setting that the preset decides its default.
func (p *profileValues) byPreset(name string, v value) value {
	chosen := p.values[namePreset]
	if chosen.text == "" {
		return v
	}
	if v.text = ProviderManual; name == nameConsole {
		v.text = model.FindPreset(chosen.text).Console
	}
	v.origin = "preset " + chosen.text
	return v
}

// apiValues is one API as the settings file has it.
type apiValues struct {
	values       map[string]value
	line, column int    // of its header
	origin       string // of its header
	lines        []span // the lines of the header and of each setting
	api          model.API
}

// span is a part of the settings file, in bytes.
type span struct {
	start, end int
	heads      bool // it is the line that heads a table
}

func spanOf(n *unstable.Node) span {
	return span{int(n.Raw.Offset), int(n.Raw.Offset + n.Raw.Length), false}
}

// linesOf returns the whole lines, with their line ends, that a part of the file stands on.
func (r *fileReader) linesOf(part span) span {
	part.start = bytes.LastIndexByte(r.content[:part.start], '\n') + 1
	if i := bytes.IndexByte(r.content[part.end:], '\n'); i >= 0 {
		part.end += i + 1
	} else {
		part.end = len(r.content)
	}
	return part
}

// enterAPI begins another API of a profile.
func (r *fileReader) enterAPI(path []part) error {
	if path[0].name != tableProfiles || len(path) != 3 || path[2].name != tableAPIs {
		return r.errorAt(path[0].offset, dotted(path), "the one list of tables is [[profiles.NAME.apis]]")
	}
	p, err := r.profile(path[1])
	if err != nil {
		return err
	}
	at := path[0].offset
	line, column := r.position(at)
	p.apis = append(p.apis, apiValues{
		values: map[string]value{}, line: line, column: column, origin: fmt.Sprintf("file %s:%d", r.file, line),
		lines: []span{r.linesOf(span{at, at, true})},
	})
	return nil
}

// setInAPI takes the value of a setting of the API that was entered last.
func (r *fileReader) setInAPI(n *unstable.Node) error {
	path := r.key(nil, n)
	first := path[0]
	s, ok := findSpec(apiSettings, first.name)
	switch {
	case !ok:
		return r.unknown(first, "setting", names(apiSettings))
	case len(path) > 1 || n.Value().Kind == unstable.InlineTable:
		return r.errorAt(first.offset, first.name, fmt.Sprintf("%q is a setting, not a table", first.name))
	}
	p, err := r.profile(r.table[1])
	if err != nil {
		return err
	}
	a := &p.apis[len(p.apis)-1]
	if before, ok := a.values[s.name]; ok {
		return r.errorAt(first.offset, s.name, fmt.Sprintf("%q is set twice, first in line %d", s.name, before.line))
	}
	a.lines = append(a.lines, r.linesOf(spanOf(n)))
	a.values[s.name], err = r.value(s, first.offset, n.Value())
	return err
}

// checkAPIs makes the APIs of all profiles from their settings.
func (r *fileReader) checkAPIs() error {
	for i := range r.profiles {
		p := &r.profiles[i]
		for j := range p.apis {
			if err := r.checkAPI(&p.apis[j], p.apis[:j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *fileReader) checkAPI(a *apiValues, before []apiValues) error {
	place := func(field string) (line, column int) {
		if v, ok := a.values[field]; ok {
			return v.line, v.column
		}
		return a.line, a.column
	}
	for _, needed := range []string{apiName, apiURL} {
		if _, ok := a.values[needed]; !ok {
			text := fmt.Sprintf("the API has no %q", needed)
			return &Error{Where: r.file, Line: a.line, Column: a.column, Name: needed, Text: text}
		}
	}
	a.api = a.build()
	refused := (*model.APIError)(nil)
	if err := model.CheckAPI(a.api); errors.As(err, &refused) {
		line, column := place(refused.Field)
		return &Error{Where: r.file, Line: line, Column: column, Name: refused.Field, Text: refused.Text}
	}
	for _, other := range before {
		if strings.EqualFold(other.api.Name, a.api.Name) {
			line, column := place(apiName)
			text := fmt.Sprintf("the profile has an API %q already, in line %d", other.api.Name, other.line)
			return &Error{Where: r.file, Line: line, Column: column, Name: apiName, Text: text}
		}
	}
	return nil
}

// build returns the API with what was set and the defaults.
func (a *apiValues) build() model.API {
	of := func(name string) value {
		if v, ok := a.values[name]; ok {
			return v
		}
		s, _ := findSpec(apiSettings, name)
		return s.defaultValue()
	}
	api := model.API{
		Name: of(apiName).text, Method: of(apiMethod).text, URL: of(apiURL).text, Header: of(apiHeader).text,
		Scheme: of(apiScheme).text, Alive: statuses(of(apiAlive).list), Dead: statuses(of(apiDead).list), About: of(apiAbout).text,
	}
	if _, set := a.values[apiScheme]; !set && strings.EqualFold(api.Header, defaultHeader) {
		api.Scheme = defaultScheme
	}
	return api
}

// statuses turns what checkStatus has kept into numbers.
func statuses(list []string) []int {
	out := make([]int, len(list))
	for i, item := range list {
		out[i], _ = strconv.Atoi(item)
	}
	return out
}

// apiList returns a copy of the APIs.
func (p *profileValues) apiList() []model.API {
	list := make([]model.API, len(p.apis))
	for i, a := range p.apis {
		list[i] = a.api
		list[i].Alive, list[i].Dead = slices.Clone(a.api.Alive), slices.Clone(a.api.Dead)
	}
	return list
}

// apiSettings returns one line for each API: the request, and what its answers mean.
func (p *profileValues) apiSettings() []Setting {
	if len(p.apis) == 0 {
		return []Setting{{tableAPIs, "none", originDefault}}
	}
	lines := make([]Setting, len(p.apis))
	for i, a := range p.apis {
		secret := a.api.Header + ":"
		if a.api.Scheme != "" {
			secret += " " + a.api.Scheme
		}
		text := fmt.Sprintf("%s %s (%s, alive %s, dead %s)", a.api.Method, a.api.URL, secret, statusText(a.api.Alive), statusText(a.api.Dead))
		lines[i] = Setting{tableAPIs + "." + a.api.Name, text, a.origin}
	}
	return lines
}

func statusText(statuses []int) string {
	if len(statuses) == 0 {
		return "none"
	}
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(statuses), "[]")), " ")
}
