package server

import (
	"bytes"
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// put stores a record with the key that may manage.
func (m *managed) put(record model.Record, replaces string) answered {
	m.t.Helper()
	return m.ask(model.RoleManage, http.MethodPut, wire.PathKeys+"/"+record.Key.ID, wire.RecordOf(record, replaces))
}

// TestPutTwice stores the same record again, and others that are not the same.
func TestPutTwice(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		record, secret := draft(t, "production", noon)
		key := into[wire.Key](m.put(record, "").want(http.StatusCreated))
		if key.ID != record.Key.ID || key.Name != "production" || key.LastUse != "never" || key.Role != "use" {
			t.Errorf("the stored key is %+v", key)
		}
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)
		for range 2 {
			again := into[wire.Key](m.put(record, "").want(http.StatusOK))
			if again.ID != key.ID || again.Name != key.Name {
				t.Errorf("the key is %+v the second time", again)
			}
		}
		if lines := m.lines(); len(lines) != 1 || lines[0].Action != model.ActionCreated || lines[0].Refused != "" {
			t.Fatalf("the lines are %+v", lines)
		}

		for _, test := range []struct {
			name   string
			change func(*model.Record)
			err    error
			action model.Action
		}{
			{"another name", func(r *model.Record) { r.Key.Name = "staging" }, model.ErrConflict, model.ActionCreated},
			{"another role", func(r *model.Record) { r.Key.Role = model.RoleRead }, model.ErrConflict, model.ActionCreated},
			{"another end", func(r *model.Record) { r.Key.ExpiresAt = noon.Add(time.Hour) }, model.ErrConflict, model.ActionCreated},
			{"another ciphertext", func(r *model.Record) { r.Sealed.Ciphertext = []byte("other") }, model.ErrConflict, model.ActionCreated},
			{"the same secret", func(r *model.Record) { *r = other(t, "other"); r.Sealed.Digest = record.Sealed.Digest }, model.ErrConflict, model.ActionCreated},
			{"the same name", func(r *model.Record) { *r = other(t, "production") }, model.ErrNameTaken, model.ActionCreated},
			{"the same secret, imported", func(r *model.Record) {
				*r = other(t, "other")
				r.Key.Imported, r.Sealed.Digest = true, record.Sealed.Digest
			}, model.ErrHeld, model.ActionImported},
		} {
			changed := record
			test.change(&changed)
			before := len(m.lines())
			m.put(changed, "").kind(test.err)
			lines := m.lines()[before:]
			kind, _ := wire.KindOf(test.err)
			if len(lines) != 1 || lines[0].Refused != kind.Title || lines[0].Action != test.action || lines[0].KeyID != changed.Key.ID ||
				lines[0].KeyName != changed.Key.Name || lines[0].Actor.By != "manage key" || !lines[0].At.Equal(noon) {
				t.Errorf("%s: the lines are %+v", test.name, lines)
			}
		}
	})
}

// TestALatePutBringsNothingBack: a create whose answer was lost, and that is repeated when somebody else has deleted the key, is
// refused.
func TestALatePutBringsNothingBack(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		record, secret := draft(t, "production", noon)
		m.put(record, "").want(http.StatusCreated)
		expect(t, "created", m.server.verify, secret, http.StatusOK)
		m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+record.Key.ID, nil).want(http.StatusNoContent)
		before := len(m.lines())
		m.put(record, "").kind(model.ErrConflict)
		if lines := m.lines()[before:]; len(lines) != 1 || lines[0].Refused == "" || lines[0].KeyID != record.Key.ID {
			t.Errorf("the lines are %+v", lines)
		}
		expect(t, "repeated late", m.server.verify, secret, http.StatusUnauthorized)
		m.put(other(t, "production"), "").want(http.StatusCreated)
	})
}

// other returns the record of another key.
func other(t *testing.T, name string) model.Record {
	record, _ := draft(t, name, noon)
	return record
}

// TestPutSuccessor begins rotations.
func TestPutSuccessor(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		old, _ := m.add("old")
		dead, _ := m.add("dead", func(key *model.Key) { key.Disabled = true })
		next, secret := draft(t, "next", noon)
		if key := into[wire.Key](m.put(next, old.Key.ID).want(http.StatusCreated)); !key.Rotating {
			t.Errorf("the successor is %+v", key)
		}
		m.put(next, old.Key.ID).want(http.StatusOK)
		m.send(secret, http.MethodGet, wire.PathVerify, nil).want(http.StatusOK)

		before := len(m.lines())
		m.put(other(t, "third"), old.Key.ID).kind(model.ErrRotating)
		m.put(other(t, "third"), dead.Key.ID).kind(model.ErrExpired)
		lines := m.lines()[before:]
		if len(lines) != 2 || lines[0].Action != model.ActionRotated || lines[0].KeyName != "old" || lines[1].KeyName != "dead" {
			t.Errorf("the lines are %+v", lines)
		}
		m.put(other(t, "third"), other(t, "gone").Key.ID).kind(model.ErrNotFound)

		path := wire.PathRotations + "/" + old.Key.ID + "/steps/"
		m.move(time.Minute)
		m.ask(model.RoleManage, http.MethodPut, path+"hand-over", nil).want(http.StatusNoContent)
		m.ask(model.RoleManage, http.MethodPut, path+"retire", nil).want(http.StatusUnprocessableEntity)
		m.ask(model.RoleManage, http.MethodPut, wire.PathRotations+"/"+dead.Key.ID+"/steps/check", nil).kind(model.ErrNotFound)
		rotations := into[wire.Rotations](m.ask(model.RoleRead, http.MethodGet, wire.PathRotations, nil).want(http.StatusOK)).Rotations
		if len(rotations) != 1 || rotations[0].OldID != old.Key.ID || rotations[0].NewID != next.Key.ID ||
			rotations[0].HandedOverAt == nil || !rotations[0].HandedOverAt.Equal(noon.Add(time.Minute)) || rotations[0].CheckedAt != nil {
			t.Errorf("the rotations are %+v", rotations)
		}
	})
}

// meetingStore holds back who asks for a key for a moment, so that others who ask at the same time are there too.
type meetingStore struct {
	*fakeStore

	asking atomic.Int32
}

func (s *meetingStore) Get(ctx context.Context, id string) (model.Key, error) {
	key, err := s.fakeStore.Get(ctx, id)
	s.asking.Add(1)
	for until := time.Now().Add(20 * time.Millisecond); s.asking.Load() < 2 && time.Now().Before(until); {
		runtime.Gosched()
	}
	return key, err
}

// TestPutAtOnce stores one record many times at the same moment: one of them is told that it is new.
func TestPutAtOnce(t *testing.T) {
	test := func(t *testing.T, m *managed) {
		record, _ := draft(t, "production", noon)
		const many = 16
		statuses := make([]int, many)
		var done sync.WaitGroup
		for i := range many {
			done.Go(func() { statuses[i] = m.put(record, "").status })
		}
		done.Wait()
		counts := map[int]int{}
		for _, status := range statuses {
			counts[status]++
		}
		if counts[http.StatusCreated] != 1 || counts[http.StatusOK] != many-1 {
			t.Errorf("the answers are %v", counts)
		}
	}
	eachStore(t, test)
	t.Run("meeting", func(t *testing.T) { test(t, manageOver(t, &meetingStore{fakeStore: newFakeStore()})) })
}

// TestNamesAtOnce stores keys of one name at the same moment: one is stored, the others are told so.
func TestNamesAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		const many = 8
		answers := make([]answered, many)
		var done sync.WaitGroup
		for i := range many {
			record := other(t, "production")
			done.Go(func() { answers[i] = m.put(record, "") })
		}
		done.Wait()
		stored := 0
		for _, a := range answers {
			if a.status == http.StatusCreated {
				stored++
				continue
			}
			a.kind(model.ErrNameTaken)
		}
		if stored != 1 {
			t.Errorf("%d keys were stored", stored)
		}
	})
}

// TestPutChecks sends records that cannot be stored. None of them changes anything.
func TestPutChecks(t *testing.T) {
	m := manageOver(t, newFakeStore())
	long := strings.Repeat("x", 65)
	for _, test := range []struct {
		name   string
		change func(*wire.Record)
		status int
		says   string // a part of the detail
	}{
		{"no name", func(r *wire.Record) { r.Name = "" }, 422, "name"},
		{"a long name", func(r *wire.Record) { r.Name = long }, 422, "at most 64"},
		{"a name with a space at its end", func(r *wire.Record) { r.Name = "x " }, 422, "space"},
		{"a hidden character", func(r *wire.Record) { r.Name = "a\u202eb" }, 422, "U+202E"},
		{"a line end", func(r *wire.Record) { r.Name = "a\nb" }, 422, "control"},
		{"a name in parts", func(r *wire.Record) { r.Name = "cafe\u0301" }, 422, "NFC"},
		{"a long hint", func(r *wire.Record) { r.Hint = long }, 422, "hint"},
		{"a hostile hint", func(r *wire.Record) { r.Hint = "\x1b[2J" }, 422, "hint"},
		{"a hostile owner", func(r *wire.Record) { r.Owner = "a\u200bb" }, 422, "owner"},
		{"an unknown role", func(r *wire.Record) { r.Role = "root" }, 422, "role"},
		{"no time", func(r *wire.Record) { r.CreatedAt = nil }, 422, "created_at"},
		{"a time out of reach", func(r *wire.Record) { r.CreatedAt = new(time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)) }, 422, "created_at"},
		{"an end out of reach", func(r *wire.Record) { r.ExpiresAt = new(time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC)) }, 422, "expires_at"},
		{"an end that nobody set", func(r *wire.Record) { r.ExpiresAt = new(time.Time) }, 422, "expires_at"},
		{"an imported key of no time", func(r *wire.Record) { r.Imported, r.CreatedAt = true, new(time.Time) }, 422, "created_at"},
		{"a note", func(r *wire.Record) { r.Note = "here" }, 422, "note"},
		{"a hostile note", func(r *wire.Record) { r.Imported, r.Note = true, "a\tb" }, 422, "note"},
		{"a long note", func(r *wire.Record) { r.Imported, r.Note = true, strings.Repeat("x", 257) }, 422, "note"},
		{"no digest", func(r *wire.Record) { r.SHA256 = "" }, 422, "sha256"},
		{"a digest in capitals", func(r *wire.Record) { r.SHA256 = strings.ToUpper(r.SHA256) }, 422, "sha256"},
		{"no ciphertext", func(r *wire.Record) { r.Sealed = nil }, 422, "sealed"},
		{"an empty ciphertext", func(r *wire.Record) { r.Sealed = []byte{} }, 422, "sealed"},
		{"a long ciphertext", func(r *wire.Record) { r.Sealed = bytes.Repeat([]byte{1}, maxSealed+1) }, 422, "sealed"},
		{"no id to replace", func(r *wire.Record) { r.Replaces = "x" }, 422, "replaces"},
		{"an id in capitals to replace", func(r *wire.Record) { r.Replaces = strings.ToUpper(m.keys[model.RoleUse].Key.ID) }, 422, "replaces"},
	} {
		record := other(t, "fresh")
		body := wire.RecordOf(record, "")
		test.change(&body)
		a := m.ask(model.RoleManage, http.MethodPut, wire.PathKeys+"/"+record.Key.ID, body)
		if a.status != test.status || !strings.Contains(a.problem().Detail, test.says) {
			t.Errorf("%s: the answer is %d %s", test.name, a.status, a.body)
		}
		m.ask(model.RoleManage, http.MethodGet, wire.PathKeys+"/"+record.Key.ID, nil).kind(model.ErrNotFound)
	}
	if lines := m.lines(); len(lines) != 0 {
		t.Errorf("there are lines: %+v", lines)
	}
	named := other(t, "x")
	named.Key.Name = "a\u202eb"
	m.put(named, "").kind(model.ErrName)

	whole := other(t, "the most")
	whole.Key.Imported, whole.Key.Note = true, strings.Repeat("x", model.MaxNoteLen)
	whole.Sealed.Ciphertext = bytes.Repeat([]byte{1}, maxSealed)
	whole.Key.CreatedAt = time.Time{}
	m.put(whole, "").want(http.StatusCreated)
	m.put(whole, "").want(http.StatusOK)
}
