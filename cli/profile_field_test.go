package cli

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
	"clavier/ui"
)

// TestFieldsOfAService: the screen is told which field is wrong and the sentence alone, without what is for commands only.
func TestFieldsOfAService(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	a, _ := fixedApp()
	a.given = func(string) bool { return false }
	a.flags.config = filepath.Join(dir, "config.toml")
	if err := os.WriteFile(a.flags.config, []byte("[profiles.team]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := "unix:" + filepath.Join(dir, "nowhere.sock")
	for _, test := range []struct {
		name, url string
		token     model.Secret
		field     ui.ServiceField
		says      string
	}{
		{"team", nowhere, token, ui.ServiceName, `there is a profile "team" already`},
		{"a b", nowhere, token, ui.ServiceName, ""},
		{"ops", "keys", token, ui.ServiceAddress, "type an address such as "},
		{"ops", "http://keys.example.com", token, ui.ServiceAddress, "the address starts with https://"},
		{"ops", "https://keys.example.com/a//b", token, ui.ServiceAddress, "the address has a plain path or none"},
		{"ops", nowhere, token, ui.ServiceAddress, "the key service "},
		{"ops", nowhere, model.NewSecret("short"), ui.ServiceToken, "this is no token of a key service: "},
	} {
		_, err := a.addFromScreen(t.Context(), ui.NewService{Name: test.name, URL: test.url, Token: test.token})
		wrong := (*ui.FieldError)(nil)
		if !errors.As(err, &wrong) || wrong.Field != test.field || !strings.HasPrefix(wrong.Text, test.says) {
			t.Errorf("%s at %s: %v", test.name, test.url, err)
			continue
		}
		for _, never := range []string{`"url"`, "url:", "profile:", "--offline"} {
			if strings.Contains(wrong.Text, never) {
				t.Errorf("%s at %s: %q has %s", test.name, test.url, wrong.Text, never)
			}
		}
	}
}
