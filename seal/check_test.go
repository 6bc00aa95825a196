package seal

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// snapshot returns all that is in a directory: names, modes, times.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().Format(time.RFC3339Nano) + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCheck: doctor says how identity and recipients are, and changes nothing.
func TestCheck(t *testing.T) {
	other, err := open(t, newOptions(t)).Recipients()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, opts *Options) error
		finding string // its name
		value   string // part of it
		problem string // part of it
	}{
		{"not made", func(*testing.T, *Options) error { return nil }, "identity", "not made yet", ""},
		{"plain", func(t *testing.T, o *Options) error { return makeIdentity(o.IdentityPath) },
			"identity", "an age identity without a passphrase", ""},
		{"public half", func(t *testing.T, o *Options) error { return makeIdentity(o.IdentityPath) }, "public half", "age1", ""},
		{"protected", func(t *testing.T, o *Options) error { return open(t, *o).Protect([]byte(rand.Text())) },
			"identity", "an age identity behind a passphrase", ""},
		{"lost public half", func(t *testing.T, o *Options) error {
			return errors.Join(open(t, *o).Protect([]byte(rand.Text())), os.Remove(o.IdentityPath+".pub"))
		}, "public half", "", "is missing, so no key can be made"},
		{"foreign public half", func(t *testing.T, o *Options) error {
			return errors.Join(makeIdentity(o.IdentityPath), os.WriteFile(o.IdentityPath+".pub", []byte(other[0]), 0o600))
		}, "public half", "age1", "does not belong to the identity"},
		{"lost identity", func(t *testing.T, o *Options) error {
			return errors.Join(makeIdentity(o.IdentityPath), os.Remove(o.IdentityPath))
		}, "identity", "", "is missing but its public half"},
		{"loose", func(t *testing.T, o *Options) error {
			if os.PathSeparator != '/' {
				t.Skip("this system has no modes")
			}
			return errors.Join(makeIdentity(o.IdentityPath), os.Chmod(o.IdentityPath, 0o640))
		}, "identity", "", "run chmod 600"},
		{"ssh", func(t *testing.T, o *Options) error {
			o.IdentityPath, _ = makeSSH(t, rand.Text(), "-t", "ed25519", "-a", "1")
			o.Own = false
			return nil
		}, "identity", "an SSH key (ssh-ed25519) behind a passphrase", ""},
		{"elsewhere and missing", func(t *testing.T, o *Options) error { o.Own = false; return nil },
			"identity", "", "there is no identity at"},
		{"further", func(t *testing.T, o *Options) error { o.Recipients = other; return nil }, "recipients", "1 further", ""},
		{"bad recipient", func(t *testing.T, o *Options) error { o.Recipients = []string{"x"}; return nil },
			"recipients", "", "recipient 1: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := newOptions(t)
			if err := test.prepare(t, &opts); err != nil {
				t.Fatal(err)
			}
			root := filepath.Dir(filepath.Dir(opts.IdentityPath))
			before := snapshot(t, root)
			found := Check(opts)
			if after := snapshot(t, root); after != before {
				t.Errorf("changed\n%s\nto\n%s", before, after)
			}
			for _, f := range found {
				if f.Name != test.finding {
					if f.Problem != "" {
						t.Errorf("%s: %s", f.Name, f.Problem)
					}
					continue
				}
				if !strings.Contains(f.Value, test.value) || !strings.Contains(f.Problem, test.problem) || (f.Problem == "") != (test.problem == "") {
					t.Errorf("got %+v", f)
				}
				return
			}
			t.Errorf("nothing said of %s: %+v", test.finding, found)
		})
	}
}
