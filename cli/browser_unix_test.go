//go:build unix && !darwin

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOpenBrowser: the address is the one argument of the desktop's own program, and where a browser would be in the wrong
// place the reason is a sentence.
func TestOpenBrowser(t *testing.T) {
	const address = "https://app.example.org/settings?tab=api-keys&x=$(id)"
	bin, got := t.TempDir(), filepath.Join(t.TempDir(), "got")
	program := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	desktop := func() {
		t.Setenv("PATH", bin)
		t.Setenv("SSH_CONNECTION", "")
		t.Setenv("SSH_TTY", "")
		t.Setenv("DISPLAY", ":0")
		t.Setenv("WAYLAND_DISPLAY", "")
	}
	refused := func(want string) {
		t.Helper()
		err := openBrowser(address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not %q", err, want)
		}
		if _, err := os.Stat(got); err == nil {
			t.Error("something was opened")
		}
	}
	desktop()
	refused("there is no xdg-open")
	program("printf '%s\\n' \"$#\" \"$1\" > '" + got + "'\n")
	t.Setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
	refused("over SSH a browser would open on the other machine")
	desktop()
	t.Setenv("DISPLAY", "")
	refused("there is no desktop here")
	desktop()
	if err := openBrowser("http://app.example.org/"); err == nil {
		t.Error("an address that is not https was opened")
	}
	if err := openBrowser("file:///etc/passwd"); err == nil {
		t.Error("a file was opened")
	}
	if err := openBrowser(address); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(got)
	if err != nil || string(text) != "1\n"+address+"\n" {
		t.Errorf("it got %q, %v", text, err)
	}
	if err := os.Remove(got); err != nil {
		t.Fatal(err)
	}
	program("exit 3\n")
	refused("xdg-open could not open a browser")
	program("exec /bin/sleep 5\n") // a browser that stays
	began := time.Now()
	if err := openBrowser(address); err != nil || time.Since(began) > 4*time.Second {
		t.Errorf("a browser that stays: %v after %v", err, time.Since(began))
	}
}
