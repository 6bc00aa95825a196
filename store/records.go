package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"clavier/model"
)

// Put stores the record and a line of activity in one durable transaction. Repeating the same record changes nothing
// and returns nil. LastUse, Rotating and Dead are the store's own and are not taken from the record; names are compared byte
// for byte, so they must arrive in NFC.
//
// An imported key may have the zero time as its CreatedAt: nobody knows it, and it stands last where the newest are first. Then
// the record needs its At. A note is for imported keys alone.
//
// It returns model.ErrConflict if another record stands under the id, or holds the same digest, or if a key with the id was
// deleted: a late repetition brings none back. For an imported key the same digest is model.ErrHeld with the name of the key that
// has it. It returns model.ErrNameTaken, model.ErrStoreBusy or model.ErrStoreWrite. After each of them the store is as it was.
func (s *Store) Put(ctx context.Context, rec model.Record, by model.Actor) error {
	_, err := s.PutNew(ctx, rec, "", by)
	return err
}

// PutNew is Put, or PutSuccessor if there is an old id, and reports whether the record was new: false if it was there already.
func (s *Store) PutNew(ctx context.Context, rec model.Record, oldID string, by model.Actor) (made bool, err error) {
	if err := checkRecord(rec); err != nil {
		return false, err
	}
	err = s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		made = false // it may be run again
		put := s.put
		if oldID != "" {
			put = s.putSuccessor
		}
		if err := put(ctx, conn, rec, oldID, by); err != nil {
			return err
		}
		made = true
		return nil
	})
	return made && err == nil, err
}

// put is the change of Put.
func (s *Store) put(ctx context.Context, conn *sql.Conn, rec model.Record, _ string, by model.Actor) error {
	if err := s.admit(ctx, conn, rec); err != nil {
		return err
	}
	return insert(ctx, conn, rec, by)
}

// insert stores a record that was admitted, with its line of activity.
func insert(ctx context.Context, conn *sql.Conn, rec model.Record, by model.Actor) error {
	slot, err := fillSlot(ctx, conn, rec.Sealed)
	if err != nil {
		return err
	}
	key := rec.Key
	if _, err := conn.ExecContext(ctx, sqlInsertKey, key.ID, key.Name, key.Hint, key.Owner, nanos(key.CreatedAt), nil,
		nullTime(key.ExpiresAt), boolInt(key.Disabled), ownTraits(key), key.Note, tagOf(rec.Sealed.Digest), slot); err != nil {
		return err
	}
	return line(ctx, conn, beginning(key), key, by, rec.MadeAt())
}

// beginning is the action with which a key comes into the store.
func beginning(key model.Key) model.Action {
	if key.Imported {
		return model.ActionImported
	}
	return model.ActionCreated
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
	var deleted, tagged, named sql.NullString
	err := conn.QueryRowContext(ctx, sqlInTheWay, rec.Key.ID, tagOf(rec.Sealed.Digest), rec.Key.Name).Scan(&deleted, &tagged, &named)
	switch {
	case err != nil:
		return err
	case deleted.Valid:
		return spentError(s.path, rec.Key.ID)
	case tagged.Valid && rec.Key.Imported:
		return heldError(tagged.String)
	case tagged.Valid:
		return digestError(s.path, rec.Key.ID)
	case named.Valid:
		return nameError(named.String)
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

// scanKey reads a row that starts with keyColumns, and what follows them into more.
func scanKey(row interface{ Scan(into ...any) error }, more ...any) (model.Key, error) {
	var key model.Key
	var created, traits int64
	var used, expires sql.NullInt64
	into := append([]any{&key.ID, &key.Name, &key.Hint, &key.Owner, &created, &used, &expires, &key.Disabled, &traits,
		&key.Note}, more...)
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
	setTraits(&key, traits)
	return key, nil
}

// setTraits sets what the column traits says of a key.
func setTraits(key *model.Key, traits int64) {
	key.Imported = traits&traitImported != 0
	key.Rotating = traits&traitRotating != 0
	key.Dead = traits&traitDead != 0
	switch {
	case traits&traitManage != 0:
		key.Role = model.RoleManage
	case traits&traitRead != 0:
		key.Role = model.RoleRead
	}
	if key.Imported {
		key.LastUse = model.LastUse{}
	}
}

// ownTraits returns the traits that a record brings. The others are made by what happens to the key.
func ownTraits(key model.Key) (traits int64) {
	if key.Imported {
		traits |= traitImported
	}
	switch key.Role {
	case model.RoleUse:
	case model.RoleRead:
		traits |= traitRead
	case model.RoleManage:
		traits |= traitManage
	}
	return traits
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

// errDigestLength is what is wrong with a row that no program of ours has written.
var errDigestLength = errors.New("a digest has the wrong length")

func sealedOf(digest, ciphertext []byte) (model.Sealed, error) {
	sealed := model.Sealed{Ciphertext: ciphertext}
	if copy(sealed.Digest[:], digest) != len(sealed.Digest) || len(digest) != len(sealed.Digest) {
		return model.Sealed{}, errDigestLength
	}
	return sealed, nil
}

// sameBody reports whether two records say the same, apart from last use.
func sameBody(a, b model.Record) bool {
	return a.Key.ID == b.Key.ID && a.Key.Name == b.Key.Name && a.Key.Hint == b.Key.Hint &&
		a.Key.Owner == b.Key.Owner && a.Key.CreatedAt.Equal(b.Key.CreatedAt) && a.Key.ExpiresAt.Equal(b.Key.ExpiresAt) &&
		a.Key.Disabled == b.Key.Disabled && a.Key.Imported == b.Key.Imported && a.Key.Note == b.Key.Note &&
		a.Key.Role == b.Key.Role && sameDigest(a.Sealed.Digest[:], b.Sealed.Digest) && bytes.Equal(a.Sealed.Ciphertext, b.Sealed.Ciphertext)
}

// checkRecord refuses what no store can keep.
func checkRecord(rec model.Record) error {
	switch {
	case rec.Key.ID == "":
		return errors.New("a record needs an id; this one has none")
	case len(rec.Sealed.Ciphertext) == 0:
		return errors.New("a record needs a sealed secret; this one has none")
	case rec.Key.Note != "" && !rec.Key.Imported:
		return errors.New("only an imported key has a note; this one is not imported")
	case rec.Key.Role > model.RoleManage:
		return fmt.Errorf("a key has the role use, read or manage; this one has %v", rec.Key.Role)
	}
	if !rec.Key.CreatedAt.IsZero() || !rec.Key.Imported {
		if err := checkTime("the creation time", rec.Key.CreatedAt); err != nil {
			return err
		}
	}
	if err := checkTime("the time of storing", rec.MadeAt()); err != nil {
		return err
	}
	if !rec.Key.ExpiresAt.IsZero() {
		return checkTime("the expiry", rec.Key.ExpiresAt)
	}
	return nil
}

// unknownTime stands in the file for the moment of making of a key when nobody knows it.
const unknownTime = math.MinInt64

// The moments that nanoseconds since 1970 can tell in 64 bits, but for unknownTime.
var (
	earliest = time.Unix(0, unknownTime+1)
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

// moment returns the time of nanoseconds since 1970 as they stand in the file.
func moment(ns int64) time.Time {
	if ns == unknownTime {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// nanos is the reverse of moment.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return unknownTime
	}
	return t.UnixNano()
}

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
