package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRemoveFiles: what cannot be removed is named and keeps nothing else, and what is gone already is no fault.
func TestRemoveFiles(t *testing.T) {
	dir := t.TempDir()
	stuck, loose, gone := filepath.Join(dir, "a\x1bb"), filepath.Join(dir, "loose"), filepath.Join(dir, "gone")
	if err := os.MkdirAll(filepath.Join(stuck, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(loose, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := removeFiles([]string{gone, stuck, loose})
	if err == nil || !strings.Contains(err.Error(), "a⟨U+001B⟩b cannot be removed: ") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(loose); err == nil {
		t.Error("what could be removed is there")
	}
	if err := removeFiles([]string{gone}); err != nil {
		t.Error(err)
	}
}
