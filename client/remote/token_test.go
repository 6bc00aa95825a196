package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/wire"
)

// TestTokenIsAskedForOnce: the token is got when it is needed first, by one call, and then kept.
func TestTokenIsAskedForOnce(t *testing.T) {
	token, got := drawn(t), 0
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer "+token.Reveal() || len(request.Header["Authorization"]) != 1 {
			t.Error("the token does not stand in Authorization")
		}
		for name, values := range request.Header {
			if name != "Authorization" && strings.Contains(fmt.Sprint(values), token.Reveal()) || strings.Contains(request.RequestURI, token.Reveal()) {
				t.Errorf("the token stands in %s, too", name)
			}
		}
		(&fake{}).ServeHTTP(w, request)
	}), func(o *Options) {
		o.Token = func(context.Context) (model.Secret, error) { got++; return token, nil }
	})
	if got != 0 {
		t.Error("the token was asked for before it was needed")
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := r.State(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got != 1 {
		t.Errorf("the token was asked for %d times", got)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", r, r, r), token.Reveal()) {
		t.Error("a printed Remote shows the token")
	}
}

// TestTokenLocked: while the token cannot be had, nothing is sent, and it is asked for again the next time.
func TestTokenLocked(t *testing.T) {
	locked, token := true, drawn(t)
	service := &fake{}
	r := over(t, service, func(o *Options) {
		o.Token = func(context.Context) (model.Secret, error) {
			if locked {
				return model.Secret{}, fmt.Errorf("the token: %w", model.ErrLocked)
			}
			return token, nil
		}
	})
	for _, operation := range operations {
		if err := operation.call(t.Context(), r, record(t, "x").Key.ID); !errors.Is(err, model.ErrLocked) {
			t.Errorf("%s: %v", operation.name, err)
		}
	}
	if asked := service.asked(); len(asked) > 0 {
		t.Errorf("%v was sent", asked)
	}
	locked = false
	if _, err := r.State(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTokenRefused: a token that the service refused is asked for again, as another may stand there; one that cannot be a key of
// a service is not sent.
func TestTokenRefused(t *testing.T) {
	old, next := drawn(t), drawn(t)
	at := old
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer "+next.Reveal() {
			tells(w, model.ErrToken, "refused")
			return
		}
		(&fake{}).ServeHTTP(w, request)
	}), func(o *Options) { o.Token = func(context.Context) (model.Secret, error) { return at, nil } })
	if _, err := r.State(t.Context()); !errors.Is(err, model.ErrToken) {
		t.Errorf("got %v", err)
	}
	at = next
	if _, err := r.State(t.Context()); err != nil {
		t.Errorf("with the next token: %v", err)
	}

	mistyped := old.Reveal()[:len(old.Reveal())-1]
	service := &fake{}
	r = over(t, service, func(o *Options) {
		o.Token = func(context.Context) (model.Secret, error) { return model.NewSecret(mistyped), nil }
	})
	_, err := r.State(t.Context())
	if !errors.Is(err, model.ErrToken) || len(service.asked()) > 0 || strings.Contains(err.Error(), mistyped) {
		t.Errorf("got %v after %d requests", err, len(service.asked()))
	}
}

// TestDetails: what a service says is shown where it is a problem: displayable, bounded, and never with the token in it.
func TestDetails(t *testing.T) {
	var token model.Secret
	detail := ""
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrHeld, detail) }), func(o *Options) {
		token, _ = o.Token(t.Context())
	})
	put := func() error { return r.Put(t.Context(), record(t, "x"), model.Actor{}) }
	for _, test := range []struct{ says, want string }{
		{"a key has this secret already: staging", "a key has this secret already: staging"},
		{"", model.ErrHeld.Error()},
		{"\x1b[2J\u202e", "⟨U+001B⟩[2J⟨U+202E⟩"},
		{strings.Repeat("x", 10_000), strings.Repeat("x", maxDetail) + "…"},
		{"your token is " + token.Reveal(), model.ErrHeld.Error()},
		{"your token is " + strings.ToUpper(token.Reveal()), model.ErrHeld.Error()},
		{strings.Repeat("x", maxDetail-30) + " " + token.Reveal(), model.ErrHeld.Error()},
		{strings.Repeat("x", 10_000) + token.Reveal(), model.ErrHeld.Error()},
		{"it begins with " + token.Reveal()[:len(model.DefaultPrefix)+leastEcho], model.ErrHeld.Error()},
		{"it ends with " + token.Reveal()[len(token.Reveal())-leastEcho:], model.ErrHeld.Error()},
		{"it is spelt " + strings.Join(strings.Split(token.Reveal(), ""), " "), model.ErrHeld.Error()},
		{"it is spelt " + strings.Join(strings.Split(token.Reveal(), ""), "\u200b"), model.ErrHeld.Error()},
		{"held by " + token.Hint(), "held by " + token.Hint()},
	} {
		detail = test.says
		if err := put(); !errors.Is(err, model.ErrHeld) || err.Error() != test.want {
			t.Errorf("got %q, want %q", err, test.want)
		}
	}
}

// TestNoAnswerEchoesTheToken: what cannot be read in an answer is said without the token that may stand there.
func TestNoAnswerEchoesTheToken(t *testing.T) {
	id := record(t, "x").Key.ID
	key := `{"id":"` + id + `","role":"use","last_use":"never"}`
	for _, body := range []string{
		`{"mark":"TOKEN"}`, `{"keys":[],"mark":"TOKEN"}`, `{"activity":[{"at":"TOKEN"}]}`, `{"gone":["TOKEN"]}`, `{"sha256":"TOKEN"}`, `"TOKEN"`,
		strings.Replace(key, id, "TOKEN", 1), strings.Replace(key, "use", "TOKEN", 1), strings.Replace(key, "never", "TOKEN", 1),
		`{"self":` + strings.Replace(key, "never", "xxxxxxxxxxxxxxxxxxxxxxxxxTOKEN", 1) + `}`,
		`{"keys":[` + strings.Replace(key, "use", "TO\u200bKEN", 1) + `]}`, `{"rotations":[{"old_id":"TOKEN"}]}`,
	} {
		var token model.Secret
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			first, second := token.Reveal()[:20], token.Reveal()[20:]
			sent := strings.NewReplacer("TOKEN", token.Reveal(), "TO", first, "KEN", second).Replace(body)
			says(w, http.StatusOK, json.RawMessage(sent))
		}), func(o *Options) { token, _ = o.Token(t.Context()) })
		for about, ask := range map[string]func() error{
			"state":     func() error { _, err := r.State(t.Context()); return err },
			"list":      func() error { _, err := r.List(t.Context()); return err },
			"get":       func() error { _, err := r.Get(t.Context(), id); return err },
			"sealed":    func() error { _, err := r.Sealed(t.Context(), id); return err },
			"changes":   func() error { _, err := r.Changes(t.Context(), 1); return err },
			"activity":  func() error { _, err := r.Activity(t.Context(), 1); return err },
			"rotations": func() error { _, err := r.Rotations(t.Context()); return err },
			"put":       func() error { return r.Put(t.Context(), record(t, "x"), model.Actor{}) },
		} {
			if err := ask(); err != nil && (echoes(err.Error(), token.Reveal()) || !model.IsDisplayable(err.Error())) {
				t.Errorf("%s of %s: %q", about, body, err)
			}
		}
	}
}

// TestActor: who makes a change is told with it, and with nothing else.
func TestActor(t *testing.T) {
	var got []string
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		got = append(got, request.Method+" "+request.Header.Get(wire.HeaderActor))
		(&fake{}).ServeHTTP(w, request)
	}), func(o *Options) { o.Actor = model.Actor{By: "ada", From: "here"} })
	_ = r.Put(t.Context(), record(t, "x"), model.Actor{By: "gra\u010de @", From: "there"})
	_ = r.Delete(t.Context(), record(t, "x").Key.ID, model.Actor{}, record(t, "x").At)
	_, _ = r.State(t.Context())
	want := []string{"PUT gra%C4%8De%20%40@there", "DELETE ada@here", "GET "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzAnswers: whatever a service answers, it is an error that can be shown and does not show the token, or keys that are keys.
func FuzzAnswers(f *testing.F) {
	page, _ := json.Marshal(pageOf(nop{}, 2))
	held, _ := json.Marshal(wire.Kinds()[4].Problem("held by \x1b[2J"))
	for _, body := range []string{string(page), string(held), "", "null", "{}", "[]", `{"keys":[{}]}`, `{"keys":null,"next":"TOKEN"}`, `{"type":"/problems/held","detail":"TOKEN"}`,
		`{"mark":"TOKEN"}`, `{"keys":[{"id":"TOKEN","role":"use"}]}`, `{"keys":[{"role":"TOKEN"}]}`, `{"keys":[{"last_use":"TOKEN","role":"use"}]}`} {
		f.Add(200, jsonType, "", body)
		f.Add(409, wire.ProblemType, "5", body)
		f.Add(302, "TOKEN", "https://TOKEN.example", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, other, body string) {
		if status < 200 || status > 999 {
			return
		}
		o, token := options(t, "http://127.0.0.1")
		fill := func(s string) string { return strings.ReplaceAll(s, "TOKEN", token.Reveal()) }
		header := http.Header{"Content-Type": {fill(contentType)}, "Retry-After": {fill(other)}, "Location": {fill(other)}}
		r := open(t, o)
		a := answer{status, header, []byte(fill(body))}
		l := listing{remote: r, limit: wire.FirstPage, seen: map[uuid.UUID]struct{}{}}
		var keys []model.Key
		if err := into(func(sent wire.Keys) error {
			got, err := l.take(sent)
			keys = got.Keys
			return err
		})(a); err != nil {
			if echoes(err.Error(), token.Reveal()) {
				t.Errorf("an error shows the token")
			}
		}
		for _, key := range keys {
			if !wire.ValidID(key.ID) {
				t.Errorf("%q is a key", key.ID)
			}
		}
		response := (&fakeResponse{a}).response(r)
		defer func() { _ = response.Body.Close() }()
		if f := r.judge(t.Context(), t.Context(), question(r.endpoint.At(wire.PathKeys, nil), func(answer) error { return nil }), response, token.Reveal()); f != nil {
			if text := f.err.Error(); echoes(text, token.Reveal()) || !model.IsDisplayable(text) {
				t.Errorf("the error is %q", text)
			}
		}
	})
}

// fakeResponse is an answer as a transport would give it.
type fakeResponse struct{ answer }

func (f *fakeResponse) response(r *Remote) *http.Response {
	return &http.Response{
		StatusCode: f.status, Header: f.header, Body: io.NopCloser(bytes.NewReader(f.body)),
		Request: &http.Request{URL: r.endpoint.At(wire.PathKeys, nil)},
	}
}
