package store

import (
	"context"
	"database/sql"
	"errors"

	"clavier/model"
)

// mostChanges is how many changes are told one by one. Reading everything again is quicker than asking for more.
const mostChanges = 10_000

// tagShift is how many bits of a mark hold the number of a change. The 22 bits above them hold the store's tag, which is
// never 0, so that a mark is never 0 and one of another store is noticed.
const tagShift = 41

// markOf returns the mark of the moment after a change.
func markOf(tag, changes int64) int64 { return tag<<tagShift | changes&(1<<tagShift-1) }

// toldFrom returns the number of the change that a mark stands for. Told is false if it is of another store or another time, or if
// more than most changes were made between it and now, the mark of this moment.
func toldFrom(since, now, most int64) (from int64, told bool) {
	behind := now - since // across stores it is out of these bounds, for the tags are the higher bits
	told = since > 0 && since>>tagShift == now>>tagShift && behind >= 0 && behind <= most
	return since & (1<<tagShift - 1), told
}

// errNoState is nil if there is a state.
func errNoState(there bool) error {
	if there {
		return nil
	}
	return errors.New("the row of the state is missing")
}

// Changes tells what happened to the keys since a mark that Pages or Changes gave, whichever program did it, deletions
// and uses included. It reads nothing but what has changed. Its order and its completeness do not depend on any clock.
//
// All is true, and Keys and Gone are empty, if more than 10 000 changes came since or if the mark is not of this store: 0, of
// another store, or of a moment that this one has not reached, as when it was restored from a copy.
//
// An id can be in Gone that was made and deleted since the mark. It returns model.ErrStoreDamaged, model.ErrStoreBusy or
// model.ErrStoreWrite if the file cannot be read.
func (s *Store) Changes(ctx context.Context, since int64) (model.Changes, error) {
	changes, err := s.changesSince(ctx, since)
	if err != nil {
		return model.Changes{}, s.explain(ctx, err)
	}
	return changes, nil
}

func (s *Store) changesSince(ctx context.Context, since int64) (model.Changes, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return model.Changes{}, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, sqlBeginRead); err != nil {
		return model.Changes{}, err
	}
	defer rollback(ctx, conn)
	var tag, last, live int64
	if err := conn.QueryRowContext(ctx, sqlState).Scan(&tag, &last, &live); err != nil {
		return model.Changes{}, errors.Join(err, errNoState(!errors.Is(err, sql.ErrNoRows)))
	}
	changes := model.Changes{Mark: markOf(tag, last)}
	from, told := toldFrom(since, changes.Mark, s.bounds.changes)
	if !told || since == changes.Mark {
		changes.All = !told
		return changes, nil
	}
	keys, err := conn.QueryContext(ctx, sqlChangedKeys, from)
	if err != nil {
		return model.Changes{}, err
	}
	if changes.Keys, err = scanKeys(keys); err != nil {
		return model.Changes{}, err
	}
	gone, err := conn.QueryContext(ctx, sqlGone, from)
	if err != nil {
		return model.Changes{}, err
	}
	if changes.Gone, err = scanTexts(gone); err != nil {
		return model.Changes{}, err
	}
	return changes, nil
}

// scanKeys reads and closes the rows of a query for keyColumns.
func scanKeys(rows *sql.Rows) (keys []model.Key, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		key, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// scanTexts reads and closes the rows of a query for one text.
func scanTexts(rows *sql.Rows) (texts []string, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}
