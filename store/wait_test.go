package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// hold takes the write lock of the store at path until the returned function is called.
func hold(t *testing.T, path string) (release func()) {
	t.Helper()
	other := open(t, path)
	conn, err := other.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), sqlBegin); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), sqlRollback); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
}

// A program that holds the store for too long is waited for so long and no longer; the message names the store, and
// nothing was changed. Reading never waits.
func TestT7BusyNamesTheStore(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(400*time.Millisecond))
	rec := put(t, s, "production", epoch)
	release := hold(t, path)
	for name, err := range map[string]error{
		"Put":    s.Put(t.Context(), record(t, "second", epoch), someone),
		"Delete": s.Delete(t.Context(), rec.Key.ID, someone, epoch),
		"Touch":  s.Touch(t.Context(), rec.Key.ID, epoch),
	} {
		if !errors.Is(err, model.ErrStoreBusy) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s returns %v", name, err)
		}
	}
	holds(t, s, rec)
	release()
	holds(t, s, rec, put(t, s, "second", epoch))
}

// A caller who gives up is let go at once, and nothing was changed.
func TestCancelledWaitEndsAtOnce(t *testing.T) {
	path := newPath(t)
	s := open(t, path, WithWait(time.Hour))
	rec := put(t, s, "production", epoch)
	release := hold(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Put(ctx, record(t, "second", epoch), someone) }()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) || errors.Is(err, model.ErrStoreBusy) || !strings.Contains(err.Error(), path) {
			t.Errorf("Put returns %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the wait did not end")
	}
	release()
	holds(t, s, rec)
	for name, err := range map[string]error{
		"Put":      s.Put(ctx, record(t, "third", epoch), someone),
		"Delete":   s.Delete(ctx, rec.Key.ID, someone, epoch),
		"List":     func() error { _, err := s.List(ctx); return err }(),
		"Get":      func() error { _, err := s.Get(ctx, rec.Key.ID); return err }(),
		"Find":     func() error { _, err := s.Find(ctx, rec.Sealed.Digest); return err }(),
		"Activity": func() error { _, err := s.Activity(ctx, 1); return err }(),
		"Version":  func() error { _, err := s.Version(ctx); return err }(),
		"Open":     func() error { _, err := Open(ctx, path); return err }(),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end of its context returns %v", name, err)
		}
	}
	holds(t, s, rec)
}

// A panic or an error in the middle of a change leaves nothing of it.
func TestHalfAChangeIsNoChange(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	broken := errors.New("broken")
	err := s.write(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, sqlDelete, rec.Key.ID); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("write returns %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.write(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
			if _, err := conn.ExecContext(ctx, sqlDelete, rec.Key.ID); err != nil {
				return err
			}
			panic(broken)
		})
	}()
	holds(t, s, rec)
}

// A digest that has the tag of another is not taken for it: what decides is the comparison in constant time of all bytes.
func TestT3FindComparesTheWholeDigest(t *testing.T) {
	s := open(t, newPath(t))
	rec := put(t, s, "production", epoch)
	for i := range len(rec.Sealed.Digest) {
		other := rec.Sealed.Digest
		other[i] ^= 1
		if sameDigest(rec.Sealed.Digest[:], other) {
			t.Errorf("byte %d is not compared", i)
		}
		// Give the key the tag of the other digest, so that the index leads to it.
		if _, err := s.db.Exec(`UPDATE keys SET tag = ?`, tagOf(other)); err != nil {
			t.Fatal(err)
		}
		_, wrong := s.Find(t.Context(), other)
		_, absent := s.Find(t.Context(), model.Digest{})
		if !errors.Is(wrong, model.ErrNotFound) || wrong.Error() != absent.Error() {
			t.Errorf("byte %d differs: Find returns %v, for an absent digest %v", i, wrong, absent)
		}
	}
	if sameDigest(nil, model.Digest{}) || sameDigest(rec.Sealed.Digest[:31], rec.Sealed.Digest) {
		t.Error("a short digest is taken for a whole one")
	}
}

// FuzzHostileText: whatever text another program or server put into a record comes back byte for byte, and no text can reach
// another record.
func FuzzHostileText(f *testing.F) {
	for _, text := range []string{"production", "'; DROP TABLE keys; --", "\x00", "a\x00b", "\xff\xfe", "⟨U+202E⟩\u202e", "%s%n", "?1 $1",
		"\u200b", " ", "", "ключ", strings.Repeat("x", 70_000), "\x1b]0;title\x07"} {
		f.Add(text, text, text)
	}
	s := open(f, newPath(f))
	witness := put(f, s, "a name that fuzzing does not find", epoch)
	f.Fuzz(func(t *testing.T, id, name, from string) {
		rec := record(t, name, epoch)
		rec.Key.Hint = name
		rec.Key.ID = id + rec.Key.ID // no id is taken twice
		if err := s.Put(t.Context(), rec, model.Actor{By: from, From: from}); err != nil {
			t.Fatal(err)
		}
		key, err := s.Get(t.Context(), rec.Key.ID)
		if err != nil || key != listed(rec.Key) {
			t.Errorf("Get returns %+v, %v; want %+v", key, err, rec.Key)
		}
		lines, err := s.Activity(t.Context(), 1)
		if err != nil || len(lines) != 1 || lines[0].KeyName != name || lines[0].Actor.From != from || lines[0].KeyID != rec.Key.ID {
			t.Errorf("Activity returns %+v, %v", lines, err)
		}
		holds(t, s, witness, rec)
		if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
		holds(t, s, witness)
	})
}
