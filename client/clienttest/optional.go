package clienttest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"clavier/client"
	"clavier/model"
)

// optional returns the provider as the interface T, or skips the subtest if the provider does not offer it.
func optional[T any](s *suite) T {
	s.Helper()
	offered, ok := s.client.(T)
	if !ok {
		s.Skipf("%T does not offer %v", s.client, fmt.Sprintf("%T", (*T)(nil))[1:])
	}
	return offered
}

func (s *suite) testReveal() {
	revealer := optional[client.Revealer](s)
	for _, name := range []string{"one", "two"} {
		issued := s.create(name)
		for range 2 {
			secret, err := revealer.Reveal(s.Context(), issued.Key.ID)
			if err != nil {
				s.Fatalf("reveal: %v", err)
			}
			if secret.Reveal() != issued.Secret.Reveal() {
				s.Errorf("the secret of %s is not the one it was made with", name)
			}
		}
	}
}

func (s *suite) testVerify() {
	verifier := optional[client.Verifier](s)
	for _, name := range []string{"one", "two"} {
		issued := s.create(name)
		key, err := verifier.Verify(s.Context(), issued.Secret)
		if err != nil {
			s.Fatalf("verify: %v", err)
		}
		if key.ID != issued.Key.ID || key.Name != name {
			s.Errorf("verified as %s %s, want %s %s", key.ID, key.Name, issued.Key.ID, name)
		}
	}
}

// testVerifyRefusesAlike holds that who presents a secret cannot learn why it was refused.
func (s *suite) testVerifyRefusesAlike() {
	verifier := optional[client.Verifier](s)
	deleted := s.create("deleted")
	if err := s.client.Delete(s.Context(), deleted.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	live := s.create("live").Secret.Reveal()
	presented := map[string]model.Secret{
		"empty":          {},
		"deleted":        deleted.Secret,
		"malformed":      model.NewSecret("not a secret"),
		"wrong checksum": model.NewSecret(live[:len(live)-1] + flip(live[len(live)-1])),
		"with a newline": model.NewSecret(live + "\n"),
		"unknown":        s.unknown(),
	}
	if issuer, ok := s.client.(*client.Issuer); ok {
		past := time.Now().Add(-time.Minute).UTC().Truncate(time.Millisecond)
		presented["expired"] = s.put(issuer, model.Key{Name: "expired", ExpiresAt: past}).Secret
		presented["disabled"] = s.put(issuer, model.Key{Name: "disabled", Disabled: true}).Secret
	}
	for reason, secret := range presented {
		key, err := verifier.Verify(s.Context(), secret)
		s.want("verify: "+reason, err, model.ErrRefused)
		if err != nil && err.Error() != model.ErrRefused.Error() {
			s.Errorf("verify: %s: the answer is %q, want %q for every reason", reason, err, model.ErrRefused)
		}
		if key != (model.Key{}) {
			s.Errorf("verify: %s: the refusal names a key: %+v", reason, key)
		}
	}
}

func flip(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

// unknown returns a well-formed secret that belongs to no key.
func (s *suite) unknown() model.Secret {
	s.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		s.Fatal(err)
	}
	return secret
}

// put stores a record that the provider's own Create would not make, as another program may have.
func (s *suite) put(issuer *client.Issuer, key model.Key) model.Issued {
	s.Helper()
	issued, err := s.tryPut(issuer, key)
	if err != nil {
		s.Fatalf("put %+q: %v", key.Name, err)
	}
	return issued
}

// tryPut is put of a record that may be refused.
func (s *suite) tryPut(issuer *client.Issuer, key model.Key) (model.Issued, error) {
	s.Helper()
	secret := s.unknown()
	sealed, err := issuer.Vault.Seal(secret)
	if err != nil {
		s.Fatalf("seal: %v", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		s.Fatal(err)
	}
	key.ID, key.Hint = id.String(), secret.Hint()
	key.CreatedAt = time.Now().UTC().Truncate(time.Millisecond)
	key.LastUse = model.LastUse{Reported: true}
	err = issuer.Records.Put(s.Context(), model.Record{Key: key, Sealed: sealed}, issuer.Actor)
	return model.Issued{Key: key, Secret: secret}, err
}

func (s *suite) testLastUse() {
	verifier := optional[client.Verifier](s)
	issued := s.create("used")
	if !issued.Key.LastUse.Reported {
		s.Skip("the provider does not report the last use")
	}
	if !s.list()[0].LastUse.Never() {
		s.Error("a new key has been used")
	}
	before := time.Now().Truncate(time.Second)
	if _, err := verifier.Verify(s.Context(), issued.Secret); err != nil {
		s.Fatalf("verify: %v", err)
	}
	// A provider may note the use after it has answered.
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
	defer cancel()
	for s.list()[0].LastUse.Never() {
		if ctx.Err() != nil {
			s.Fatal("the use was not noted within 5 s")
		}
		tick()
	}
	if used := s.list()[0].LastUse.At; used.Before(before) || used.After(time.Now()) || used.Location() != time.UTC {
		s.Errorf("last used at %v, want a moment in UTC from %v on", used, before.UTC())
	}
}

// beginning is the action with which the keys of create come into being.
func (s *suite) beginning() model.Action {
	if _, ok := s.client.(client.Creator); ok {
		return model.ActionCreated
	}
	return model.ActionImported
}

// actor is who the provider says that makes changes, where the suite can tell.
func (s *suite) actor() model.Actor {
	switch provider := s.client.(type) {
	case *client.Issuer:
		return provider.Actor
	case *client.Keeper:
		return provider.Actor
	default:
		return model.Actor{}
	}
}

func (s *suite) testActivity() {
	reader := optional[client.ActivityReader](s)
	issued := s.create(production)
	tick()
	s.create("staging")
	tick()
	if err := s.client.Delete(s.Context(), issued.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	lines, err := reader.Activity(s.Context(), 10)
	if err != nil {
		s.Fatalf("activity: %v", err)
	}
	want := []struct {
		action model.Action
		name   string
	}{{model.ActionDeleted, production}, {s.beginning(), "staging"}, {s.beginning(), production}}
	if len(lines) != len(want) {
		s.Fatalf("activity has %d lines, want %d: %+v", len(lines), len(want), lines)
	}
	for i, line := range lines {
		if line.Action != want[i].action || line.KeyName != want[i].name {
			s.Errorf("line %d: %s %s, want %s %s", i, line.Action, line.KeyName, want[i].action, want[i].name)
		}
		if line.At.IsZero() || line.At.Location() != time.UTC {
			s.Errorf("line %d: at %v, want a moment in UTC", i, line.At)
		}
	}
	if last := lines[0]; last.KeyID != issued.Key.ID || !last.KeyCreatedAt.Equal(issued.Key.CreatedAt) {
		s.Errorf("the deleted key is noted as %s made %v, want %s made %v",
			last.KeyID, last.KeyCreatedAt, issued.Key.ID, issued.Key.CreatedAt)
	}
	if actor := s.actor(); actor != (model.Actor{}) && lines[0].Actor != actor {
		s.Errorf("noted as done by %+v, want %+v", lines[0].Actor, actor)
	}
	if lines, err = reader.Activity(s.Context(), 1); err != nil || len(lines) != 1 || lines[0].Action != model.ActionDeleted {
		s.Errorf("activity of 1 line: %+v, %v, want the newest alone", lines, err)
	}
}

func (s *suite) testVersion() {
	watcher := optional[client.Watcher](s)
	version := func() int64 {
		s.Helper()
		v, err := watcher.Version(s.Context())
		if err != nil {
			s.Fatalf("version: %v", err)
		}
		return v
	}
	first := version()
	issued := s.create(production)
	second := version()
	if err := s.client.Delete(s.Context(), issued.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	third := version()
	if first == second || second == third || first == third {
		s.Errorf("versions %d, %d, %d after nothing, a create and a delete, want three that differ", first, second, third)
	}
}

// testOneNameOneWinner holds that a name is never given twice, however many ask for it at once.
func (s *suite) testOneNameOneWinner() {
	const callers = 8
	errs := make(chan error, callers)
	for range callers {
		go func() {
			_, err := s.make(s.Context(), "wanted")
			errs <- err
		}()
	}
	winners := 0
	for range callers {
		err := <-errs
		if err == nil {
			winners++
			continue
		}
		s.want("create for one who came later", err, model.ErrNameTaken)
	}
	if winners != 1 {
		s.Errorf("%d creates of one name succeeded, want 1", winners)
	}
	s.wantNames("wanted")
}

// testTogether holds that callers at the same time do not harm each other.
func (s *suite) testTogether() {
	const callers, each = 4, 5
	done := make(chan error, callers)
	for caller := range callers {
		go func() { done <- s.work(caller, each) }()
	}
	for range callers {
		if err := <-done; err != nil {
			s.Error(err)
		}
	}
	if keys := s.list(); len(keys) != callers*(each-1) {
		s.Errorf("list has %d keys, want %d", len(keys), callers*(each-1))
	}
}

// work makes keys, lists, and deletes the first key that it made.
func (s *suite) work(caller, keys int) error {
	var first string
	for i := range keys {
		issued, err := s.make(s.Context(), fmt.Sprintf("caller %d key %d", caller, i))
		if err != nil {
			return err
		}
		if i == 0 {
			first = issued.Key.ID
		}
		listed, err := s.client.List(s.Context())
		if err != nil {
			return err
		}
		if _, err := client.Find(listed, issued.Key.ID); err != nil {
			return errors.New("an acknowledged key is not listed")
		}
	}
	return s.client.Delete(s.Context(), first)
}

// HostileNames are names that a store or server may hold, though clavier never makes them.
func HostileNames() []string {
	return []string{
		"\x1b[2Jcleared",
		"\x1b]0;title\a",
		"\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\",
		"\u202egnp.exe",
		"zero\u200bwidth",
		"two\nlines",
		" spaces ",
		"\u0301mark first",
		"private \ue000 use",
		"tag \U000e0041 character",
		"'; DROP TABLE keys; --",
		"100%s %n \\x00",
	}
}

// testHostileNames holds that names come back as they are held: what makes them harmless is their display. A provider takes all of
// them, or refuses those that nobody may give.
func (s *suite) testHostileNames() {
	issuer, ok := s.client.(*client.Issuer)
	if !ok {
		s.Skipf("%T takes no records of other programs", s.client)
	}
	taken, refused := 0, 0 // of those that nobody may give
	for _, name := range HostileNames() {
		fit, notFit := model.ParseName(name)
		given := notFit == nil && string(fit) == name
		issued, err := s.tryPut(issuer, model.Key{Name: name})
		switch {
		case err != nil && given:
			s.Errorf("put %+q: %v", name, err)
		case err != nil:
			s.want(fmt.Sprintf("put %+q", name), err, model.ErrName)
			refused++
		case !given:
			taken++
		}
		if err == nil {
			s.wantHostile(issuer, issued)
		}
	}
	if taken > 0 && refused > 0 {
		s.Errorf("of the names that nobody may give %d are taken and %d refused", taken, refused)
	}
	if keys := s.list(); len(keys) != 0 {
		s.Errorf("%d keys are left: %q", len(keys), namesOf(keys))
	}
}

func (s *suite) wantHostile(issuer *client.Issuer, issued model.Issued) {
	s.Helper()
	s.wantListed(issued.Key)
	if secret, err := issuer.Reveal(s.Context(), issued.Key.ID); err != nil || secret.Reveal() != issued.Secret.Reveal() {
		s.Errorf("reveal %+q: wrong secret or error: %v", issued.Key.Name, err)
	}
	if key, err := issuer.Verify(s.Context(), issued.Secret); err != nil || key.Name != issued.Key.Name {
		s.Errorf("verify %+q: %+q, %v", issued.Key.Name, key.Name, err)
	}
	if err := issuer.Delete(s.Context(), issued.Key.ID); err != nil {
		s.Errorf("delete %+q: %v", issued.Key.Name, err)
	}
}
