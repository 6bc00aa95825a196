//go:build unix

package main

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"clavier/model"
)

// TestInterruptedWhileAService is waited for: one sentence and exit code 1, and of a change that was sent nobody knows whether it was
// made.
func TestInterruptedWhileAService(t *testing.T) {
	asked := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // until then nobody sees that the client has left
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	m := newMachine(t)
	token, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := m.given(t, token.Reveal(), "profile", "add", "team", "--url", server.URL, "--offline"); code != 0 {
		t.Fatalf("profile add: %d, %s", code, errs)
	}
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"list"}, "clavier: interrupted while the key service was asked\n"},
		{[]string{"doctor"}, ""},
		{[]string{"create", "production"}, `clavier: interrupted; "production": ` + model.ErrOutcomeUnknown.Error() + ": it was given up before "},
	} {
		cmd := m.command(t, append([]string{"--profile", "team"}, test.args...)...)
		var says strings.Builder
		cmd.Stderr = &says
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(says.String(), test.says) || strings.Count(says.String(), "\n") > 1 {
			t.Errorf("%q: exit code %d, %q", test.args, code, says.String())
		}
	}
}
