//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
)

// managed returns a machine with a profile of a service of its own, whose token is the key "own", and the secret of that.
func managed(t *testing.T) (*machine, *running, string) {
	t.Helper()
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	m.join(t, "team", s.url, m.boot())
	m.env = append(m.env, "CLAVIER_PROFILE=team")
	own := m.output(t, "create", "own", "--role", "manage")
	if _, errs, code := m.given(t, own, "profile", "token", "team"); code != 0 {
		t.Fatalf("profile token: %d, %s", code, errs)
	}
	return m, s, own
}

// TestOwnTokenStays: nobody locks himself out by deleting the token of the profile, or by an end for it.
func TestOwnTokenStays(t *testing.T) {
	m, s, own := managed(t)
	_, errs, code := m.given(t, "", "delete", "own", "--confirm", "own")
	if code != 1 || !strings.Contains(errs, `"own" was not deleted: this key is the token of the profile`) || !strings.Contains(errs, "clavier profile token NAME") {
		t.Errorf("delete: %d, %s", code, errs)
	}
	s.answers(own, http.StatusOK)
	m.output(t, "list")
}

// TestOwnTokenRotates: the profile takes the successor of its token before the old key is revoked.
func TestOwnTokenRotates(t *testing.T) {
	m, s, own := managed(t)
	_, errs, code := m.given(t, "", "rotate", "own", "--name", "next", "--grace", "0")
	if code != 0 || !strings.Contains(errs, "the profile team presents its successor from now on") || !strings.Contains(errs, `revoked "own"`) {
		t.Fatalf("rotate: %d, %s", code, errs)
	}
	s.answers(own, http.StatusUnauthorized)
	if list := m.output(t, "list"); !strings.Contains(list, "\nnext ") {
		t.Errorf("the list is\n%s", list)
	}
	if _, errs, code := m.given(t, "", "delete", "own", "--confirm", "own"); code != 0 {
		t.Errorf("delete of the old key: %d, %s", code, errs)
	}
	if _, errs, code := m.given(t, "", "delete", "next", "--confirm", "next"); code != 1 || !strings.Contains(errs, "the token of the profile") {
		t.Errorf("delete of the new token: %d, %s", code, errs)
	}
}

// TestOwnTokenInterrupted: where the successor was made and the token not written, the old key stays, and the next run goes on.
func TestOwnTokenInterrupted(t *testing.T) {
	m, s, own := managed(t)
	file := m.token(t, "team")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := m.given(t, "", "rotate", "own", "--name", "next"); code != 0 {
		t.Fatalf("rotate: %d, %s", code, errs)
	}
	next := m.output(t, "show", "next")
	var listed []struct{ ID string }
	if err := json.Unmarshal([]byte(m.output(t, "list", "--json", "--filter", "name:next")), &listed); err != nil || len(listed) != 1 {
		t.Fatalf("listed %d, %v", len(listed), err)
	}
	// As an interruption leaves it: the secret of the successor is kept, and is not the token yet.
	if err := errors.Join(os.Rename(file, file+"."+listed[0].ID), os.WriteFile(file, before, 0o600)); err != nil {
		t.Fatal(err)
	}
	_, errs, code := m.given(t, "", "rotate", "own", "--grace", "0", "--handed-over")
	if code != 0 || !strings.Contains(errs, "the profile team presents its successor from now on") {
		t.Errorf("the next run: %d, %s", code, errs)
	}
	s.answers(own, http.StatusUnauthorized)
	s.answers(next, http.StatusOK)
	m.output(t, "list")
}
