package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clavier/model"
)

// TestRemoveProfile: its tables and settings go, and all else stays byte for byte.
func TestRemoveProfile(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"alone", "[profiles.work]\nprefix = \"w_\"\n", ""},
		{"the last", "# first\nreveal = \"1s\"\n\n[profiles.a]\n\n[profiles.work] # mine\nprefix = \"w_\"", "# first\nreveal = \"1s\"\n\n[profiles.a]\n"},
		{"in between", "[profiles.a]\n\n# about work\n[profiles.work]\n# stays\nprefix = \"w_\" # goes\n\n[stale]\nolder = \"1d\"\n",
			"[profiles.a]\n\n# about work\n# stays\n\n[stale]\nolder = \"1d\"\n"},
		{"with its APIs", "[profiles.work]\nprefix = \"w_\"\n\n[[profiles.a.apis]]\nname = \"x\"\nurl = \"https://x\"\n\n" + sampleTable,
			"\n[[profiles.a.apis]]\nname = \"x\"\nurl = \"https://x\"\n"},
		{"line ends", "[profiles.a]\r\n\r\n[profiles.work]\r\nprefix = \"w_\"\r\n", "[profiles.a]\r\n"},
		{"byte order mark", "\ufeff[profiles.work]\n", "\ufeff"},
		{"dotted", "profiles.work.prefix = \"w_\"\nprofiles.a.prefix = \"a_\"\n", "profiles.a.prefix = \"a_\"\n"},
		{"dotted in the table", "[profiles]\nwork.prefix = \"w_\"\na.prefix = \"a_\"\n", "[profiles]\na.prefix = \"a_\"\n"},
		{"inline", "[profiles]\nwork = { prefix = \"w_\" } # goes\na = { prefix = \"a_\" }\n", "[profiles]\na = { prefix = \"a_\" }\n"},
		{"many lines", "[profiles.work]\nrecipients = [\n  # goes\n]\nprefix = \"\"\"\nw_\"\"\"\n# stays\n", "# stays\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			writeFile(t, file, test.before)
			if err := RemoveProfile(file, "work"); err != nil {
				t.Fatal(err)
			}
			if got := read(t, file); got != test.after {
				t.Errorf("got %q, want %q", got, test.after)
			}
			wantModes(t, file)
			if c := load(t, Source{}); c.find("work") != nil {
				t.Error("it is still there")
			}
		})
	}
}

func TestRemoveProfileRefusals(t *testing.T) {
	for _, test := range []struct{ name, before, remove, want string }{ // FILE stands for the settings file
		{"unknown", "[profiles.work]\n", "wor", `FILE: there is no profile "wor"`},
		{"in other letters", "[profiles.work]\n", "Work", `FILE: there is no profile "Work"`},
		{"no file", "", "work", `FILE: there is no profile "work"`},
		{"the one that there is", "[profiles.local]\nprefix = \"w_\"\n", "local", `FILE: there is always a profile "local": what is set of it is removed by hand`},
		{"the one that opens", "profile = \"work\"\n[profiles.work]\n", "work", `FILE:1:11: the program opens with the profile "work": name another one here first`},
		{"all in one value", "profiles = { work = {}, a = {} }\n", "work", `FILE: the profile "work" cannot be taken out; remove it by hand`},
		{"unsound", "x = 1\n[profiles.work]\n", "work", `FILE:1:1: unknown setting "x"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			if test.before != "" {
				writeFile(t, file, test.before)
			}
			err := RemoveProfile(file, test.remove)
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

// TestWhyNoRemoval: what the file and the environment open with stays, whatever a flag says this time.
func TestWhyNoRemoval(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, "profile = \"work\"\n[profiles.work]\n[profiles.team]\n[profiles.free]\n")
	c := load(t, Source{Environ: []string{"CLAVIER_PROFILE=team"}, Flags: map[string]string{"profile": "free"}})
	for name, want := range map[string]string{
		"free": "", "local": file + `: there is always a profile "local": what is set of it is removed by hand`,
		"work": file + `:1:11: the program opens with the profile "work": name another one here first`,
		"team": `CLAVIER_PROFILE: the program opens with the profile "team": name another one here first`,
	} {
		if err := c.WhyNoRemoval(name); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestAddThenRemoveProfile: what was added leaves no trace when it is removed, and the other profiles stay as they are.
func TestAddThenRemoveProfile(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, "")
	rapid.Check(t, func(t *rapid.T) {
		if err := os.WriteFile(file, []byte("# mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		names := rapid.SliceOfNDistinct(rapid.StringMatching("[a-z][a-z0-9_-]{0,8}").Filter(func(s string) bool { return s != DefaultProfile }), 1, 5, rapid.ID).Draw(t, "names")
		contents := []string{"# mine\n"}
		for _, name := range names {
			add := rapid.SampledFrom([]NewProfile{{Prefix: "w_"}, {URL: "https://keys.example.com"}, {Preset: "mindee", APIs: []model.API{sampleAPI}}}).Draw(t, "profile")
			add.Name = name
			if err := AddProfile(file, add); err != nil {
				t.Fatal(err)
			}
			content, _ := os.ReadFile(file)
			contents = append(contents, string(content))
		}
		before := map[string]Profile{}
		for _, p := range loaded(t).Profiles() {
			before[p.Name] = p
		}
		first := names[rapid.IntRange(0, len(names)-1).Draw(t, "first")]
		if err := RemoveProfile(file, first); err != nil {
			t.Fatal(err)
		}
		delete(before, first)
		after := map[string]Profile{}
		for _, p := range loaded(t).Profiles() {
			after[p.Name] = p
		}
		if !reflect.DeepEqual(after, before) {
			t.Fatalf("there is %v, want %v", after, before)
		}
		if first == names[len(names)-1] {
			if content, _ := os.ReadFile(file); string(content) != contents[len(contents)-2] {
				t.Fatalf("left %q", content)
			}
		}
		for _, name := range names {
			if err := RemoveProfile(file, name); (err == nil) == (name == first) {
				t.Fatal(err)
			}
		}
		if content, _ := os.ReadFile(file); string(content) != contents[0] {
			t.Fatalf("left %q", content)
		}
	})
}

func loaded(t *rapid.T) *Config {
	c, err := Load(Source{Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFilesOf: the list and the tokens of a profile are its files, and nothing else is, above all no store.
func TestFilesOf(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, "[profiles.team]\nurl = \"https://keys.example.com\"\n")
	c := load(t, Source{})
	if files, err := c.FilesOf("team"); err != nil || len(files) != 0 {
		t.Errorf("without the directory, %q, %v", files, err)
	}
	dir := c.DataDir()
	if err := os.MkdirAll(filepath.Join(dir, "team.list.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	team := profile(t, c, "team")
	id := "01a21ef6-a6a5-7105-aa54-79850479d914"
	own := []string{team.List, team.Token, team.Token + "." + id}
	other := c.places.token("team", "unix:/run/clavier.sock") // of an address that it had before, or has in other settings
	for _, path := range append([]string{other}, own...) {
		writeFile(t, path, "")
	}
	for _, name := range []string{"team.db", "team.db-wal", "team.token", "team.token." + id, "team.list.db", "team2.list", "tea.list", "xteam.list", "team.lists",
		filepath.Base(team.Token) + "s", filepath.Base(team.Token) + ".db"} {
		writeFile(t, filepath.Join(dir, name), "")
	}
	wants := func(when string, c *Config, want ...string) {
		t.Helper()
		slices.Sort(want)
		if files, err := c.FilesOf("team"); err != nil || !slices.Equal(files, want) {
			t.Errorf("%s: got %q, %v, want %q", when, files, err, want)
		}
	}
	wants("in the settings", c, own...)
	writeFile(t, file, "[profiles.team]\nurl = \"https://keys.example.com\"\n[profiles.other]\nurl = \"https://keys.example.com\"\ntoken = '"+team.Token+"'\n")
	wants("with a token that another one has", load(t, Source{}), team.List, team.Token+"."+id)
	writeFile(t, file, "[profiles.team]\nprefix = \"team_\"\n")
	wants("on this machine", load(t, Source{}))
	writeFile(t, file, "")
	wants("not in the settings", load(t, Source{}), append(own, other)...)
	elsewhere := filepath.Join(t.TempDir(), "other.toml")
	writeFile(t, elsewhere, "")
	wants("not in other settings", load(t, Source{Path: elsewhere}))
	for _, name := range []string{"", "../team", "*", strings.Repeat("a", maxProfileName+1)} {
		if files, err := c.FilesOf(name); err == nil {
			t.Errorf("%q has %q", name, files)
		}
	}
}
