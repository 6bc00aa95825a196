//go:build linux

package proxies

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"clavier/e2e/program"
	"clavier/e2e/service"
	"clavier/model"
	"clavier/wire"
)

// TestProxies is trust rows T24 and T25, and what a proxy adds to T26: the documented configuration of each proxy, run as it
// stands.
func TestProxies(t *testing.T) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			clavier := service.Start(t, program.NewHome(t), nil)
			app := newApplication(t)
			s := &site{T: t, service: clavier, app: app}
			s.url = p.run(t, clavier.Address(), app.address())
			for _, row := range []struct {
				name string
				test func(*site)
			}{
				{"allows", (*site).allows},
				{"denies", (*site).denies},
				{"any method and path", (*site).anything},
				{"spoofed identity", (*site).spoofed},
				{"deleted", (*site).deleted},
				{"service down", (*site).down}, // last: it stays down
			} {
				t.Run(row.name, func(t *testing.T) {
					s.T = t
					row.test(s)
				})
			}
		})
	}
}

func bearer(secret model.Secret) http.Header {
	return http.Header{"Authorization": {"Bearer " + secret.Reveal()}}
}

// wantPassed fails unless one request reached the application, with the identity of a key and without its secret.
func (s *site) wantPassed(answered answer, key service.Key, name string) received {
	s.Helper()
	seen := s.app.take()
	if answered.status != http.StatusOK || len(seen) != 1 {
		s.Fatalf("a live key got %d, and %d requests reached the application", answered.status, len(seen))
	}
	got := seen[0]
	for header, want := range map[string]string{
		wire.HeaderKeyID: key.ID, wire.HeaderKeyName: wire.EncodeName(name), wire.HeaderKeyRole: "use",
	} {
		if values := got.header[header]; len(values) != 1 || values[0] != want {
			s.Errorf("the application got %s %q, want %q", header, values, want)
		}
	}
	for header, values := range got.header {
		folded := strings.ReplaceAll(strings.ToLower(header), "_", "-")
		if strings.HasPrefix(folded, "x-clavier-") && header != wire.HeaderKeyID && header != wire.HeaderKeyName && header != wire.HeaderKeyRole {
			s.Errorf("the application got %s: %q", header, values)
		}
	}
	if strings.Contains(fmt.Sprint(got), key.Secret.Reveal()) {
		s.Error("the application got the secret")
	}
	return got
}

// wantDenied fails unless the answer is 401 with a challenge and nothing reached the application.
func (s *site) wantDenied(what string, got answer) {
	s.Helper()
	if seen := s.app.take(); len(seen) > 0 {
		s.Errorf("%s: the request reached the application", what)
	}
	if got.status != http.StatusUnauthorized || !strings.HasPrefix(got.challenge, "Bearer") {
		s.Errorf("%s: got %d, WWW-Authenticate %q", what, got.status, got.challenge)
	}
}

func (s *site) allows() {
	const name = "café, 50% of it"
	key := s.service.Make(name)
	for what, header := range map[string]http.Header{
		"Bearer":       bearer(key.Secret),
		"bearer":       {"Authorization": {"bearer   " + key.Secret.Reveal()}},
		"Token":        {"Authorization": {"Token " + key.Secret.Reveal()}},
		"X-API-Key":    {"X-Api-Key": {key.Secret.Reveal()}},
		"twice itself": {"Authorization": {"Bearer " + key.Secret.Reveal()}, "X-Api-Key": {key.Secret.Reveal()}},
	} {
		s.Log(what)
		s.wantPassed(s.ask(http.MethodGet, "/", "", header), key, name)
	}
}

func (s *site) denies() {
	one, two, expired := s.service.Make("one"), s.service.Make("two"), s.service.MakeExpired("expired")
	live := one.Secret.Reveal()
	for what, header := range map[string]http.Header{
		"no key":         {},
		"an empty key":   {"X-Api-Key": {""}},
		"an unknown key": bearer(service.Unknown(s.T)),
		"a changed key":  {"X-Api-Key": {live[:len(live)-1] + flip(live[len(live)-1])}},
		"another scheme": {"Authorization": {"Basic " + live}},
		"an expired key": bearer(expired.Secret),
		"two keys":       {"Authorization": {"Bearer " + live}, "X-Api-Key": {two.Secret.Reveal()}},
		"two in one":     {"X-Api-Key": {live + ", " + two.Secret.Reveal()}},
	} {
		s.wantDenied(what, s.ask(http.MethodGet, "/", "", header))
	}
}

func flip(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

func (s *site) anything() {
	const name = "any"
	key := s.service.Make(name)
	body := strings.Repeat("a body that the service never reads ", 1000)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		sent := body
		if method == "GET" || method == "HEAD" || method == "OPTIONS" {
			sent = ""
		}
		for _, path := range []string{"/", "/a/b/c?d=e&f=%20", "/v1/verify", "/healthz", "/a%2Fb"} {
			got := s.wantPassed(s.ask(method, path, sent, bearer(key.Secret)), key, name)
			if got.method != method || got.body != sent || got.uri != path {
				s.Errorf("%s %s arrived as %s %s with %d of %d bytes", method, path, got.method, got.uri, len(got.body), len(sent))
			}
			s.wantDenied(method+" "+path, s.ask(method, path, sent, bearer(service.Unknown(s.T))))
		}
	}
}

// spoofed holds that no identity of a client's own making arrives, whether the client has a key or not.
func (s *site) spoofed() {
	const name = "real"
	key := s.service.Make(name)
	for _, header := range []string{
		"X-Clavier-Key-Id", "X-Clavier-Key-Name", "X-Clavier-Key-Role", "x-clavier-key-id", "X_Clavier_Key_Id", "X_Clavier_Key_Role", "x_clavier_key_name",
	} {
		with := bearer(key.Secret)
		with[header] = []string{"forged", "forged again"}
		s.wantPassed(s.ask(http.MethodGet, "/", "", with), key, name)
		s.wantDenied("forged "+header, s.ask(http.MethodGet, "/", "", http.Header{header: {"forged"}}))
	}
	// What a client has taken away by Connection is missing or true, never forged.
	with := bearer(key.Secret)
	with["Connection"] = []string{"X-Clavier-Key-Id"}
	with[wire.HeaderKeyID] = []string{"forged"}
	s.ask(http.MethodGet, "/", "", with)
	for _, got := range s.app.take() {
		if id := got.header.Get(wire.HeaderKeyID); id != "" && id != key.ID {
			s.Errorf("with Connection the application got the id %q", id)
		}
	}
}

func (s *site) deleted() {
	const name = "to be deleted"
	key := s.service.Make(name)
	s.wantPassed(s.ask(http.MethodGet, "/", "", bearer(key.Secret)), key, name)
	s.service.Delete(key)
	began := time.Now()
	s.wantDenied("a deleted key", s.ask(http.MethodGet, "/", "", bearer(key.Secret)))
	s.Logf("a deleted key was denied %v after its deletion was acknowledged", time.Since(began).Round(time.Millisecond))
}

func (s *site) down() {
	key := s.service.Make("alive, and nobody to ask")
	s.service.Kill()
	got := s.ask(http.MethodGet, "/", "", bearer(key.Secret))
	if seen := s.app.take(); len(seen) > 0 || got.status < http.StatusInternalServerError {
		s.Errorf("without its service the proxy answers %d, and %d requests reached the application", got.status, len(seen))
	}
}
