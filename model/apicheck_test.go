package model

import (
	"errors"
	"strings"
	"testing"
)

func soundAPI() API {
	return API{Name: "models", Method: "GET", URL: "https://api.example.com/v1/models", Header: "Authorization", Scheme: "Bearer",
		Alive: []int{200}, Dead: []int{401}}
}

func TestCheckAPI(t *testing.T) {
	if err := CheckAPI(soundAPI()); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a", MaxURLLen)
	for _, test := range []struct {
		about string
		api   func(*API)
		field string // empty: accepted
	}{
		{"no scheme", func(a *API) { a.Scheme = "" }, ""},
		{"another header", func(a *API) { a.Header = "x-api-key" }, ""},
		{"no dead", func(a *API) { a.Dead = nil }, ""},
		{"about", func(a *API) { a.About = strings.Repeat("é", MaxAboutLen) }, ""},
		{"every edge of the statuses", func(a *API) { a.Alive, a.Dead = []int{200, 299, 404}, []int{400, 401, 499} }, ""},

		{"no name", func(a *API) { a.Name = "" }, "name"},
		{"hidden name", func(a *API) { a.Name = "a\u200b" }, "name"},
		{"decomposed name", func(a *API) { a.Name = "e\u0301" }, "name"},
		{"no method", func(a *API) { a.Method = "" }, "method"},
		{"a method that removes", func(a *API) { a.Method = "DELETE" }, "method"},
		{"a tunnel", func(a *API) { a.Method = "CONNECT" }, "method"},
		{"an echo", func(a *API) { a.Method = "TRACE" }, "method"},
		{"two lines", func(a *API) { a.Method = "GET\r\nX: y" }, "method"},
		{"long url", func(a *API) { a.URL = "https://a.example/" + long }, "url"},
		{"no header", func(a *API) { a.Header = "" }, "header"},
		{"two headers", func(a *API) { a.Header = "A: b\r\nC" }, "header"},
		{"long header", func(a *API) { a.Header = strings.Repeat("a", 65) }, "header"},
		{"host", func(a *API) { a.Header = "host" }, "header"},
		{"length", func(a *API) { a.Header = "content-LENGTH" }, "header"},
		{"framing", func(a *API) { a.Header = "Transfer-Encoding" }, "header"},
		{"what a proxy reads", func(a *API) { a.Header = "Proxy-Authorization" }, "header"},
		{"two schemes", func(a *API) { a.Scheme = "a b" }, "scheme"},
		{"a scheme with a line", func(a *API) { a.Scheme = "a\n" }, "scheme"},
		{"no alive", func(a *API) { a.Alive = nil }, "alive"},
		{"informational", func(a *API) { a.Alive = []int{199} }, "alive"},
		{"redirect", func(a *API) { a.Alive = []int{300} }, "alive"},
		{"failure", func(a *API) { a.Dead = []int{500} }, "dead"},
		{"too many requests", func(a *API) { a.Dead = []int{429} }, "dead"},
		{"a proxy's refusal", func(a *API) { a.Dead = []int{407} }, "dead"},
		{"too slow", func(a *API) { a.Alive = []int{408} }, "alive"},
		{"twice", func(a *API) { a.Alive = []int{200, 200} }, "alive"},
		{"both", func(a *API) { a.Dead = []int{403, 200} }, "dead"},
		{"long about", func(a *API) { a.About = strings.Repeat("é", MaxAboutLen+1) }, "about"},
		{"hostile about", func(a *API) { a.About = "a\x1b[2J" }, "about"},
	} {
		t.Run(test.about, func(t *testing.T) {
			api := soundAPI()
			test.api(&api)
			err := CheckAPI(api)
			refused := (*APIError)(nil)
			switch {
			case test.field == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.field != "" && !errors.As(err, &refused):
				t.Errorf("not refused: %v", err)
			case test.field != "" && (refused.Field != test.field || !IsDisplayable(err.Error()) || len(err.Error()) > 200):
				t.Errorf("refused for %s: %q", refused.Field, err)
			}
		})
	}
}

// TestCheckURL is the table of addresses of trust row T12.
func TestCheckURL(t *testing.T) {
	for _, ok := range []string{
		"https://a.example", "https://a.example/", "https://a.example:8443/v1/x%20y?a=b&c=%ff", "https://xn--bcher-kva.example", "https://host",
		"https://192.0.2.1/", "https://[2001:db8::1]/", "https://[2001:db8::1]:1/", "https://a_b.example./", "https://a.1b/", "HTTPS://A.EXAMPLE",
		"http://localhost", "http://LocalHost:65535/x", "http://127.0.0.1:1", "http://127.255.255.254/", "http://[::1]:8080/x?y",
	} {
		api := soundAPI()
		if api.URL = ok; CheckAPI(api) != nil {
			t.Errorf("%s: %v", ok, CheckAPI(api))
		}
	}
	for _, bad := range []string{
		"", " ", "a.example", "//a.example", "/path", "ftp://a.example", "file:///etc/passwd", "javascript:alert(1)", "https:", "https://", "https:///x",
		"https:a.example", "https://:443", "https://?x", "http://a.example", "http://192.168.0.1", "http://0.0.0.0", "http://[::]", "http://[::ffff:127.0.0.1]",
		"http://localhost.", "http://localhost.example", "http://127.0.0.1.example", "http://127.1", "http://2130706433", "http://0x7f.0.0.1", "http://128.0.0.1",
		"https://127.1", "https://2130706433", "https://0x7f.1", "https://1.2.3", "https://a.0x1", "https://a.99", "https://a..example", "https://.example",
		"https://user@a.example", "https://user:pass@a.example", "https://@a.example", "https://a.example@b.example", "https://a.example#", "https://a.example#x",
		"https://a.example/\n", "https://a.example/ x", "https://a.example/\x00", "https://a.exämple", "https://a.example\\@b.example", "https://a.example/<id>",
		"https://a.example/{id}", "https://a.example:", "https://a.example:0", "https://a.example:65536", "https://a.example:http", "https://a.example:-1", "https://a%2e.example",
		"https://a,b.example", "https://[fe80::1%25eth0]/", "https://[1.2.3.4]/", "https://[::1", "https://a.example/%zz", "http://localhost@a.example", "https://a;b",
	} {
		api := soundAPI()
		api.URL = bad
		refused := (*APIError)(nil)
		if err := CheckAPI(api); !errors.As(err, &refused) || refused.Field != "url" || !IsDisplayable(err.Error()) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCheckConsole(t *testing.T) {
	for _, preset := range Presets() {
		if err := CheckConsole(preset.Console); err != nil || FindPreset(preset.Name) != preset || preset.Title == "" {
			t.Errorf("%+v: %v", preset, err)
		}
	}
	if FindPreset("nobody") != (Preset{}) {
		t.Error("a preset that is not there was found")
	}
	if err := CheckConsole("https://a.example/x#y"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "http://localhost", "http://a.example", "https://u:p@a.example", "--help", "https://a.example/'\"", "file:///x"} {
		if CheckConsole(bad) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://a.example/x?y", "http://127.0.0.1:80", "https://[::1]:1/#", "https://a@b:c", "http://LOCALHOST"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		api := soundAPI()
		api.URL = text
		err := CheckAPI(api)
		if err != nil {
			if !IsDisplayable(err.Error()) {
				t.Fatalf("%q: %q cannot be shown", text, err)
			}
			return
		}
		if lower := strings.ToLower(text); !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://localhost") &&
			!strings.HasPrefix(lower, "http://127.") && !strings.HasPrefix(lower, "http://[::1]") || strings.ContainsAny(text, "@# \r\n\x00") && !strings.Contains(text, "/") {
			t.Fatalf("%q is accepted", text)
		}
	})
}
