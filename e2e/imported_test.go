//go:build linux || darwin

package e2e

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"clavier/e2e/term"
)

// TestKeyOfAPlatform takes a key that was made elsewhere through its life: it is imported, tried, found by its secret, refused by its
// API, and deleted. Nothing of its secret is ever sent to the terminal.
func TestKeyOfAPlatform(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 100, Rows: 30}, func(p *place) {
		secret := "sk-" + rand.Text() + rand.Text()
		var status, others atomic.Int64
		status.Store(http.StatusOK)
		platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/v1/orders" || r.Header.Get("Authorization") != "Bearer "+secret {
				others.Add(1)
			}
			w.WriteHeader(int(status.Load()))
		}))
		defer platform.Close()
		p.WriteSettings(p.tb, fmt.Sprintf(`profile = "shop"

[profiles.shop]
provider = "manual"
console = "https://shop.example.org/keys"

[[profiles.shop.apis]]
name = "orders"
url = "%s/v1/orders"
`, platform.URL))
		x := p.open()
		x.WaitFor("No API keys yet. They are made at shop.example.org")
		x.Type("i")
		x.WaitFor("Secret: ")
		x.Paste(secret)
		x.WaitFor("••••")
		x.Key(term.Enter)
		x.Type("till")
		x.WaitFor("till")
		x.Key(term.Enter)
		x.WaitFor("imported till")
		waitSelected(x, "till")

		try := func(code int, verdict string) {
			p.tb.Helper()
			status.Store(int64(code))
			x.Type("t")
			s := x.WaitFor("Tried till against 1 API")
			if !s.Contains(verdict) || !s.Contains(fmt.Sprint(code)) {
				p.tb.Errorf("the answer %d\n%s", code, s.Frame())
			}
			x.Key(term.Esc)
			x.WaitGone("Tried till")
		}
		try(http.StatusOK, "alive")
		try(http.StatusServiceUnavailable, "unknown")
		if s := waitSelected(x, "till"); strings.Contains(s.String(), "dead") {
			p.tb.Errorf("a failure of the server made the key dead\n%s", s.Frame())
		}
		try(http.StatusUnauthorized, "dead")
		x.WaitFor("1 dead")
		x.Type("2")
		x.WaitUntil("the last answer in view 2", func(s term.Screen) bool {
			line := s.LineWith(platform.URL)
			return strings.Contains(line, " orders ") && strings.Contains(line, " dead ") && strings.Contains(line, " 401 ") && strings.HasSuffix(line, " till")
		})

		x.Type("1L")
		x.WaitFor("Whose secret is this?")
		x.Paste(secret)
		x.WaitFor("••••")
		x.Key(term.Enter)
		x.WaitFor("It is till of profile shop")
		x.Key(term.Esc)
		x.WaitGone("Whose secret is this?")

		x.Type("d")
		x.WaitFor("Delete till?")
		x.Type("till")
		x.WaitFor("[ enter deletes it")
		x.Key(term.Enter)
		x.WaitFor("No API keys yet.")
		x.Type("q")
		x.WaitExit()
		if n := others.Load(); n != 0 {
			p.tb.Errorf("%d other requests were sent", n)
		}
		if bytes.Contains(x.Raw(), []byte(secret[:8])) || bytes.Contains(x.Raw(), []byte(secret[len(secret)-8:])) {
			p.tb.Error("a part of the secret was sent to the terminal")
		}
	})
}
