package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"clavier/model"
)

var sampleAPI = model.API{Name: "models", Method: "GET", URL: "https://api.example.com/v1/models", Header: "Authorization", Scheme: "Token",
	Alive: []int{200, 404}, Dead: []int{401}, About: `reads "all" of it`}

const sampleTable = `[[profiles.work.apis]]
name = "models"
method = "GET"
url = "https://api.example.com/v1/models"
header = "Authorization"
scheme = "Token"
alive = [200, 404]
dead = [401]
about = "reads \"all\" of it"
`

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAddAPI(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"after all", "# first\n[profiles.work] # mine\n\n[stale]\nolder = \"1d\"", "# first\n[profiles.work] # mine\n\n[stale]\nolder = \"1d\"\n\n" + sampleTable},
		{"after another", "[[profiles.work.apis]]\nname='a'\nurl='https://a'\n[profiles.work]\n", "[[profiles.work.apis]]\nname='a'\nurl='https://a'\n[profiles.work]\n\n" + sampleTable},
		{"line ends", "[profiles.work]\r\n", "[profiles.work]\r\n\r\n" + strings.ReplaceAll(sampleTable, "\n", "\r\n")},
		{"byte order mark", "\ufeff[profiles.work]\n", "\ufeff[profiles.work]\n\n" + sampleTable},
		{"dotted profile", "profiles.work.prefix = \"w_\"\n", "profiles.work.prefix = \"w_\"\n\n" + sampleTable},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			writeFile(t, file, test.before)
			if err := AddAPI(file, "work", sampleAPI); err != nil {
				t.Fatal(err)
			}
			if got := read(t, file); got != test.after {
				t.Errorf("got %q, want %q", got, test.after)
			}
			apis := profile(t, load(t, Source{}), "work").APIs
			if got := apis[len(apis)-1]; !reflect.DeepEqual(got, sampleAPI) {
				t.Errorf("got %+v", got)
			}
			wantModes(t, file)
			if err := RemoveAPI(file, "work", "models"); err != nil {
				t.Fatal(err)
			}
			if got, want := read(t, file), strings.TrimRight(test.before, "\r\n"); strings.TrimRight(got, "\r\n") != want {
				t.Errorf("removed: got %q, want %q", got, want)
			}
		})
	}
}

// TestAddAPIToTheFirstProfile: it needs no table, and there need be no file.
func TestAddAPIToTheFirstProfile(t *testing.T) {
	file := newHome(t)
	if err := AddAPI(file, "local", sampleAPI); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, file), strings.ReplaceAll(sampleTable, "work", "local"); got != want {
		t.Errorf("got %q", got)
	}
	wantModes(t, file)
}

// TestRemoveAPIKeepsTheRest: lines of its own go, those of others and comments on lines of their own stay.
func TestRemoveAPIKeepsTheRest(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, `# first
[profiles.work]
prefix = "w_"

[[profiles.work.apis]]
name = "a"
url = "https://a" # stays

# about b
  [[ profiles.work . apis ]]  # goes
  name = "b" # goes
# stays too
  url = """
https://b"""
  alive = [ # goes
    200,

    # goes
  ]

dead = [401]
# about c
[[profiles.work.apis]]
name = "c"
url = "https://c"
`)
	if err := RemoveAPI(file, "work", "b"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, file), `# first
[profiles.work]
prefix = "w_"

[[profiles.work.apis]]
name = "a"
url = "https://a" # stays

# about b
# stays too

# about c
[[profiles.work.apis]]
name = "c"
url = "https://c"
`; got != want {
		t.Errorf("got\n%s", got)
	}
	for _, name := range []string{"c", "a"} {
		if err := RemoveAPI(file, "work", name); err != nil {
			t.Fatal(err)
		}
	}
	if got := profile(t, load(t, Source{}), "work"); len(got.APIs) != 0 || got.Prefix != "w_" {
		t.Errorf("got %+v", got)
	}
}

func TestEditAPIRefusals(t *testing.T) {
	bad := sampleAPI
	bad.URL = "http://a.example"
	for _, test := range []struct {
		name, before string
		edit         func(file string) error
		want         string // FILE stands for the settings file
	}{
		{"no profile", "", func(f string) error { return AddAPI(f, "work", sampleAPI) }, `FILE: there is no profile "work"`},
		{"there already", strings.Replace(sampleTable, "models", "Models", 1), func(f string) error { return AddAPI(f, "work", sampleAPI) }, `FILE: profile "work" has an API "Models" already`},
		{"bad API", "[profiles.work]\n", func(f string) error { return AddAPI(f, "work", bad) }, `API "models": "url" starts with https://: a secret goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`},
		{"inline profile", "profiles.work = {}\n", func(f string) error { return AddAPI(f, "work", sampleAPI) }, `FILE: the APIs of profile "work" stand in a table that cannot be added to; write the API into it by hand`},
		{"unsound file", "x = 1", func(f string) error { return AddAPI(f, "local", sampleAPI) }, `FILE:1:1: unknown setting "x"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
		{"remove from no profile", "", func(f string) error { return RemoveAPI(f, "work", "a") }, `FILE: there is no profile "work"`},
		{"remove what is not there", sampleTable, func(f string) error { return RemoveAPI(f, "work", "Models") }, `FILE: profile "work" has no API "Models"`},
		{"remove with no file", "", func(f string) error { return RemoveAPI(f, "local", "\x1b") }, `FILE: profile "local" has no API "\x1b"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			if test.before != "" {
				writeFile(t, file, test.before)
			}
			err := test.edit(file)
			if want := strings.ReplaceAll(test.want, "FILE", file); err == nil || err.Error() != want {
				t.Errorf("\ngot  %v\nwant %s", err, want)
			}
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("%T is no *Error", err)
			}
			if got, _ := os.ReadFile(file); string(got) != test.before {
				t.Errorf("the file was changed to %q", got)
			}
		})
	}
}

// TestEditTogether adds and removes APIs and profiles at once: none is lost, nothing is left behind.
func TestEditTogether(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("this system has no lock on directories")
	}
	file := newHome(t)
	const n = 8
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			api := sampleAPI
			api.Name = fmt.Sprintf("gone%d", i)
			kept := sampleAPI
			kept.Name = fmt.Sprintf("kept%d", i)
			err := errors.Join(AddAPI(file, "local", api), AddProfile(file, NewProfile{Name: fmt.Sprintf("p%d", i)}),
				AddAPI(file, "local", kept), RemoveAPI(file, "local", api.Name))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c := load(t, Source{})
	apis := profile(t, c, "local").APIs
	if len(apis) != n || len(c.Profiles()) != n+1 {
		t.Errorf("%d APIs and %d profiles", len(apis), len(c.Profiles()))
	}
	for _, api := range apis {
		if !strings.HasPrefix(api.Name, "kept") {
			t.Errorf("%s is still there", api.Name)
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestAddThenRemoveAnyAPI: whatever CheckAPI accepts can be written, is read as it was, and leaves no trace.
func TestAddThenRemoveAnyAPI(t *testing.T) {
	file := newHome(t)
	const before = "# mine\n[profiles.work]\n\n# last\n"
	writeFile(t, file, before)
	text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("aé鍵🔑\\\"'#[]= \u00a0\u0301\u202e\n")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		api := model.API{
			Name: text.Draw(t, "name"), About: text.Draw(t, "about"),
			Method: rapid.SampledFrom(model.APIMethods).Draw(t, "method"),
			URL:    rapid.SampledFrom([]string{"https://a.example/", "http://[::1]:9/x?y='%20&z=1"}).Draw(t, "url"),
			Header: rapid.SampledFrom([]string{"Authorization", "x-key", "!#$%&'*+-.^_`|~"}).Draw(t, "header"),
			Scheme: rapid.SampledFrom([]string{"", "Token", "'"}).Draw(t, "scheme"),
			Alive:  []int{200, 404}[:rapid.IntRange(1, 2).Draw(t, "alive")], Dead: []int{401, 403}[:rapid.IntRange(0, 2).Draw(t, "dead")],
		}
		if model.CheckAPI(api) != nil {
			api.Name = "n"
		}
		if model.CheckAPI(api) != nil {
			api.About = "a"
		}
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := AddAPI(file, "work", api); err != nil {
			t.Fatal(err)
		}
		c, err := Load(Source{Environ: []string{}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Profile("work")
		if err != nil || len(p.APIs) != 1 || !reflect.DeepEqual(p.APIs[0], api) {
			t.Fatalf("wrote %+v, read %+v, %v", api, p.APIs, err)
		}
		if err := RemoveAPI(file, "work", api.Name); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != before {
			t.Fatalf("left %q", got)
		}
	})
}

// TestAddProfileOfAPreset: the table has what was asked for, and the preset decides the rest.
func TestAddProfileOfAPreset(t *testing.T) {
	file := newHome(t)
	if err := AddProfile(file, NewProfile{Name: "work", Provider: ProviderManual, Preset: "mindee", APIs: []model.API{sampleAPI}}); err != nil {
		t.Fatal(err)
	}
	if err := AddProfile(file, NewProfile{Name: "short", Preset: "mindee", Console: "https://a.example/"}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, file), "[profiles.work]\nprovider = \"manual\"\npreset = \"mindee\"\n\n"+sampleTable+
		"\n[profiles.short]\npreset = \"mindee\"\nconsole = \"https://a.example/\"\n"; got != want {
		t.Errorf("got %q", got)
	}
	c := load(t, Source{})
	if p := profile(t, c, "work"); p.Provider != ProviderManual || !reflect.DeepEqual(p.APIs, []model.API{sampleAPI}) {
		t.Errorf("got %+v", p)
	}
	if p := profile(t, c, "short"); p.Provider != ProviderManual || p.Console != "https://a.example/" {
		t.Errorf("got %+v", p)
	}
	before := read(t, file)
	for _, test := range []struct {
		add  NewProfile
		want string
	}{
		{NewProfile{Name: "x", Provider: "cloud"}, `provider: "provider" is one of local, manual, service, not "cloud"`},
		{NewProfile{Name: "x", Preset: "x"}, `preset: "preset" is mindee for now, not "x"`},
		{NewProfile{Name: "x", Console: "http://a"}, `console: "console" starts with https://, unlike "http://a"`},
		{NewProfile{Name: "x", APIs: []model.API{{Name: "y"}}}, `API "y": "method" is one of GET, HEAD, POST, PUT, PATCH, OPTIONS, not ""`},
	} {
		if err := AddProfile(file, test.add); err == nil || err.Error() != test.want {
			t.Errorf("\ngot  %v\nwant %s", err, test.want)
		}
	}
	if read(t, file) != before {
		t.Error("the file was changed")
	}
}
