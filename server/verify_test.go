package server

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// somebody makes the changes of these tests.
var somebody = model.Actor{By: "somebody", From: "here"}

// quiet is for logs that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// loaded returns a verifier that knows the keys of a store.
func loaded(tb testing.TB, store Store, o verifierOptions) *verifier {
	tb.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	v := newVerifier(store, o)
	if err := v.catchUp(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return v
}

// store puts a new key into a store and returns it with its secret.
func storeKey(tb testing.TB, store Store, name string, change ...func(*model.Key)) (model.Key, string) {
	tb.Helper()
	record, secret := draft(tb, name, time.Now(), change...)
	if _, err := store.PutNew(tb.Context(), record, "", somebody); err != nil {
		tb.Fatal(err)
	}
	return record.Key, secret
}

func withRole(role model.Role) func(*model.Key) { return func(key *model.Key) { key.Role = role } }

func ending(at time.Time) func(*model.Key) { return func(key *model.Key) { key.ExpiresAt = at } }

// bearer is a request that presents a secret.
func bearer(secret string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, wire.PathVerify, nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	return r
}

// ask returns how a request is answered.
func ask(v *verifier, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w
}

// status returns the status that a secret is answered with.
func status(v *verifier, secret string) int { return ask(v, bearer(secret)).Code }

// talk sends bytes over a new connection and returns all that comes back, without the date.
func talk(tb testing.TB, address, request string) string {
	tb.Helper()
	conn, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		tb.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^Date: .*\r\n`).ReplaceAllString(string(answer), "")
}

// TestT3RefusalsAreTheSameBytes: nobody learns from an answer why a key is refused.
func TestT3RefusalsAreTheSameBytes(t *testing.T) {
	store := newFakeStore()
	_, live := storeKey(t, store, "live")
	_, other := storeKey(t, store, "other")
	_, expired := storeKey(t, store, "expired", ending(time.Now().Add(-time.Second)))
	_, disabled := storeKey(t, store, "disabled", func(key *model.Key) { key.Disabled = true })
	_, imported := storeKey(t, store, "imported", func(key *model.Key) { key.Imported = true })
	deleted, gone := storeKey(t, store, "deleted")
	_, unknown := draft(t, "unknown", time.Now())
	v := loaded(t, store, verifierOptions{})
	if err := store.Delete(t.Context(), deleted.ID, somebody, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := v.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(v)
	defer server.Close()

	const want = "HTTP/1.1 401 Unauthorized\r\nCache-Control: no-store\r\nContent-Length: 0\r\n" +
		"Www-Authenticate: Bearer realm=\"clavier\"\r\nConnection: close\r\n\r\n"
	wrong := live[:len(live)-1] + string(live[len(live)-1]^1)
	for name, headers := range map[string]string{
		"none presented":      "",
		"an empty one":        "Authorization: Bearer \r\n",
		"another scheme":      "Authorization: Basic " + live + "\r\n",
		"two different ones":  "Authorization: Bearer " + live + "\r\nX-API-Key: " + other + "\r\n",
		"two of one header":   "X-API-Key: " + live + "\r\nX-API-Key: " + other + "\r\n",
		"a malformed one":     "Authorization: Bearer hunter2\r\n",
		"with something more": "Authorization: Bearer " + live + " x\r\n",
		"a wrong checksum":    "X-API-Key: " + wrong + "\r\n",
		"unknown":             "Authorization: Token " + unknown + "\r\n",
		"expired":             "Authorization: Bearer " + expired + "\r\n",
		"disabled":            "Authorization: Bearer " + disabled + "\r\n",
		"imported":            "Authorization: Bearer " + imported + "\r\n",
		"deleted":             "Authorization: Bearer " + gone + "\r\n",
		"a very long one":     "Authorization: Bearer " + strings.Repeat("a", 100_000) + "\r\n",
	} {
		for _, line := range []string{"GET /v1/verify", "HEAD /v1/verify/a/b?c", "DELETE /v1/verify/x"} {
			answer := talk(t, server.Listener.Addr().String(), line+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+headers+"\r\n")
			if answer != want {
				t.Errorf("%s, %s:\n%s\nwant:\n%s", name, line, answer, want)
			}
		}
	}
	if allowed, denied, unsure := v.stats(); allowed != 0 || denied != 14*3 || unsure != 0 {
		t.Errorf("counted %d, %d, %d", allowed, denied, unsure)
	}
}

// TestT24AnyMethodAndPath: proxies ask with the method and the path of the request that they are asked for. The answer is 200,
// never another success, and has no body.
func TestT24AnyMethodAndPath(t *testing.T) {
	store := newFakeStore()
	key, secret := storeKey(t, store, "production")
	v := loaded(t, store, verifierOptions{})
	server := httptest.NewServer(v)
	defer server.Close()
	want := "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 0\r\nX-Clavier-Key-Id: " + key.ID +
		"\r\nX-Clavier-Key-Name: production\r\nX-Clavier-Key-Role: use\r\nConnection: close\r\n\r\n"
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PURGE"} {
		for _, path := range []string{"/v1/verify", "/v1/verify/", "/v1/verify/v1/keys/%2e%2e//x?y=%00"} {
			answer := talk(t, server.Listener.Addr().String(),
				fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: %s\r\n\r\n", method, path, secret))
			if answer != want {
				t.Errorf("%s %s:\n%s\nwant:\n%s", method, path, answer, want)
			}
		}
	}
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func (unread) Close() error { return nil }

// TestT24NoBodyIsRead: nginx tells the length of a body that it does not send.
func TestT24NoBodyIsRead(t *testing.T) {
	store := newFakeStore()
	_, secret := storeKey(t, store, "production")
	v := loaded(t, store, verifierOptions{})
	r := bearer(secret)
	r.Method, r.Body = http.MethodPost, unread{t}
	if got := ask(v, r).Code; got != http.StatusOK {
		t.Errorf("answered %d", got)
	}
	server := httptest.NewServer(v)
	defer server.Close()
	for _, more := range []string{
		"Content-Length: 1000000\r\n", "Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n",
		"Content-Length: 1000\r\nExpect: 100-continue\r\n", "Content-Length: 1000000\r\nExpect: 100-continue\r\n",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST /v1/verify HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n%s\r\n", secret, more)
		answer, err := http.ReadResponse(bufio.NewReader(conn), r)
		if err != nil {
			conn.Close() // else the server waits for it in the end
			t.Fatalf("%q: %v", more, err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !answer.Close { // what follows on the connection may be the body
			t.Errorf("%q: answered %d, %v", more, answer.StatusCode, answer.Header)
		}
		conn.Close()
	}
}

// TestT25IdentityHeaders: all three are there, whatever is in them, and nothing in them can be mistaken for another header.
func TestT25IdentityHeaders(t *testing.T) {
	store := newFakeStore()
	storeKey(t, store, "may manage, and stays", withRole(model.RoleManage))
	v := loaded(t, store, verifierOptions{})
	for name, encoded := range map[string]string{
		"production":         "production",
		"a b":                "a%20b",
		"50% + more":         "50%25%20%2B%20more",
		"été":                "%C3%A9t%C3%A9",
		"x\r\nX-Evil: 1":     "x%0D%0AX-Evil%3A%201",
		"-._~":               "-._~",
		"with \x00 and \xff": "with%20%00%20and%20%FF",
		"":                   "",
	} {
		for _, role := range []model.Role{model.RoleUse, model.RoleRead, model.RoleManage} {
			key, secret := storeKey(t, store, name, withRole(role))
			if err := v.catchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := bearer(secret)
			r.Header.Set(wire.HeaderKeyID, "spoofed")
			r.Header.Set(wire.HeaderKeyName, "spoofed")
			answer := ask(v, r)
			for header, want := range map[string]string{
				wire.HeaderKeyID: key.ID, wire.HeaderKeyName: encoded, wire.HeaderKeyRole: role.String(), "Cache-Control": "no-store",
			} {
				if got := answer.Header()[header]; answer.Code != http.StatusOK || len(got) != 1 || got[0] != want {
					t.Errorf("%q: %d, %s is %q, want %q", name, answer.Code, header, got, want)
				}
			}
			if got := wire.DecodeName(answer.Header().Get(wire.HeaderKeyName)); got != name {
				t.Errorf("%q is decoded to %q", name, got)
			}
			if err := store.Delete(t.Context(), key.ID, somebody, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestT25TwoKeysAtOnce(t *testing.T) {
	store := newFakeStore()
	_, one := storeKey(t, store, "one")
	_, two := storeKey(t, store, "two")
	v := loaded(t, store, verifierOptions{})
	for _, c := range []struct {
		authorization, apiKey []string
		want                  int
	}{
		{[]string{"Bearer " + one}, nil, 200},
		{[]string{"token " + one}, nil, 200},
		{nil, []string{one}, 200},
		{[]string{"Bearer " + one}, []string{one}, 200},
		{[]string{"Bearer " + one, "Token " + one}, []string{one, one}, 200},
		{[]string{"Basic abc"}, []string{one}, 200},
		{[]string{"Bearer " + one}, []string{two}, 401},
		{[]string{"Bearer " + one, "Bearer " + two}, nil, 401},
		{nil, []string{one, two}, 401},
		{[]string{"Bearer " + one}, []string{"no secret at all"}, 401},
	} {
		r := httptest.NewRequest(http.MethodGet, wire.PathVerify, nil)
		r.Header["Authorization"], r.Header["X-Api-Key"] = c.authorization, c.apiKey
		if got := ask(v, r).Code; got != c.want {
			t.Errorf("%d and %d presented: answered %d, want %d", len(c.authorization), len(c.apiKey), got, c.want)
		}
	}
}

// TestNothingIsKnownBeforeTheKeysAreLoaded: not even what is malformed is judged, but that nothing was presented is certain.
func TestNothingIsKnownBeforeTheKeysAreLoaded(t *testing.T) {
	store := newFakeStore()
	_, secret := storeKey(t, store, "one", withRole(model.RoleManage))
	v := newVerifier(store, verifierOptions{Log: quiet})
	answer := ask(v, bearer(secret))
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") != "1" || v.ready() == nil {
		t.Errorf("answered %d, Retry-After %q, ready %v", answer.Code, answer.Header().Get("Retry-After"), v.ready())
	}
	if got := ask(v, httptest.NewRequest(http.MethodGet, wire.PathVerify, nil)).Code; got != http.StatusUnauthorized {
		t.Errorf("answered %d", got)
	}
	if _, err := v.identify(bearer(secret).Header); !errors.Is(err, model.ErrUnsure) {
		t.Errorf("identified with %v", err)
	}
	if v.size() != 0 {
		t.Error("something is known")
	}
	if err := v.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := status(v, secret); got != http.StatusOK || v.ready() != nil || v.size() != 1 {
		t.Errorf("answered %d, ready %v, %d keys", got, v.ready(), v.size())
	}
}

func TestIdentify(t *testing.T) {
	store := newFakeStore()
	_, first := storeKey(t, store, "the first", withRole(model.RoleManage))
	two, second := storeKey(t, store, "the second", withRole(model.RoleRead))
	_, unknown := draft(t, "", time.Now())
	v := loaded(t, store, verifierOptions{})
	found, err := v.identify(bearer(second).Header)
	if err != nil || found.KeyID != two.ID || found.Name != "the%20second" || found.Role != model.RoleRead {
		t.Errorf("identified %+v, %v", found, err)
	}
	for _, secret := range []string{unknown, "x", ""} {
		if _, err := v.identify(bearer(secret).Header); !errors.Is(err, model.ErrToken) {
			t.Errorf("identified with %v", err)
		}
	}
	if status(v, first) != http.StatusOK {
		t.Error("the first is refused")
	}
	if allowed, _, _ := v.stats(); allowed != 1 {
		t.Errorf("%d were allowed", allowed)
	}
}

// TestAFloodReadsNoStore: what is refused is refused from memory.
func TestAFloodReadsNoStore(t *testing.T) {
	store := newFakeStore()
	_, secret := storeKey(t, store, "one")
	v := loaded(t, store, verifierOptions{})
	before := fmt.Sprint(store.asked)
	for range 500 {
		unknown, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{unknown.Reveal(), secret[:len(secret)-1] + "_", secret[:10], secret} {
			status(v, text)
		}
	}
	if after := fmt.Sprint(store.asked); after != before {
		t.Errorf("the store was asked: %s, before %s", after, before)
	}
}

// FuzzVerify: whatever is presented, a key is taken only if its secret is, and it is taken then.
func FuzzVerify(f *testing.F) {
	store := newFakeStore()
	key, secret := storeKey(f, store, "one")
	v := newVerifier(store, verifierOptions{Log: quiet})
	if err := v.catchUp(context.Background()); err != nil {
		f.Fatal(err)
	}
	f.Add("Bearer "+secret, "")
	f.Add("", secret)
	f.Add("token  "+secret, secret)
	f.Add("Bearer "+secret+",", " "+secret)
	f.Add("Bearer", "_")
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		r := httptest.NewRequest(http.MethodGet, wire.PathVerify, nil)
		r.Header["Authorization"], r.Header["X-Api-Key"] = []string{authorization}, []string{apiKey}
		presented, err := wire.Presented(r.Header)
		want := http.StatusUnauthorized
		if err == nil && presented == secret {
			want = http.StatusOK
		}
		answer := ask(v, r)
		if id := answer.Header().Get(wire.HeaderKeyID); answer.Code != want || want == http.StatusOK && id != key.ID {
			t.Errorf("answered %d with the id %q, want %d", answer.Code, id, want)
		}
	})
}
