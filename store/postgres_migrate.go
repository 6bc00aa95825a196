package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// pgAbilities are what a database of PostgreSQL's protocol may know or not.
type pgAbilities struct {
	notify      bool // pg_notify and LISTEN
	lockTimeout bool
	idleTimeout bool
	syncCommit  bool // synchronous_commit can be asked for
	timeline    bool // which one the database is on can be asked for
}

// prepare makes or migrates the tables, and sees what the database can do.
func (p *Postgres) prepare(ctx context.Context, migrations []string) error {
	waiting, cancel := p.within(ctx, p.wait)
	defer cancel()
	for {
		err := p.prepareOnce(waiting, migrations)
		switch code := stateOf(err); {
		case err == nil:
			return nil
		case repeatable(code), code == pgTableThere, code == pgObjectThere, code == "XX000": // another program does it at this moment
			if pauseFor(waiting, pgPause) {
				continue
			}
		}
		return p.explain(ctx, err)
	}
}

func (p *Postgres) prepareOnce(ctx context.Context, migrations []string) error {
	held, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer held.Release()
	conn := held.Conn()
	if encoding := conn.PgConn().ParameterStatus("server_encoding"); encoding != "UTF8" && encoding != "" {
		return fail(model.ErrStoreWrite, nil, "the database %s keeps texts as %s, which cannot hold every name; nothing was changed, name a "+
			"database that was made with ENCODING 'UTF8'", show(p.where), show(encoding))
	}
	var version int
	switch err := conn.QueryRow(ctx, pgSchemaNow).Scan(&version); {
	case stateOf(err) == pgNoTable, err == nil && version < len(migrations):
		if err := pgMigrate(ctx, conn, p.where, migrations); err != nil {
			return err
		}
	case errors.Is(err, pgx.ErrNoRows):
		return errNoState(false)
	case err != nil:
		return err
	case version > len(migrations):
		return newerError(p.where, version, len(migrations))
	}
	// A schema that is current says nothing of the tables, and one that somebody else made is noticed here.
	if err := conn.QueryRow(ctx, pgGet, "").Scan(); err != nil && !errors.Is(err, pgx.ErrNoRows) && stateOf(err) != "" {
		return err
	}
	return p.ask(ctx, conn)
}

// pgMigrate brings the schema to the newest that this program knows, in one transaction. Another program that does the same
// waits for it, or fails and looks again.
func pgMigrate(ctx context.Context, conn *pgx.Conn, where string, migrations []string) error {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	var there bool
	if err := tx.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_catalog.pg_tables
		WHERE tablename = 'clavier_state' AND schemaname = ANY (current_schemas(false))`).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(ctx, pgMakeState); err != nil {
			return err
		}
		tag, err := drawTag()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, pgFirstState, tag); err != nil {
			return err
		}
	}
	var version int
	switch err := tx.QueryRow(ctx, pgLockSchema).Scan(&version); {
	case errors.Is(err, pgx.ErrNoRows):
		return errNoState(false)
	case err != nil:
		return err
	case version > len(migrations):
		return newerError(where, version, len(migrations))
	}
	for _, migration := range migrations[version:] {
		if _, err := tx.Exec(ctx, migration); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, pgNoteSchema, len(migrations)); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// mostTags is how many tags there are.
const mostTags = 1<<(63-tagShift) - 1

// drawTag draws the tag of a new store, which is never 0.
func drawTag() (int64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, err
	}
	return 1 + int64(binary.BigEndian.Uint64(b[:])%mostTags), nil
}

// ask sees what the database can do. What it cannot is left out.
func (p *Postgres) ask(ctx context.Context, conn *pgx.Conn) error {
	for _, question := range []struct {
		can       *bool
		statement string
	}{
		{&p.can.notify, pgNotify},
		{&p.can.lockTimeout, `SET LOCAL lock_timeout = 1000`},
		{&p.can.idleTimeout, `SET LOCAL idle_in_transaction_session_timeout = 1000`},
		{&p.can.syncCommit, `SELECT current_setting('synchronous_commit', true)`},
		{&p.can.timeline, `SELECT ` + pgTimeline},
	} {
		_, err := conn.Exec(ctx, pgBegin+"; "+question.statement+"; "+pgRollback)
		if err != nil && stateOf(err) == "" {
			return err
		}
		*question.can = err == nil
		if conn.PgConn().TxStatus() != 'I' {
			if _, err := conn.Exec(ctx, pgRollback); err != nil {
				return err
			}
		}
	}
	return nil
}
