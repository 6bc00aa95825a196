package model

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

// TestCheckServiceURL is T12 for what the settings and flags say: nothing that could send a token in the clear to another
// machine, or to a host that nobody can tell, is an address of a key service.
func TestCheckServiceURL(t *testing.T) {
	for address, host := range map[string]string{
		"https://keys.example.com": "keys.example.com", "https://keys.example.com:8443/": "keys.example.com:8443", "https://a.example/clavier": "a.example",
		"http://localhost:8787": "localhost:8787", "http://127.0.0.1:1": "127.0.0.1:1", "http://[::1]:8787": "[::1]:8787",
		"unix:/run/clavier.sock": "/run/clavier.sock", "unix:/run/a b/ü.sock": "/run/a b/ü.sock",
	} {
		if err := CheckServiceURL(address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
		if got := ServiceHost(address); got != host {
			t.Errorf("%q is at %q, want %q", address, got, host)
		}
	}
	for _, bad := range []string{
		"", "keys.example.com", "https://", "ftp://a.example", "http://a.example", "http://192.168.0.1:8787", "http://0.0.0.0:8787", "http://localhost.example",
		"https://user@a.example", "https://user:pass@a.example", "https://a.example?x", "https://a.example/#x", "https://127.1", "https://a.example:0",
		"unix:", "unix:run/x", "unix://run/x", "unix:/run/../x", "unix:/run/", "unix:/a\x00", "unix:/a\u202eb", "unix:@abstract",
		"unix:/" + strings.Repeat("a", maxSocketPath), "UNIX:/run/x", "--help",
	} {
		refused := (*APIError)(nil)
		if err := CheckServiceURL(bad); !errors.As(err, &refused) || refused.Field != "url" || !IsDisplayable(err.Error()) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	secret, err := DrawSecret(rand.Reader, DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	text := secret.Reveal()
	for _, bad := range []string{
		text, " " + text, text[:len(text)-1], text[4:], strings.ReplaceAll(text, "_", "-"), "https://" + text, "https://a.example/" + text, "unix:" + text,
		"unix:/run/" + text, "https://a.example/#" + text, "Bearer " + text,
	} {
		err := CheckServiceURL(bad)
		if err == nil || strings.Contains(err.Error(), text[5:10]) || !strings.Contains(err.Error(), "looks like a key") {
			t.Error("an address that is a secret is repeated, or taken")
		}
	}
	if ServiceHost("x") != "" {
		t.Error("an address that is none has a host")
	}
}
