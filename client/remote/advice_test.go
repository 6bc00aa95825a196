package remote

import (
	"net/http"
	"strings"
	"testing"
)

// TestAdvice: where no other try helps, the sentence says to look at the address; where one may, to try again.
func TestAdvice(t *testing.T) {
	for answer, want := range map[string]struct {
		handler http.HandlerFunc
		advice  string
	}{
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example", http.StatusFound)
		}, "redirects are not followed; look at the address"},
		"a page":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "JSON that was asked for; look at the address"},
		"no page":   {http.NotFound, "answered 404, as no key service does; look at the address"},
		"a failure": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "a failure of the server; try again"},
	} {
		_, err := over(t, want.handler).State(t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), want.advice) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
