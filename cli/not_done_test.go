package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"clavier/client"
	"clavier/config"
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

// unerased are records of which another program keeps what is deleted from being erased.
type unerased struct{ client.Records }

func (u unerased) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	if err := u.Records.Delete(ctx, id, by, at); err != nil {
		return err
	}
	return fmt.Errorf("another program reads: %w", model.ErrNotErased)
}

// TestDeleteNotErased: of a key that is deleted and not yet erased it is said that it is deleted, and what erases it.
func TestDeleteNotErased(t *testing.T) {
	local := localProfile(t)
	for _, test := range []struct {
		profile config.Profile
		says    string
	}{
		{local, "from the log of the store " + local.Store + ": the next command on this store does it, once no other program uses it\n"},
		{serviceProfile(t), "from the log of the store of the key service 127.0.0.1:PORT: the next deletion there does it\n"},
	} {
		p := opened(t, test.profile)
		key := create(t, p.Issuer, "alpha")
		p.Records = unerased{p.Records}
		a, said := fixedApp()
		name := "alpha"
		if err := a.delete(t.Context(), p, name, &name); err != nil {
			t.Errorf("%s: %v", test.profile.Name, err)
		}
		got := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(said.String(), "127.0.0.1:PORT")
		if want := fmt.Sprintf("deleted \"alpha\", %s\nits hash and sealed secret could not be erased at once %s", key.Hint, test.says); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		if err := a.delete(t.Context(), p, name, &name); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: the next time, %v", test.profile.Name, err)
		}
	}
}
