package store

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// direct is a connection to a store's file that steps through rows without database/sql, which makes several values on the
// heap for each column of each row: reading a million keys takes a quarter of the time. It belongs to one goroutine at
// a time.
//
// It is a second connection of the same library in the same process, so it shares the locks of the first one; see
// https://www.sqlite.org/c3ref/intro.html for the functions.
type direct struct {
	tls *libc.TLS
	db  uintptr
	out uintptr // room for one pointer that a function answers with
	all []*statement

	kept map[string]*statement // by query, those that are asked again and again

	room     uintptr // C memory that texts and blobs pass through
	roomSize int
}

// directError is an error of SQLite by its code.
type directError struct {
	code int
	text string
}

func (e *directError) Error() string { return fmt.Sprintf("%s (%d)", e.text, e.code) }

// Code returns SQLite's extended result code.
func (e *directError) Code() int { return e.code }

// openDirect opens a connection to the file that a URI names and gives it these pragmas.
func openDirect(uri string, pragmas []string) (*direct, error) {
	d := &direct{tls: libc.NewTLS()}
	if err := d.open(uri, pragmas); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *direct) open(uri string, pragmas []string) error {
	if d.out = libc.Xcalloc(d.tls, 1, libc.Tsize_t(unsafe.Sizeof(uintptr(0)))); d.out == 0 {
		return d.failed(sqlite3.SQLITE_NOMEM)
	}
	name, err := libc.CString(uri)
	if err != nil {
		return err
	}
	defer libc.Xfree(d.tls, name)
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_URI | sqlite3.SQLITE_OPEN_NOMUTEX
	rc := sqlite3.Xsqlite3_open_v2(d.tls, name, d.out, flags, 0)
	d.db = *at[uintptr](d.out) // there may be one to close even if it could not be opened
	if rc != sqlite3.SQLITE_OK {
		return d.failed(rc)
	}
	sqlite3.Xsqlite3_extended_result_codes(d.tls, d.db, 1)
	for _, pragma := range pragmas {
		if err := d.exec("PRAGMA " + pragma); err != nil {
			return err
		}
	}
	return nil
}

// close ends the connection and whatever it was doing.
func (d *direct) close() {
	for _, s := range d.all {
		sqlite3.Xsqlite3_finalize(d.tls, s.p)
	}
	if d.db != 0 {
		sqlite3.Xsqlite3_close_v2(d.tls, d.db)
	}
	for _, p := range []uintptr{d.out, d.room} {
		if p != 0 {
			libc.Xfree(d.tls, p)
		}
	}
	d.tls.Close()
}

func (d *direct) failed(rc int32) error {
	text := libc.GoString(sqlite3.Xsqlite3_errstr(d.tls, rc))
	if d.db != 0 {
		text = libc.GoString(sqlite3.Xsqlite3_errmsg(d.tls, d.db))
	}
	return &directError{int(rc), text}
}

// keep returns the statement of a query, prepared once for the life of the connection. Whoever uses it resets it.
func (d *direct) keep(query string) (*statement, error) {
	if s := d.kept[query]; s != nil {
		return s, nil
	}
	s, err := d.prepare(query)
	if err != nil {
		return nil, err
	}
	if d.kept == nil {
		d.kept = map[string]*statement{}
	}
	d.kept[query] = s
	return s, nil
}

// exec runs a statement whose rows do not matter.
func (d *direct) exec(query string) error {
	s, err := d.keep(query)
	if err != nil {
		return err
	}
	defer s.reset()
	for {
		if more, err := s.step(); err != nil || !more {
			return err
		}
	}
}

// rollback ends a transaction, if SQLite has not ended it by itself.
func (d *direct) rollback() error {
	if sqlite3.Xsqlite3_get_autocommit(d.tls, d.db) != 0 {
		return nil
	}
	return d.exec(sqlRollback)
}

// statement is a prepared statement. It lives as long as its connection.
type statement struct {
	d *direct
	p uintptr
}

func (d *direct) prepare(query string) (*statement, error) {
	text, err := libc.CString(query)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(d.tls, text)
	if rc := sqlite3.Xsqlite3_prepare_v2(d.tls, d.db, text, -1, d.out, 0); rc != sqlite3.SQLITE_OK {
		return nil, d.failed(rc)
	}
	s := &statement{d, *at[uintptr](d.out)}
	d.all = append(d.all, s)
	return s, nil
}

// bindText sets parameter i, counted from 1, to a copy of text.
func (s *statement) bindText(i int, text string) error {
	if err := s.d.makeRoom(len(text)); err != nil {
		return err
	}
	copy(bytesAt(s.d.room, s.d.roomSize), text)
	return s.bound(sqlite3.Xsqlite3_bind_text(s.d.tls, s.p, int32(i), s.d.room, int32(len(text)), sqlite3.SQLITE_TRANSIENT))
}

// bindBlob sets parameter i to a copy of blob.
func (s *statement) bindBlob(i int, blob []byte) error {
	if err := s.d.makeRoom(len(blob)); err != nil {
		return err
	}
	copy(bytesAt(s.d.room, s.d.roomSize), blob)
	return s.bound(sqlite3.Xsqlite3_bind_blob(s.d.tls, s.p, int32(i), s.d.room, int32(len(blob)), sqlite3.SQLITE_TRANSIENT))
}

// makeRoom makes room for n bytes in C memory.
func (d *direct) makeRoom(n int) error {
	if n > math.MaxInt32 {
		return d.failed(sqlite3.SQLITE_TOOBIG)
	}
	if d.room != 0 && n <= d.roomSize {
		return nil
	}
	libc.Xfree(d.tls, d.room)
	d.roomSize = max(n, 4096)
	if d.room = libc.Xmalloc(d.tls, libc.Tsize_t(d.roomSize)); d.room == 0 {
		return d.failed(sqlite3.SQLITE_NOMEM)
	}
	return nil
}

// bindBeyondText sets parameter i to what sorts behind every text: a blob.
func (s *statement) bindBeyondText(i int) error {
	return s.bound(sqlite3.Xsqlite3_bind_zeroblob(s.d.tls, s.p, int32(i), 0))
}

func (s *statement) bindInt(i int, n int64) error {
	return s.bound(sqlite3.Xsqlite3_bind_int64(s.d.tls, s.p, int32(i), n))
}

func (s *statement) bindNull(i int) error {
	return s.bound(sqlite3.Xsqlite3_bind_null(s.d.tls, s.p, int32(i)))
}

// bind sets all parameters, in the order in which the query has them first: strings, byte slices, int64s, times (the zero time as NULL) and nil.
func (s *statement) bind(values ...any) error {
	for n, value := range values {
		var err error
		switch v := value.(type) {
		case string:
			err = s.bindText(n+1, v)
		case []byte:
			err = s.bindBlob(n+1, v)
		case int64:
			err = s.bindInt(n+1, v)
		case time.Time:
			if v.IsZero() {
				err = s.bindNull(n + 1)
			} else {
				err = s.bindInt(n+1, v.UnixNano())
			}
		case nil:
			err = s.bindNull(n + 1)
		default:
			err = fmt.Errorf("a %T cannot be bound", v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteOf returns the note of a key. Another statement that stands on its row is not disturbed.
func (d *direct) noteOf(id []byte) (note string, err error) {
	notes, err := d.keep(sqlNote)
	if err != nil {
		return "", err
	}
	defer notes.reset()
	if err := notes.bindText(1, string(id)); err != nil {
		return "", err
	}
	if more, err := notes.step(); err != nil || !more {
		return "", errors.Join(err, errNoNote(more))
	}
	return string(notes.text(0)), nil
}

// errNoNote is nil if there is a row.
func errNoNote(there bool) error {
	if there {
		return nil
	}
	return errors.New("the row of a note is missing")
}

func (s *statement) bound(rc int32) error {
	if rc != sqlite3.SQLITE_OK {
		return s.d.failed(rc)
	}
	return nil
}

// step goes to the next row and reports whether there is one.
func (s *statement) step() (bool, error) {
	switch rc := sqlite3.Xsqlite3_step(s.d.tls, s.p); rc {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.d.failed(rc)
	}
}

// run runs the statement to its end with these parameters and returns the first column of its first row, if it has one.
func (s *statement) run(values ...any) (first int64, row bool, err error) {
	if err := s.bind(values...); err != nil {
		return 0, false, err
	}
	defer s.reset()
	for n := 0; ; n++ {
		more, err := s.step()
		if err != nil || !more {
			return first, row, err
		}
		if n == 0 {
			first, row = s.int(0), true
		}
	}
}

// reset ends the reading of rows, and with it the transaction if the statement had begun one.
func (s *statement) reset() { sqlite3.Xsqlite3_reset(s.d.tls, s.p) }

// text returns column i, counted from 0, as it is until the next step or reset; nil for NULL.
func (s *statement) text(i int) []byte {
	p := sqlite3.Xsqlite3_column_text(s.d.tls, s.p, int32(i))
	if p == 0 {
		return nil
	}
	return bytesAt(p, int(sqlite3.Xsqlite3_column_bytes(s.d.tls, s.p, int32(i))))
}

// blob returns column i as text does; nil for NULL and for an empty one.
func (s *statement) blob(i int) []byte {
	p := sqlite3.Xsqlite3_column_blob(s.d.tls, s.p, int32(i))
	if p == 0 {
		return nil
	}
	return bytesAt(p, int(sqlite3.Xsqlite3_column_bytes(s.d.tls, s.p, int32(i))))
}

func (s *statement) int(i int) int64 { return sqlite3.Xsqlite3_column_int64(s.d.tls, s.p, int32(i)) }

// null reports whether column i is NULL.
func (s *statement) null(i int) bool {
	return sqlite3.Xsqlite3_column_type(s.d.tls, s.p, int32(i)) == sqlite3.SQLITE_NULL
}

// at returns what stands at an address in C memory, which the garbage collector neither moves nor frees. The detour is for go
// vet, which takes a plain conversion for a mistake.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) } //nolint:gosec // C memory has no other way in

// bytesAt returns n bytes at an address in C memory.
func bytesAt(p uintptr, n int) []byte { return unsafe.Slice(at[byte](p), n) } //nolint:gosec // as for at
