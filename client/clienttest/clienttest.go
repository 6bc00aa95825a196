// Package clienttest holds every provider of keys to the same behaviour.
//
// Call [Run] from a test of the provider:
//
//	func TestConformance(t *testing.T) {
//		clienttest.Run(t, func(t *testing.T) client.Client { return open(t) })
//	}
//
// What only some providers can do (create, reveal, verify, ...) is held to its contract where the provider offers it. A
// provider that makes no keys is held to all that is not about making them with keys that are imported.
package clienttest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/client"
	"clavier/model"
)

// Run tests one provider. Open returns a client of a new, empty profile, whose identity is not locked; it registers
// what must be closed with t.Cleanup. It is called once for each subtest.
func Run(t *testing.T, open func(t *testing.T) client.Client) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"Empty", (*suite).testEmpty},
		{"Create", (*suite).testCreate},
		{"NewestFirst", (*suite).testNewestFirst},
		{"NameTaken", (*suite).testNameTaken},
		{"NameRefused", (*suite).testNameRefused},
		{"NotFound", (*suite).testNotFound},
		{"DeleteIsFinal", (*suite).testDeleteIsFinal},
		{"DeleteOne", (*suite).testDeleteOne},
		{"Reveal", (*suite).testReveal},
		{"Verify", (*suite).testVerify},
		{"VerifyRefusesAlike", (*suite).testVerifyRefusesAlike},
		{"LastUse", (*suite).testLastUse},
		{"Activity", (*suite).testActivity},
		{"Version", (*suite).testVersion},
		{"Owner", (*suite).testOwner},
		{"Roles", (*suite).testRoles},
		{"Import", (*suite).testImport},
		{"ImportOfUnknownAge", (*suite).testImportOfUnknownAge},
		{"ImportRefused", (*suite).testImportRefused},
		{"ImportedNeverVerifies", (*suite).testImportedNeverVerifies},
		{"Lookup", (*suite).testLookup},
		{"End", (*suite).testEnd},
		{"EndAtOnce", (*suite).testEndAtOnce},
		{"EndAndTheClock", (*suite).testEndAndTheClock},
		{"Rotate", (*suite).testRotate},
		{"RotateRefused", (*suite).testRotateRefused},
		{"RotationSteps", (*suite).testRotationSteps},
		{"RotationEnds", (*suite).testRotationEnds},
		{"OneKeyOneRotation", (*suite).testOneKeyOneRotation},
		{"Answers", (*suite).testAnswers},
		{"AnswersOfTheDead", (*suite).testAnswersOfTheDead},
		{"Pages", (*suite).testPages},
		{"PagesCancelled", (*suite).testPagesCancelled},
		{"Changes", (*suite).testChanges},
		{"ChangesSinceNothing", (*suite).testChangesSinceNothing},
		{"Cancelled", (*suite).testCancelled},
		{"OneNameOneWinner", (*suite).testOneNameOneWinner},
		{"Together", (*suite).testTogether},
		{"HostileNames", (*suite).testHostileNames},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(&suite{T: t, client: open(t)})
		})
	}
}

// production is the name of most keys that the suite makes.
const production = "production"

// suite is one subtest over one empty profile.
type suite struct {
	*testing.T
	client client.Client
}

// make makes a key, or imports one where the provider makes none.
func (s *suite) make(ctx context.Context, name string) (model.Issued, error) {
	return s.makeOf(ctx, name, model.RoleUse)
}

// makeOf makes a key of a role; an imported one has none to choose.
func (s *suite) makeOf(ctx context.Context, name string, role model.Role) (model.Issued, error) {
	if creator, ok := s.client.(client.Creator); ok {
		return creator.Create(ctx, model.Draft{Name: model.Name(name), Role: role})
	}
	importer, ok := s.client.(client.Importer)
	if !ok {
		return model.Issued{}, fmt.Errorf("%T neither makes nor imports keys", s.client)
	}
	in := foreign(name)
	key, err := importer.Import(ctx, in)
	if err != nil {
		return model.Issued{Key: key}, err
	}
	return model.Issued{Key: key, Secret: in.Secret}, nil
}

func (s *suite) create(name string) model.Issued {
	s.Helper()
	issued, err := s.make(s.Context(), name)
	if err != nil {
		s.Fatalf("create %q: %v", name, err)
	}
	return issued
}

func (s *suite) list() []model.Key {
	s.Helper()
	keys, err := s.client.List(s.Context())
	if err != nil {
		s.Fatalf("list: %v", err)
	}
	return keys
}

// want fails unless err is target.
func (s *suite) want(what string, err, target error) {
	s.Helper()
	if !errors.Is(err, target) {
		s.Errorf("%s: got error %v, want %v", what, err, target)
	}
}

// wantNames fails unless the list holds exactly these names, in this order.
func (s *suite) wantNames(names ...string) {
	s.Helper()
	if got := namesOf(s.list()); !slices.Equal(got, names) {
		s.Errorf("list has %q, want %q", got, names)
	}
}

func namesOf(keys []model.Key) []string {
	names := make([]string, 0, len(keys))
	for _, key := range keys {
		names = append(names, key.Name)
	}
	return names
}

// tick returns once the clock has moved by more than a millisecond, which is the precision of creation times.
func tick() {
	for start := time.Now(); time.Since(start) < 2*time.Millisecond; {
		runtime.Gosched()
	}
}

func (s *suite) testEmpty() {
	if keys := s.list(); len(keys) != 0 {
		s.Errorf("a new profile has %d keys, want none", len(keys))
	}
}

func (s *suite) testCreate() {
	before := time.Now().Truncate(time.Millisecond)
	issued := s.create(production)
	after := time.Now()
	key := issued.Key
	if key.ID == "" || key.Name != production {
		s.Errorf("created %+v, want an id and the name production", key)
	}
	if key.CreatedAt.Before(before) || key.CreatedAt.After(after) || key.CreatedAt.Location() != time.UTC {
		s.Errorf("created at %v, want a moment in UTC from %v to %v", key.CreatedAt, before.UTC(), after.UTC())
	}
	if status := key.StatusAt(after); status != model.StatusActive {
		s.Errorf("a new key is %s, want active", status)
	}
	if issued.Secret.IsZero() {
		s.Fatal("a new key has no secret")
	}
	if text := issued.Secret.Reveal(); strings.Contains(fmt.Sprintf("%v %+v %#v %v", issued, issued, issued, key), text) {
		s.Error("a printed key shows its secret")
	}
	if model.CheckSecret(issued.Secret.Reveal()) == nil && key.Hint != issued.Secret.Hint() {
		s.Errorf("hint is %q, want %q", key.Hint, issued.Secret.Hint())
	}
	s.wantListed(key)
}

// wantListed fails unless the list holds exactly this one key as it was returned.
func (s *suite) wantListed(key model.Key) {
	s.Helper()
	keys := s.list()
	if len(keys) != 1 {
		s.Fatalf("list has %d keys, want 1", len(keys))
	}
	got := keys[0]
	if !got.CreatedAt.Equal(key.CreatedAt) || got.CreatedAt.Location() != time.UTC {
		s.Errorf("listed as created at %v, want %v", got.CreatedAt, key.CreatedAt)
	}
	if got.CreatedAt = key.CreatedAt; got != key {
		s.Errorf("listed as %+v, want %+v", got, key)
	}
}

func (s *suite) testNewestFirst() {
	for _, name := range []string{"b", "c", "a"} {
		s.create(name)
		tick()
	}
	s.wantNames("a", "c", "b")
}

func (s *suite) testNameTaken() {
	s.create("caf\u00e9")
	for _, typed := range []string{"caf\u00e9", "cafe\u0301"} { // the second is the same after NFC
		issued, err := s.make(s.Context(), typed)
		s.want(fmt.Sprintf("create %+q again", typed), err, model.ErrNameTaken)
		if !issued.Secret.IsZero() {
			s.Error("a refused create returned a secret")
		}
	}
	s.wantNames("caf\u00e9")
	s.create("Caf\u00e9") // case is not folded
}

func (s *suite) testNameRefused() {
	for _, name := range []string{"", " a", "a ", "a\u202eb", "a\nb", "a\xff", strings.Repeat("x", model.MaxNameLen+1)} {
		issued, err := s.make(s.Context(), name)
		s.want(fmt.Sprintf("create %+q", name), err, model.ErrName)
		if !issued.Secret.IsZero() {
			s.Errorf("create %+q returned a secret", name)
		}
	}
	s.wantNames()
}

func (s *suite) testNotFound() {
	s.create("kept")
	for _, id := range []string{"", " ", "kept", "018f2a3b-0000-7000-8000-000000000000", "%", "*"} {
		s.want(fmt.Sprintf("delete %q", id), s.client.Delete(s.Context(), id), model.ErrNotFound)
		if revealer, ok := s.client.(client.Revealer); ok {
			_, err := revealer.Reveal(s.Context(), id)
			s.want(fmt.Sprintf("reveal %q", id), err, model.ErrNotFound)
		}
	}
	s.wantNames("kept")
}

func (s *suite) testDeleteIsFinal() {
	old := s.create(production)
	if err := s.client.Delete(s.Context(), old.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	s.wantNames()
	s.want("delete again", s.client.Delete(s.Context(), old.Key.ID), model.ErrNotFound)
	if revealer, ok := s.client.(client.Revealer); ok {
		_, err := revealer.Reveal(s.Context(), old.Key.ID)
		s.want("reveal a deleted key", err, model.ErrNotFound)
	}
	successor := s.create(production)
	if successor.Key.ID == old.Key.ID || successor.Secret.Reveal() == old.Secret.Reveal() {
		s.Error("a name used again has the old id or the old secret")
	}
	if verifier, ok := s.client.(client.Verifier); ok {
		_, err := verifier.Verify(s.Context(), old.Secret)
		s.want("verify a deleted key", err, model.ErrRefused)
	}
}

func (s *suite) testDeleteOne() {
	first := s.create("first")
	tick()
	s.create("second")
	tick()
	s.create("third")
	if err := s.client.Delete(s.Context(), first.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	s.wantNames("third", "second")
}

// testCancelled holds that nothing is made or removed for a caller who has left.
func (s *suite) testCancelled() {
	kept := s.create("kept")
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err := s.client.List(ctx)
	s.want("list", err, context.Canceled)
	issued, err := s.make(ctx, "late")
	s.want("create", err, context.Canceled)
	if !issued.Secret.IsZero() {
		s.Error("a cancelled create returned a secret")
	}
	s.want("delete", s.client.Delete(ctx, kept.Key.ID), context.Canceled)
	s.wantNames("kept")
}
