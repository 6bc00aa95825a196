package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// newHome gives the test its own XDG directories and returns the place of its settings file.
func newHome(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	t.Setenv("HOME", filepath.Join(root, "home"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(root, "config"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(root, "data"))
	return filepath.Join(root, "config", "clavier", "config.toml")
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// load reads settings with nothing in the environment but what is given.
func load(t *testing.T, src Source) *Config {
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

func TestDefaults(t *testing.T) {
	file := newHome(t)
	c := load(t, Source{})
	dir, data := filepath.Dir(file), filepath.Join(os.Getenv("XDG_DATA_HOME"), "clavier")
	if c.File != file || c.Clipboard != "auto" || c.ClipboardClear != 45*time.Second ||
		c.Reveal != 30*time.Second || c.Renderer != "cells" {
		t.Errorf("defaults are %+v", c)
	}
	p, err := c.Profile("")
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{Name: "local", Provider: "local", Prefix: model.DefaultPrefix, IdentityOwn: true,
		Store: filepath.Join(data, "local.db"), Identity: filepath.Join(dir, "identity.txt")}
	if p.Name != want.Name || p.Provider != want.Provider || p.Prefix != want.Prefix || p.Store != want.Store ||
		p.Identity != want.Identity || p.IdentityOwn != want.IdentityOwn || len(p.Recipients) != 0 {
		t.Errorf("profile is %+v, want %+v", p, want)
	}
	if len(c.Profiles()) != 1 {
		t.Errorf("profiles are %+v", c.Profiles())
	}
	if exists(dir) || exists(data) {
		t.Error("loading made a directory")
	}
}

// TestRefusals holds every refusal to its exact sentence.
func TestRefusals(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"near name", "# mine\n\nclipbord = \"auto\"\n", `3:1: unknown setting "clipbord"; did you mean "clipboard"?`},
		{"far name", "colour = 1", `1:1: unknown setting "colour"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, profiles`},
		{"column in characters", "recipients = [\"é\", 3]", `1:20: "recipients" is a list of strings such as ["age1..."], not a number`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			writeFile(t, file, test.content)
			_, err := Load(Source{Environ: []string{}})
			if err == nil {
				t.Fatal("accepted")
			}
			if got := strings.TrimPrefix(err.Error(), file+":"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
