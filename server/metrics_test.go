package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clavier/model"
	"clavier/wire"
)

// TestMetrics holds what is counted, and that it is told at its own place alone.
func TestMetrics(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for range 3 {
		m.ask(model.RoleUse, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)
	}
	m.send("", http.MethodGet, wire.PathVerify, nil).want(http.StatusUnauthorized)
	m.ask(model.RoleRead, http.MethodGet, wire.PathKeys, nil).want(http.StatusOK)
	m.ask(model.RoleUse, http.MethodGet, wire.PathKeys, nil).want(http.StatusForbidden)
	for i := range 100 {
		m.send("", http.MethodGet, "/"+strings.Repeat("x", i), nil).want(http.StatusNotFound)
	}
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		m.server.Metrics().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w
	}
	text := ask(http.MethodGet, "/metrics").Body.String()
	for _, line := range []string{
		`clavier_verify_total{outcome="allowed"} 3`, `clavier_verify_total{outcome="denied"} 1`, `clavier_verify_total{outcome="unsure"} 0`,
		`clavier_keys 3`, `clavier_ready 1`, `clavier_uses_lost_total 0`, "clavier_unsure_seconds ", "clavier_uses_waiting ", "go_goroutines ",
		`clavier_request_duration_seconds_count{route="GET /v1/keys",status="200"} 1`,
		`clavier_request_duration_seconds_count{route="GET /v1/keys",status="403"} 1`,
		`clavier_request_duration_seconds_count{route="none",status="404"} 100`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	if got := ask(http.MethodGet, "/").Code; got != http.StatusNotFound {
		t.Errorf("beside the metrics the answer is %d", got)
	}
	if got := ask(http.MethodPost, "/metrics").Code; got != http.StatusMethodNotAllowed {
		t.Errorf("to another method the answer is %d", got)
	}
	m.ask(model.RoleManage, http.MethodGet, "/metrics", nil).want(http.StatusNotFound)
}
