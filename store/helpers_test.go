package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// TestMain lets the test binary be started again as one of the programs that share a store.
func TestMain(m *testing.M) {
	if role := os.Getenv("STORE_TEST_ROLE"); role != "" {
		os.Exit(play(role))
	}
	code := m.Run()
	pgtest.Clean()
	os.Exit(code)
}

var epoch = time.Date(2026, 8, 14, 9, 12, 0, 123456789, time.UTC)

var someone = model.Actor{By: "ada", From: "jump-host"}

// newPath returns a path for a store in a directory that does not exist yet.
func newPath(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "clavier", "local.db")
}

// open opens the store at path for the length of the test.
func open(t testing.TB, path string, options ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// issue makes a record as the client does, with a real secret and random bytes in place of an age file, and returns the
// text of the secret too.
func issue(t testing.TB, name string, at time.Time) (model.Record, string) {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	ciphertext := make([]byte, 430)
	if _, err := rand.Read(ciphertext); err != nil {
		t.Fatal(err)
	}
	return model.Record{
		Key:    model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(), CreatedAt: at},
		Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext},
	}, secret.Reveal()
}

// record is issue without the secret's text.
func record(t testing.TB, name string, at time.Time) model.Record {
	t.Helper()
	rec, _ := issue(t, name, at)
	return rec
}

// put stores a new record.
func put(t testing.TB, s *Store, name string, at time.Time) model.Record {
	t.Helper()
	rec := record(t, name, at)
	if err := s.Put(t.Context(), rec, someone); err != nil {
		t.Fatal(err)
	}
	return rec
}

// listed is a key as List returns it.
func listed(key model.Key) model.Key {
	key.LastUse.Reported = true
	return key
}

func ids(keys []model.Key) []string {
	out := make([]string, 0, len(keys))
	for _, key := range keys {
		out = append(out, key.ID)
	}
	return out
}

// holds fails unless the store has exactly these records, whole, and finds each by its digest.
func holds(t testing.TB, s *Store, want ...model.Record) {
	t.Helper()
	if err := check(t.Context(), s, want); err != nil {
		t.Error(err)
	}
}

func check(ctx context.Context, s *Store, want []model.Record) error {
	keys, err := s.List(ctx)
	if err != nil {
		return err
	}
	if len(keys) != len(want) {
		return fmt.Errorf("the store lists %d keys, want %d", len(keys), len(want))
	}
	for _, rec := range want {
		if err := checkLive(ctx, s, rec); err != nil {
			return err
		}
	}
	return nil
}

// checkLive reports what is wrong with a record that the store must hold.
func checkLive(ctx context.Context, s *Store, rec model.Record) error {
	found, err := s.Find(ctx, rec.Sealed.Digest)
	if err != nil {
		return err
	}
	if found.ID != rec.Key.ID || found.Name != rec.Key.Name {
		return fmt.Errorf("found %s %q, want %s %q", found.ID, found.Name, rec.Key.ID, rec.Key.Name)
	}
	sealed, err := s.Sealed(ctx, rec.Key.ID)
	if err != nil {
		return err
	}
	if sealed.Digest != rec.Sealed.Digest || string(sealed.Ciphertext) != string(rec.Sealed.Ciphertext) {
		return fmt.Errorf("the sealed secret of %s is not the one that was stored", rec.Key.ID)
	}
	return nil
}

// succeed stores a successor of a record's key.
func succeed(t testing.TB, s *Store, old model.Record, name string) model.Record {
	t.Helper()
	rec := record(t, name, old.Key.CreatedAt.Add(time.Minute))
	if err := s.PutSuccessor(t.Context(), rec, old.Key.ID, someone); err != nil {
		t.Fatal(err)
	}
	return rec
}

func listOf(t testing.TB, s *Store) []model.Key {
	t.Helper()
	keys, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func rotationsOf(t testing.TB, s *Store) []model.Rotation {
	t.Helper()
	rotations, err := s.Rotations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rotations
}

func answersOf(t testing.TB, s *Store) []model.Answer {
	t.Helper()
	answers, err := s.Answers(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// consistent fails unless rotations, answers and keys fit together.
func consistent(t testing.TB, s *Store) {
	t.Helper()
	if err := fitTogether(t.Context(), s); err != nil {
		t.Error(err)
	}
}

// fitTogether reports what is wrong between rotations, answers and keys: both keys of a rotation are there, no key is part of
// two, exactly the keys of rotations are marked, and answers are for keys that are there.
func fitTogether(ctx context.Context, s *Store) error {
	keys, err := s.List(ctx)
	if err != nil {
		return err
	}
	marked := map[string]bool{}
	for _, key := range keys {
		marked[key.ID] = key.Rotating
	}
	rotations, err := s.Rotations(ctx)
	if err != nil {
		return err
	}
	part := map[string]bool{}
	for _, r := range rotations {
		for _, id := range []string{r.OldID, r.NewID} {
			there := marked[id]
			if part[id] || !there {
				return fmt.Errorf("%s is part of a rotation; of another too: %v, marked: %v", id, part[id], there)
			}
			part[id] = true
		}
	}
	for id, rotating := range marked {
		if rotating && !part[id] {
			return fmt.Errorf("%s is marked as rotating and is not", id)
		}
	}
	answers, err := s.Answers(ctx, 1000)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if _, there := marked[a.KeyID]; !there {
			return fmt.Errorf("there is an answer for %s, which is gone", a.KeyID)
		}
	}
	return nil
}
