package remote

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestStateOfAHostileService: what a service says of itself is short and can be shown, and its clock can be written again.
func TestStateOfAHostileService(t *testing.T) {
	self, err := json.Marshal(wire.KeyOf(record(t, "self").Key))
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"1.2.3":                          "1.2.3",
		"\u202e" + "1.2.3":               "⟨U+202E⟩1.2.3",
		strings.Repeat("é", maxVersion):  strings.Repeat("é", maxVersion),
		strings.Repeat("x", 1<<20):       strings.Repeat("x", maxVersion) + "…",
		strings.Repeat("\u202e", 1<<20):  strings.Repeat("⟨U+202E⟩", 7) + "⟨U+2…",
		strings.Repeat("x", 59) + "\x1b": strings.Repeat("x", 59) + "⟨…",
	} {
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			says(w, http.StatusOK, map[string]any{"self": json.RawMessage(self), "server": version, "time": "9999-12-31T23:59:59-23:59", "total": -1})
		}))
		state, err := r.State(t.Context())
		if err != nil || state.Server != want || !model.IsDisplayable(state.Server) || state.Total != 0 {
			t.Errorf("%.20q: got %+v, %v", version, state, err)
		}
		if _, err := state.At.MarshalText(); err != nil || state.At.Location() != time.UTC {
			t.Errorf("the clock is %v: %v", state.At, err)
		}
	}
}
