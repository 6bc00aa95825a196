package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// PutSuccessor stores the record of a key that replaces the one with oldID, and begins the rotation, both in one durable
// transaction; see Store. It returns what Put returns, model.ErrNotFound if there is no old key, model.ErrRotating if it is part
// of an unfinished rotation, on either side, or model.ErrExpired if it is disabled or its end had passed when the record was made.
func (p *Postgres) PutSuccessor(ctx context.Context, rec model.Record, oldID string, by model.Actor) error {
	if oldID == "" {
		return notFoundError(p.where, oldID)
	}
	_, err := p.PutNew(ctx, rec, oldID, by)
	return err
}

// putSuccessor is the change of PutSuccessor.
func (p *Postgres) putSuccessor(ctx context.Context, t *pgTurn, rec model.Record, oldID string, by model.Actor) error {
	at := rec.MadeAt()
	err := p.admit(ctx, t, rec)
	if errors.Is(err, errUnchanged) {
		return p.succeeded(ctx, t, rec.Key.ID, oldID)
	}
	if err != nil {
		return err
	}
	old, err := p.keyToChange(ctx, t, oldID)
	switch {
	case err != nil:
		return err
	case old.Rotating:
		return rotatingError(old.Name)
	case old.StatusAt(at) != model.StatusActive:
		return expiredError(old.Name)
	}
	t.insert(rec, by)
	t.write(pgBeginRotation, oldID, rec.Key.ID, at.UnixNano())
	t.write(pgRotating, []string{oldID, rec.Key.ID}, t.number)
	t.line(model.ActionRotated, old, by, at, "")
	return nil
}

// succeeded returns errUnchanged if the key that is there is the successor of the old one already, else a conflict.
func (p *Postgres) succeeded(ctx context.Context, t *pgTurn, id, oldID string) error {
	var successor string
	err := t.conn.QueryRow(ctx, pgSuccessor, oldID).Scan(&successor)
	switch {
	case err == nil && successor == id:
		return errUnchanged
	case err == nil || errors.Is(err, pgx.ErrNoRows):
		return conflictError(p.where, id)
	}
	return err
}

// endRotation queues the end of the rotation that a key is part of.
func (t *pgTurn) endRotation(id string) {
	t.write(pgNotRotating, id, t.number)
	t.write(pgEndRotation, id)
}

// Rotations returns the unfinished rotations, those that began last first.
func (p *Postgres) Rotations(ctx context.Context) ([]model.Rotation, error) {
	return pgRows(ctx, p, func(row pgx.CollectableRow) (r model.Rotation, err error) {
		var began int64
		var handed, checked, watched sql.NullInt64
		err = row.Scan(&r.OldID, &r.NewID, &began, &handed, &checked, &watched)
		r.BeganAt = moment(began)
		r.HandedOverAt, r.CheckedAt, r.WatchedAt = momentOrZero(handed), momentOrZero(checked), momentOrZero(watched)
		return r, err
	}, pgRotations)
}

// StepDone notes durably that a step of the rotation of this old key was done at this moment; see Store. It returns
// model.ErrNotFound if there is no such rotation, model.ErrStoreBusy or model.ErrStoreWrite.
func (p *Postgres) StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error {
	place := slices.Index(pgStepOrder, step)
	if place < 0 {
		return fmt.Errorf("the step %q cannot be noted: it is what it does", step)
	}
	if err := checkTime("the time of a step", at); err != nil {
		return err
	}
	if !pgKeeps(oldID) {
		return notRotatingError(p.where, oldID)
	}
	return p.write(ctx, pgChange{numbers: 1, make: func(ctx context.Context, t *pgTurn) error {
		var noted [3]sql.NullInt64
		err := t.conn.QueryRow(ctx, pgSteps, oldID).Scan(&noted[0], &noted[1], &noted[2])
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return notRotatingError(p.where, oldID)
		case err != nil:
			return err
		case noted[place].Valid:
			return errUnchanged
		}
		t.write(pgNoteStep(place), oldID, at.UnixNano())
		return nil
	}})
}

// End makes the key verify until the moment ends and no longer, and returns it as it is then; see Store. It returns
// model.ErrNotFound, model.ErrExpired if the key is disabled or its end has passed at the moment at,
// model.ErrLastManager (see WithManagers), model.ErrStoreBusy, model.ErrStoreWrite or model.ErrOutcomeUnknown.
func (p *Postgres) End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error) {
	if err := checkTime("the time of the change", at); err != nil {
		return model.Key{}, err
	}
	if !ends.IsZero() {
		if err := checkTime("the end", ends); err != nil {
			return model.Key{}, err
		}
	}
	if !pgKeeps(id) {
		return model.Key{}, notFoundError(p.where, id)
	}
	var ended model.Key
	err := p.write(ctx, pgChange{numbers: 1, make: func(ctx context.Context, t *pgTurn) error {
		key, err := p.keyToChange(ctx, t, id)
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
			if err := p.keepManager(ctx, t.conn, key, at); err != nil {
				return err
			}
		}
		key.ExpiresAt = ends.UTC()
		key.Disabled = !ends.IsZero() && !ends.After(at)
		t.write(pgEnd, id, nullTime(ends), key.Disabled, t.number)
		ended = key
		t.line(model.ActionEnded, key, by, at, "")
		return nil
	}})
	if err != nil {
		return model.Key{}, err
	}
	return ended, nil
}
