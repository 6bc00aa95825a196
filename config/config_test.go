package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// newHome gives the test its own XDG directories and returns the place of its settings file.
func newHome(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	t.Setenv("HOME", filepath.Join(root, "home"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(root, "config"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(root, "data"))
	return filepath.Join(root, "config", "clavier", "config.toml")
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// load reads settings with nothing in the environment but what is given.
func load(t testing.TB, src Source) *Config {
	t.Helper()
	if src.Environ == nil {
		src.Environ = []string{}
	}
	c, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func profile(t testing.TB, c *Config, name string) Profile {
	t.Helper()
	p, err := c.Profile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaults(t *testing.T) {
	file := newHome(t)
	c := load(t, Source{})
	dir, data := filepath.Dir(file), filepath.Join(os.Getenv("XDG_DATA_HOME"), "clavier")
	if c.File != file || c.Clipboard != "auto" || c.ClipboardClear != 45*time.Second ||
		c.Reveal != 30*time.Second || c.Renderer != "cells" || c.Stale != model.DefaultStaleRule {
		t.Errorf("defaults are %+v", c)
	}
	p := profile(t, c, "")
	if p.Name != "local" || p.Provider != "local" || p.Prefix != model.DefaultPrefix || p.Store != filepath.Join(data, "local.db") ||
		p.Identity != filepath.Join(dir, "identity.txt") || !p.IdentityOwn || len(p.Recipients) != 0 || !slices.Equal(p.Protect, model.DefaultProtect) {
		t.Errorf("profile is %+v", p)
	}
	if len(c.Profiles()) != 1 {
		t.Errorf("profiles are %+v", c.Profiles())
	}
	for _, made := range []string{dir, data} {
		if _, err := os.Stat(made); err == nil {
			t.Errorf("loading made %s", made)
		}
	}
}

// TestDefaultsAlone: the defaults are those of a home without settings, and nothing is asked for them.
func TestDefaultsAlone(t *testing.T) {
	newHome(t)
	want := load(t, Source{})
	t.Setenv("HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("CLAVIER_REVEAL", "1s")
	got := Defaults()
	if got.Clipboard != want.Clipboard || got.ClipboardClear != want.ClipboardClear || got.Reveal != want.Reveal ||
		got.Renderer != want.Renderer || got.Stale != want.Stale || len(got.Profiles()) != 0 {
		t.Errorf("the defaults are %+v, want %+v", got, want)
	}
}

// TestPrecedence sets each setting in more and more places; the last one wins and says where it came from.
func TestPrecedence(t *testing.T) {
	file := newHome(t)
	content := strings.Join([]string{
		`profile = "work"`, `clipboard = "native"`, `clipboard_clear = "10s"`, `reveal = "5s"`, `renderer = "stock"`,
		`identity = "/file/id"`, `recipients = ["file-a", "file-b"]`,
		`protect = ["file-*"]`, `stale.older = "1y"`, `stale.unused = "2y"`, `stale.never = "3y"`, `[profiles.work]`, `[profiles.play]`, `[profiles.rest]`}, "\n")
	values := map[string][3]string{ // default, environment, flag; what the file has stands above
		"profile":         {"local", "play", "rest"},
		"clipboard":       {"auto", "tmux", "osc52"},
		"clipboard_clear": {"45s", "20s", "1m0s"},
		"reveal":          {"30s", "6s", "7s"},
		"renderer":        {"cells", "cells", "stock"},
		"identity":        {filepath.Join(filepath.Dir(file), "identity.txt"), "/env/id", "/flag/id"},
		"recipients":      {"none", "env-a, env-b", "flag-a, flag-b"},
		"protect":         {"*prod*", "env-*, e?v", "flag-*"},
		"stale.older":     {"90d", "12h", "3mo"},
		"stale.unused":    {"30d", "13h", "4mo"},
		"stale.never":     {"14d", "14h", "5mo"},
	}
	fileValues := map[string]string{"profile": "work", "clipboard": "native", "clipboard_clear": "10s", "reveal": "5s",
		"renderer": "stock", "identity": "/file/id", "recipients": "file-a, file-b", "protect": "file-*",
		"stale.older": "1y", "stale.unused": "2y", "stale.never": "3y"}
	lines := map[string]string{"profile": "1", "clipboard": "2", "clipboard_clear": "3", "reveal": "4", "renderer": "5",
		"identity": "6", "recipients": "7", "protect": "8", "stale.older": "9", "stale.unused": "10", "stale.never": "11"}

	check := func(t *testing.T, src Source, name, value, origin string) {
		t.Helper()
		for _, s := range load(t, src).Effective() {
			if s.Name == name {
				if s.Value != value || s.Origin != origin {
					t.Errorf("%s is %q from %q, want %q from %q", name, s.Value, s.Origin, value, origin)
				}
				return
			}
		}
		t.Errorf("%s is not listed", name)
	}
	for name, v := range values {
		check(t, Source{}, name, v[0], "default")
	}
	writeFile(t, file, content)
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			src := Source{}
			check(t, src, name, fileValues[name], "file "+file+":"+lines[name])
			variable := "CLAVIER_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
			src.Environ = []string{"PATH=/bin", variable + "=" + strings.ReplaceAll(v[1], ", ", "\n")}
			check(t, src, name, v[1], "environment "+variable)
			flag := strings.NewReplacer("_", "-", ".", "-").Replace(name)
			src.Flags = map[string]string{flag: v[2]}
			check(t, src, name, v[2], "flag --"+flag)
			src.Flags, src.Environ = nil, []string{variable + "="}
			check(t, src, name, fileValues[name], "file "+file+":"+lines[name])
		})
	}
}

func TestProfiles(t *testing.T) {
	file := newHome(t)
	home := os.Getenv("HOME")
	writeFile(t, file, `
identity = "~/.ssh/id_ed25519"
recipients = [
  "all", # everybody
]
profiles.dotted.prefix = "dot_"
profiles.inline = { prefix = "in_", store = "~/in.db" }

[profiles.work]
prefix = "wrk_"
identity = "/keys/id.txt"
recipients = []

[profiles.local]
prefix = "mine_"
`)
	c := load(t, Source{})
	names := make([]string, 0, 4)
	for _, p := range c.Profiles() {
		names = append(names, p.Name)
	}
	if want := []string{"local", "dotted", "inline", "work"}; !slices.Equal(names, want) {
		t.Errorf("profiles are %v, want %v", names, want)
	}
	ssh := filepath.Join(home, ".ssh", "id_ed25519")
	for _, want := range []Profile{
		{Name: "local", Prefix: "mine_", Identity: ssh, Recipients: []string{"all"}},
		{Name: "dotted", Prefix: "dot_", Identity: ssh, Recipients: []string{"all"}},
		{Name: "inline", Prefix: "in_", Identity: ssh, Recipients: []string{"all"}, Store: filepath.Join(home, "in.db")},
		{Name: "work", Prefix: "wrk_", Identity: "/keys/id.txt"},
	} {
		got := profile(t, c, want.Name)
		if want.Store == "" {
			want.Store = filepath.Join(os.Getenv("XDG_DATA_HOME"), "clavier", want.Name+".db")
		}
		if got.Prefix != want.Prefix || got.Identity != want.Identity || got.Store != want.Store || got.IdentityOwn ||
			!slices.Equal(got.Recipients, want.Recipients) {
			t.Errorf("profile is %+v, want %+v", got, want)
		}
	}
	if _, err := c.Profile("wrk"); err == nil || err.Error() != `there is no profile "wrk"; did you mean "work"?` {
		t.Errorf("unknown profile: %v", err)
	}
	if _, err := c.Profile("elsewhere"); err == nil || err.Error() != `there is no profile "elsewhere"; there is local, dotted, inline, work` {
		t.Errorf("unknown profile: %v", err)
	}
	// A flag or variable speaks for whatever profile is chosen.
	c = load(t, Source{Environ: []string{"CLAVIER_IDENTITY=" + filepath.Join(filepath.Dir(file), "identity.txt")}})
	if p := profile(t, c, "work"); !p.IdentityOwn {
		t.Errorf("CLAVIER_IDENTITY does not reach profile work: %+v", p)
	}
}

// TestStaleRule: the spans of the table reach the rule, each its own.
func TestStaleRule(t *testing.T) {
	file := newHome(t)
	writeFile(t, file, "[stale]\nolder = \"2w\" # short\nnever = \"36h\"\n")
	c := load(t, Source{Environ: []string{"CLAVIER_STALE_UNUSED=1mo"}})
	if want := (model.StaleRule{Older: 14 * 24 * time.Hour, Unused: 30 * 24 * time.Hour, Never: 36 * time.Hour}); c.Stale != want {
		t.Errorf("the rule is %+v, want %+v", c.Stale, want)
	}
	writeFile(t, file, "[stale]\n")
	if c := load(t, Source{}); c.Stale != model.DefaultStaleRule {
		t.Errorf("an empty table makes the rule %+v", c.Stale)
	}
}

// TestProtect: the patterns of a profile come before those outside, and an empty list is one too.
func TestProtect(t *testing.T) {
	file := newHome(t)
	const profiles = "[profiles.own]\nprotect = [\"own-*\", \" x, y \"]\n[profiles.off]\nprotect = []\n[profiles.plain]\n"
	for _, test := range []struct {
		about, content  string
		environ         []string
		own, off, other model.Patterns
	}{
		{"nothing outside", profiles, nil, model.Patterns{"own-*", " x, y "}, nil, model.DefaultProtect},
		{"a list outside", "protect = [\"all\"]\n" + profiles, nil, model.Patterns{"own-*", " x, y "}, nil, model.Patterns{"all"}},
		{"off outside", "protect = []\n" + profiles, nil, model.Patterns{"own-*", " x, y "}, nil, nil},
		{"the environment", "protect = []\n" + profiles, []string{"CLAVIER_PROTECT=a, b"}, model.Patterns{"a", "b"}, model.Patterns{"a", "b"}, model.Patterns{"a", "b"}},
		{"off by the environment", profiles, []string{"CLAVIER_PROTECT=,"}, nil, nil, nil},
	} {
		t.Run(test.about, func(t *testing.T) {
			writeFile(t, file, test.content)
			c := load(t, Source{Environ: test.environ})
			for name, want := range map[string]model.Patterns{"own": test.own, "off": test.off, "plain": test.other, "local": test.other} {
				if got := profile(t, c, name).Protect; !slices.Equal(got, want) {
					t.Errorf("%s protects %q, want %q", name, got, want)
				}
			}
		})
	}
	writeFile(t, file, profiles)
	got := profile(t, load(t, Source{}), "plain").Protect
	got[0] = "changed"
	if model.DefaultProtect[0] != "*prod*" {
		t.Error("a profile hands out the default itself")
	}
}

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name, home, config, data string
		wantFile, wantStore      string // "" means refused
	}{
		{"home only", "/h", "", "", "/h/.config/clavier/config.toml", "/h/.local/share/clavier/local.db"},
		{"relative is ignored", "/h", "rel", "./rel", "/h/.config/clavier/config.toml", "/h/.local/share/clavier/local.db"},
		{"both set", "/h", "/c", "/d", "/c/clavier/config.toml", "/d/clavier/local.db"},
		{"no home but both set", "", "/c", "/d", "/c/clavier/config.toml", "/d/clavier/local.db"},
		{"no home", "", "", "", "", ""},
		{"no home and one set", "", "/c", "", "", ""},
		{"relative home", "h", "", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if filepath.Separator != '/' || xdgOfMac() {
				t.Skip("the places of this system are not those of the XDG specification")
			}
			t.Setenv("HOME", test.home)
			t.Setenv("XDG_CONFIG_HOME", test.config)
			t.Setenv("XDG_DATA_HOME", test.data)
			c, err := Load(Source{Environ: []string{}})
			if test.wantFile == "" {
				if err == nil || !strings.HasPrefix(err.Error(), "environment: HOME names no directory") {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p := profile(t, c, ""); c.File != test.wantFile || p.Store != test.wantStore {
				t.Errorf("got %s and %s", c.File, p.Store)
			}
		})
	}
}

func TestChosenFile(t *testing.T) {
	file := newHome(t)
	other := filepath.Join(t.TempDir(), "other.toml")
	writeFile(t, file, `reveal = "1s"`)
	writeFile(t, other, `reveal = "2s"`)
	missing := filepath.Join(t.TempDir(), "missing.toml")
	for _, test := range []struct {
		name   string
		src    Source
		want   time.Duration
		origin string
		err    string
	}{
		{"default", Source{}, time.Second, "default", ""},
		{"environment", Source{Environ: []string{"CLAVIER_CONFIG=" + other}}, 2 * time.Second, "environment CLAVIER_CONFIG", ""},
		{"flag", Source{Path: file, Environ: []string{"CLAVIER_CONFIG=" + other}}, time.Second, "flag --config", ""},
		{"missing by environment", Source{Environ: []string{"CLAVIER_CONFIG=" + missing}}, 0, "", "CLAVIER_CONFIG: there is no settings file " + missing},
		{"missing by flag", Source{Path: missing}, 0, "", "--config: there is no settings file " + missing},
		{"directory", Source{Path: filepath.Dir(other)}, 0, "", filepath.Dir(other) + ": the settings file is not a regular file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.src.Environ == nil {
				test.src.Environ = []string{}
			}
			c, err := Load(test.src)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Fatalf("got  %v\nwant %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if first := c.Effective()[0]; c.Reveal != test.want || first.Name != "config" || first.Origin != test.origin {
				t.Errorf("got %v and %+v", c.Reveal, first)
			}
		})
	}
}

func TestFileModes(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("this system has no modes")
	}
	file := newHome(t)
	writeFile(t, file, `reveal = "1s"`)
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o644: true, 0o444: true, 0o620: false, 0o602: false, 0o666: false} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(Source{Environ: []string{}})
		if ok && err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
		if !ok && (!errors.Is(err, model.ErrModes) || !strings.HasSuffix(err.Error(), "run chmod go-w "+file)) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}
