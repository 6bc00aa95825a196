package cli

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clavier/model"
)

// TestOutcomeUnknown: of a change of which nobody knows whether it was made, no sentence says that it was not.
func TestOutcomeUnknown(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(server.Close)
	profile := serviceProfile(t)
	profile.URL = server.URL
	a, _ := fixedApp()
	err := a.create(t.Context(), opened(t, profile), model.Draft{Name: "production"}, false)
	if !errors.Is(err, model.ErrOutcomeUnknown) || !strings.HasPrefix(err.Error(), `"production": it is not known whether the change was made: `) {
		t.Errorf("got %v", err)
	}
	err = notDone(quote("production"), "deleted", model.ErrNotFound)
	if !errors.Is(err, model.ErrNotFound) || err.Error() != `"production" was not deleted: no such key` {
		t.Errorf("got %v", err)
	}
}
