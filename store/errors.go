package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// failure is one clear sentence for a person; kind is what a program asks for with errors.Is, cause what lies below.
type failure struct {
	sentence string
	kind     error
	cause    error
}

func (f *failure) Error() string { return f.sentence }

func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{f.kind}
	}
	return []error{f.kind, f.cause}
}

func fail(kind, cause error, format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...), kind, cause}
}

// explain turns an error of the driver into a sentence. ctx is the caller's: its end is told apart from the end of the
// waiting time.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[coded](err); !known && s.life.Err() != nil && ctx.Err() == nil {
		err = errClosed // database/sql has no name for it
	}
	return explain(ctx, s.path, s.wait, err)
}

func explain(ctx context.Context, path string, wait time.Duration, err error) error {
	if _, explained := errors.AsType[*failure](err); explained {
		return err
	}
	if ended := ctx.Err(); ended != nil {
		return fail(ended, nil, "the work on the store %s was stopped before it changed anything: %v", show(path), ended)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return busyError(path, wait, err)
	case errors.Is(err, errClosed):
		return fail(errClosed, nil, "the store %s is closed; open it again", show(path))
	}
	var lite coded
	if !errors.As(err, &lite) {
		// Everything that is left comes from values that do not fit: the rows are not what the schema says.
		return damagedError(path, err)
	}
	switch code := lite.Code(); code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return busyError(path, wait, err)
	case sqlite3.SQLITE_NOTADB:
		return foreignError(path, err)
	case sqlite3.SQLITE_FULL:
		return fail(model.ErrStoreWrite, err, "the store %s cannot be written: the disk is full; nothing was changed, "+
			"make room and try again", show(path))
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return fail(model.ErrStoreWrite, err, "the store %s cannot be written: the file or its directory is read-only; "+
			"nothing was changed, make both writable for yourself and try again", show(path))
	case sqlite3.SQLITE_CANTOPEN:
		return fail(model.ErrStoreWrite, err, "the store %s cannot be opened for reading and writing; nothing was changed, "+
			"see that the file and its directory exist, are yours and are not read-only", show(path))
	case sqlite3.SQLITE_IOERR:
		// A failed sync leaves open whether a power cut keeps the change, so this does not say that it was not made.
		return fail(model.ErrStoreWrite, err, "the store %s cannot be read or written (%s); see that the disk is sound and "+
			"has room, read the list again and try again", show(path), reason(code))
	case sqlite3.SQLITE_NOMEM:
		return fail(model.ErrStoreWrite, err, "the store %s could not be used for want of memory; nothing was changed, "+
			"try again", show(path))
	default:
		return damagedError(path, err)
	}
}

// reason returns SQLite's own name of an extended I/O error code, such as SQLITE_IOERR_FSYNC.
func reason(code int) string {
	text := sqlite.ErrorCodeString[code]
	if open := strings.LastIndexByte(text, '('); open >= 0 {
		return strings.Trim(text[open:], "()")
	}
	return fmt.Sprintf("SQLite error %d", code)
}

func busyError(path string, wait time.Duration, cause error) error {
	return fail(model.ErrStoreBusy, cause, "the store %s is busy: another program held it for %v; nothing was changed, "+
		"try again", show(path), spell(wait))
}

func damagedError(path string, cause error) error {
	return fail(model.ErrStoreDamaged, cause, "the store %s is damaged; nothing was changed, restore the file from a copy, "+
		"or move it away to begin a new one", show(path))
}

func foreignError(path string, cause error) error {
	return fail(model.ErrStoreDamaged, cause, "the file %s is no store of clavier; nothing was changed, move it away or set "+
		"another place for the store", show(path))
}

func newerError(path string, version, known int) error {
	return fail(model.ErrStoreNewer, nil, "the store %s was made by a newer clavier (schema %d, this program knows %d); "+
		"nothing was changed, update clavier", show(path), version, known)
}

func noLogError(path string) error {
	return fail(model.ErrStoreWrite, nil, "the store %s stands on a file system that cannot keep a write-ahead log; nothing "+
		"was changed, put the store on a local disk", show(path))
}

func replacedError(path string) error {
	return fail(model.ErrStoreWrite, nil, "the store %s was moved, replaced or deleted while it was open; nothing was changed, "+
		"start clavier again", show(path))
}

func danglingError(path string) error {
	return fail(model.ErrStoreWrite, nil, "the store %s is a link to nothing; make what it leads to or remove the link",
		show(path))
}

func writeError(path string, cause error) error {
	why := cause
	if wrapped, ok := errors.AsType[*fs.PathError](cause); ok {
		why = wrapped.Err
	}
	return fail(model.ErrStoreWrite, cause, "the store %s cannot be made or opened (%v); nothing was changed, see that its "+
		"directory exists, is yours, is not read-only and has room", show(path), why)
}

func notErasedError(path, id string, cause error) error {
	why := "the disk refused a write"
	switch {
	case errors.Is(cause, context.DeadlineExceeded), isBusy(cause):
		why = "another program is using the store"
	case hasCode(cause, sqlite3.SQLITE_CORRUPT):
		why = "the store is damaged"
	case errors.Is(cause, context.Canceled):
		why = "the work was stopped"
	}
	return fail(model.ErrNotErased, cause, "the key %s is deleted and no longer verifies, but its hash and sealed secret may still "+
		"stand in the log of the store %s, because %s; the next deletion, or the next start of clavier on this store, erases them",
		show(id), show(path), why)
}

func isBusy(err error) bool { return hasCode(err, sqlite3.SQLITE_BUSY) }

// coded is an error of SQLite: the driver's, or a directError.
type coded interface {
	error
	Code() int
}

// hasCode reports whether err is SQLite's of this primary code.
func hasCode(err error, code int) bool {
	var lite coded
	return errors.As(err, &lite) && lite.Code()&0xff == code
}

func nameError(name string) error {
	return fail(model.ErrNameTaken, nil, "another key is called %s; choose another name", show(name))
}

func conflictError(path, id string) error {
	return fail(model.ErrConflict, nil, "another record stands under the id %s in the store %s; nothing was changed, use a "+
		"new id", show(id), show(path))
}

func spentError(path, id string) error {
	return fail(model.ErrConflict, nil, "a key with the id %s was deleted from the store %s, and no id is taken twice; nothing was changed, "+
		"use a new id", show(id), show(path))
}

func digestError(path, id string) error {
	return fail(model.ErrConflict, nil, "the secret of the key %s is that of another key in the store %s; nothing was changed, "+
		"draw a new secret", show(id), show(path))
}

func heldError(name string) error {
	return fail(model.ErrHeld, nil, "the key %s has this secret already; nothing was changed", show(name))
}

func rotatingError(name string) error {
	return fail(model.ErrRotating, nil, "the key %s is being rotated already; nothing was changed, go on with that rotation",
		show(name))
}

func expiredError(name string) error {
	return fail(model.ErrExpired, nil, "the key %s has expired or is disabled, and nothing brings it back; nothing was changed, "+
		"make another key", show(name))
}

func notRotatingError(path, id string) error {
	return fail(model.ErrNotFound, nil, "the store %s has no rotation of the key %s; read the list again", show(path), show(id))
}

func notFoundError(path, id string) error {
	return fail(model.ErrNotFound, nil, "the store %s has no key %s; read the list again", show(path), show(id))
}

func noDigestError(path string) error {
	return fail(model.ErrNotFound, nil, "the store %s has no key with this secret", show(path))
}

func (s *Store) orNotFound(ctx context.Context, err error, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return notFoundError(s.path, id)
	}
	return s.explain(ctx, err)
}

func rangeError(what string, t time.Time) error {
	return fmt.Errorf("%s is %s; a store keeps times from %s to %s", what, t.UTC().Format(time.RFC3339),
		earliest.UTC().Format(time.RFC3339), latest.UTC().Format(time.RFC3339))
}

// show makes a path, an id or a name fit for a sentence on a terminal.
func show(s string) string {
	shown := model.Display(s)
	if shown == "" || strings.TrimSpace(shown) != shown || strings.ContainsAny(shown, " \"") {
		return `"` + shown + `"`
	}
	return shown
}

// spell writes whole seconds as people do: 5 s.
func spell(d time.Duration) string {
	if d >= time.Second && d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return d.String()
}
