package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"clavier/model"
)

// pgError is what is kept of an error of the database as a cause. The driver's own errors hold the settings of the
// connection, and those of the database may hold the content of a row.
type pgError string

func (s pgError) Error() string { return "SQLSTATE " + string(s) }

// The codes of PostgreSQL that are told apart, or the two characters of their class
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	pgUnique        = "23505"
	pgReadOnly      = "25006"
	pgAuth          = "28"
	pgNoDatabase    = "3D000"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgNoPrivilege   = "42501"
	pgNoTable       = "42P01"
	pgTableThere    = "42P07"
	pgObjectThere   = "42710"
	pgNoColumn      = "42703"
	pgNoFunction    = "42883"
	pgDiskFull      = "53100"
	pgNoMemory      = "53200"
	pgTooMany       = "53300"
	pgLockTimeout   = "55P03"
	pgCancelled     = "57014"
	pgShutdown      = "57P"
	pgConnection    = "08"
	pgPlanChanged   = "0A000"
	pgCorrupt       = "XX"
	pgNoSchema      = "3F000"
)

// stateOf returns the code of an error of the database; empty if it is none.
func stateOf(err error) string {
	if told, ok := errors.AsType[*pgconn.PgError](err); ok {
		return told.Code
	}
	return ""
}

// unreached reports whether err says that no connection could be had.
func unreached(err error) bool {
	_, failed := errors.AsType[*pgconn.ConnectError](err)
	return failed
}

// errLost is joined to what the driver says when a connection has ended by itself.
var errLost = errors.New("the connection is lost")

// lostWith joins errLost to err if the connection has ended, and not because ctx has or because the database said so.
func lostWith(ctx context.Context, conn *pgx.Conn, err error) error {
	if err == nil || ctx.Err() != nil || stateOf(err) != "" || !conn.IsClosed() {
		return err
	}
	return errors.Join(errLost, err)
}

// errUnheld is joined to an error when no connection was had.
var errUnheld = errors.New("no connection was had")

// awayBefore returns the error to tell when the time of a change or a question may have run out while it was waiting for another
// connection: away, which says what became of the last one, or err if it was something else that failed or away is nil. The end of
// a time by itself would read as if others held the store.
func awayBefore(away, err error) error {
	if away != nil && errors.Is(err, errUnheld) && errors.Is(err, context.DeadlineExceeded) {
		return away
	}
	return err
}

// broken reports whether err says that a connection that there was is lost.
func broken(err error) bool {
	switch {
	case err == nil, unreached(err):
		return false
	case errors.Is(err, errLost):
		return true
	}
	if told, ok := errors.AsType[*pgconn.PgError](err); ok {
		return severe(told)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || pgconn.SafeToRetry(err) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// severe reports whether an error of the database ends the connection.
func severe(told *pgconn.PgError) bool {
	severity := told.SeverityUnlocalized
	if severity == "" {
		severity = told.Severity
	}
	return severity == "FATAL" || severity == "PANIC" || strings.HasPrefix(told.Code, pgConnection) ||
		strings.HasPrefix(told.Code, pgShutdown)
}

// errAway is the kind of error when nothing can have been changed, for there was no connection to change it over.
var errAway = errors.Join(model.ErrStoreAway, model.ErrStoreWrite)

// explain turns an error of the driver into a sentence; ctx is the caller's. Nothing of the driver's error is in it but the
// code of the database.
func (p *Postgres) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, explained := errors.AsType[*failure](err); explained {
		return err
	}
	if ended := ctx.Err(); ended != nil {
		return fail(ended, nil, "the work on the store %s was stopped before it changed anything: %v", show(p.where), ended)
	}
	if errors.Is(err, errClosed) || p.life.Err() != nil && stateOf(err) == "" {
		return fail(errClosed, nil, "the store %s is closed; open it again", show(p.where))
	}
	code := stateOf(err)
	switch {
	case unreached(err):
		return p.unreachedError(err, code)
	case code == pgLockTimeout, code == pgCancelled, code == pgSerialization, code == pgDeadlock, code == pgUnique:
		return busyError(p.where, p.wait, pgError(code))
	case broken(err):
		return fail(errAway, causeOf(err), "the connection to the store %s was lost; nothing was changed, try again", show(p.where))
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return busyError(p.where, p.wait, context.DeadlineExceeded)
	case code == "" || strings.HasPrefix(code, pgCorrupt):
		return fail(model.ErrStoreDamaged, causeOf(err), "the store %s is damaged, or another program has written into its "+
			"tables; nothing was changed, restore the database from a backup", show(p.where))
	}
	return p.refusedError(code)
}

// What is said of a copy that only reads.
const (
	isCopy     = "it is a read-only copy"
	nameNoCopy = "name the server that takes changes"
)

// refusedError tells why the database refused a statement.
func (p *Postgres) refusedError(code string) error {
	why, mend := "SQLSTATE "+code, "see what the log of the database says"
	switch code {
	case pgNoTable, pgNoColumn, pgTableThere, pgObjectThere:
		return fail(model.ErrStoreDamaged, pgError(code), "the tables clavier_… of %s are not those of a store (SQLSTATE %s); "+
			"nothing was changed, restore the database from a backup or name another one", show(p.where), code)
	case pgReadOnly:
		why, mend = isCopy, nameNoCopy
	case pgNoPrivilege, pgNoSchema:
		why, mend = "the user may not make or change its tables", "GRANT it CREATE and USAGE on a schema of the database"
	case pgDiskFull:
		why, mend = "its disk is full", "make room and try again"
	case pgNoMemory:
		why, mend = "it is short of memory", "try again"
	case pgTooMany:
		why, mend = "it takes no more connections", "try again, or raise its max_connections"
	}
	return fail(model.ErrStoreWrite, pgError(code), "the store %s cannot be written: %s; nothing was changed, %s", show(p.where),
		why, mend)
}

// unreachedError tells why no connection could be had.
func (p *Postgres) unreachedError(err error, code string) error {
	why, mend := "no connection", "see that the database runs and takes connections from here, and try again"
	dns, unknown := errors.AsType[*net.DNSError](err)
	op, network := errors.AsType[*net.OpError](err)
	switch {
	case strings.HasPrefix(code, pgAuth):
		why, mend = "it refuses the user or the password", "see the user in the address, and the password in PGPASSWORD or a password file"
	case code == pgNoDatabase:
		why, mend = "there is no such database", "make it (createdb) or name another one"
	case code == pgTooMany:
		why, mend = "it takes no more connections", "try again, or raise its max_connections"
	case strings.HasPrefix(code, pgShutdown):
		why, mend = "it is starting or stopping", "try again"
	case code != "":
		why = "SQLSTATE " + code
	case unknown && dns.IsNotFound:
		why, mend = "there is no such host", "correct the address"
	case errors.Is(err, context.DeadlineExceeded), network && op.Timeout():
		why = "no answer in time"
	case network && op.Err != nil:
		why = model.Display(op.Err.Error())
	case errors.Is(err, pgconn.ErrStandbyConnection), errors.Is(err, pgconn.ErrReadOnlyConnection):
		why, mend = isCopy, nameNoCopy
	case strings.Contains(err.Error(), "TLS "), strings.Contains(err.Error(), "tls: "), strings.Contains(err.Error(), "x509: "):
		why, mend = "no trustworthy TLS", "see sslmode and sslrootcert in the address, and the certificate of the database"
	}
	return fail(errAway, causeOf(err), "the store %s cannot be reached: %s; nothing was changed, %s", show(p.where), why, mend)
}

// causeOf returns what is clean of an error.
func causeOf(err error) error {
	if code := stateOf(err); code != "" {
		return pgError(code)
	}
	for _, known := range []error{context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return nil
}

// doubtError says that nobody knows whether a change was made.
func (p *Postgres) doubtError(cause error) error {
	return fail(model.ErrOutcomeUnknown, causeOf(cause), "the connection to the store %s was lost while a change was being committed, "+
		"and nothing tells whether it was made; read the list again before anything is repeated", show(p.where))
}

// pgKeeps reports whether PostgreSQL can keep a text: it takes valid UTF-8 without U+0000.
func pgKeeps(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// pgShown returns a text that only people read in a form that PostgreSQL can keep.
func pgShown(text string) string {
	if pgKeeps(text) {
		return text
	}
	return model.Display(text)
}

// pgLongestID is the most bytes of an id: an index of PostgreSQL holds little more in a row.
const pgLongestID = 1024

// pgCheckRecord refuses a record that PostgreSQL cannot keep.
func pgCheckRecord(rec model.Record) error {
	if err := checkRecord(rec); err != nil {
		return err
	}
	if !pgKeeps(rec.Key.Name) {
		return fail(model.ErrName, nil, "the name %s has U+0000 or is no valid UTF-8, and a PostgreSQL database cannot keep it; choose "+
			"another name", show(rec.Key.Name))
	}
	for what, text := range map[string]string{
		"id": rec.Key.ID, "hint": rec.Key.Hint, "owner": rec.Key.Owner, "note": rec.Key.Note,
	} {
		if !pgKeeps(text) {
			return errors.New("the " + what + " of a key has U+0000 or is no valid UTF-8, and a PostgreSQL database cannot keep it")
		}
	}
	if len(rec.Key.ID) > pgLongestID {
		return errors.New("an id has at most " + strconv.Itoa(pgLongestID) + " bytes in a PostgreSQL database; this one has more")
	}
	return nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
