package cli

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clavier/config"
	"clavier/model"
)

// TestT14CommandsSayThatTheyWait, from two seconds on.
func TestT14CommandsSayThatTheyWait(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		30*time.Second + 90*time.Millisecond: "waiting 30 s: keys.example.com asks for it\n",
		2 * time.Second:                      "waiting 2 s: keys.example.com asks for it\n",
		1900 * time.Millisecond:              "",
		-time.Second:                         "",
	} {
		var out strings.Builder
		ctx := tellingWaits(t.Context(), sayWaits(&out, func() time.Time { return noon }))
		tell := tellWaits("keys.example.com")
		tell(ctx, noon.Add(wait))
		tell(ctx, time.Time{})
		if out.String() != want {
			t.Errorf("of %v it is said %q, want %q", wait, out.String(), want)
		}
		tell(t.Context(), noon.Add(wait)) // nobody is told
		tell(tellingWaits(ctx, nil), noon.Add(wait))
		if out.String() != want {
			t.Errorf("of %v it is said %q where nobody is to be told", wait, out.String())
		}
	}
}

// TestT14ServiceHasCallsWait: what a service asks for reaches whoever began the call.
func TestT14ServiceHasCallsWait(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer service.Close()
	host := strings.TrimPrefix(service.URL, "http://")
	profile := config.Profile{Name: "team", Provider: config.ProviderService, URL: service.URL}
	remote, err := connect(profile, func(context.Context) (model.Secret, error) { return model.DrawSecret(rand.Reader, model.DefaultPrefix) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var waits []time.Duration
	_, _ = remote.State(tellingWaits(ctx, func(at string, until time.Time) {
		if at != host {
			t.Errorf("%q asks", at)
		}
		if until.IsZero() {
			waits = append(waits, 0)
			return
		}
		waits = append(waits, time.Until(until).Round(time.Second))
		leave()
	}))
	if len(waits) != 2 || waits[0] != 20*time.Second || waits[1] != 0 {
		t.Errorf("told of %v", waits)
	}
}
