// Package store keeps the records of keys: [Store] in a database file, through the pure Go driver modernc.org/sqlite, [Postgres]
// in a PostgreSQL database, for several machines. What follows is said of the first; what differs stands at the second.
//
// What holds, whatever happens to the program or the machine: a change is acknowledged only when it is durable
// (synchronous=FULL); a change is made wholly or not at all; several programs may use one store at once, and none waits
// for another longer than Wait; the files are readable by their owner alone from the first instant.
//
// Errors wrap the sentinels of package model and read as one sentence that names the store's path and says what to do.
//
// Nothing else in the process may open and close the store's files by itself while a Store is open: on POSIX systems
// closing any descriptor of a file drops the locks that the whole process has on it.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// Wait is how long an operation waits for other programs before it gives up with model.ErrStoreBusy.
const Wait = 5 * time.Second

// Store is an open record store. It is safe for concurrent use. It has one connection that writes, and others that read: one
// that watches for changes, and some while many keys are read. What changes keys, or asks for one, takes turns.
type Store struct {
	path   string // absolute, links followed
	vfs    string // of SQLite; empty for the platform's own
	wait   time.Duration
	bounds bounds
	file   os.FileInfo // the file that was opened
	db     *sql.DB

	managers bool // see WithManagers

	life   context.Context // ends with Close
	end    context.CancelFunc
	inside sync.WaitGroup // what Close waits for: readers, watchers, the work on the queue
	door   sync.Mutex     // held while something goes inside, and while life ends

	queue queue
	watch watch
}

// Option changes how Open opens.
type Option func(*settings)

type settings struct {
	wait       time.Duration
	migrations []string
	vfs        string // a registered SQLite VFS; empty for the platform's own
	bounds     bounds
	managers   bool
}

// bounds are how much is done at once; only tests have others.
type bounds struct {
	firstKeys int   // keys in the first page
	partKeys  int   // keys in each other page, at most
	changes   int64 // changes that are told one by one
	fill      int   // records that Fill stores in one transaction
}

var usualBounds = bounds{firstKeys, partKeys, mostChanges, fillAtOnce}

// WithWait sets how long operations wait for other programs, instead of Wait.
func WithWait(d time.Duration) Option { return func(s *settings) { s.wait = d } }

// Open opens the store at path. What does not exist is made, readable by its owner alone: missing directories with
// mode 0700, the file with mode 0600. An empty file is a store that was not begun; Open completes it. A link is
// followed, and what it leads to must be private. An older schema is migrated forward in one transaction.
//
// It returns model.ErrModes if the directory, the file or its companions are open to others or belong to somebody
// else, model.ErrStoreDamaged if the file is no store of clavier, model.ErrStoreNewer, model.ErrStoreBusy or
// model.ErrStoreWrite.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	set := settings{wait: Wait, migrations: migrations, bounds: usualBounds}
	for _, option := range options {
		option(&set)
	}
	target, err := locate(path)
	if err != nil {
		return nil, err
	}
	file, logged, err := prepareFiles(target)
	if err != nil {
		return nil, err
	}
	base, err := sqlite.NewConnector(dataSource(target, set.vfs, set.wait))
	if err != nil {
		return nil, err
	}
	s := &Store{path: target, vfs: set.vfs, wait: set.wait, bounds: set.bounds, file: file, managers: set.managers}
	s.life, s.end = context.WithCancel(context.Background())
	s.queue.more = make(chan struct{}, 1)
	s.db = sql.OpenDB(base)
	s.db.SetMaxOpenConns(1)
	if err := s.prepare(ctx, set.migrations, logged); err != nil {
		s.end()
		_ = s.db.Close() // the first error is the one to tell
		return nil, err
	}
	return s, nil
}

// Close closes the store. It ends the reading of many keys, and refuses what has not begun. The last program to close the
// store folds the log into the file.
func (s *Store) Close() error {
	s.door.Lock()
	s.end()
	s.door.Unlock()
	s.inside.Wait() // so that the connection that can fold the log is the last
	s.watch.close()
	if err := s.db.Close(); err != nil {
		return explain(context.Background(), s.path, s.wait, err)
	}
	return nil
}

// errClosed is the end of a Store's life.
var errClosed = errors.New("the store is closed")

// enter goes inside, unless the store is closed. Whoever is inside calls inside.Done in the end.
func (s *Store) enter() error {
	s.door.Lock()
	defer s.door.Unlock()
	if s.life.Err() != nil {
		return errClosed
	}
	s.inside.Add(1)
	return nil
}

// Path returns the absolute path of the store's file, links followed.
func (s *Store) Path() string { return s.path }

// rollback ends the transaction. SQLite has ended it already after some errors; then the connection is given up, so
// that its state is never in doubt.
func rollback(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sqlRollback); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// stillThere reports whether the path still leads to the file that was opened. What is written into a file that was
// moved away or deleted would be lost.
func (s *Store) stillThere() error {
	now, err := os.Lstat(s.path)
	if err == nil && os.SameFile(now, s.file) {
		return nil
	}
	return replacedError(s.path)
}

// locate returns the absolute path that path leads to, links followed; the file itself need not exist.
func locate(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", writeError(path, err)
	}
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		return target, nil
	}
	if info, err := os.Lstat(abs); err == nil && info.Mode()&os.ModeSymlink != 0 {
		return "", danglingError(abs)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs)), nil
	}
	return abs, nil
}
