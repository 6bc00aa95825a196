package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"clavier/export"
	"clavier/model"
	"clavier/ui"
)

// homes gives the test a home directory and, below it, a working directory, and returns both.
func homes(t *testing.T) (home, work string) {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work = filepath.Join(home, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Chdir(work)
	return home, work
}

// TestExportFile holds which file is meant by what a person types, and what it is called then.
func TestExportFile(t *testing.T) {
	home, work := homes(t)
	sep := string(filepath.Separator)
	outside := filepath.Join(filepath.Dir(home), "elsewhere", "keys.csv")
	for typed, want := range map[string]export.File{
		"keys.csv":              {Path: filepath.Join(work, "keys.csv"), Shown: filepath.Join("~", "work", "keys.csv")},
		"~/keys.csv":            {Path: filepath.Join(home, "keys.csv"), Shown: filepath.Join("~", "keys.csv")},
		"~":                     {Path: home, Shown: home},
		"~/sub/":                {Path: filepath.Join(home, "sub") + sep, Shown: filepath.Join("~", "sub")},
		"~ada/keys.csv":         {Path: filepath.Join(work, "~ada", "keys.csv"), Shown: filepath.Join("~", "work", "~ada", "keys.csv")},
		"a~/keys.csv":           {Path: filepath.Join(work, "a~", "keys.csv"), Shown: filepath.Join("~", "work", "a~", "keys.csv")},
		"../keys.csv":           {Path: filepath.Join(home, "keys.csv"), Shown: filepath.Join("~", "keys.csv")},
		outside:                 {Path: outside, Shown: outside},
		home + "wards/keys.csv": {Path: filepath.Clean(home + "wards/keys.csv"), Shown: filepath.Clean(home + "wards/keys.csv")},
	} {
		if got, err := exportFile(typed); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", typed, got, err, want)
		}
	}
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	if got, err := exportFile("keys.csv"); err != nil || got.Shown != filepath.Join(work, "keys.csv") {
		t.Errorf("without a home: %+v, %v", got, err)
	}
	if _, err := exportFile("~/keys.csv"); err == nil || !strings.Contains(err.Error(), "HOME is not set") {
		t.Errorf("without a home ~ is %v", err)
	}
}

// TestExporter writes, asks, replaces, and refuses.
func TestExporter(t *testing.T) {
	home, _ := homes(t)
	a, out := fixedApp()
	write := a.exporter(model.DefaultStaleRule)
	for _, name := range []string{"keys.csv", "keys.json", "OTHER.JSON"} {
		done, err := write(t.Context(), "~/"+name, false, slices.Values(sampleKeys()))
		if want := (ui.Exported{Path: filepath.Join("~", name), Keys: len(sampleKeys())}); err != nil || done != want {
			t.Fatalf("%s: %+v, %v", name, done, err)
		}
		text, err := os.ReadFile(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		format, _ := export.FormatOf(name)
		out.Reset()
		if err := a.exportKeys(t.Context(), format, slices.Values(sampleKeys())); err != nil || out.String() != string(text) {
			t.Errorf("%s is not what list prints: %v\n%s", name, err, text)
		}
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%s is %v, %v", name, info.Mode(), err)
		}
	}
	_, err := write(t.Context(), "~/keys.csv", false, slices.Values(sampleKeys()))
	exists := (*ui.FileExistsError)(nil)
	if !errors.As(err, &exists) || exists.Path != filepath.Join("~", "keys.csv") || exists.Size == 0 || exists.Changed.IsZero() {
		t.Errorf("an existing file: %v, %+v", err, exists)
	}
	if done, err := write(t.Context(), "~/keys.csv", true, slices.Values(sampleKeys()[:1])); err != nil || done.Keys != 1 {
		t.Errorf("replaced: %+v, %v", done, err)
	}
	for typed, want := range map[string]string{
		"~/keys":             "the end of a file's name decides its format: .csv or .json",
		"":                   "the end of a file's name decides its format: .csv or .json",
		"~/missing/keys.csv": "the directory of " + filepath.Join("~", "missing", "keys.csv") + " does not exist: make it first, or give another name",
	} {
		if _, err := write(t.Context(), typed, false, slices.Values(sampleKeys())); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", typed, err, want)
		}
	}
	mustHold(t, home, "OTHER.JSON", "keys.csv", "keys.json", "work")
}

// TestExporterStops: when the context ends, within a thousand keys nothing is left.
func TestExporterStops(t *testing.T) {
	home, _ := homes(t)
	a, _ := fixedApp()
	ctx, cancel := context.WithCancel(t.Context())
	taken := 0
	endless := func(yield func(model.Key) bool) {
		for yield(sampleKeys()[0]) {
			if taken++; taken == 3000 {
				cancel()
			}
		}
	}
	_, err := a.exporter(model.DefaultStaleRule)(ctx, "~/keys.csv", false, endless)
	if !errors.Is(err, context.Canceled) || taken > 4096 {
		t.Errorf("%v after %d keys", err, taken)
	}
	mustHold(t, home, "work")
}

// mustHold fails the test unless dir has these files and no others.
func mustHold(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}
}
