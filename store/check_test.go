package store

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"clavier/model"
)

// snapshot returns the names, modes, times and contents of what stands in a directory.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		content := ""
		if filepath.Ext(entry.Name()) == ".db" {
			b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			content = string(b)
		}
		out[entry.Name()] = info.Mode().String() + info.ModTime().String() + content
	}
	return out
}

func TestCheckLooksAndTouchesNothing(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		subject string // of the finding that is not OK; empty if all is well
		want    error
	}{
		{"nothing there", func(*testing.T, string) {}, "", nil},
		{"an empty directory", func(t *testing.T, path string) {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "", nil},
		{"an empty file", func(t *testing.T, path string) {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "", nil},
		{"a closed store", func(t *testing.T, path string) { closed(t, path, 3) }, "", nil},
		{"an open store", func(t *testing.T, path string) { put(t, open(t, path), "production", epoch) }, "", nil},
		{"a store without its last page", func(t *testing.T, path string) {
			_, content := closed(t, path, 40)
			if err := os.Truncate(path, int64(len(content)-4096)); err != nil {
				t.Fatal(err)
			}
		}, "content", model.ErrStoreDamaged},
		{"a key without its sealed secret", func(t *testing.T, path string) {
			s := open(t, path)
			put(t, s, "production", epoch)
			if _, err := s.db.Exec(`PRAGMA foreign_keys = OFF; DELETE FROM vault`); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}, "content", model.ErrStoreDamaged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := newPath(t)
			test.prepare(t, path)
			before := snapshot(t, filepath.Dir(path))
			findings, err := Check(t.Context(), path)
			if err != nil || len(findings) == 0 {
				t.Fatalf("Check returns %v, %v", findings, err)
			}
			for _, f := range findings {
				if f.OK != (f.Err == nil) || f.Text == "" || f.Subject == "" {
					t.Errorf("an odd finding: %+v", f)
				}
				if !f.OK && (f.Subject != test.subject || !errors.Is(f.Err, test.want)) {
					t.Errorf("found %+v, want %q %v", f, test.subject, test.want)
				}
			}
			if allOK(findings) != (test.subject == "") {
				t.Errorf("found %+v", findings)
			}
			if after := snapshot(t, filepath.Dir(path)); !maps.Equal(before, after) {
				t.Errorf("Check changed the directory")
			}
		})
	}
}
