package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"clavier/model"
)

// prepare makes sure that the file is a store of ours with the schema that this program knows, and completes erasures
// that another program left unfinished. logged says that there is a log to look at.
func (s *Store) prepare(ctx context.Context, steps []string, logged bool) error {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	conn, err := s.db.Conn(waiting)
	if err != nil {
		return s.explain(ctx, err)
	}
	defer func() { _ = conn.Close() }()

	app, version, journal, err := s.header(ctx, conn)
	if err != nil {
		return err
	}
	if app != applicationID || version < 1 {
		if version, err = s.inspect(ctx, conn, len(steps)); err != nil {
			return err
		}
	} else if version > len(steps) {
		return newerError(s.path, version, len(steps))
	}
	if journal != "wal" {
		if err := s.useLog(waiting, ctx, conn); err != nil {
			return err
		}
	}
	if version < len(steps) {
		if err := s.migrate(waiting, ctx, conn, steps); err != nil {
			return err
		}
	}
	if logged {
		s.finishErasing(ctx, conn)
	}
	return nil
}

func (s *Store) header(ctx context.Context, conn *sql.Conn) (app, version int, journal string, err error) {
	err = conn.QueryRowContext(ctx, sqlHeader).Scan(&app, &version, &journal)
	return app, version, journal, s.explain(ctx, err)
}

// inspect looks closely at a file that does not show at first sight that it is ours, and returns its schema version. It
// does so in one read transaction, since another program may be making the store at this very moment.
func (s *Store) inspect(ctx context.Context, conn *sql.Conn, known int) (version int, err error) {
	if _, err := conn.ExecContext(ctx, sqlBeginRead); err != nil {
		return 0, s.explain(ctx, err)
	}
	defer rollback(ctx, conn)
	var tables int // also the first read, which is what begins the transaction
	if err := conn.QueryRowContext(ctx, sqlTables).Scan(&tables); err != nil {
		return 0, s.explain(ctx, err)
	}
	app, version, _, err := s.header(ctx, conn)
	if err != nil {
		return 0, err
	}
	return version, s.ours(app, version, tables, known)
}

// ours reports whether the file is a store of clavier, or empty, and not newer than known.
func (s *Store) ours(app, version, tables, known int) error {
	switch {
	case app == applicationID && version > known:
		return newerError(s.path, version, known)
	case app == applicationID && version > 0, app == 0 && version == 0 && tables == 0:
		return nil
	}
	return foreignError(s.path, nil)
}

// useLog turns write-ahead logging on, which stays on with the file. SQLite does not wait for every lock that this
// needs, so a busy file is tried again until the waiting time is over.
func (s *Store) useLog(waiting, ctx context.Context, conn *sql.Conn) error {
	for {
		var journal string
		err := conn.QueryRowContext(waiting, sqlUseWAL).Scan(&journal)
		if err == nil && journal == "wal" {
			return nil
		}
		if err == nil {
			return noLogError(s.path)
		}
		err = s.explain(ctx, err)
		if !errors.Is(err, model.ErrStoreBusy) {
			return err
		}
		select {
		case <-waiting.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// migrate leads the schema forward in one transaction. Another program may have done it in the meantime.
func (s *Store) migrate(waiting, ctx context.Context, conn *sql.Conn, steps []string) error {
	if _, err := conn.ExecContext(waiting, sqlBegin); err != nil {
		return s.explain(ctx, err)
	}
	finished := false
	defer func() {
		if !finished {
			rollback(ctx, conn)
		}
	}()
	var tables int
	if err := conn.QueryRowContext(ctx, sqlTables).Scan(&tables); err != nil {
		return s.explain(ctx, err)
	}
	app, version, _, err := s.header(ctx, conn)
	if err != nil {
		return err
	}
	if err := s.ours(app, version, tables, len(steps)); err != nil {
		return err
	}
	for _, step := range steps[min(version, len(steps)):] {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return s.explain(ctx, err)
		}
	}
	if _, err := conn.ExecContext(ctx, sqlSetVersion(len(steps))); err != nil {
		return s.explain(ctx, err)
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sqlCommit); err != nil {
		return s.explain(ctx, err)
	}
	finished = true
	return nil
}
