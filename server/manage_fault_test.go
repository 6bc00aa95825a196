package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
	"clavier/wire"
)

// TestStoreTrouble lets the store fail: the client is told what to do, and the log alone where the store is.
func TestStoreTrouble(t *testing.T) {
	const where = "/srv/hidden place/keys.db"
	const list, again = "read the list again before anything is repeated", "try again"
	for _, test := range []struct {
		err            error
		status         int
		code           string
		change, asking string // how the sentence ends for who wants a change, or asks something
	}{
		{model.ErrStoreBusy, 503, "/problems/busy", "nothing was changed, try again", again},
		{model.ErrStoreWrite, 503, "/problems/not-written", list, "the store cannot be read now, and the log of the service says why; try again"},
		{errors.Join(model.ErrStoreAway, model.ErrStoreWrite), 503, "/problems/store-away", "nothing was changed, try again", "its log says why; try again"},
		{model.ErrStoreDamaged, 500, "/problems/damaged", "must restore it", "must restore it"},
		{model.ErrNotFound, 404, "/problems/not-found", "read the list again", ""},
		{model.ErrConflict, 409, "/problems/conflict", "use a new id and a new secret", ""},
		{errors.New("something else"), 500, "about:blank", list, "its log says how; try again"},
		{context.DeadlineExceeded, 504, "about:blank", list, "in time; try again"},
	} {
		m := manageOver(t, newFakeStore())
		err := fmt.Errorf("%s: %w", where, test.err)
		m.store.fail("PutNew", err)
		m.store.fail("After", err)
		answers := []answered{m.put(other(t, "fresh"), "")}
		if p := answers[0].problem(); !strings.HasSuffix(p.Detail, test.change) {
			t.Errorf("%v: who wants a change is told %q", test.err, p.Detail)
		}
		if test.status >= 500 {
			answers = append(answers, m.ask(model.RoleRead, http.MethodGet, wire.PathKeys, nil))
			if p := answers[1].problem(); !strings.HasSuffix(p.Detail, test.asking) {
				t.Errorf("%v: who asks is told %q", test.err, p.Detail)
			}
		}
		for _, a := range answers {
			if p := a.problem(); a.status != test.status || p.Type != test.code {
				t.Errorf("%v: the answer is %d %s", test.err, a.status, a.body)
			}
			if strings.Contains(string(a.body), "hidden") {
				t.Errorf("%v: the client learns where the store is: %s", test.err, a.body)
			}
			if got := a.header.Get("Retry-After"); (got != "") != (a.status == 503) {
				t.Errorf("%v: Retry-After is %q", test.err, got)
			}
		}
		if logged := strings.Contains(m.logged.String(), where); logged != (test.status >= 500) {
			t.Errorf("%v: the log says %s", test.err, m.logged)
		}
	}
}

// TestHiddenPlace holds that no answer of a server over a file tells where that is.
func TestHiddenPlace(t *testing.T) {
	s, path := openStore(t)
	m := manageOver(t, s)
	record, _ := m.add("production")
	gone := wire.PathKeys + "/" + other(t, "gone").Key.ID
	changed := record
	changed.Key.Name = "staging"
	answers := []answered{
		m.put(changed, ""), m.put(other(t, "production"), ""), m.put(other(t, "third"), other(t, "gone").Key.ID),
		m.ask(model.RoleManage, http.MethodGet, gone, nil), m.ask(model.RoleManage, http.MethodDelete, gone, nil),
		m.ask(model.RoleManage, http.MethodGet, gone+wire.SealedSuffix, nil),
		m.ask(model.RoleManage, http.MethodPost, gone+wire.ExpirySuffix, wire.Expiry{AtOnce: true}),
		m.ask(model.RoleManage, http.MethodPost, wire.PathLookup, wire.Lookup{SHA256: wire.DigestText(other(t, "gone").Sealed.Digest)}),
		m.ask(model.RoleManage, http.MethodPut, wire.PathRotations+"/"+record.Key.ID+"/steps/check", nil),
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	answers = append(answers, m.put(other(t, "late"), ""), m.ask(model.RoleRead, http.MethodGet, wire.PathKeys, nil))
	for _, a := range answers {
		if a.status < 400 || strings.Contains(string(a.body), "hidden") || strings.Contains(string(a.body), filepath.Base(path)) {
			t.Errorf("the answer is %d %s", a.status, a.body)
		}
	}
}

// TestAuditFault is trust row T28 where it fails: it lets the activity refuse to be written: then a change is not made, and a refusal is not answered as one.
func TestAuditFault(t *testing.T) {
	t.Run("refusals", func(t *testing.T) {
		m := manageOver(t, newFakeStore())
		record, _ := m.add("production")
		m.store.fail("NoteRefusal", errDown)
		m.ask(model.RoleRead, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil).kind(model.ErrStoreWrite)
		m.put(other(t, "production"), "").kind(model.ErrStoreWrite)
		m.ask(model.RoleUse, http.MethodGet, wire.PathKeys, nil).kind(model.ErrRole)
	})
	t.Run("changes", func(t *testing.T) {
		s, path := openStore(t)
		m := manageOver(t, s)
		record, secret := m.add("production")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `CREATE TRIGGER mute BEFORE INSERT ON activity BEGIN SELECT RAISE(ABORT, 'mute'); END`); err != nil {
			t.Fatal(err)
		}
		fresh, freshSecret := draft(t, "fresh", noon)
		for _, a := range []answered{
			m.put(fresh, ""),
			m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil),
			m.ask(model.RoleManage, http.MethodPost, wire.PathKeys+"/"+record.Key.ID+wire.ExpirySuffix, wire.Expiry{AtOnce: true}),
			m.ask(model.RoleRead, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil),
		} {
			if a.status < 500 {
				t.Errorf("the answer is %d %s", a.status, a.body)
			}
		}
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)
		m.send(freshSecret, http.MethodGet, wire.PathVerify, nil).want(http.StatusUnauthorized)
	})
}

// TestUnreadChange lets the store fail right behind a change: it is made, and nobody is told that all is well.
func TestUnreadChange(t *testing.T) {
	m := manageOver(t, newFakeStore())
	record, _ := draft(t, "production", noon)
	m.store.fail("DigestChanges", errDown)
	a := m.put(record, "").kind(model.ErrOutcomeUnknown)
	if p := a.problem(); !strings.Contains(p.Detail, "the change is made") {
		t.Errorf("the problem is %+v", p)
	}
	if !strings.Contains(m.logged.String(), errDown.Error()) {
		t.Errorf("the log says %s", m.logged)
	}
	m.store.fail("DigestChanges", nil)
	m.put(record, "").want(http.StatusOK)
}

// TestPanic lets an operation fail in a way that nobody thought of.
func TestPanic(t *testing.T) {
	m := manageOver(t, newFakeStore())
	m.store.fail("panic", errDown)
	m.ask(model.RoleRead, http.MethodGet, wire.PathKeys, nil).want(http.StatusInternalServerError)
	if log := m.logged.String(); !strings.Contains(log, "a mistake") || !strings.Contains(log, "managed_test.go") {
		t.Errorf("the log says %s", log)
	}
	m.store.fail("panic", nil)
	m.ask(model.RoleRead, http.MethodGet, wire.PathKeys, nil).want(http.StatusOK)
}

// TestHungUp holds that a change goes on when its client hangs up, and that a question does not.
func TestHungUp(t *testing.T) {
	m := manageOver(t, newFakeStore())
	record, _ := draft(t, "production", noon)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ask := func(method, path string, body any) answered {
		r, err := http.NewRequestWithContext(ctx, method, path, bodyOf(t, body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+m.secrets[model.RoleManage])
		return m.exchange(r)
	}
	ask(http.MethodPut, wire.PathKeys+"/"+record.Key.ID, wire.RecordOf(record, "")).want(http.StatusCreated)
	ask(http.MethodGet, wire.PathKeys, nil).want(http.StatusGatewayTimeout)
}
