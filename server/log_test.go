package server

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clavier/model"
	"clavier/wire"
)

// TestSecretsAreNotLogged goes through everything that can be asked, well and badly, and looks for every secret, digest and
// sealed secret in the log, the activity, the metrics and the answers.
func TestSecretsAreNotLogged(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		var secrets []string
		var sealed []model.Sealed
		note := func(record model.Record, secret string) model.Record {
			secrets, sealed = append(secrets, secret), append(sealed, record.Sealed)
			return record
		}
		for role, record := range m.keys {
			note(record, m.secrets[role])
		}
		var answers strings.Builder
		ask := func(secret, method, path string, body any) {
			answers.Write(m.send(secret, method, path, body).body)
		}
		all := routes(m)
		for _, role := range []model.Role{model.RoleUse, model.RoleRead, model.RoleManage} {
			for _, route := range all {
				if !strings.HasSuffix(route.path, wire.SealedSuffix) { // that answer holds what it is asked for
					ask(m.secrets[role], route.method, route.path, route.body)
				}
			}
		}
		record, secret := draft(t, "production", noon)
		note(record, secret)
		path := wire.PathKeys + "/" + record.Key.ID
		m.put(record, "").want(http.StatusCreated)
		ask(secret, "GET", wire.PathVerify, nil)
		ask(secret, "DELETE", path, nil)
		ask(secret+"x", "GET", wire.PathKeys, nil)
		ask(m.secrets[model.RoleManage], "GET", wire.PathKeys+"?filter="+secret, nil)
		ask(m.secrets[model.RoleManage], "GET", wire.PathKeys+"?"+secret+"=1", nil)
		ask(m.secrets[model.RoleManage], "GET", wire.PathKeys+"/"+secret, nil)
		ask(m.secrets[model.RoleManage], "GET", "/"+secret, nil)
		ask(m.secrets[model.RoleManage], "PUT", path, secret)
		ask(m.secrets[model.RoleManage], "PUT", path, `{"`+secret+`":1}`)
		broken := wire.RecordOf(record, "")
		broken.Name += "\n"
		ask(m.secrets[model.RoleManage], "PUT", path, broken)
		ask(m.secrets[model.RoleManage], "POST", wire.PathLookup, wire.Lookup{SHA256: wire.DigestText(record.Sealed.Digest)})
		m.store.fail("panic", errDown)
		ask(m.secrets[model.RoleManage], "GET", wire.PathKeys, nil)
		m.store.fail("panic", nil)
		for method, err := range map[string]error{"PutNew": errDown, "Get": errDown, "NoteRefusal": errDown, "Version": errDown} {
			m.store.fail(method, err)
			again := other(t, method)
			m.put(again, "")
			ask(m.secrets[model.RoleRead], "DELETE", path, nil)
			m.store.fail(method, nil)
		}

		w := httptest.NewRecorder()
		m.server.Metrics().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
		metrics, _ := io.ReadAll(w.Result().Body)
		lines, err := json.Marshal(m.lines())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.logged.String(), "request") || !strings.Contains(string(metrics), "clavier_") || len(lines) < 10 || answers.Len() == 0 {
			t.Fatal("nothing was written that could be looked through")
		}
		for place, text := range map[string]string{"log": m.logged.String(), "activity": string(lines), "metrics": string(metrics)} {
			for i, secret := range secrets {
				for what, part := range map[string]string{
					"secret": secret, "digest": wire.DigestText(sealed[i].Digest), "digest in base64": base64.StdEncoding.EncodeToString(sealed[i].Digest[:]),
					"sealed secret": string(sealed[i].Ciphertext), "sealed secret in base64": base64.StdEncoding.EncodeToString(sealed[i].Ciphertext),
				} {
					if strings.Contains(text, part) {
						t.Errorf("the %s holds a %s", place, what)
					}
				}
			}
			if strings.Contains(text, "filter=") || strings.Contains(text, "Bearer") {
				t.Errorf("the %s holds what stood in a request", place)
			}
		}
		for what, part := range map[string]string{"secret": secret, "digest": wire.DigestText(record.Sealed.Digest)} {
			if n := strings.Count(answers.String(), part); n > 1 || what == "digest" && n > 0 { // the name of a field is told once, to who sent it
				t.Errorf("the answers hold a %s %d times", what, n)
			}
		}
	})
}

// TestLogLines holds what is told of a request.
func TestLogLines(t *testing.T) {
	m := manageOver(t, newFakeStore())
	record, _ := m.add("production")
	m.ask(model.RoleRead, http.MethodGet, wire.PathKeys+"/"+record.Key.ID, nil).want(http.StatusOK)
	m.ask(model.RoleRead, "BREW", "/v1/\u202etea", nil).want(http.StatusNotFound)
	m.send("", http.MethodGet, wire.PathHealth, nil).want(http.StatusOK)
	m.ask(model.RoleRead, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)
	var lines []map[string]any
	for line := range strings.Lines(m.logged.String()) {
		var read map[string]any
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatal(err)
		}
		if read["msg"] == "request" {
			lines = append(lines, read)
		}
	}
	if len(lines) != 3 {
		t.Fatalf("the log is %s", m.logged)
	}
	for name, want := range map[string]any{
		"method": "GET", "route": "GET /v1/keys/{id}", "status": 200.0, "from": "192.0.2.1", "target": record.Key.ID, "key": m.keys[model.RoleRead].Key.ID, "level": "INFO",
	} {
		if got := lines[0][name]; got != want {
			t.Errorf("%s is %v and not %v", name, got, want)
		}
	}
	if lines[0]["took"] == nil {
		t.Errorf("the line is %v", lines[0])
	}
	if lines[1]["method"] != "other" || lines[1]["route"] != "none" || lines[1]["status"] != 404.0 {
		t.Errorf("the line is %v", lines[1])
	}
	if lines[2]["level"] != "DEBUG" {
		t.Errorf("the line is %v", lines[2])
	}
}

// TestConnectionLog holds that what a connection does wrong is one displayable line.
func TestConnectionLog(t *testing.T) {
	var logged logBuffer
	errorLog(slog.New(slog.NewTextHandler(&logged, nil))).Print("http: bad thing from \u202e\x1b[2J\n")
	if text := logged.String(); !strings.Contains(text, "⟨U+202E⟩⟨U+001B⟩[2J") || strings.Count(text, "\n") != 1 {
		t.Errorf("the log is %q", text)
	}
}
