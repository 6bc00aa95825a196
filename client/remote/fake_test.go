package remote

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/wire"
)

// drawn returns a secret for one test.
func drawn(t testing.TB) model.Secret {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// options are those of a Remote at an address, with a token of its own and no waiting.
func options(t testing.TB, address string) (Options, model.Secret) {
	token := drawn(t)
	return Options{
		URL: address, Token: func(context.Context) (model.Secret, error) { return token, nil },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, token
}

// open returns a Remote that is closed with the test. It knows that its token is none of the keys, so that it does not ask.
func open(t testing.TB, o Options) *Remote {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	r.token.self = "none of them"
	return r
}

// over returns a Remote whose service is a handler.
func over(t testing.TB, handler http.Handler, change ...func(*Options)) *Remote {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o, _ := options(t, server.URL)
	for _, c := range change {
		c(&o)
	}
	return open(t, o)
}

// record returns a new record, as an Issuer would make it.
func record(t testing.TB, name string) model.Record {
	t.Helper()
	secret := drawn(t)
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return model.Record{
		Key: model.Key{
			ID: id.String(), Name: name, Hint: secret.Hint(), CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
			LastUse: model.LastUse{Reported: true},
		},
		Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: []byte("sealed")},
	}
}

// fake is a key service in memory that believes everybody. It is safe for concurrent use.
type fake struct {
	mu      sync.Mutex
	records []model.Record
	changes int64
	// requests are the methods and paths that came.
	requests []string
}

func (f *fake) index(id string) int {
	return slices.IndexFunc(f.records, func(r model.Record) bool { return r.Key.ID == id })
}

func (f *fake) keys() []model.Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.records)
}

func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	rest, below := strings.CutPrefix(r.URL.Path, wire.PathKeys+"/")
	id, suffix, _ := strings.Cut(rest, "/")
	switch {
	case r.URL.Path == wire.PathKeys:
		f.list(w, r.URL.Query())
	case r.URL.Path == wire.PathState:
		says(w, http.StatusOK, wire.State{Mark: wire.MarkText(f.changes), Total: len(f.records), Self: wire.KeyOf(record(nop{}, "self").Key)})
	case below && r.Method == http.MethodPut:
		f.put(w, r, id)
	case below && f.index(id) < 0:
		tells(w, model.ErrNotFound, "there is no such key here")
	case below && r.Method == http.MethodGet && suffix == "":
		says(w, http.StatusOK, wire.KeyOf(f.records[f.index(id)].Key))
	case below && r.Method == http.MethodDelete:
		f.records = slices.Delete(f.records, f.index(id), f.index(id)+1)
		f.changes++
		w.WriteHeader(http.StatusNoContent)
	case below && "/"+suffix == wire.ExpirySuffix:
		f.end(w, r, &f.records[f.index(id)].Key)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) put(w http.ResponseWriter, r *http.Request, id string) {
	var sent wire.Record
	if json.NewDecoder(r.Body).Decode(&sent) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	got, err := sent.Model(id)
	if err != nil {
		http.Error(w, "no record", http.StatusBadRequest)
		return
	}
	if i := f.index(id); i >= 0 {
		if had := f.records[i]; had.Key.Name != got.Key.Name || !bytes.Equal(had.Sealed.Ciphertext, got.Sealed.Ciphertext) {
			tells(w, model.ErrConflict, "another record stands there")
			return
		}
		says(w, http.StatusOK, wire.KeyOf(f.records[i].Key))
		return
	}
	if slices.ContainsFunc(f.records, func(r model.Record) bool { return r.Key.Name == got.Key.Name }) {
		tells(w, model.ErrNameTaken, "another key has this name")
		return
	}
	got.Key.LastUse.Reported = true
	f.records = append(f.records, got)
	f.changes++
	says(w, http.StatusCreated, wire.KeyOf(got.Key))
}

func (f *fake) end(w http.ResponseWriter, r *http.Request, key *model.Key) {
	var sent wire.Expiry
	_ = json.NewDecoder(r.Body).Decode(&sent)
	if key.Disabled {
		tells(w, model.ErrExpired, "the key has expired")
		return
	}
	key.Disabled, key.ExpiresAt = sent.AtOnce, time.Time{}
	if sent.ExpiresAt != nil {
		key.ExpiresAt = *sent.ExpiresAt
	}
	f.changes++
	says(w, http.StatusOK, wire.KeyOf(*key))
}

func (f *fake) list(w http.ResponseWriter, query url.Values) {
	keys := make([]model.Key, 0, len(f.records))
	for _, record := range f.records {
		keys = append(keys, record.Key)
	}
	slices.SortFunc(keys, func(a, b model.Key) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) })
	place, err := wire.ParseCursor(query.Get("cursor"))
	if err != nil {
		http.Error(w, "no cursor", http.StatusBadRequest)
		return
	}
	if i := slices.IndexFunc(keys, func(k model.Key) bool { return k.ID == place.ID }); i >= 0 {
		keys = keys[i+1:]
	}
	page := wire.Keys{Total: len(f.records), Mark: wire.MarkText(f.changes)}
	limit, _ := strconv.Atoi(query.Get("limit"))
	if len(keys) > limit {
		keys = keys[:limit]
		last := keys[limit-1]
		page.Next = wire.CursorText(model.Cursor{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	page.Keys = wire.KeysOf(keys)
	says(w, http.StatusOK, page)
}

// says answers with JSON.
func says(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// tells answers with a problem.
func tells(w http.ResponseWriter, err error, detail string) {
	kind, _ := wire.KindOf(err)
	w.Header().Set("Content-Type", wire.ProblemType)
	w.WriteHeader(kind.Status)
	_ = json.NewEncoder(w).Encode(kind.Problem(detail))
}

// nop is a testing.TB for helpers outside of a test.
type nop struct{ testing.TB }

func (nop) Helper()      {}
func (nop) Fatal(...any) { panic("a helper failed") }

// wantSentence fails unless an error can be shown, names the service and shows no token.
func wantSentence(t testing.TB, r *Remote, token model.Secret, err error) {
	t.Helper()
	switch {
	case err == nil:
		t.Error("there is no error")
	case !model.IsDisplayable(err.Error()):
		t.Errorf("%q cannot be shown", err)
	case !strings.Contains(err.Error(), r.Host()):
		t.Errorf("%q does not name %s", err, r.Host())
	case strings.Contains(strings.ToLower(err.Error()), strings.ToLower(token.Reveal())):
		t.Error("an error shows the token")
	}
}
