package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/cli"
)

// TestPages holds that every command has a page that tells of its flags.
func TestPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "man1")
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	if err := run([]string{dir}); err != nil {
		t.Fatal(err)
	}
	for page, texts := range map[string][]string{
		"clavier.1":                  {"CLAVIER", "Nov 2023", "Exit codes", `--profile`, `--config`, `--version`},
		"clavier-delete.1":           {`--confirm`},
		"clavier-identity-protect.1": {"passphrase"},
	} {
		content, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(string(content), text) {
				t.Errorf("%s does not say %q:\n%s", page, text, content)
			}
		}
	}
	for _, cmd := range cli.Root().Commands() {
		if _, err := os.Stat(filepath.Join(dir, "clavier-"+cmd.Name()+".1")); err != nil && cmd.IsAvailableCommand() {
			t.Error(err)
		}
	}
	if run(nil) == nil {
		t.Error("no directory is no error")
	}
}
