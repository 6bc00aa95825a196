package remote

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestT9MadeThoughRefused: a create that was made is not taken for refused by what answers its repetition: a page of something on
// the way, a problem of no kind, one that does not come to its end, or a record that was changed since. The key tells.
func TestT9MadeThoughRefused(t *testing.T) {
	whole, _ := json.Marshal(wire.Problem{Type: "/problems/name-taken", Status: http.StatusConflict, Detail: "taken"})
	answers := func(status int, mediaType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for about, then := range map[string]http.HandlerFunc{
		"409 with a page":                answers(http.StatusConflict, "text/html", "<html>"),
		"422 with a page":                answers(http.StatusUnprocessableEntity, "text/html", "<html>"),
		"422 of no kind":                 answers(http.StatusUnprocessableEntity, wire.ProblemType, `{"type":"about:blank","status":422}`),
		"half a problem":                 answers(http.StatusConflict, wire.ProblemType, string(whole[:len(whole)/2])),
		"a problem of another type":      answers(http.StatusConflict, jsonType, string(whole)),
		"a problem with another status":  answers(http.StatusUnprocessableEntity, wire.ProblemType, string(whole)),
		"a record that stands there":     func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrConflict, "another record") },
		"a deletion that is not erased":  func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrNotErased, "deleted") },
		"what only a proxy answers: 413": answers(http.StatusRequestEntityTooLarge, "text/html", "<html>"),
	} {
		for _, asked := range []bool{true, false} {
			service := &fake{}
			puts := 0
			server := newCutter(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPut && puts > 0:
					then(w, r)
				case r.Method == http.MethodPut || asked:
					service.ServeHTTP(w, r)
				default:
					w.WriteHeader(http.StatusBadGateway)
				}
			}), func(r *http.Request, _ int) int {
				if r.Method == http.MethodPut {
					if puts++; puts == 1 {
						return 0
					}
				}
				return -1
			})
			o, token := options(t, server.url())
			r := open(t, o)
			err := r.Put(t.Context(), record(t, "production"), model.Actor{})
			if asked && err != nil {
				t.Errorf("%s: got %v", about, err)
			}
			if !asked {
				wantOnly(t, err, model.ErrOutcomeUnknown)
				wantSentence(t, r, token, err)
			}
			if len(service.keys()) != 1 || puts < 2 {
				t.Errorf("%s: %d keys after %d tries", about, len(service.keys()), puts)
			}
		}
	}
}

// TestT10DeletedNotErased: an answer that says that a key is deleted and not yet erased tells what became of a deletion, of that of
// an earlier try too, whether or not a question is answered. To any other call it is no answer.
func TestT10DeletedNotErased(t *testing.T) {
	for _, losses := range []int{0, 1} {
		tries := 0
		server := newCutter(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodDelete {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			tells(w, model.ErrNotErased, "deleted, and not yet erased")
		}), func(*http.Request, int) int {
			if tries++; tries <= losses {
				return 0
			}
			return -1
		})
		o, _ := options(t, server.url())
		err := open(t, o).Delete(t.Context(), record(t, "x").Key.ID, model.Actor{}, time.Now())
		wantOnly(t, err, model.ErrNotErased)
		if tries != losses+1 {
			t.Errorf("%d tries after %d losses", tries, losses)
		}
	}
	for _, operation := range operations {
		want := model.ErrOutcomeUnknown
		switch operation.name {
		case "state":
			want = model.ErrUnreachable
		case "delete":
			want = model.ErrNotErased
		}
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrNotErased, "not yet erased") }))
		err := operation.call(t.Context(), r, record(t, "x").Key.ID)
		wantOnly(t, err, want)
		if errors.Is(err, model.ErrNotErased) != (operation.name == "delete") {
			t.Errorf("%s: got %v", operation.name, err)
		}
	}
}
