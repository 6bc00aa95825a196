package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"clavier/model"
)

func TestAddProfile(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"no file", "", "[profiles.work]\nprovider = \"local\"\nprefix = \"wrk_\"\n"},
		{"comments stay", "# first\nreveal = \"1s\" # short\n\n[profiles.b]\n# last", "# first\nreveal = \"1s\" # short\n\n[profiles.b]\n# last\n\n[profiles.work]\nprovider = \"local\"\nprefix = \"wrk_\"\n"},
		{"line ends stay", "reveal = \"1s\"\r\n", "reveal = \"1s\"\r\n\r\n[profiles.work]\r\nprovider = \"local\"\r\nprefix = \"wrk_\"\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			if test.before != "" {
				writeFile(t, file, test.before)
			}
			if err := AddProfile(file, NewProfile{Name: "work", Prefix: "wrk_"}); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.after {
				t.Errorf("got %q", got)
			}
			if p := profile(t, load(t, Source{}), "work"); p.Prefix != "wrk_" {
				t.Errorf("got %+v", p)
			}
			wantModes(t, file)
		})
	}
}

func wantModes(t *testing.T, file string) {
	t.Helper()
	if os.PathSeparator != '/' {
		return
	}
	for path, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func TestAddProfileRefusals(t *testing.T) {
	for _, test := range []struct {
		name, before string
		add          NewProfile
		want         string // FILE stands for the settings file
	}{
		{"there already", "[profiles.work]", NewProfile{Name: "work"}, `FILE: there is a profile "work" already`},
		{"there but for case", "[profiles.work]", NewProfile{Name: "Work"}, `FILE: there is a profile "work" already`},
		{"the default", "", NewProfile{Name: "local"}, `FILE: there is a profile "local" already`},
		{"bad name", "", NewProfile{Name: "a/b"}, `profile: the name of a profile has 1 to 32 letters, digits, - or _; "a/b" is none`},
		{"bad prefix", "", NewProfile{Name: "a", Prefix: "a"}, `prefix: a prefix has 2 to 16 characters: a letter, then letters, digits or _, and _ at the end, such as clv_`},
		{"unsound file", "x = 1", NewProfile{Name: "a"}, `FILE:1:1: unknown setting "x"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
		{"inline table", "profiles = {}\n", NewProfile{Name: "a"}, `FILE: the profiles stand in a table that cannot be added to; write the profile into it by hand`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			if test.before != "" {
				writeFile(t, file, test.before)
			}
			err := AddProfile(file, test.add)
			if want := strings.ReplaceAll(test.want, "FILE", file); err == nil || err.Error() != want {
				t.Errorf("\ngot  %v\nwant %s", err, want)
			}
			if got, _ := os.ReadFile(file); string(got) != test.before {
				t.Errorf("the file was changed to %q", got)
			}
		})
	}
}

func TestAddProfileKeepsLinkAndRefusesModes(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("this system has no modes")
	}
	file := newHome(t)
	target := filepath.Join(t.TempDir(), "dotfiles.toml")
	writeFile(t, target, "# mine\n")
	writeFile(t, file, "")
	if err := errors.Join(os.Remove(file), os.Symlink(target, file)); err != nil {
		t.Fatal(err)
	}
	if err := AddProfile(file, NewProfile{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if err := os.Chmod(target, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := AddProfile(file, NewProfile{Name: "b"}); !errors.Is(err, model.ErrModes) {
		t.Errorf("got %v", err)
	}
}

// TestAddProfileTogether adds many profiles at once: none is lost, nothing is left behind.
func TestAddProfileTogether(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("this system has no lock on directories")
	}
	file := newHome(t)
	const n = 16
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := AddProfile(file, NewProfile{Name: fmt.Sprintf("p%d", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(load(t, Source{}).Profiles()); got != n+1 {
		t.Errorf("%d profiles, want %d", got, n+1)
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func BenchmarkLoad(b *testing.B) {
	for name, content := range map[string]string{"no file": "", "file": "reveal = \"1s\"\n[profiles.work]\nprefix = \"wrk_\"\n"} {
		b.Run(name, func(b *testing.B) {
			file := newHome(b)
			if content != "" {
				writeFile(b, file, content)
			}
			for b.Loop() {
				load(b, Source{})
			}
		})
	}
}
