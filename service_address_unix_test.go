//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// token returns the file of the token of a profile, which has one.
func (m *machine) token(t *testing.T, profile string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "data", "clavier", profile+".*.token"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the tokens of %s are %q, %v", profile, files, err)
	}
	return files[0]
}

// TestTokenStaysAtItsAddress: a service whose address was written into the settings by hand is never sent the token that another was given.
func TestTokenStaysAtItsAddress(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	m.join(t, "team", s.url, m.boot())
	m.env = append(m.env, "CLAVIER_PROFILE=team")
	m.output(t, "list")
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	settings := filepath.Join(m.dir, "config", "clavier", "config.toml")
	before, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	write := func(content string) {
		if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(string(before), s.url, other.URL, 1))
	for _, args := range [][]string{{"list"}, {"create", "production"}, {"doctor"}} {
		if _, errs, code := m.given(t, "", args...); code != 1 || args[0] != "doctor" && !strings.Contains(errs, "clavier profile token team") {
			t.Errorf("%s: %d, %s", args[0], code, errs)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the other service was asked %d times", n)
	}
	write(string(before))
	m.output(t, "list")
}
