package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"clavier/model"
)

// touchEvery is the least time between two notes of a key's use.
const touchEvery = time.Minute

// Put stores the record and a line of activity in one durable transaction. Repeating the same record changes nothing
// and returns nil. LastUse is the store's own and is not taken from the record; names are compared byte for byte, so
// they must arrive in NFC.
//
// It returns model.ErrConflict if another record stands under the id or holds the same digest, model.ErrNameTaken,
// model.ErrStoreBusy or model.ErrStoreWrite; after each of them the store is as it was.
func (s *Store) Put(ctx context.Context, rec model.Record, by model.Actor) error {
	if err := checkRecord(rec); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		if err := s.admit(ctx, conn, rec); err != nil {
			return err
		}
		slot, err := fillSlot(ctx, conn, rec.Sealed)
		if err != nil {
			return err
		}
		key := rec.Key
		if _, err := conn.ExecContext(ctx, sqlInsertKey, key.ID, key.Name, key.Hint, key.Owner, key.CreatedAt.UnixNano(), nil,
			nullTime(key.ExpiresAt), boolInt(key.Disabled), tagOf(rec.Sealed.Digest), slot); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, sqlInsertActivity, key.CreatedAt.UnixNano(), string(model.ActionCreated),
			key.ID, key.Name, key.CreatedAt.UnixNano(), by.By, by.From, nil)
		return err
	})
}

// admit returns why a record cannot be stored, or errUnchanged if it is there already.
func (s *Store) admit(ctx context.Context, conn *sql.Conn, rec model.Record) error {
	switch old, err := scanRecord(conn.QueryRowContext(ctx, sqlRecord, rec.Key.ID)); {
	case err == nil && sameBody(old, rec):
		return errUnchanged
	case err == nil:
		return conflictError(s.path, rec.Key.ID)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, rule := range []struct {
		query string
		arg   any
		err   error
	}{
		{sqlNamed, rec.Key.Name, nameError(rec.Key.Name)},
		{sqlTagged, tagOf(rec.Sealed.Digest), digestError(s.path, rec.Key.ID)},
	} {
		var one int
		err := conn.QueryRowContext(ctx, rule.query, rule.arg).Scan(&one)
		if err == nil {
			return rule.err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

// fillSlot writes the sealed secret into a free slot of its size, or a new one.
func fillSlot(ctx context.Context, conn *sql.Conn, sealed model.Sealed) (slot int64, err error) {
	err = conn.QueryRowContext(ctx, sqlReuseSlot, sealed.Digest[:], sealed.Ciphertext, len(sealed.Ciphertext)).Scan(&slot)
	if errors.Is(err, sql.ErrNoRows) {
		err = conn.QueryRowContext(ctx, sqlNewSlot, sealed.Digest[:], sealed.Ciphertext).Scan(&slot)
	}
	return slot, err
}

// Get returns the key with this id or model.ErrNotFound.
func (s *Store) Get(ctx context.Context, id string) (model.Key, error) {
	key, err := scanKey(s.db.QueryRowContext(ctx, sqlGet, id))
	if err != nil {
		return model.Key{}, s.orNotFound(ctx, err, id)
	}
	return key, nil
}

// Sealed returns the sealed secret of the key with this id or model.ErrNotFound.
func (s *Store) Sealed(ctx context.Context, id string) (model.Sealed, error) {
	var digest, ciphertext []byte
	if err := s.db.QueryRowContext(ctx, sqlSealed, id).Scan(&digest, &ciphertext); err != nil {
		return model.Sealed{}, s.orNotFound(ctx, err, id)
	}
	sealed, err := sealedOf(digest, ciphertext)
	if err != nil {
		return model.Sealed{}, s.explain(ctx, err)
	}
	return sealed, nil
}

// Find returns the key whose secret has this digest or model.ErrNotFound. The unique index that it asks holds no part of
// a digest; the digests themselves are compared in constant time.
func (s *Store) Find(ctx context.Context, digest model.Digest) (model.Key, error) {
	var held []byte
	key, err := scanKey(s.db.QueryRowContext(ctx, sqlFind, tagOf(digest)), &held)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return model.Key{}, noDigestError(s.path)
	case err != nil:
		return model.Key{}, s.explain(ctx, err)
	case !sameDigest(held, digest):
		return model.Key{}, noDigestError(s.path)
	}
	return key, nil
}

// sameDigest compares in constant time.
func sameDigest(held []byte, presented model.Digest) bool {
	return subtle.ConstantTimeCompare(held, presented[:]) == 1
}

// Touch notes that the key was used at this moment, unless a use within the minute before it, or a later one, is noted
// already; then nothing is written. It returns model.ErrNotFound, model.ErrStoreBusy or model.ErrStoreWrite.
func (s *Store) Touch(ctx context.Context, id string, at time.Time) error {
	if err := checkTime("the time of use", at); err != nil {
		return err
	}
	due := func(ctx context.Context, row *sql.Row) (bool, error) {
		var last sql.NullInt64
		if err := row.Scan(&last); err != nil {
			return false, s.orNotFound(ctx, err, id)
		}
		return !last.Valid || at.Sub(time.Unix(0, last.Int64)) >= touchEvery, nil
	}
	if ok, err := due(ctx, s.db.QueryRowContext(ctx, sqlLastUsed, id)); err != nil || !ok {
		return err
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		ok, err := due(ctx, conn.QueryRowContext(ctx, sqlLastUsed, id))
		if err != nil {
			return err
		}
		if !ok {
			return errUnchanged
		}
		_, err = conn.ExecContext(ctx, sqlTouch, id, at.UnixNano())
		return err
	})
}

// Activity returns at most limit lines, newest first: in the order in which the store took the changes, which no wrong
// clock can upset.
func (s *Store) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	rows, err := s.db.QueryContext(ctx, sqlActivity, max(limit, 0))
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	defer func() { _ = rows.Close() }()
	lines := []model.Activity{}
	for rows.Next() {
		var line model.Activity
		var at, created int64
		err := rows.Scan(&at, &line.Action, &line.KeyID, &line.KeyName, &created, &line.Actor.By, &line.Actor.From)
		if err != nil {
			return nil, s.explain(ctx, err)
		}
		line.At, line.KeyCreatedAt = moment(at), moment(created)
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	return lines, nil
}

// scanKey reads a row that starts with keyColumns, and what follows them into more.
func scanKey(row interface{ Scan(into ...any) error }, more ...any) (model.Key, error) {
	var key model.Key
	var created int64
	var used, expires sql.NullInt64
	into := append([]any{&key.ID, &key.Name, &key.Hint, &key.Owner, &created, &used, &expires, &key.Disabled}, more...)
	if err := row.Scan(into...); err != nil {
		return model.Key{}, err
	}
	key.CreatedAt = moment(created)
	key.LastUse.Reported = true
	if used.Valid {
		key.LastUse.At = moment(used.Int64)
	}
	if expires.Valid {
		key.ExpiresAt = moment(expires.Int64)
	}
	return key, nil
}

func scanRecord(row *sql.Row) (model.Record, error) {
	var digest, ciphertext []byte
	key, err := scanKey(row, &digest, &ciphertext)
	if err != nil {
		return model.Record{}, err
	}
	sealed, err := sealedOf(digest, ciphertext)
	return model.Record{Key: key, Sealed: sealed}, err
}

func sealedOf(digest, ciphertext []byte) (model.Sealed, error) {
	sealed := model.Sealed{Ciphertext: ciphertext}
	if copy(sealed.Digest[:], digest) != len(sealed.Digest) || len(digest) != len(sealed.Digest) {
		return model.Sealed{}, errors.New("a digest has the wrong length")
	}
	return sealed, nil
}

// sameBody reports whether two records say the same, apart from last use.
func sameBody(a, b model.Record) bool {
	return a.Key.ID == b.Key.ID && a.Key.Name == b.Key.Name && a.Key.Hint == b.Key.Hint &&
		a.Key.Owner == b.Key.Owner && a.Key.CreatedAt.Equal(b.Key.CreatedAt) && a.Key.ExpiresAt.Equal(b.Key.ExpiresAt) &&
		a.Key.Disabled == b.Key.Disabled && sameDigest(a.Sealed.Digest[:], b.Sealed.Digest) &&
		bytes.Equal(a.Sealed.Ciphertext, b.Sealed.Ciphertext)
}

// checkRecord refuses what no store can keep.
func checkRecord(rec model.Record) error {
	switch {
	case rec.Key.ID == "":
		return errors.New("a record needs an id; this one has none")
	case len(rec.Sealed.Ciphertext) == 0:
		return errors.New("a record needs a sealed secret; this one has none")
	}
	if err := checkTime("the creation time", rec.Key.CreatedAt); err != nil {
		return err
	}
	if !rec.Key.ExpiresAt.IsZero() {
		return checkTime("the expiry", rec.Key.ExpiresAt)
	}
	return nil
}

// The moments that nanoseconds since 1970 can tell in 64 bits.
var (
	earliest = time.Unix(0, math.MinInt64)
	latest   = time.Unix(0, math.MaxInt64)
)

func checkTime(what string, t time.Time) error {
	if t.Before(earliest) || t.After(latest) {
		return rangeError(what, t)
	}
	return nil
}

// tagOf returns the number under which Find looks a digest up: it tells nothing of the digest itself, so it may stay
// behind in the file when the key is gone.
func tagOf(digest model.Digest) int64 {
	sum := sha256.Sum256(digest[:])
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func moment(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func nullTime(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixNano(), Valid: true}
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
