package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"clavier/model"
)

func TestAPIs(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, `
[[profiles.before.apis]]   # its profile comes later
name = "short"
url = "https://api.example.com/v1/models"

[profiles.before]
console = "https://example.com/keys?tab=1#all"

[profiles.docs]
preset = "mindee"

[[ profiles . docs . "apis" ]]
name = "modèles"
method = "POST"
url = "http://127.0.0.1:8080/predict?x=1"
header = "X-Api-Key"
alive = [
  400, # no document
  4_22,
]
dead = [0x191, 403]
about = "reads documents"

[[profiles.docs.apis]]
name = "bare"
url = "https://[2001:db8::1]:8443"
scheme = ""
dead = []

[[profiles.local.apis]]
name = "own"
url = "http://localhost:1"
header = "authorization"
`)
	c := load(t, Source{})
	short := model.API{Name: "short", Method: "GET", URL: "https://api.example.com/v1/models", Header: "Authorization", Scheme: "Bearer",
		Alive: []int{200}, Dead: []int{401}}
	for name, want := range map[string]Profile{
		"before": {Provider: ProviderLocal, Console: "https://example.com/keys?tab=1#all", APIs: []model.API{short}},
		"docs": {Provider: ProviderManual, Preset: "mindee", Console: "https://app.mindee.com/settings?tab=api-keys", APIs: []model.API{
			{Name: "modèles", Method: "POST", URL: "http://127.0.0.1:8080/predict?x=1", Header: "X-Api-Key", Alive: []int{400, 422}, Dead: []int{401, 403}, About: "reads documents"},
			{Name: "bare", Method: "GET", URL: "https://[2001:db8::1]:8443", Header: "Authorization", Alive: []int{200}, Dead: []int{}},
		}},
		"local": {Provider: ProviderLocal, APIs: []model.API{
			{Name: "own", Method: "GET", URL: "http://localhost:1", Header: "authorization", Scheme: "Bearer", Alive: []int{200}, Dead: []int{401}}}},
	} {
		got := profile(t, c, name)
		if got.Provider != want.Provider || got.Preset != want.Preset || got.Console != want.Console || !reflect.DeepEqual(got.APIs, want.APIs) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, want)
		}
	}
	got := profile(t, c, "before")
	got.APIs[0].Alive[0] = 0
	if profile(t, c, "before").APIs[0].Alive[0] != 200 {
		t.Error("a profile hands out the settings themselves")
	}
}

// TestPreset: it decides what is not set, and nothing else.
func TestPreset(t *testing.T) {
	file := newHome(t)
	const mindee = "https://app.mindee.com/settings?tab=api-keys"
	for _, test := range []struct{ about, content, provider, console string }{
		{"alone", `preset = "mindee"`, "manual", mindee},
		{"with a provider", "provider = \"local\"\npreset = \"mindee\"", "local", mindee},
		{"with a console", "preset = \"mindee\"\nconsole = \"https://a.example\"", "manual", "https://a.example"},
		{"none", "", "local", ""},
	} {
		writeFile(t, file, "[profiles.a]\n"+test.content)
		if p := profile(t, load(t, Source{}), "a"); p.Provider != test.provider || p.Console != test.console {
			t.Errorf("%s: got %+v", test.about, p)
		}
	}
}

// TestEffectiveAPIs: each API is one line with its place, and what a preset decides says so.
func TestEffectiveAPIs(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, `profile = "docs"
[profiles.docs]
preset = "mindee"
[[profiles.docs.apis]]
name = "one"
url = "https://a.example/x"
alive = [200, 404]
dead = []
[[profiles.docs.apis]]
name = "two"
url = "https://b.example"
scheme = ""
[profiles.none]
`)
	want := map[string]Setting{
		"provider": {"provider", "manual", "preset mindee"},
		"preset":   {"preset", "mindee", "file " + file + ":3"},
		"console":  {"console", "https://app.mindee.com/settings?tab=api-keys", "preset mindee"},
		"apis.one": {"apis.one", "GET https://a.example/x (Authorization: Bearer, alive 200 404, dead none)", "file " + file + ":4"},
		"apis.two": {"apis.two", "GET https://b.example (Authorization:, alive 200, dead 401)", "file " + file + ":9"},
	}
	check := func(src Source, want map[string]Setting) {
		t.Helper()
		seen := 0
		for _, s := range load(t, src).Effective() {
			if w, ok := want[s.Name]; ok {
				if seen++; s != w {
					t.Errorf("got %+v, want %+v", s, w)
				}
			}
		}
		if seen != len(want) {
			t.Errorf("%d lines of %d", seen, len(want))
		}
	}
	check(Source{}, want)
	check(Source{Environ: []string{"CLAVIER_PROFILE=none"}}, map[string]Setting{
		"provider": {"provider", "local", "default"}, "preset": {"preset", "none", "default"},
		"console": {"console", "none", "default"}, "apis": {"apis", "none", "default"},
	})
}

// TestAPIRefusals holds every refusal of an API in the settings file to its exact place and sentence.
func TestAPIRefusals(t *testing.T) {
	const head = "[[profiles.a.apis]]\n"
	api := func(lines ...string) string {
		return head + "name = \"n\"\nurl = \"https://a.example\"\n" + strings.Join(lines, "\n")
	}
	for _, test := range []struct{ name, content, want string }{
		{"no name", head + `url = "https://a.example"`, `1:3: the API has no "name"`},
		{"no url", "\n  " + head + `name = "a"`, `2:5: the API has no "url"`},
		{"nothing", head, `1:3: the API has no "name"`},
		{"near name", api(`hedaer = "X"`), `4:1: unknown setting "hedaer"; did you mean "header"?`},
		{"far name", api(`body = "X"`), `4:1: unknown setting "body"; there is name, method, url, header, scheme, alive, dead, about`},
		{"set twice", api(`url = "https://b.example"`), `4:1: "url" is set twice, first in line 3`},
		{"number for a string", api(`scheme = 1`), `4:10: "scheme" is a string such as "Bearer", not a number`},
		{"number for a method", api(`method = 1`), `4:10: "method" is a string such as "GET", not a number`},
		{"boolean for a url", head + "name = \"n\"\nurl = true", `3:7: "url" is a string such as "https://api.example.com/v1/models", not a boolean`},
		{"string for numbers", api(`alive = "200"`), `4:9: "alive" is a list of whole numbers such as [200], not a string`},
		{"number for numbers", api(`dead = 401`), `4:8: "dead" is a list of whole numbers such as [401], not a number`},
		{"string in numbers", api(`alive = [200, "201"]`), `4:15: "alive" is a list of whole numbers such as [200], not a string`},
		{"fraction in numbers", api(`alive = [2e2]`), `4:10: "alive" is a list of whole numbers such as [200], not a number`},
		{"huge number", api(`alive = [99999999999]`), `4:10: "99999999999" is no HTTP status`},
		{"negative number", api(`alive = [-200]`), `4:1: "alive" has statuses from 200 to 299 and from 400 to 499: -200 says nothing of a key`},
		{"redirect", api(`alive = [302]`), `4:1: "alive" has statuses from 200 to 299 and from 400 to 499: 302 says nothing of a key`},
		{"server error", api(`dead = [401, 503]`), `4:1: "dead" has statuses from 200 to 299 and from 400 to 499: 503 says nothing of a key`},
		{"no alive", api(`alive = []`), `4:1: "alive" needs a status that a live key gets, such as 200`},
		{"both", api(`alive = [401]`), `1:3: status 401 stands in "alive" and in "dead"`},
		{"table for a setting", api(`url.x = 1`), `4:1: "url" is a setting, not a table`},
		{"inline table for a setting", api(`header = {}`), `4:1: "header" is a setting, not a table`},
		{"table in an API", api("[profiles.a.apis.x]"), `4:13: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"bad method", api(`method = "get"`), `4:10: "method" is one of GET, HEAD, POST, PUT, PATCH, OPTIONS, not "get"`},
		{"bad url", head + "name = \"n\"\nurl = \"http://a.example\"", `3:7: "url" starts with https://: a secret goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`},
		{"bad header", api(`header = "X Key"`), `4:10: "header" is the name of a header such as "Authorization", not "X Key"`},
		{"bad name", head + "url = \"https://a.example\"\nname = \" n\"", `3:8: "name" cannot be " n": a name does not start with a space`},
		{"name twice", api("[[profiles.b.apis]]", `name = "n"`, `url = "https://a.example"`, head+"url = \"https://a.example\"\nname = \"N\""), `9:8: the profile has an API "n" already, in line 1`},

		{"one table", "[profiles.a.apis]", `1:13: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"a value", "[profiles.a]\napis = \"x\"", `2:1: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"inline list", "[profiles.a]\napis = [{name = \"x\"}]", `2:1: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"dotted", "profiles.a.apis.name = \"x\"", `1:12: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"inline table", "profiles.a = {apis = {}}", `1:15: "apis" is a list of tables: write [[profiles.NAME.apis]] for each`},
		{"outside of profiles", "[[apis]]", `1:3: the one list of tables is [[profiles.NAME.apis]]`},
		{"deeper", "[[profiles.a.apis.x]]", `1:3: the one list of tables is [[profiles.NAME.apis]]`},
		{"list of profiles", "[[profiles.a]]", `1:3: the one list of tables is [[profiles.NAME.apis]]`},
		{"bad profile", "[[profiles.\"a b\".apis]]", `1:12: the name of a profile has 1 to 32 letters, digits, - or _; "a b" is none`},

		{"unknown preset", "[profiles.a]\npreset = \"mindy\"", `2:10: "preset" is mindee for now, not "mindy"; did you mean "mindee"?`},
		{"console over http", "[profiles.a]\nconsole = \"http://localhost/\"", `2:11: "console" starts with https://, unlike "http://localhost/"`},
		{"console with a password", "[profiles.a]\nconsole = \"https://a:b@c.example\"", `2:11: "console" has no name or password before the host`},
		{"console that is a program", "[profiles.a]\nconsole = \"file:///bin/sh\"", `2:11: "console" is an address such as "https://api.example.com/v1/models", not "file:///bin/sh"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			writeFile(t, file, test.content)
			_, err := Load(Source{Environ: []string{}})
			if err == nil {
				t.Fatal("accepted")
			}
			if got := strings.TrimPrefix(err.Error(), file+":"); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestReadmeSettings: the settings that the README shows are taken, and what it calls a default is one.
func TestReadmeSettings(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "\n## Settings\n")
	_, rest, _ = strings.Cut(rest, "```toml\n")
	block, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("there is no block of settings")
	}
	file := newHome(t)
	writeFile(t, file, block)
	c := load(t, Source{})
	got := profile(t, c, "work").APIs
	var short []string // the same with what must be given alone
	for line := range strings.SplitSeq(block[strings.Index(block, "[[profiles.work.apis]]"):strings.Index(block, "[profiles.team]")], "\n") {
		if strings.HasPrefix(line, "[[") || strings.HasPrefix(line, "name") || strings.HasPrefix(line, "url") || strings.HasPrefix(line, "about") {
			short = append(short, line)
		}
	}
	writeFile(t, file, strings.Join(short, "\n"))
	if want := profile(t, load(t, Source{}), "work").APIs; len(got) != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("the README shows %+v, and the defaults are %+v", got, want)
	}
	docs := profile(t, c, "docs")
	writeFile(t, file, "[profiles.docs]\npreset = \"mindee\"\n")
	if want := profile(t, load(t, Source{}), "docs"); docs.Provider != want.Provider || docs.Console != want.Console {
		t.Errorf("the README shows %+v, and the preset brings %+v", docs, want)
	}
}
