package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"clavier/model"
)

// PutSuccessor stores the record of a key that replaces the one with oldID, and begins the rotation, both in one durable
// transaction: at every instant there is neither, or both. Two lines of activity tell of it, for the new key and for the old
// one. Repeating the same record and id changes nothing and returns nil.
//
// It returns what Put returns, model.ErrNotFound if there is no old key, model.ErrRotating if it is part of an unfinished
// rotation, on either side, or model.ErrExpired if it is disabled or its end had passed when the record was made.
func (s *Store) PutSuccessor(ctx context.Context, rec model.Record, oldID string, by model.Actor) error {
	if oldID == "" {
		return notFoundError(s.path, oldID)
	}
	_, err := s.PutNew(ctx, rec, oldID, by)
	return err
}

// putSuccessor is the change of PutSuccessor.
func (s *Store) putSuccessor(ctx context.Context, conn *sql.Conn, rec model.Record, oldID string, by model.Actor) error {
	at := rec.MadeAt()
	err := s.admit(ctx, conn, rec)
	if errors.Is(err, errUnchanged) {
		return s.succeeded(ctx, conn, rec.Key.ID, oldID)
	}
	if err != nil {
		return err
	}
	old, err := s.keyToChange(ctx, conn, oldID)
	switch {
	case err != nil:
		return err
	case old.Rotating:
		return rotatingError(old.Name)
	case old.StatusAt(at) != model.StatusActive:
		return expiredError(old.Name)
	}
	if err := insert(ctx, conn, rec, by); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, sqlBeginRotation, oldID, rec.Key.ID, at.UnixNano()); err != nil {
		return err
	}
	return line(ctx, conn, model.ActionRotated, old, by, at)
}

// succeeded returns errUnchanged if the key that is there is the successor of the old one already, else a conflict.
func (s *Store) succeeded(ctx context.Context, conn *sql.Conn, id, oldID string) error {
	var successor string
	err := conn.QueryRowContext(ctx, sqlSuccessor, oldID).Scan(&successor)
	switch {
	case err == nil && successor == id:
		return errUnchanged
	case err == nil || errors.Is(err, sql.ErrNoRows):
		return conflictError(s.path, id)
	}
	return err
}

// keyToChange returns a key as it is in the transaction.
func (s *Store) keyToChange(ctx context.Context, conn *sql.Conn, id string) (model.Key, error) {
	key, err := scanKey(conn.QueryRowContext(ctx, sqlGet, id))
	if errors.Is(err, sql.ErrNoRows) {
		return model.Key{}, notFoundError(s.path, id)
	}
	return key, err
}

// Rotations returns the unfinished rotations, those that began last first.
func (s *Store) Rotations(ctx context.Context) ([]model.Rotation, error) {
	rows, err := s.db.QueryContext(ctx, sqlRotations)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	defer func() { _ = rows.Close() }()
	rotations := []model.Rotation{}
	for rows.Next() {
		var r model.Rotation
		var began int64
		var handed, checked, watched sql.NullInt64
		if err := rows.Scan(&r.OldID, &r.NewID, &began, &handed, &checked, &watched); err != nil {
			return nil, s.explain(ctx, err)
		}
		r.BeganAt = moment(began)
		r.HandedOverAt, r.CheckedAt, r.WatchedAt = momentOrZero(handed), momentOrZero(checked), momentOrZero(watched)
		rotations = append(rotations, r)
	}
	if err := rows.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	return rotations, nil
}

// StepDone notes durably that a step of the rotation of this old key was done at this moment: model.StepHandOver, StepCheck
// or StepWatch; the others are noted by what they do. A step that is noted already keeps its moment. It returns
// model.ErrNotFound if there is no such rotation, model.ErrStoreBusy or model.ErrStoreWrite.
func (s *Store) StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error {
	query, ok := sqlStep[step]
	if !ok {
		return fmt.Errorf("the step %q cannot be noted: it is what it does", step)
	}
	if err := checkTime("the time of a step", at); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		var noted sql.NullInt64
		err := conn.QueryRowContext(ctx, query.read, oldID).Scan(&noted)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return notRotatingError(s.path, oldID)
		case err != nil:
			return err
		case noted.Valid:
			return errUnchanged
		}
		_, err = conn.ExecContext(ctx, query.note, oldID, at.UnixNano())
		return err
	})
}

// End makes the key verify until the moment ends and no longer, and returns it as it is then; the zero time takes an end
// away. What is not after at, the moment of the change, also disables the key: no clock that is turned back brings it to
// life again. A line of activity tells of it, unless the end is what it was.
//
// It returns model.ErrNotFound, model.ErrExpired if the key is disabled or its end has passed at the moment at,
// model.ErrLastManager (see WithManagers), model.ErrStoreBusy or model.ErrStoreWrite.
func (s *Store) End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error) {
	if err := checkTime("the time of the change", at); err != nil {
		return model.Key{}, err
	}
	if !ends.IsZero() {
		if err := checkTime("the end", ends); err != nil {
			return model.Key{}, err
		}
	}
	var ended model.Key
	err := s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		key, err := s.keyToChange(ctx, conn, id)
		switch {
		case err != nil:
			return err
		case key.StatusAt(at) != model.StatusActive:
			return expiredError(key.Name)
		case key.ExpiresAt.Equal(ends):
			ended = key
			return errUnchanged
		}
		if !ends.IsZero() {
			if err := s.keepManager(ctx, conn, key, at); err != nil {
				return err
			}
		}
		key.ExpiresAt = ends.UTC()
		key.Disabled = !ends.IsZero() && !ends.After(at)
		if _, err := conn.ExecContext(ctx, sqlEnd, id, nullTime(ends), boolInt(key.Disabled)); err != nil {
			return err
		}
		ended = key
		return line(ctx, conn, model.ActionEnded, key, by, at)
	})
	if err != nil {
		return model.Key{}, err
	}
	return ended, nil
}

// momentOrZero returns the time that stands in the file; the zero time for NULL.
func momentOrZero(ns sql.NullInt64) time.Time {
	if !ns.Valid {
		return time.Time{}
	}
	return moment(ns.Int64)
}
