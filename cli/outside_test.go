package cli

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clavier/apis"
	"clavier/dotenv"
	"clavier/model"
	"clavier/ui"
)

// fileApp is an app whose settings are in a file of this content, with directories of its own.
func fileApp(t *testing.T, content string) *app {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME"} {
		t.Setenv(name, filepath.Join(dir, strings.ToLower(name)))
	}
	file := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	a, _ := fixedApp()
	a.flags.config = file
	a.given = func(string) bool { return false }
	return a
}

// TestOutsideOfAProfile: what is picked and dropped is in the settings, of this profile alone.
func TestOutsideOfAProfile(t *testing.T) {
	a := fileApp(t, "[profiles.mindee]\npreset = \"mindee\" # ours\n\n[profiles.other]\n")
	of := func(name string) ui.Outside {
		t.Helper()
		settings, err := a.readSettings()
		if err != nil {
			t.Fatal(err)
		}
		profile, err := settings.Profile(name)
		if err != nil {
			t.Fatal(err)
		}
		return a.outside(settings.File, profile, apis.New(apis.Options{}))
	}
	mindee := of("mindee")
	if len(mindee.Catalogue) == 0 || !strings.HasPrefix(mindee.Console, "https://") || mindee.Try == nil {
		t.Fatalf("the outside is %+v", mindee)
	}
	if other := of("other"); len(other.Catalogue) != 0 || other.Console != "" {
		t.Errorf("the outside of another profile is %+v", other)
	}
	pick := mindee.Catalogue[1]
	before := len(mindee.APIs)
	if err := mindee.PickAPI(t.Context(), pick); err != nil {
		t.Fatal(err)
	}
	if now := of("mindee").APIs; len(now) != before+1 || now[before].Name != pick.Name || now[before].URL != pick.URL {
		t.Errorf("after picking %s there are %v", pick.Name, now)
	}
	if len(of("other").APIs) != 0 {
		t.Error("another profile has it too")
	}
	if err := mindee.PickAPI(t.Context(), pick); err == nil {
		t.Error("it was picked twice")
	}
	if err := mindee.DropAPI(t.Context(), pick); err != nil {
		t.Fatal(err)
	}
	if now := of("mindee").APIs; len(now) != before {
		t.Errorf("after dropping it there are %v", now)
	}
	text, err := os.ReadFile(a.flags.config)
	if err != nil || !strings.Contains(string(text), "# ours") {
		t.Errorf("a comment is lost: %v", err)
	}
}

// TestLookupAsksEveryProfile: issued and imported, and one that cannot be asked is named beside what was found.
func TestLookupAsksEveryProfile(t *testing.T) {
	a := fileApp(t, "[profiles.manual]\nprovider = \"manual\"\n\n[profiles.never]\n\n[profiles.broken]\n")
	settings, err := a.readSettings()
	if err != nil {
		t.Fatal(err)
	}
	secret := model.NewSecret("sk-" + rand.Text())
	for _, name := range []string{"local", "manual"} {
		profile, err := settings.Profile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := openProfile(t.Context(), profile)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Import(t.Context(), model.Import{Name: model.Name("in-" + name), Secret: secret}); err != nil {
			t.Fatal(err)
		}
		p.close()
	}
	lookup := lookupAmong(a.everyProfile, openProfile)
	found, err := lookup(t.Context(), secret)
	if err != nil || len(found) != 2 || found[0].Profile != "local" || found[0].Key.Name != "in-local" || found[1].Key.Name != "in-manual" {
		t.Fatalf("found is %+v, %v", found, err)
	}
	if found, err := lookup(t.Context(), model.NewSecret("sk-"+rand.Text())); err != nil || len(found) != 0 {
		t.Errorf("another secret is %+v, %v", found, err)
	}
	never, err := settings.Profile("never")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(never.Store); !errors.Is(err, os.ErrNotExist) {
		t.Error("a profile without a store was given one")
	}
	broken, err := settings.Profile("broken")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(broken.Store), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken.Store, []byte(strings.Repeat("no store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err = lookup(t.Context(), secret)
	if len(found) != 2 || err == nil || !strings.HasPrefix(err.Error(), "profile broken could not be asked: ") {
		t.Errorf("found is %+v, %v", found, err)
	}
}

// TestEnvLineOfTheScreen: the file that a person names gets the variable, unless git tracks it.
func TestEnvLineOfTheScreen(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), git, append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	run("init", "-q")
	secret := model.NewSecret("sk-" + rand.Text())
	written, err := writeEnvLine(t.Context(), ui.EnvLine{Path: "~/.env", Variable: "API_KEY"}, secret)
	if err != nil || written.Path != "~/.env" || !written.Exposed || written.Shared {
		t.Fatalf("written is %+v, %v", written, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil || string(text) != "API_KEY="+secret.Reveal()+"\n" {
		t.Error("the file does not hold the line")
	}
	if err := ignoreEnvFile(t.Context(), "~/.env"); err != nil {
		t.Fatal(err)
	}
	if written, err = writeEnvLine(t.Context(), ui.EnvLine{Path: "~/.env", Variable: "API_KEY"}, secret); err != nil || written.Exposed {
		t.Errorf("written is %+v, %v", written, err)
	}
	run("add", "-f", ".env")
	tracked := (*ui.TrackedFileError)(nil)
	if _, err := writeEnvLine(t.Context(), ui.EnvLine{Path: "~/.env", Variable: "B"}, secret); !errors.As(err, &tracked) || tracked.Path != "~/.env" {
		t.Errorf("a tracked file: %v", err)
	}
	if _, err := writeEnvLine(t.Context(), ui.EnvLine{Path: "~/.env", Variable: "B", Tracked: true}, secret); err != nil {
		t.Errorf("a tracked file that is allowed: %v", err)
	}
}

// TestEveryFormatIsOffered, with what it is for, and writes the secret.
func TestEveryFormatIsOffered(t *testing.T) {
	all := shownFormats()
	if len(all) != len(dotenv.Formats) {
		t.Fatalf("%d of %d formats are offered", len(all), len(dotenv.Formats))
	}
	secret := model.NewSecret("sk-" + rand.Text())
	for _, format := range all {
		text, err := format.Write("API_KEY", secret)
		if err != nil || !strings.Contains(text, "API_KEY") || !strings.Contains(text, secret.Reveal()) || format.About == "" {
			t.Errorf("%s (%s) does not hold it: %v", format.Name, format.About, err)
		}
		if _, err := format.Write("9 no", secret); err == nil {
			t.Errorf("%s takes any name", format.Name)
		}
	}
}
