package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestBodies sends bodies that cannot be read.
func TestBodies(t *testing.T) {
	m := manageOver(t, newFakeStore())
	record, _ := m.add("production")
	expiry := wire.PathKeys + "/" + record.Key.ID + wire.ExpirySuffix
	long := func(n int) string { return `{"at_once":false` + strings.Repeat(" ", n-17) + `}` }
	for _, test := range []struct {
		name, body, kind string
		status           int
		says             string
	}{
		{"none", "", "application/json", 400, "required"},
		{"no JSON", "hello", "application/json", 400, "body"},
		{"cut off", `{"at_once":tr`, "application/json", 400, "body"},
		{"two values", `{} {}`, "application/json", 400, "body"},
		{"a list", `[]`, "application/json", 422, "object"},
		{"null", `null`, "application/json", 422, "body"},
		{"a wrong type", `{"at_once":"yes"}`, "application/json", 422, "at_once"},
		{"no time", `{"expires_at":"tomorrow"}`, "application/json", 422, "expires_at"},
		{"a field too many", `{"at_once":false,"force":true}`, "application/json", 422, "force"},
		{"a hostile field", `{"at_once":false,"` + "\u202e" + `":true}`, "application/json", 422, "⟨U+202E⟩"},
		{"another type", `{}`, "text/plain", 415, "application/json"},
		{"a form", `at_once=true`, "application/x-www-form-urlencoded", 415, "application/json"},
		{"a relative", `{}`, "application/merge-patch+json", 415, "application/json"},
		{"another charset", `{}`, "application/json; charset=latin1", 415, "UTF-8"},
		{"no type that can be read", `{}`, "application", 415, "application/json"},
		{"too long", long(maxSmallBody + 1), "application/json", 413, "4096"},
		{"endless", strings.Repeat("x", 1<<20), "application/json", 413, "4096"},
		{"as long as may be", long(maxSmallBody), "application/json", 200, ""},
		{"UTF-8", `{}`, "application/json; charset=UTF-8", 200, ""},
		{"of no type", `{}`, "", 200, ""},
	} {
		a := m.ask(model.RoleManage, http.MethodPost, expiry, test.body, "Content-Type", test.kind)
		if a.status != test.status || !strings.Contains(string(a.body), test.says) {
			t.Errorf("%s: the answer is %d %s", test.name, a.status, a.body)
		}
	}
	m.ask(model.RoleManage, http.MethodPost, expiry, "\x1f\x8b", "Content-Encoding", "gzip").want(http.StatusUnsupportedMediaType)
	m.ask(model.RoleManage, http.MethodPut, wire.PathKeys+"/"+record.Key.ID, strings.NewReader(strings.Repeat(" ", maxRecordBody+1))).
		want(http.StatusRequestEntityTooLarge)
	m.ask(model.RoleManage, http.MethodPost, wire.PathAnswers, io.LimitReader(spaces{}, wire.MaxBody+1)).want(http.StatusRequestEntityTooLarge)
	m.ask(model.RoleManage, http.MethodPost, expiry, broken{}).want(http.StatusBadRequest)

	var many strings.Builder
	for range maxAnswers + 1 {
		fmt.Fprintf(&many, `,{"key_id":%q,"api":"x","verdict":"alive","status":200,"took_ns":1,"at":"2026-11-27T12:00:00Z"}`, record.Key.ID)
	}
	m.ask(model.RoleManage, http.MethodPost, wire.PathAnswers, `{"answers":[`+many.String()[1:]+`]}`).want(http.StatusUnprocessableEntity)
}

// TestBodyOfStrangers holds that nothing is read from who may not send it.
func TestBodyOfStrangers(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for _, role := range []model.Role{model.RoleUse, model.RoleRead} {
		m.ask(role, http.MethodPost, wire.PathAnswers, untouched{t}).kind(model.ErrRole)
	}
	m.send("", http.MethodPost, wire.PathAnswers, untouched{t}).kind(model.ErrToken)
	m.send("", http.MethodPost, wire.PathLookup, untouched{t}).kind(model.ErrToken)
}

// TestCutBody sends half a body over a connection that then ends: nothing is made of it.
func TestCutBody(t *testing.T) {
	m := manageOver(t, newFakeStore())
	server := httptest.NewServer(m.handler)
	defer server.Close()
	record, _ := m.add("production")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s/%s/expiry HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"at_once\":true}",
		wire.PathKeys, record.Key.ID, m.secrets[model.RoleManage])
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("the answer is %d", response.StatusCode)
	}
	if key, err := m.store.Get(t.Context(), record.Key.ID); err != nil || key.Disabled {
		t.Errorf("the key is %+v, %v", key, err)
	}
}

// TestAnnouncedBody announces bodies that are too long, and sends nothing of them: that is answered at once.
func TestAnnouncedBody(t *testing.T) {
	m := manageOver(t, newFakeStore())
	server := httptest.NewServer(m.handler)
	defer server.Close()
	record, _ := m.add("production")
	path := wire.PathKeys + "/" + record.Key.ID
	for _, request := range []string{
		fmt.Sprintf("PUT %s HTTP/1.1\r\nContent-Length: %d", path, maxRecordBody+1),
		fmt.Sprintf("PUT %s HTTP/1.1\r\nContent-Length: %d\r\nExpect: 100-continue", path, maxRecordBody+1),
		fmt.Sprintf("POST %s%s HTTP/1.1\r\nContent-Length: %d", path, wire.ExpirySuffix, maxSmallBody+1),
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(readWait / 2)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "%s\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n\r\n", request, m.secrets[model.RoleManage])
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", request, err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge || !response.Close {
			t.Errorf("%s: the answer is %d, the last one: %v", request, response.StatusCode, response.Close)
		}
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}
