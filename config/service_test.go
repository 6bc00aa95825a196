package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestServiceProfile: what a profile of a key service has, what another has not, and how both are shown.
func TestServiceProfile(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, `
[profiles.team]
url = "https://keys.example.com"
prefix = "tm_"

[profiles.here]
provider = "service"
url = "unix:/run/clavier.sock"
token = "~/token.age"
ca = "/etc/ssl/own.pem"
`)
	data := filepath.Join(os.Getenv("XDG_DATA_HOME"), "clavier")
	c := load(t, Source{})
	for _, want := range []Profile{
		{Name: "team", URL: "https://keys.example.com", Token: filepath.Join(data, "team.7f578f742a5d688b.token"), List: filepath.Join(data, "team.list"), Prefix: "tm_"},
		{Name: "here", URL: "unix:/run/clavier.sock", Token: filepath.Join(os.Getenv("HOME"), "token.age"), CA: "/etc/ssl/own.pem",
			List: filepath.Join(data, "here.list"), Prefix: "clv_"},
	} {
		got := profile(t, c, want.Name)
		if got.Provider != ProviderService || got.URL != want.URL || got.Token != want.Token || got.CA != want.CA ||
			got.TokenOwn != (want.Name == "team") || got.List != want.List || got.Prefix != want.Prefix || got.Store != "" {
			t.Errorf("the profile is %+v, want %+v", got, want)
		}
	}
	if local := profile(t, c, "local"); local.URL != "" || local.Token != "" || local.CA != "" || local.List != "" {
		t.Errorf("a local profile speaks of a service: %+v", local)
	}
	if want := filepath.Join(data, "service", "keys.db"); c.ServiceStore() != want {
		t.Errorf("a service keeps its keys in %s, want %s", c.ServiceStore(), want)
	}
	for profile, want := range map[string][]string{
		"here": {"provider service", "url unix:/run/clavier.sock", "token " + filepath.Join(os.Getenv("HOME"), "token.age"),
			"ca /etc/ssl/own.pem", "store none"},
		"team":  {"provider service", "token " + filepath.Join(data, "team.7f578f742a5d688b.token"), "ca none", "store none"},
		"local": {"url none", "token none", "ca none", "store " + filepath.Join(data, "local.db")},
	} {
		var lines []string
		for _, s := range load(t, Source{Flags: map[string]string{"profile": profile}}).Effective() {
			lines = append(lines, s.Name+" "+s.Value)
		}
		for _, line := range want {
			if !slices.Contains(lines, line) {
				t.Errorf("the settings of %s lack %q: %q", profile, line, lines)
			}
		}
	}
}

// TestServiceRefusals: what does not go with a provider is refused where it stands.
func TestServiceRefusals(t *testing.T) {
	const service = "[profiles.a]\nprovider = \"service\"\n"
	for _, test := range []struct{ name, content, want string }{
		{"no address", service, `2:12: the provider "service" needs "url", the address of the key service`},
		{"a store", service + "url = \"https://k.example\"\nstore = \"/x.db\"", `4:9: "store" is for keys that are kept on this machine, and a key service keeps these: leave it out`},
		{"an address elsewhere", "[profiles.a]\nurl = \"https://k.example\"\nprovider = \"local\"", `2:7: "url" is for a key service: add provider = "service", or leave it out`},
		{"an address with a preset", "[profiles.a]\npreset = \"mindee\"\nurl = \"https://k.example\"", `3:7: "url" is for a key service: add provider = "service", or leave it out`},
		{"a token elsewhere", "[profiles.local]\ntoken = \"/t\"", `2:9: "token" is for a key service: add provider = "service", or leave it out`},
		{"authorities elsewhere", "[profiles.a]\nprovider = \"manual\"\nca = \"/c\"", `3:6: "ca" is for a key service: add provider = "service", or leave it out`},
		{"plain http", service + "url = \"http://k.example\"", `3:7: "url" starts with https://: a token goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`},
		{"user info", service + "url = \"https://me:pw@k.example\"", `3:7: "url" has no name or password before the host`},
		{"a number", service + "url = 1", `3:7: "url" is a string such as "https://keys.example.com", not a number`},
		{"a relative token", service + "url = \"https://k.example\"\ntoken = \"t\"", `4:9: "token" is a path that starts with / or ~/, not "t"`},
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

// TestAddServiceProfile: an address alone makes a profile of a key service.
func TestAddServiceProfile(t *testing.T) {
	file := newHome(t)
	before, err := load(t, Source{}).WouldBe(NewProfile{Name: "team", URL: "https://keys.example.com", CA: "/etc/own.pem", Prefix: "tm_"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("asking what a profile would be wrote the settings")
	}
	if err := AddProfile(file, NewProfile{Name: "team", URL: "https://keys.example.com", CA: "/etc/own.pem", Prefix: "tm_"}); err != nil {
		t.Fatal(err)
	}
	if err := AddProfile(file, NewProfile{Name: "here", Provider: ProviderService, URL: "unix:/run/c.sock"}); err != nil {
		t.Fatal(err)
	}
	if after := profile(t, load(t, Source{}), "team"); !reflect.DeepEqual(before, after) {
		t.Errorf("the profile is %+v, and would be %+v", after, before)
	}
	if _, err := load(t, Source{}).WouldBe(NewProfile{Name: "Team", URL: "https://k.example"}); err == nil || err.Error() != file+`: there is a profile "team" already` {
		t.Errorf("a profile that is there would be %v", err)
	}
	const want = "[profiles.team]\nprovider = \"service\"\nurl = \"https://keys.example.com\"\nca = \"/etc/own.pem\"\nprefix = \"tm_\"\n" +
		"\n[profiles.here]\nprovider = \"service\"\nurl = \"unix:/run/c.sock\"\n"
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, test := range []struct {
		add  NewProfile
		want string
	}{
		{NewProfile{Name: "x", URL: "http://keys.example.com"}, `url: "url" starts with https://: a token goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`},
		{NewProfile{Name: "x", Provider: ProviderService}, `provider: the provider "service" needs "url", the address of the key service`},
		{NewProfile{Name: "x", Provider: ProviderLocal, URL: "https://keys.example.com"}, `url: "url" is for a key service: add provider = "service", or leave it out`},
		{NewProfile{Name: "x", CA: "/etc/own.pem"}, `ca: "ca" is for a key service: add provider = "service", or leave it out`},
		{NewProfile{Name: "x", URL: "https://keys.example.com", CA: "own.pem"}, `ca: "ca" is a path that starts with / or ~/, not "own.pem"`},
	} {
		if err := AddProfile(file, test.add); err == nil || err.Error() != test.want {
			t.Errorf("\ngot  %v\nwant %s", err, test.want)
		}
	}
	if after, _ := os.ReadFile(file); string(after) != want {
		t.Errorf("a refusal changed the file to %q", after)
	}
}

// TestTokenOfAnAddress: each address of a profile has a token of its own.
func TestTokenOfAnAddress(t *testing.T) {
	seen := map[string]string{}
	for _, url := range []string{"https://keys.example.com", "https://keys.example.com/", "https://keys.example.com:8443", "https://elsewhere.example", "unix:/run/clavier.sock"} {
		file := newHome(t)
		writeFile(t, file, fmt.Sprintf("[profiles.team]\nurl = %q\n", url))
		p := profile(t, load(t, Source{}), "team")
		if name := filepath.Base(p.Token); seen[name] != "" || !p.TokenOwn || !strings.HasPrefix(name, "team.") {
			t.Errorf("the token for %s is %s, as that for %q", url, name, seen[name])
		} else {
			seen[name] = url
		}
	}
}
