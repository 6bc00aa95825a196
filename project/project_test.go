package project

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"clavier/model"
)

// place returns a directory at the end of all links.
func place(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, dir, content string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		profile string
		want    []Variable
	}{
		"empty":           {"", "", nil},
		"usual":           {"profile = \"work\"\n\n[env]\n# why\nB = \"two words\"\nA = 'x'\n", "work", []Variable{{"B", "two words", 5}, {"A", "x", 6}}},
		"byte order mark": {"\ufeff[env]\r\nA = \"x\"\r\n", "", []Variable{{"A", "x", 2}}},
		"dotted":          {"env.A = \"x\"\nenv.B = \"y\"\n", "", []Variable{{"A", "x", 1}, {"B", "y", 2}}},
		"inline":          {"env = { A = \"x\", B = \"y\" }\n", "", []Variable{{"A", "x", 1}, {"B", "y", 1}}},
		"an id":           {"[env]\nA = \"0192d8a0-0000-7000-8000-000000000000\"\n", "", []Variable{{"A", "0192d8a0-0000-7000-8000-000000000000", 2}}},
		"quoted variable": {"[env]\n\"A\" = \"x\"\n", "", []Variable{{"A", "x", 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, place(t), test.content)
			f, err := Read(path)
			if err != nil {
				t.Fatal(err)
			}
			if f.Path != path || f.Profile != test.profile || !reflect.DeepEqual(f.Variables, test.want) {
				t.Errorf("it is %+v", f)
			}
		})
	}
}

// TestReadRefuses: each with line and column, and without the value.
func TestReadRefuses(t *testing.T) {
	for content, says := range map[string]string{
		"profil = \"x\"\n":                       `1:1: "profil" means nothing here; did you mean "profile"?`,
		"\n[environment]\n":                      `2:2: "environment" means nothing here; ` + expected,
		"[env]\nA = 1\n":                         `2:5: write A = "name of a key"`,
		"[env]\nA = \"\"\n":                      `2:5: write A = "name of a key"`,
		"[env]\nA = true\n":                      `2:5: write A = "name of a key"`,
		"[env]\nA = [\"qzj\"]\n":                 `2:1: write A = "name of a key"`,
		"[env]\n  1A = \"qzj\"\n":                `2:3: the name of a variable has letters, digits and _, and no digit first; "1A" is none`,
		"[env]\n\"A B\" = \"qzj\"\n":             `2:1: the name of a variable has letters, digits and _, and no digit first; "A B" is none`,
		"[env]\nCLAVIER_PROFILE = \"qzj\"\n":     `2:1: CLAVIER_PROFILE cannot be set: CLAVIER_ variables are clavier's own settings`,
		"[env.A]\nB = \"qzj\"\n":                 `1:6: a variable is no table: write VARIABLE = "name of a key" below [env]`,
		"[env]\nA.B = \"qzj\"\n":                 `2:1: a variable is no table: write VARIABLE = "name of a key" below [env]`,
		"[env]\nA = { B = \"qzj\" }\n":           `2:1: a variable is no table: write VARIABLE = "name of a key" below [env]`,
		"env = \"qzj\"\n":                        `1:1: "env" is a table: write [env]`,
		"[profile]\nx = \"qzj\"\n":               `1:2: "profile" is no table: write profile = "NAME"`,
		"profile = 3\n":                          `1:11: write profile = "NAME"`,
		"profile = \"\"\n":                       `1:11: write profile = "NAME"`,
		"[[env]]\n":                              `1:3: there are no lists of tables here; ` + expected,
		"[env]\nA = \"qzj\"\nA = \"qzj2\"\n":     `3:1: `,
		"[env]\n[env]\n":                         `2:`,
		"[env]\nA = \"qzj\n":                     `2:`,
		"[env\nA = \"qzj\"\n":                    `1:`,
		"[env]\n" + "é = \"qzj\"\n":              `2:`,
		"[env]\nA = \"\xff\"\n":                  `1: the file is not UTF-8`,
		"profile = \"a\"\nprofile = \"qzj\"\n":   `2:`,
		"[env]\n\"\x1b[2J\" = \"qzj\"\n":         `2:`,
		"profile.x = \"qzj\"\n":                  `1:1: "profile" is no table: write profile = "NAME"`,
		"env = { A = { B = \"qzj\" } }\n":        `1:9: a variable is no table: write VARIABLE = "name of a key" below [env]`,
		"[env]\nA = \"qzj\" # c\nB = 2026-01-01": `3:5: write B = "name of a key"`,
	} {
		path := write(t, place(t), content)
		_, err := Read(path)
		refused := (*Error)(nil)
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), path+":"+says) || refused.Line == 0 {
			t.Errorf("%q: it says %v, want %s", content, err, says)
		} else if strings.Contains(err.Error(), "qzj") || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%q: it says %v", content, err)
		}
	}
}

// drawn returns n random characters of an alphabet: a secret that belongs to nobody.
func drawn(t *testing.T, alphabet string, n int) string {
	t.Helper()
	random := make([]byte, n)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(random)
}

// TestSecretsAreRefused by line, wherever they stand, and are not repeated.
func TestSecretsAreRefused(t *testing.T) {
	const letters, upper, hex = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdef"
	own, err := model.DrawSecret(rand.Reader, "acme_")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{
		own.Reveal(), "sk-" + drawn(t, letters, 48), "sk-proj-" + drawn(t, letters, 40), "ghp_" + drawn(t, letters, 36), "github_pat_" + drawn(t, letters, 60),
		"glpat-" + drawn(t, letters, 20), "AKIA" + drawn(t, upper, 16), "AIza" + drawn(t, letters, 35), "sk_live_" + drawn(t, letters, 24),
		"xoxb-" + drawn(t, letters, 24), "eyJ" + drawn(t, letters, 20) + "." + drawn(t, letters, 30) + ".x", "hf_" + drawn(t, letters, 34),
		"npm_" + drawn(t, letters, 36), "AGE-SECRET-KEY-1" + drawn(t, upper, 58), drawn(t, hex, 32), "SG." + drawn(t, letters, 22) + "." + drawn(t, letters, 43),
		"-----BEGIN " + "RSA PRIVATE KEY-----",
	} {
		for _, content := range []string{"[env]\n\nA = \"%s\"\n", "[env]\n\n# %s\n", "[env]\n\n\"%s\" = \"x\"\n", "\n\nprofile = '%s'", "a\n\n%s \x00 broken"} {
			path := write(t, place(t), fmt.Sprintf(content, secret))
			_, err := Read(path)
			if err == nil || !strings.HasPrefix(err.Error(), path+":3: this looks like a secret") || strings.Contains(err.Error(), secret) {
				t.Errorf("a secret like %.4s… in %q is taken, or repeated", secret, content)
			}
		}
	}
	for _, name := range []string{"production 2026-11", "sk-short", "task-force-for-the-new-customer-portal", "0192d8a0-0000-7000-8000-000000000000", "ghp_x", "AKIAS", "é" + strings.Repeat("x", 60)} {
		if LooksSecret(name) {
			t.Errorf("%s is the name of a key", name)
		}
	}
}

func TestFind(t *testing.T) {
	top := place(t)
	home := filepath.Join(top, "home")
	deep := filepath.Join(home, "src", "project", "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	find := func(dir string) string {
		t.Helper()
		path, err := Find(dir, home)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	above := write(t, top, "")
	if got := find(deep); got != "" {
		t.Errorf("beyond the home directory it found %s", got)
	}
	if got := find(top); got != above {
		t.Errorf("outside of the home directory it found %q", got)
	}
	inHome := write(t, home, "")
	if got := find(deep); got != inHome {
		t.Errorf("it found %q", got)
	}
	inProject := write(t, filepath.Join(home, "src", "project"), "")
	nearest := write(t, deep, "")
	for dir, want := range map[string]string{deep: nearest, filepath.Dir(deep): inProject, filepath.Join(home, "src"): inHome} {
		if got := find(dir); got != want {
			t.Errorf("from %s it found %q", dir, got)
		}
	}
	if _, err := Find(filepath.Join(top, "none"), home); err == nil {
		t.Error("a directory that is not there")
	}
	if runtime.GOOS == "windows" {
		return
	}
	link := filepath.Join(top, "link")
	if err := os.Symlink(deep, link); err != nil {
		t.Fatal(err)
	}
	if got := find(link); got != nearest {
		t.Errorf("by a link it found %q", got)
	}
	linkedHome := filepath.Join(top, "linked")
	if err := os.Symlink(home, linkedHome); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(inHome); err != nil {
		t.Fatal(err)
	}
	if path, err := Find(filepath.Join(home, "src"), linkedHome); err != nil || path != "" {
		t.Errorf("with a home that is a link it found %q, %v", path, err)
	}
}

func TestAllow(t *testing.T) {
	dir := place(t)
	allowances := Allowances{Dir: filepath.Join(place(t), "data", "allowed")}
	path := write(t, dir, "[env]\nA = \"x\"\n")
	read := func() *File {
		t.Helper()
		f, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	state := func(want error) {
		t.Helper()
		if err := allowances.Check(read()); !errors.Is(err, want) {
			t.Errorf("it is %v, want %v", err, want)
		}
	}
	allow := func() {
		t.Helper()
		if err := allowances.Allow(read()); err != nil {
			t.Fatal(err)
		}
	}
	state(ErrNotAllowed)
	if _, err := os.Stat(allowances.Dir); err == nil {
		t.Error("a question has made a directory")
	}
	allow()
	state(nil)
	allow() // again
	state(nil)
	write(t, dir, "[env]\nA = \"x\" \n")
	state(ErrNotAllowed)
	allow()
	state(nil)
	// The content before is not allowed any more.
	write(t, dir, "[env]\nA = \"x\"\n")
	state(ErrNotAllowed)
	allow()
	// The same content elsewhere is another file.
	elsewhere, err := Read(write(t, place(t), "[env]\nA = \"x\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := allowances.Check(elsewhere); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("elsewhere it is %v", err)
	}
	if err := allowances.Allow(elsewhere); err != nil {
		t.Fatal(err)
	}
	if found, err := allowances.Revoke(path); !found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	state(ErrNotAllowed)
	if err := allowances.Check(elsewhere); err != nil {
		t.Errorf("elsewhere it is %v", err)
	}
	if found, err := allowances.Revoke(path); found || err != nil {
		t.Errorf("the second time: %v %v", found, err)
	}
	if found, err := (Allowances{Dir: filepath.Join(dir, "none")}).Revoke(path); found || err != nil {
		t.Errorf("where nothing was ever allowed: %v %v", found, err)
	}
	entries, err := os.ReadDir(allowances.Dir)
	if err != nil || len(entries) != 1 || len(entries[0].Name()) != 64 {
		t.Errorf("there is %v, %v", entries, err)
	}
}

func TestNoFile(t *testing.T) {
	dir := place(t)
	for path, says := range map[string]string{
		filepath.Join(dir, FileName):                                      "there is no file " + filepath.Join(dir, FileName),
		filepath.Join(dir, "none", FileName):                              "there is no file " + filepath.Join(dir, "none", FileName),
		write(t, filepath.Join(dir, "l"), strings.Repeat("#\n", 1<<15+1)): filepath.Join(dir, "l", FileName) + " is larger than 64 KiB",
		dir: dir + " is not a regular file",
	} {
		if _, err := Read(path); fmt.Sprint(err) != says {
			t.Errorf("it says %v, want %s", err, says)
		}
	}
}

// FuzzRead holds that whatever the file holds, there is an answer or one sentence with a line.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "profile = \"x\"\n[env]\nA = \"b\"\n", "env = { A = 'x' }", "[[env]]", "[env]\nA.B.C = 1\n", "\ufeffenv.A=\"\"\"\nx\"\"\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file := &File{Path: "f"}
		err := file.parse([]byte(content))
		if refused := (*Error)(nil); err != nil && (!errors.As(err, &refused) || refused.Line < 1 || refused.Line > strings.Count(content, "\n")+2) {
			t.Fatal(err)
		}
		if err != nil && !model.IsDisplayable(err.Error()) {
			t.Fatalf("it says %q", err)
		}
		for _, v := range file.Variables {
			if v.Name == "" || v.Key == "" || strings.HasPrefix(v.Name, OwnPrefix) {
				t.Fatalf("%+v", v)
			}
		}
	})
}
