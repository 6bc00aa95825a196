package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"clavier/model"
)

// unerasedTry bounds how long Open tries to finish an erasure that another program left.
const unerasedTry = 50 * time.Millisecond

// truncateAgain is the first pause before the log is cut again; it doubles up to sixteen times this.
const truncateAgain = 2 * time.Millisecond

// Delete removes the record for good. When it returns nil, the deletion and a line of activity are durable, and
// neither the digest nor the sealed secret is left in the store's files: they were overwritten with zeros, the log that
// still held them was folded into the file and cut to nothing, and that was synced. (What the file system or the drive
// keep of old blocks is beyond a program's reach.)
//
// It returns model.ErrNotFound; model.ErrLastManager (see WithManagers), model.ErrStoreBusy or model.ErrStoreWrite if the key is as
// it was; or model.ErrNotErased if the key is deleted and only the erasing could not be completed: repeating the same Delete then
// completes it and returns nil. All waiting together takes at most Wait.
func (s *Store) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	if err := checkTime("the time of deletion", at); err != nil {
		return err
	}
	j := &job{erases: true, change: func(ctx context.Context, conn *sql.Conn) error {
		return s.remove(ctx, conn, id, by, at)
	}}
	if err := s.do(ctx, j); err != nil {
		return err
	}
	late := time.NewTimer(time.Until(j.deadline))
	defer late.Stop()
	var why error
	select {
	case <-j.erased:
		why = j.lost
	case <-ctx.Done():
		why = ctx.Err()
		j.patience.leave()
	case <-late.C:
		why = context.DeadlineExceeded
		j.patience.leave()
	}
	if why != nil {
		return notErasedError(s.path, id, why)
	}
	return nil
}

// remove is the change that deletes a key.
func (s *Store) remove(ctx context.Context, conn *sql.Conn, id string, by model.Actor, at time.Time) error {
	var slot int64
	var size int
	key, err := scanKey(conn.QueryRowContext(ctx, sqlDoomed, id), &slot, &size)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s.deletedBefore(ctx, conn, id)
	case err != nil:
		return err
	}
	if err := s.keepManager(ctx, conn, key, at); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, sqlDelete, id); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, sqlEraseSlot, slot, make([]byte, len(model.Digest{})), make([]byte, size)); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, sqlInsertActivity, at.UnixNano(), string(model.ActionDeleted), id, key.Name, nanos(key.CreatedAt),
		by.By, by.From, 0)
	return err
}

// deletedBefore returns errUnchanged if the key was deleted and is still to be erased, else that it is not there.
func (s *Store) deletedBefore(ctx context.Context, conn *sql.Conn, id string) error {
	var n int
	if err := conn.QueryRowContext(ctx, sqlUnerasedID, id).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return notFoundError(s.path, id)
	}
	return errUnchanged
}

// erase cuts the log and notes that all that was deleted before is erased. The note is the first thing in the new log,
// so its sync also makes the cut durable.
func (s *Store) erase(ctx context.Context, conn *sql.Conn) error {
	var last int64
	if err := conn.QueryRowContext(ctx, sqlLastSeq).Scan(&last); err != nil {
		return err
	}
	if err := truncateLog(ctx, conn); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, sqlErased, last)
	return err
}

// truncateLog tries until the log is cut or ctx ends. SQLite waits for readers and writers by itself, but gives up at
// once when another program is cutting the log too.
func truncateLog(ctx context.Context, conn *sql.Conn) error {
	for pause := truncateAgain; ; pause = min(2*pause, 16*truncateAgain) {
		var blocked, frames, copied int
		err := conn.QueryRowContext(ctx, sqlTruncateLog).Scan(&blocked, &frames, &copied)
		if err == nil && blocked == 0 {
			return nil
		}
		if err != nil && !isBusy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// finishErasing completes what a program left that was killed or blocked in the middle of a Delete, if it can be done
// at once. If it cannot, the next deletion or opening does it.
func (s *Store) finishErasing(ctx context.Context, conn *sql.Conn) {
	var n int
	if err := conn.QueryRowContext(ctx, sqlUnerased).Scan(&n); err != nil || n == 0 {
		return
	}
	brief, cancel := context.WithTimeout(ctx, unerasedTry)
	defer cancel()
	_ = s.erase(brief, conn)
}
