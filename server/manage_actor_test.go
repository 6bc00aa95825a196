package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestActor holds that the activity tells who made a change and from where, and what of that is only said.
func TestActor(t *testing.T) {
	for _, test := range []struct {
		name        string
		claim       string
		remote      string
		forwarded   []string
		behindProxy bool
		by, from    string
	}{
		{"nothing is said", "", "192.0.2.7:1234", nil, false, "manage key", "192.0.2.7"},
		{"somebody is at work", wire.EncodeActor(model.Actor{By: "ana", From: "laptop"}), "192.0.2.7:1234", nil, false, "manage key (ana)", "192.0.2.7 (laptop)"},
		{"the same is said", wire.EncodeActor(model.Actor{By: "manage key", From: "192.0.2.7"}), "192.0.2.7:1234", nil, false, "manage key", "192.0.2.7"},
		{"nonsense is said", "@@%", "192.0.2.7:1234", nil, false, "manage key", "192.0.2.7"},
		{"hostile things are said", wire.EncodeActor(model.Actor{By: "\x1b[2J\u202e"}), "[2001:db8::1]:1234", nil, false, "manage key (⟨U+001B⟩[2J⟨U+202E⟩)", "2001:db8::1"},
		{"much is said", wire.EncodeActor(model.Actor{By: strings.Repeat("x", 1000)}), "192.0.2.7:1234", nil, false, "manage key (" + strings.Repeat("x", maxClaim) + "…)", "192.0.2.7"},
		{"too much is said", strings.Repeat("x", 10000) + "@", "192.0.2.7:1234", nil, false, "manage key", "192.0.2.7"},
		{"no proxy is there", "", "192.0.2.7:1234", []string{"198.51.100.1"}, false, "manage key", "192.0.2.7"},
		{"a proxy is there", "", "127.0.0.1:1234", []string{"203.0.113.9, 198.51.100.1"}, true, "manage key", "198.51.100.1"},
		{"two lines", "", "127.0.0.1:1234", []string{"203.0.113.9", "198.51.100.2"}, true, "manage key", "198.51.100.2"},
		{"a port", "", "127.0.0.1:1234", []string{"[2001:db8::2]:99"}, true, "manage key", "2001:db8::2"},
		{"a mapped address", "", "[::ffff:192.0.2.8]:1", nil, true, "manage key", "192.0.2.8"},
		{"the proxy says nonsense", "", "127.0.0.1:1234", []string{"198.51.100.1, \x1b[2J"}, true, "manage key", "127.0.0.1"},
		{"a socket", "", "@", nil, true, "manage key", "unix socket"},
		{"a socket behind a proxy", "", "@", []string{"198.51.100.1"}, true, "manage key", "198.51.100.1"},
	} {
		m := manageOver(t, newFakeStore(), func(o *Options) { o.BehindProxy = test.behindProxy })
		record, _ := draft(t, "production", noon)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, wire.PathKeys+"/"+record.Key.ID, bodyOf(t, wire.RecordOf(record, "")))
		r.RemoteAddr = test.remote
		r.Header.Set("Authorization", "Token "+m.secrets[model.RoleManage])
		r.Header.Set(wire.HeaderActor, test.claim)
		for _, line := range test.forwarded {
			r.Header.Add("X-Forwarded-For", line)
		}
		m.exchange(r).want(http.StatusCreated)
		lines := m.lines()
		if len(lines) != 1 || lines[0].Actor != (model.Actor{By: test.by, From: test.from}) {
			t.Errorf("%s: the lines are %+v", test.name, lines)
		}
	}
}

// TestRefusedAgainAndAgain: a key that asks for what its role does not allow neither fills the activity nor keeps others out of it.
func TestRefusedAgainAndAgain(t *testing.T) {
	m := manageOver(t, newFakeStore())
	target := wire.PathKeys + "/" + m.keys[model.RoleManage].Key.ID
	ask := func(role model.Role, times int) {
		for range times {
			m.ask(role, http.MethodDelete, target, nil).want(http.StatusForbidden)
		}
	}
	ask(model.RoleUse, mostRefusals+5)
	if n := len(m.lines()); n != mostRefusals {
		t.Errorf("%d lines", n)
	}
	if n := strings.Count(m.logged.String(), "again and again"); n != 1 {
		t.Errorf("the log tells of it %d times", n)
	}
	ask(model.RoleRead, 1)
	m.move(time.Minute)
	ask(model.RoleUse, 1)
	if n := len(m.lines()); n != mostRefusals+2 {
		t.Errorf("%d lines in the end", n)
	}
}
