package verify

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"clavier/model"
	"clavier/wire"
)

// through sends a request through the middleware and returns the answer, and the request as the API saw it: nil if it did not.
func through(t *testing.T, v *Verifier, request *http.Request) (*httptest.ResponseRecorder, *http.Request) {
	t.Helper()
	var seen *http.Request
	recorder := httptest.NewRecorder()
	v.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })).ServeHTTP(recorder, request)
	return recorder, seen
}

func requestWith(method, target string, header http.Header) *http.Request {
	request := httptest.NewRequest(method, target, strings.NewReader("a body"))
	maps.Copy(request.Header, header)
	return request
}

// TestT24Middleware: 200 lets through, with any method and path; what does not is 401 with WWW-Authenticate, all alike to the
// byte; nobody decides: 503. Never 204, never 429, and no body is read.
func TestT24Middleware(t *testing.T) {
	v, s, c := asking(t)
	_, good := s.let(t, "production")
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
		for _, path := range []string{"/", "/a/b/../c", "/v1/verify", "//x", "/%2e%2e"} {
			recorder, seen := through(t, v, requestWith(method, path, good))
			if recorder.Code != http.StatusOK || seen == nil {
				t.Fatalf("%s %s: %d", method, path, recorder.Code)
			}
			if identity, ok := FromContext(seen.Context()); !ok || identity.Name != "production" || identity.KeyID != keyID {
				t.Errorf("%s %s: the key is %+v", method, path, identity)
			}
			if body := seen.Body; body == nil || seen.ContentLength != int64(len("a body")) {
				t.Errorf("%s %s: the body is gone", method, path)
			}
		}
	}
	var first string
	for about, header := range map[string]http.Header{
		"nothing": nil, "no shape": {"X-Api-Key": {"x"}}, "unknown": bearer(drawn(t)), "two": {"X-Api-Key": {good.Get("Authorization")[7:], drawn(t).Reveal()}},
	} {
		recorder, seen := through(t, v, requestWith("GET", "/", header))
		answer := dump(recorder)
		if first == "" {
			first = answer
		}
		if recorder.Code != http.StatusUnauthorized || seen != nil || answer != first || recorder.Header().Get("WWW-Authenticate") != `Bearer realm="clavier"` {
			t.Errorf("%s: %q, want %q", about, answer, first)
		}
	}
	s.answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	c.turn(DefaultTTL)
	if recorder, seen := through(t, v, requestWith("GET", "/", good)); recorder.Code != http.StatusServiceUnavailable || seen != nil {
		t.Errorf("undecided: %d", recorder.Code)
	}
	if _, ok := FromContext(t.Context()); ok {
		t.Error("a context from elsewhere has a key")
	}
}

// dump returns an answer as text.
func dump(recorder *httptest.ResponseRecorder) string {
	var b strings.Builder
	result := recorder.Result()
	_ = result.Write(&b)
	return b.String()
}

// TestT25Spoofed: headers that a client made up do not reach the API, nor does the secret unless that is asked for; the rest
// does, and the request of the server stays whole.
func TestT25Spoofed(t *testing.T) {
	for _, keep := range []bool{false, true} {
		v, s, _ := asking(t, func(o *Options) { o.KeepSecret = keep })
		secret, _ := s.let(t, "production")
		request := requestWith("GET", "/", http.Header{
			"Authorization": {"Basic Zm9vOmJhcg==", "Bearer " + secret.Reveal()}, "X-Api-Key": {secret.Reveal()},
			wire.HeaderKeyID: {"root"}, wire.HeaderKeyName: {"root"}, wire.HeaderKeyRole: {"manage"}, wire.HeaderActor: {"root@here"},
			"X-Clavier-Anything": {"x"}, "x-clavier-key-id": {"raw"}, "X_Clavier_Key_Id": {"x"}, "X-Clavier_key-Id": {"x"},
			"Cookie": {"session"}, "X-Clavierish": {"kept"}, "X-Clavier": {"kept"},
		})
		before := len(request.Header)
		recorder, seen := through(t, v, request)
		if recorder.Code != http.StatusOK || seen == nil {
			t.Fatalf("got %d", recorder.Code)
		}
		if len(request.Header) != before || len(request.Header["Authorization"]) != 2 {
			t.Error("the request of the server was changed")
		}
		for name, values := range seen.Header {
			if strings.HasPrefix(strings.ReplaceAll(strings.ToLower(name), "_", "-"), "x-clavier-") {
				t.Errorf("%s reached the API: %q", name, values)
			}
			if !keep && slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, secret.Reveal()) }) {
				t.Errorf("the secret reached the API in %s", name)
			}
		}
		if keep != (seen.Header.Get("X-Api-Key") == secret.Reveal()) || seen.Header.Get("Authorization") != "Basic Zm9vOmJhcg==" {
			t.Errorf("keep %t: Authorization and X-API-Key have %d and %d values", keep, len(seen.Header["Authorization"]), len(seen.Header["X-Api-Key"]))
		}
		for _, name := range []string{"Cookie", "X-Clavierish", "X-Clavier"} {
			if seen.Header.Get(name) == "" {
				t.Errorf("%s did not reach the API", name)
			}
		}
	}
}

// TestManyAtOnce: the middleware takes many requests at the same time.
func TestManyAtOnce(t *testing.T) {
	v, s, c := asking(t, func(o *Options) { o.MaxEntries = 4 })
	headers := []http.Header{bearer(drawn(t)), bearer(drawn(t))}
	want := []int{http.StatusUnauthorized, http.StatusUnauthorized}
	for range 6 {
		_, header := s.let(t, "live")
		headers, want = append(headers, header), append(want, http.StatusOK)
	}
	handler := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if identity, _ := FromContext(r.Context()); identity.Role != model.RoleUse || identity.KeyID != keyID {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 60 {
				n := (worker + i) % len(headers)
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, requestWith("GET", "/", headers[n]))
				if recorder.Code != want[n] {
					t.Errorf("got %d, want %d", recorder.Code, want[n])
				}
				if i%20 == 0 {
					c.turn(DefaultTTL)
				}
			}
		})
	}
	wg.Wait()
}
