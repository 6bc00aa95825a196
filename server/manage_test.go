package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// route is one operation as it is asked for, with the answer that it gives whoever may ask.
type route struct {
	name   string
	method string
	path   string
	body   any
	need   model.Role
	status int
	change bool // whether a refusal leaves a line
}

// routes makes what each operation needs, and says how it is asked for.
func routes(m *managed) []route {
	target, _ := m.add("target")
	doomed, _ := m.add("doomed")
	ended, _ := m.add("ended")
	old, _ := m.add("old")
	fresh, _ := draft(m.t, "fresh", m.clock())
	next, _ := draft(m.t, "next", m.clock())
	path := wire.PathKeys + "/" + target.Key.ID
	soon := m.clock().Add(time.Hour)
	if _, err := m.store.PutNew(m.t.Context(), next, old.Key.ID, model.Actor{By: "test"}); err != nil {
		m.t.Fatal(err)
	}
	return []route{
		{"put", "PUT", wire.PathKeys + "/" + fresh.Key.ID, wire.RecordOf(fresh, ""), model.RoleManage, 201, true},
		{"list", "GET", wire.PathKeys, nil, model.RoleRead, 200, false},
		{"get", "GET", path, nil, model.RoleRead, 200, false},
		{"sealed", "GET", path + wire.SealedSuffix, nil, model.RoleRead, 200, false},
		{"lookup", "POST", wire.PathLookup, wire.Lookup{SHA256: wire.DigestText(target.Sealed.Digest)}, model.RoleRead, 200, false},
		{"state", "GET", wire.PathState, nil, model.RoleRead, 200, false},
		{"changes", "GET", wire.PathChanges, nil, model.RoleRead, 200, false},
		{"activity", "GET", wire.PathActivity, nil, model.RoleRead, 200, false},
		{"rotations", "GET", wire.PathRotations, nil, model.RoleRead, 200, false},
		{"answers", "GET", wire.PathAnswers, nil, model.RoleRead, 200, false},
		{"step", "PUT", wire.PathRotations + "/" + old.Key.ID + "/steps/hand-over", nil, model.RoleManage, 204, true},
		{"keep answers", "POST", wire.PathAnswers, wire.Answers{Answers: []wire.Answer{
			{KeyID: target.Key.ID, API: "models", Verdict: "alive", Status: 200, Took: 5, At: m.clock()},
		}}, model.RoleManage, 204, true},
		{"use", "POST", path + wire.UseSuffix, nil, model.RoleManage, 204, true},
		{"expiry", "POST", wire.PathKeys + "/" + ended.Key.ID + wire.ExpirySuffix, wire.Expiry{ExpiresAt: &soon}, model.RoleManage, 200, true},
		{"delete", "DELETE", wire.PathKeys + "/" + doomed.Key.ID, nil, model.RoleManage, 204, true},
	}
}

// TestRoles asks for every operation without a key, with one that is none, and with one of each role: those whose role is too low
// change nothing, are told so, and leave a line if they wanted to change something.
func TestRoles(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		all := routes(m)
		if len(all) != len(m.server.manage.operations) {
			t.Errorf("the table has %d operations, the server %d", len(all), len(m.server.manage.operations))
		}
		for _, route := range all {
			for _, secret := range []string{"", "nonsense", m.secrets[model.RoleUse][:20]} {
				a := m.send(secret, route.method, route.path, route.body).kind(model.ErrToken)
				if got := a.header.Get("WWW-Authenticate"); got != `Bearer realm="clavier"` {
					t.Errorf("%s: WWW-Authenticate is %q", route.name, got)
				}
			}
			for role := model.RoleUse; role < route.need; role++ {
				before := len(m.lines())
				m.ask(role, route.method, route.path, route.body).kind(model.ErrRole)
				lines := m.lines()[before:]
				switch {
				case !route.change && len(lines) != 0:
					t.Errorf("%s: a question of %v left the lines %v", route.name, role, lines)
				case route.change && (len(lines) != 1 || lines[0].Refused == "" || lines[0].Actor.By != role.String()+" key" || lines[0].Action == ""):
					t.Errorf("%s: a refused change of %v left the lines %v", route.name, role, lines)
				}
			}
			for role := route.need; role <= model.RoleManage; role++ {
				if role > route.need && route.change {
					break
				}
				a := m.ask(role, route.method, route.path, route.body).want(route.status)
				if got := a.header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s: Cache-Control is %q", route.name, got)
				}
			}
		}
	})
}

func TestUnknownPathsAndMethods(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "/v1", 404, ""},
		{"GET", "/v2/keys", 404, ""},
		{"GET", "/v1/keys/", 404, ""},
		{"DELETE", "/v1/keys/", 404, ""},
		{"DELETE", "/v1/keys//", 404, ""},
		{"DELETE", "//v1/keys/x", 404, ""},
		{"DELETE", "/v1/keys/../keys", 404, ""},
		{"DELETE", "/v1/keys/.", 404, ""},
		{"GET", "/v1/keys/a/b/c", 404, ""},
		{"DELETE", "/v1/keys", 405, "GET, HEAD"},
		{"POST", "/v1/keys", 405, "GET, HEAD"},
		{"PATCH", "/v1/keys/x", 405, "DELETE, GET, HEAD, PUT"},
		{"OPTIONS", "/v1/keys", 405, "GET, HEAD"},
		{"GET", "/v1/lookup", 405, "POST"},
		{"POST", "/openapi.json", 405, "GET, HEAD"},
		{"GET", "/problems/nonsense", 404, ""},
		{"GET", "/docs", 404, ""},
		{"GET", "/schemas/Key.json", 404, ""},
	} {
		a := m.ask(model.RoleManage, test.method, test.path, nil).want(test.status)
		if got := a.header.Get("Allow"); got != test.allow {
			t.Errorf("%s %s: Allow is %q and not %q", test.method, test.path, got, test.allow)
		}
		if _, ours := a.problem().Kind(); ours {
			t.Errorf("%s %s: a path that is none looks like a key that is none: %s", test.method, test.path, a.body)
		}
	}
}

// TestIDs asks with ids that are none.
func TestIDs(t *testing.T) {
	m := manageOver(t, newFakeStore())
	record, _ := draft(t, "fresh", noon)
	for _, id := range []string{
		"x", "%20", "%00", "%2e%2e", strings.ToUpper(record.Key.ID), "{" + record.Key.ID + "}", record.Key.ID + "%0a", "urn:uuid:" + record.Key.ID,
		strings.ReplaceAll(record.Key.ID, "-", ""), strings.Repeat("a", 5000), "%e2%80%ae",
	} {
		for _, ask := range []struct {
			method, path string
			body         any
		}{
			{"PUT", wire.PathKeys + "/" + id, wire.RecordOf(record, "")},
			{"GET", wire.PathKeys + "/" + id, nil},
			{"DELETE", wire.PathKeys + "/" + id, nil},
			{"GET", wire.PathKeys + "/" + id + wire.SealedSuffix, nil},
			{"POST", wire.PathKeys + "/" + id + wire.ExpirySuffix, wire.Expiry{AtOnce: true}},
			{"POST", wire.PathKeys + "/" + id + wire.UseSuffix, nil},
			{"PUT", wire.PathRotations + "/" + id + "/steps/check", nil},
		} {
			a := m.ask(model.RoleManage, ask.method, ask.path, ask.body)
			if a.status != http.StatusUnprocessableEntity && (a.status != http.StatusNotFound || !strings.Contains(id, "2e")) {
				t.Errorf("%s %s: the answer is %d", ask.method, ask.path, a.status)
			}
		}
	}
	if lines := m.lines(); len(lines) != 0 {
		t.Errorf("there are lines: %v", lines)
	}
}
