package store

import (
	"context"
	"database/sql"
	"math"
	"time"

	"clavier/model"
)

// touchEvery is the least time between two notes of a key's use.
const touchEvery = time.Minute

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

// NoteUses notes that keys were used, all in one durable transaction. A use is dropped if one within the minute before it, or a
// later one, is noted for its key already, or if its key is gone; if all are dropped, nothing is written. It returns
// model.ErrStoreBusy or model.ErrStoreWrite; then none is noted.
func (s *Store) NoteUses(ctx context.Context, uses []model.Use) error {
	for _, use := range uses {
		if err := checkTime("the time of use", use.At); err != nil {
			return err
		}
	}
	if len(uses) == 0 {
		return s.explain(ctx, ctx.Err())
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error { return noteUses(ctx, conn, uses) })
}

func noteUses(ctx context.Context, conn *sql.Conn, uses []model.Use) error {
	note, err := conn.PrepareContext(ctx, sqlNoteUse)
	if err != nil {
		return err
	}
	defer func() { _ = note.Close() }()
	noted := false
	for _, use := range uses {
		at := use.At.UnixNano()
		result, err := note.ExecContext(ctx, use.KeyID, at, max(at, math.MinInt64+int64(touchEvery))-int64(touchEvery))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		noted = noted || n > 0
	}
	if !noted {
		return errUnchanged
	}
	return nil
}
