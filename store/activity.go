package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"clavier/model"
)

// line adds a line to the activity.
func line(ctx context.Context, conn *sql.Conn, action model.Action, key model.Key, by model.Actor, at time.Time) error {
	_, err := conn.ExecContext(ctx, sqlInsertActivity, at.UnixNano(), string(action), key.ID, key.Name, nanos(key.CreatedAt),
		by.By, by.From, nil)
	return err
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
		err := rows.Scan(&at, &line.Action, &line.KeyID, &line.KeyName, &created, &line.Actor.By, &line.Actor.From,
			&line.Refused)
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

// NoteRefusal adds a line about a change that was refused to the activity, durably. The line says why in Refused, which may
// not be empty; its key need not exist, and its KeyCreatedAt may be the zero time. It returns model.ErrStoreBusy or
// model.ErrStoreWrite.
func (s *Store) NoteRefusal(ctx context.Context, line model.Activity) error {
	if err := checkRefusal(line); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, sqlInsertRefusal, line.At.UnixNano(), string(line.Action), line.KeyID, line.KeyName,
			nanos(line.KeyCreatedAt), line.Actor.By, line.Actor.From, line.Refused)
		return err
	})
}

// checkRefusal refuses a line that is none about a refused change, or that no store can keep.
func checkRefusal(line model.Activity) error {
	if line.Refused == "" {
		return errors.New("a line about a refused change says why it was refused; this one does not")
	}
	if !line.KeyCreatedAt.IsZero() {
		if err := checkTime("the creation time", line.KeyCreatedAt); err != nil {
			return err
		}
	}
	return checkTime("the time of a refusal", line.At)
}
