package server

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// TestDelete deletes keys: a secret is refused from then on, whatever the store has to say of its log.
func TestDelete(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		record, secret := m.add("production")
		path := wire.PathKeys + "/" + record.Key.ID
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)
		if a := m.ask(model.RoleManage, http.MethodDelete, path, nil).want(http.StatusNoContent); len(a.body) != 0 {
			t.Errorf("the answer has the body %q", a.body)
		}
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusUnauthorized)
		m.ask(model.RoleManage, http.MethodDelete, path, nil).kind(model.ErrNotFound)
		m.ask(model.RoleManage, http.MethodGet, path, nil).kind(model.ErrNotFound)
		m.ask(model.RoleManage, http.MethodGet, path+wire.SealedSuffix, nil).kind(model.ErrNotFound)

		record, secret = m.add("staging")
		m.store.fail("Delete", errDeletedFirst)
		m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil).want(http.StatusAccepted).kind(model.ErrNotErased)
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusUnauthorized)
	})
}

// TestEnd gives keys an end.
func TestEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		verify := func(secret string) int { return m.send(secret, http.MethodGet, wire.PathVerify, nil).status }
		end := func(record model.Record, expiry wire.Expiry) answered {
			return m.ask(model.RoleManage, http.MethodPost, wire.PathKeys+"/"+record.Key.ID+wire.ExpirySuffix, expiry)
		}
		record, secret := m.add("production")
		soon := noon.Add(time.Hour)
		if key := into[wire.Key](end(record, wire.Expiry{ExpiresAt: &soon}).want(http.StatusOK)); key.ExpiresAt == nil || !key.ExpiresAt.Equal(soon) || key.Disabled {
			t.Errorf("the key is %+v", key)
		}
		if key := into[wire.Key](end(record, wire.Expiry{}).want(http.StatusOK)); key.ExpiresAt != nil {
			t.Errorf("the key is %+v", key)
		}
		end(record, wire.Expiry{ExpiresAt: &soon}).want(http.StatusOK)
		if got := verify(secret); got != http.StatusOK {
			t.Errorf("before its end the key is answered %d", got)
		}
		m.move(time.Hour)
		if got := verify(secret); got != http.StatusUnauthorized {
			t.Errorf("at its end the key is answered %d", got)
		}
		before := len(m.lines())
		end(record, wire.Expiry{}).kind(model.ErrExpired)
		if lines := m.lines()[before:]; len(lines) != 1 || lines[0].Action != model.ActionEnded || lines[0].KeyName != "production" || lines[0].Refused == "" {
			t.Errorf("the lines are %+v", lines)
		}

		for name, expiry := range map[string]wire.Expiry{"at once": {AtOnce: true}, "at once, whatever else": {AtOnce: true, ExpiresAt: new(time.Time)}, "in the past": {ExpiresAt: new(noon.Add(-time.Hour))}} {
			record, secret := m.add(name)
			if key := into[wire.Key](end(record, expiry).want(http.StatusOK)); !key.Disabled {
				t.Errorf("%s: the key is %+v", name, key)
			}
			if got := verify(secret); got != http.StatusUnauthorized {
				t.Errorf("%s: the key is answered %d", name, got)
			}
		}
		for _, out := range []time.Time{{}, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)} { // the first would read as no end at all
			end(record, wire.Expiry{ExpiresAt: &out}).want(http.StatusUnprocessableEntity)
		}
	})
}

// TestLastManager holds that somebody can always manage keys.
func TestLastManager(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		last := m.keys[model.RoleManage]
		path := wire.PathKeys + "/" + last.Key.ID
		refuse := func() {
			t.Helper()
			before := len(m.lines())
			m.ask(model.RoleManage, http.MethodDelete, path, nil).kind(model.ErrLastManager)
			m.ask(model.RoleManage, http.MethodPost, path+wire.ExpirySuffix, wire.Expiry{AtOnce: true}).kind(model.ErrLastManager)
			m.ask(model.RoleManage, http.MethodPost, path+wire.ExpirySuffix, wire.Expiry{ExpiresAt: new(m.clock().Add(time.Hour))}).kind(model.ErrLastManager)
			lines := m.lines()[before:]
			if len(lines) != 3 || lines[0].Action != model.ActionDeleted || lines[1].Action != model.ActionEnded || lines[2].KeyName != "manage key" {
				t.Errorf("the lines are %+v", lines)
			}
		}
		refuse()
		expired, _ := m.add("expired manager", func(key *model.Key) { key.Role, key.ExpiresAt = model.RoleManage, noon.Add(-time.Second) })
		m.add("disabled manager", func(key *model.Key) { key.Role, key.Disabled = model.RoleManage, true })
		m.add("manager for a while", func(key *model.Key) { key.Role, key.ExpiresAt = model.RoleManage, noon.Add(time.Hour) })
		refuse()
		m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+expired.Key.ID, nil).want(http.StatusNoContent)
		second, _ := m.add("second manager", func(key *model.Key) { key.Role = model.RoleManage })
		m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+second.Key.ID, nil).want(http.StatusNoContent)
		refuse()
		m.ask(model.RoleManage, http.MethodPost, path+wire.ExpirySuffix, wire.Expiry{}).want(http.StatusOK)
		m.add("third manager", func(key *model.Key) { key.Role = model.RoleManage })
		m.ask(model.RoleManage, http.MethodDelete, path, nil).want(http.StatusNoContent)
		m.ask(model.RoleManage, http.MethodGet, wire.PathKeys, nil).kind(model.ErrToken)
	})
}

// TestManagersAtOnce lets two managers delete each other at the same moment, each at a server of its own on the same store: one is left.
func TestManagersAtOnce(t *testing.T) {
	for range 20 {
		store := newFakeStore()
		m := manageOver(t, store)
		n := &managed{t: t, store: m.store, logged: m.logged, server: New(m.server.options), valid: m.valid}
		n.handler = n.server.Handler()
		second, secret := m.add("second manager", func(key *model.Key) { key.Role = model.RoleManage })
		if err := n.server.verify.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := m.keys[model.RoleManage]
		answers := make(chan answered, 2)
		go func() { answers <- m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+second.Key.ID, nil) }()
		go func() { answers <- n.send(secret, http.MethodDelete, wire.PathKeys+"/"+first.Key.ID, nil) }()
		statuses := []int{(<-answers).status, (<-answers).status}
		slices.Sort(statuses)
		if statuses[0] != http.StatusNoContent || statuses[1] == http.StatusNoContent {
			t.Fatalf("the answers are %v", statuses)
		}
	}
}

// TestKeys reads one key in every way.
func TestKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		record, secret := m.add("production")
		path := wire.PathKeys + "/" + record.Key.ID
		key := into[wire.Key](m.ask(model.RoleRead, http.MethodGet, path, nil).want(http.StatusOK))
		if key.Name != "production" || key.Hint != record.Key.Hint || key.LastUse != "never" || !key.CreatedAt.Equal(record.Key.CreatedAt) {
			t.Errorf("the key is %+v", key)
		}
		sealed := into[wire.Sealed](m.ask(model.RoleRead, http.MethodGet, path+wire.SealedSuffix, nil).want(http.StatusOK))
		if sealed.SHA256 != wire.DigestText(record.Sealed.Digest) || string(sealed.Sealed) != string(record.Sealed.Ciphertext) {
			t.Errorf("what is sealed is %+v", sealed)
		}
		found := into[wire.Key](m.ask(model.RoleRead, http.MethodPost, wire.PathLookup, wire.Lookup{SHA256: wire.DigestText(model.NewSecret(secret).Digest())}).want(http.StatusOK))
		if found.ID != key.ID {
			t.Errorf("the secret is that of %+v", found)
		}
		m.ask(model.RoleRead, http.MethodPost, wire.PathLookup, wire.Lookup{SHA256: wire.DigestText(other(t, "x").Sealed.Digest)}).kind(model.ErrNotFound)
		m.ask(model.RoleRead, http.MethodPost, wire.PathLookup, wire.Lookup{SHA256: "x"}).want(http.StatusUnprocessableEntity)
		m.move(time.Minute)
		m.ask(model.RoleManage, http.MethodPost, path+wire.UseSuffix, nil).want(http.StatusNoContent)
		used := into[wire.Key](m.ask(model.RoleRead, http.MethodGet, path, nil))
		if used.LastUse != "used" || !used.LastUsedAt.Equal(noon.Add(time.Minute)) {
			t.Errorf("the used key is %+v", used)
		}
		m.ask(model.RoleManage, http.MethodPost, wire.PathKeys+"/"+other(t, "x").Key.ID+wire.UseSuffix, nil).kind(model.ErrNotFound)
	})
}

// TestState holds that a client learns who it is, and that something has changed.
func TestState(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		state := func() wire.State {
			return into[wire.State](m.ask(model.RoleRead, http.MethodGet, wire.PathState, nil).want(http.StatusOK))
		}
		first := state()
		if first.Self.ID != m.keys[model.RoleRead].Key.ID || first.Total != 3 || first.Server != "1.2.3" || !first.Time.Equal(noon) {
			t.Errorf("the state is %+v", first)
		}
		if again := state(); again.Mark != first.Mark {
			t.Errorf("the mark moved from %s to %s", first.Mark, again.Mark)
		}
		record, _ := draft(t, "production", noon)
		m.put(record, "").want(http.StatusCreated)
		if after := state(); after.Mark == first.Mark || after.Total != 4 {
			t.Errorf("the state is %+v after a change", after)
		}
		changes := func(since string) wire.Changes {
			return into[wire.Changes](m.ask(model.RoleRead, http.MethodGet, wire.PathChanges+"?since="+since, nil).want(http.StatusOK))
		}
		got := changes(first.Mark)
		if len(got.Keys) != 1 || got.Keys[0].ID != record.Key.ID || got.All || len(got.Gone) != 0 {
			t.Errorf("the changes are %+v", got)
		}
		m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil).want(http.StatusNoContent)
		if got := changes(got.Mark); len(got.Gone) != 1 || got.Gone[0] != record.Key.ID || len(got.Keys) != 0 {
			t.Errorf("the changes are %+v", got)
		}
		if got := changes("1"); !got.All {
			t.Errorf("the changes since a mark of elsewhere are %+v", got)
		}
		m.ask(model.RoleRead, http.MethodGet, wire.PathChanges+"?since=x", nil).want(http.StatusBadRequest)
	})
}

// TestAnswers keeps how APIs answered.
func TestAnswers(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		record, _ := m.add("production")
		answer := wire.Answer{KeyID: record.Key.ID, API: "models", Verdict: "dead", Status: 401, Took: 1234, At: noon}
		keep := func(change func(*wire.Answer)) answered {
			changed := answer
			change(&changed)
			return m.ask(model.RoleManage, http.MethodPost, wire.PathAnswers, wire.Answers{Answers: []wire.Answer{changed}})
		}
		for name, change := range map[string]func(*wire.Answer){
			"no id":       func(a *wire.Answer) { a.KeyID = "x" },
			"no API":      func(a *wire.Answer) { a.API = "" },
			"no verdict":  func(a *wire.Answer) { a.Verdict = "maybe" },
			"no status":   func(a *wire.Answer) { a.Status = -1 },
			"no duration": func(a *wire.Answer) { a.Took = -1 },
			"no time":     func(a *wire.Answer) { a.At = time.Time{} },
		} {
			if a := keep(change); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: the answer is %d %s", name, a.status, a.body)
			}
		}
		keep(func(*wire.Answer) {}).want(http.StatusNoContent)
		kept := into[wire.Answers](m.ask(model.RoleRead, http.MethodGet, wire.PathAnswers, nil).want(http.StatusOK)).Answers
		if len(kept) != 1 || kept[0].API != "models" || kept[0].Took != 1234 || !kept[0].At.Equal(noon) || kept[0].Verdict != "dead" {
			t.Errorf("the answers are %+v", kept)
		}
	})
}

// TestAnswersAreLimited: the store is asked for no more answers than are sent.
func TestAnswersAreLimited(t *testing.T) {
	store := newFakeStore()
	m := manageOver(t, store)
	for i := range maxAnswers + 5 {
		store.answers = append(store.answers, model.Answer{
			KeyID: "x", API: fmt.Sprint("api ", i), Verdict: model.VerdictAlive, At: noon.Add(time.Duration(i) * time.Second),
		})
	}
	kept := into[wire.Answers](m.ask(model.RoleRead, http.MethodGet, wire.PathAnswers, nil).want(http.StatusOK)).Answers
	if len(kept) != maxAnswers || kept[0].API != fmt.Sprint("api ", maxAnswers+4) {
		t.Errorf("%d answers are sent, the first from %s", len(kept), kept[0].API)
	}
}

// TestActivityLimit asks for some lines.
func TestActivityLimit(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for i := range 5 {
		m.put(other(t, fmt.Sprint("key ", i)), "").want(http.StatusCreated)
	}
	lines := into[wire.Lines](m.ask(model.RoleRead, http.MethodGet, wire.PathActivity+"?limit=2", nil).want(http.StatusOK)).Activity
	if len(lines) != 2 || lines[0].KeyName != "key 4" || lines[1].KeyName != "key 3" {
		t.Errorf("the lines are %+v", lines)
	}
	for _, limit := range []string{"0", "-1", "10001", "x", "1e3"} {
		m.ask(model.RoleRead, http.MethodGet, wire.PathActivity+"?limit="+limit, nil).want(http.StatusUnprocessableEntity)
	}
}
