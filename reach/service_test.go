package reach

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// TestServiceAt is the part of trust row T12 about what stands behind the host.
func TestServiceAt(t *testing.T) {
	for address, want := range map[string]string{
		"https://keys.example.com": "https://keys.example.com/v1?a=b", "https://keys.example.com/": "https://keys.example.com/v1?a=b",
		"https://keys.example.com:8443/x/y-z/": "https://keys.example.com:8443/x/y-z/v1?a=b", "http://[::1]:1": "http://[::1]:1/v1?a=b",
		"unix:/run/clavier.sock": "http://localhost/v1?a=b",
	} {
		s, err := ServiceAt(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := s.At("/v1", url.Values{"a": {"b"}}).String(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	for _, address := range []string{
		"", "http://keys.example.com", "https://keys.example.com/a/../b", "https://keys.example.com/.", "https://keys.example.com//",
		"https://keys.example.com/a//b", "https://keys.example.com/%61", "https://keys.example.com/a%2fb", "https://keys.example.com/?", "https://keys.example.com/#",
	} {
		if s, err := ServiceAt(address); err == nil || s != (Service{}) {
			t.Errorf("%q is taken as %+v", address, s)
		}
	}
	socket, _ := ServiceAt("unix:/nowhere/clavier.sock")
	if conn, err := socket.Dial(nil)(t.Context(), "tcp", "localhost:80"); err == nil || conn != nil {
		t.Error("what goes to a socket went elsewhere")
	}
	own := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
	if _, err := socket.Dial(own)(t.Context(), "", ""); err != net.ErrClosed { //nolint:errorlint // it is that very one
		t.Errorf("got %v", err)
	}
}

// TestRetryAfter reads what RFC 9110, section 10.2.3 allows, and nothing else.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"1": time.Second, "120": 2 * time.Minute, now.Add(time.Minute).Format(http.TimeFormat): time.Minute,
		"": 0, "0": 0, "-1": 0, "1.5": 0, "soon": 0, "9999999999999": 0, now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		got, told := RetryAfter(http.Header{"Retry-After": {text}}, now)
		if told != (want > 0) || told && got != want {
			t.Errorf("%q: got %v, %t, want %v", text, got, told, want)
		}
	}
}
