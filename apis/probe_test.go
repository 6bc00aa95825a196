package apis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// TestExactRequest: what is described is sent, byte for byte, and nothing else.
func TestExactRequest(t *testing.T) {
	secret := newSecret()
	for _, test := range []struct {
		about string
		api   func(*model.API)
		want  string
	}{
		{"scheme", func(*model.API) {}, "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: clavier/test\r\nAuthorization: Token SECRET\r\nConnection: close\r\n\r\n"},
		{"bare secret in another header", func(a *model.API) { a.URL += "/v1/m%20x?a=%2F&b"; a.Scheme, a.Header = "", "x-api-KEY" },
			"GET /v1/m%20x?a=%2F&b HTTP/1.1\r\nHost: HOST\r\nUser-Agent: clavier/test\r\nConnection: close\r\nx-api-KEY: SECRET\r\n\r\n"},
		{"post without a body", func(a *model.API) { a.Method = "POST" },
			"POST / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: clavier/test\r\nContent-Length: 0\r\nAuthorization: Token SECRET\r\nConnection: close\r\n\r\n"},
		{"put", func(a *model.API) { a.Method, a.URL = "PUT", a.URL+"/%2e%2e//x" },
			"PUT /%2e%2e//x HTTP/1.1\r\nHost: HOST\r\nUser-Agent: clavier/test\r\nContent-Length: 0\r\nAuthorization: Token SECRET\r\nConnection: close\r\n\r\n"},
		{"head", func(a *model.API) { a.Method = "HEAD" },
			"HEAD / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: clavier/test\r\nAuthorization: Token SECRET\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(test.about, func(t *testing.T) {
			server := serve(t, nil, status("200 OK", "Set-Cookie: a=b\r\n"))
			p := New(Options{UserAgent: "clavier/test"})
			api := describe(server.url())
			test.api(&api)
			for range 2 { // the second would have a cookie, and an open connection, if they were kept
				if got := p.Try(t.Context(), api, secret); got.Verdict != model.VerdictAlive {
					t.Fatalf("got %+v", got)
				}
			}
			want := strings.NewReplacer("HOST", server.Addr().String(), "SECRET", secret.Reveal()).Replace(test.want)
			requests, opened := server.seen()
			if len(requests) != 2 || opened != 2 {
				t.Fatalf("%d requests over %d connections", len(requests), opened)
			}
			for _, got := range requests {
				if sortedHead(got) != sortedHead(want) {
					t.Errorf("sent %q, want %q", strings.ReplaceAll(got, secret.Reveal(), "SECRET"), test.want)
				}
			}
		})
	}
}

// sortedHead puts the headers of a request, whose order means nothing, into one order.
func sortedHead(head string) string {
	lines := strings.SplitAfter(head, "\r\n")
	slices.Sort(lines[1:])
	return strings.Join(lines, "")
}

func TestVerdicts(t *testing.T) {
	secret := newSecret()
	for _, test := range []struct {
		line    string
		verdict model.Verdict
		status  int
		why     string
	}{
		{"200 OK", model.VerdictAlive, 200, ""},
		{"422 Unprocessable", model.VerdictAlive, 422, ""},
		{"401 Unauthorized", model.VerdictDead, 401, ""},
		{"204 No Content", model.VerdictUnknown, 204, "it answered 204, which stands neither for alive nor for dead"},
		{"403 Forbidden", model.VerdictUnknown, 403, "it answered 403, which stands neither for alive nor for dead"},
		{"404 Not Found", model.VerdictUnknown, 404, "it answered 404, which stands neither for alive nor for dead"},
		{"407 Proxy", model.VerdictUnknown, 407, "it answered 407, which stands neither for alive nor for dead"},
		{"500 Oops", model.VerdictUnknown, 500, "it answered 500, a failure of the server; try again later"},
		{"502 Bad Gateway", model.VerdictUnknown, 502, "it answered 502, a failure of the server; try again later"},
		{"599", model.VerdictUnknown, 599, "it answered 599, a failure of the server; try again later"},
		{"999 \x1b[2J\u202e", model.VerdictUnknown, 999, "it answered 999, which stands neither for alive nor for dead"},
		{"101 Switching Protocols", model.VerdictUnknown, 101, "it answered 101, which stands neither for alive nor for dead"},
	} {
		t.Run(test.line[:3], func(t *testing.T) {
			server := serve(t, nil, says("HTTP/1.1 "+test.line+"\r\nX: \xc2\x9b31m\u202e\xff\r\n\r\n<html>"+secret.Reveal()))
			api := describe(server.url())
			api.Alive = []int{200, 422}
			ticks := 0
			clock := func() time.Time { ticks++; return moment.Add(time.Duration(ticks) * time.Second) }
			got := New(Options{Now: clock}).Try(t.Context(), api, secret)
			if got.Verdict != test.verdict || got.Status != test.status || got.Why != test.why {
				t.Errorf("got %+v", got)
			}
			if got.API != "probe" || got.Took != time.Second || got.At.Before(moment.Add(2*time.Second)) || got.At.Location() != time.UTC || got.KeyID != "" {
				t.Errorf("got %+v", got)
			}
			if requests, _ := server.seen(); len(requests) != 1 {
				t.Errorf("%d requests", len(requests))
			}
		})
	}
}

// TestRefusedOnlyIfDead: 401 means nothing unless the settings say that it does.
func TestRefusedOnlyIfDead(t *testing.T) {
	server := serve(t, nil, status("401 Unauthorized"))
	api := describe(server.url())
	api.Dead = []int{403}
	secret := newSecret()
	wantUnknown(t, New(Options{}).Try(t.Context(), api, secret), secret, 401, "it answered 401, which stands neither for alive nor for dead")
	api.Alive, api.Dead = []int{401}, nil
	if got := New(Options{}).Try(t.Context(), api, secret); got.Verdict != model.VerdictAlive {
		t.Errorf("got %+v", got)
	}
}

// TestNothingIsSent: what cannot be sent as it is, or where it must not go, leads to no connection at all.
func TestNothingIsSent(t *testing.T) {
	var dialled []string
	p := New(Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errors.New("no")
	}})
	for about, text := range map[string]string{
		"the key has no secret; nothing was sent":                                               "",
		"the secret has a character that a header cannot carry; nothing was sent":               newSecret().Reveal() + "\r\nX-Other: y",
		"the secret has a character that a header cannot carry; nothing was sent ":              newSecret().Reveal() + "\x00",
		"the secret has a character that a header cannot carry; nothing was sent  ":             newSecret().Reveal() + "é",
		"the secret has a character that a header cannot carry; nothing was sent   ":            newSecret().Reveal() + "\t",
		"the secret has a character that a header cannot carry; nothing was sent    ":           newSecret().Reveal() + "\x7f",
		"the secret begins or ends with a space, which a header cannot carry; nothing was sent": newSecret().Reveal() + " ",
		"the secret has more than 4096 bytes, too many for a header; nothing was sent":          strings.Repeat("a", 4097),
	} {
		got := p.Try(t.Context(), describe("https://api.example"), model.NewSecret(text))
		if got.Verdict != model.VerdictUnknown || got.Why != strings.TrimRight(about, " ") || text != "" && strings.Contains(got.Why, text) {
			t.Errorf("got %+v", got)
		}
	}
	for _, url := range []string{"http://api.example", "https://u:p@api.example", "https://api.example#x", "", "https://127.1"} {
		if got := p.Try(t.Context(), describe(url), newSecret()); got.Verdict != model.VerdictUnknown || !strings.HasSuffix(got.Why, "; nothing was sent") {
			t.Errorf("%s: got %+v", url, got)
		}
	}
	api := describe("https://api.example")
	api.Method = "DELETE"
	if got := p.Try(t.Context(), api, newSecret()); got.Verdict != model.VerdictUnknown {
		t.Errorf("got %+v", got)
	}
	if len(dialled) > 0 {
		t.Errorf("connections to %v", dialled)
	}
}

// TestNoProxy: a proxy of the environment sees nothing; the one connection goes where the URL says. It runs in a process of
// its own, because package net/http looks at the environment once.
func TestNoProxy(t *testing.T) {
	const child = "CLAVIER_TEST_PROXY"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoProxy$")
		cmd.Env = append(os.Environ(), child+"=1")
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
			cmd.Env = append(cmd.Env, name+"=http://user:password@proxy.example:3128")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	var dialled []string
	p := New(Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errors.New("no")
	}})
	secret := newSecret()
	wantUnknown(t, p.Try(t.Context(), describe("https://api.example/x"), secret), secret, 0, "no connection could be made; nothing was sent")
	if !slices.Equal(dialled, []string{"api.example:443"}) {
		t.Errorf("connections to %v", dialled)
	}
}

// TestRedirects is trust row T11: the other host records nothing.
func TestRedirects(t *testing.T) {
	other := serve(t, nil, status("200 OK"))
	secret := newSecret()
	authority := newAuthority(t)
	for _, code := range []int{300, 301, 302, 303, 307, 308} {
		for _, test := range []struct{ about, location, to string }{
			{"other host", "http://localhost:PORT/x", " to http://localhost:PORT"},
			{"other port or downgrade", "http://127.0.0.1:PORT/", " to http://127.0.0.1:PORT"},
			{"same page with the secret", "/x?key=" + secret.Reveal(), " to another page of its own"},
			{"secret as a host", "https://" + strings.ToLower(secret.Reveal()) + ".example/", ""},
			{"another scheme", "file:///etc/passwd", ""},
			{"hostile", "http://a\u202e\u200b.example", ""},
			{"none", "", ""},
		} {
			for _, encrypted := range []bool{false, true} {
				port := fmt.Sprint(other.Addr().(*net.TCPAddr).Port)
				answer := status(fmt.Sprintf("%d Moved", code), "Location: "+strings.ReplaceAll(test.location, "PORT", port)+"\r\n")
				var listener net.Listener
				if encrypted {
					listener = authority.listen(t, certificate{})
				}
				server := serve(t, listener, answer)
				url := server.url()
				if encrypted {
					url = strings.Replace(url, "http:", "https:", 1)
				}
				got := New(Options{Roots: authority.pool}).Try(t.Context(), describe(url), secret)
				to := strings.ReplaceAll(test.to, "PORT", port)
				if test.about == "hostile" && strings.Contains(got.Why, "⟨U+202E⟩") {
					to = " to http://a⟨U+202E⟩⟨U+200B⟩.example"
				}
				if test.about == "hostile" && strings.Contains(got.Why, "%E2") {
					to = " to http://a%E2%80%AE%E2%80%8B.example"
				}
				wantUnknown(t, got, secret, code, fmt.Sprintf("it answered %d, a redirect%s, and redirects are not followed", code, to))
				if requests, _ := server.seen(); len(requests) != 1 {
					t.Errorf("%d requests", len(requests))
				}
			}
		}
	}
	if _, opened := other.seen(); opened != 0 {
		t.Errorf("the other host saw %d connections", opened)
	}
}

// TestRetryAfter is trust row T14 as far as it applies: the pause is told, and nothing is tried again by itself.
func TestRetryAfter(t *testing.T) {
	secret := newSecret()
	for header, want := range map[string]string{
		"30":                   "; try again in 30s",
		"3600":                 "; try again in 1h0m0s",
		"86400":                "; try again in 24h0m0s",
		"86401":                "; try again in more than a day",
		"99999999999999999999": "; try again later",
		"0":                    "; try again later",
		"-5":                   "; try again later",
		"soon \u202e\u009b31m": "; try again later",
		"":                     "; try again later",
		moment.Add(90 * time.Second).Format(http.TimeFormat): "; try again in 1m30s",
		moment.Add(-time.Hour).Format(http.TimeFormat):       "; try again later",
		moment.AddDate(1, 0, 0).Format(http.TimeFormat):      "; try again in more than a day",
	} {
		for line, about := range map[string]string{"429 Slow down": "429, too many requests", "503 Busy": "503, a failure of the server"} {
			server := serve(t, nil, status(line, "Retry-After: "+header+"\r\n"))
			got := New(Options{Now: stopped}).Try(t.Context(), describe(server.url()), secret)
			wantUnknown(t, got, secret, got.Status, "it answered "+about+want)
			if requests, _ := server.seen(); len(requests) != 1 || got.Status == 0 {
				t.Errorf("%d requests, %+v", len(requests), got)
			}
		}
	}
}

// TestSecretStaysInside: whatever prints an answer shows no secret, though it was sent.
func TestSecretStaysInside(t *testing.T) {
	server := serve(t, nil, status("500 Oops"))
	secret := newSecret()
	got := New(Options{}).Try(t.Context(), describe(server.url()), secret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, got); strings.Contains(text, secret.Reveal()) {
			t.Errorf("%s shows the secret", verb)
		}
	}
	if requests, _ := server.seen(); !strings.Contains(requests[0], secret.Reveal()) {
		t.Error("the secret was not sent at all")
	}
}
