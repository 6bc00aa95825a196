package remote

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestOwnToken: the key that is the token is neither deleted nor ended, and nothing is sent but the question whose it is, once a
// token. An end may be taken away, another token may take its place, and a token that was refused is asked about again.
func TestOwnToken(t *testing.T) {
	self, other := record(t, "self"), record(t, "other")
	service := &fake{records: []model.Record{self, other}}
	refuse := false
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		switch {
		case refuse:
			tells(w, model.ErrToken, "")
		case request.URL.Path == wire.PathState:
			service.mu.Lock()
			service.requests = append(service.requests, "GET "+wire.PathState)
			service.mu.Unlock()
			says(w, http.StatusOK, wire.State{Mark: wire.MarkText(1), Self: wire.KeyOf(self.Key)})
		default:
			service.ServeHTTP(w, request)
		}
	}))
	r.token.self = ""
	now := time.Now()
	end := func(id string, ends time.Time) error {
		_, err := r.End(t.Context(), id, ends, model.Actor{}, now)
		return err
	}
	for about, err := range map[string]error{
		"deleted": r.Delete(t.Context(), self.Key.ID, model.Actor{}, now), "revoked": end(self.Key.ID, now), "ended": end(self.Key.ID, now.Add(time.Hour)),
	} {
		if !errors.Is(err, model.ErrOwnToken) || !strings.Contains(err.Error(), "clavier profile token NAME") {
			t.Errorf("%s: got %v", about, err)
		}
	}
	if asked := service.asked(); !slices.Equal(asked, []string{"GET " + wire.PathState}) {
		t.Errorf("%q was sent", asked)
	}
	if err := errors.Join(end(self.Key.ID, time.Time{}), end(other.Key.ID, now.Add(time.Hour))); err != nil {
		t.Error(err)
	}
	refuse = true
	if _, err := r.Version(t.Context()); !errors.Is(err, model.ErrToken) {
		t.Errorf("got %v", err)
	}
	refuse = false
	if own, err := r.Own(t.Context(), self.Key.ID); err != nil || !own {
		t.Errorf("after a refusal: %v, %v, %q", own, err, service.asked())
	}
	secret := drawn(t)
	if err := r.Present(t.Context(), other.Key.ID, secret); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(t.Context(), other.Key.ID, model.Actor{}, now); !errors.Is(err, model.ErrOwnToken) {
		t.Errorf("the new token: got %v", err)
	}
	if err := r.Delete(t.Context(), self.Key.ID, model.Actor{}, now); err != nil {
		t.Errorf("the old token: %v", err)
	}
	if token, err := r.token.take(t.Context()); err != nil || token.Reveal() != secret.Reveal() {
		t.Errorf("the old token is presented, %v", err)
	}
}
