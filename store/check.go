package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"clavier/model"
)

// Finding is one thing that Check looked at.
type Finding struct {
	// OK is false if something should be done about it.
	OK bool
	// Subject is what was looked at: directory, file, log, schema or content.
	Subject string
	// Text says in one sentence what was found, and what to do if OK is false.
	Text string
	// Err wraps the sentinel of package model that opening the store would return; nil if OK.
	Err error
}

// Check looks at the store at path and says what it finds: modes and owners, the log, schema and integrity. It writes,
// makes and mends nothing. The time it takes grows with the store. The error is only ever that of ctx.
func Check(ctx context.Context, path string) ([]Finding, error) {
	c := &checkup{wait: Wait}
	target, err := locate(path)
	if err != nil {
		c.bad("file", err)
		return c.findings, ctx.Err()
	}
	c.path = target
	if c.files() {
		c.content(ctx)
	}
	return c.findings, ctx.Err()
}

type checkup struct {
	path     string
	wait     time.Duration
	findings []Finding
	logSize  int64 // of the write-ahead log; -1 if there is none
	shared   bool  // the log's shared memory is there
	current  bool  // the schema is the newest that this program knows
}

func (c *checkup) goodf(subject, format string, args ...any) {
	c.findings = append(c.findings, Finding{OK: true, Subject: subject, Text: fmt.Sprintf(format, args...)})
}

func (c *checkup) bad(subject string, err error) {
	c.findings = append(c.findings, Finding{Subject: subject, Text: err.Error(), Err: err})
}

// files looks at the directory and the files without opening them, and reports whether there is content to look at.
func (c *checkup) files() bool {
	dir := filepath.Dir(c.path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.goodf("directory", "%s is not there yet; it is made, private, when it is first needed", show(dir))
		return false
	case err != nil:
		c.bad("directory", writeError(c.path, err))
		return false
	}
	if err := checkPrivate(dir, info, dirMode); err != nil {
		c.bad("directory", err)
	} else {
		c.goodf("directory", "%s is private (mode %04o)", show(dir), info.Mode().Perm())
	}
	file, err := os.Lstat(c.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.goodf("file", "%s is not there yet; it is made, private, when it is first needed", show(c.path))
		return false
	case err != nil:
		c.bad("file", writeError(c.path, err))
		return false
	case !file.Mode().IsRegular() || tooSmall(file):
		c.bad("file", foreignError(c.path, nil))
		return false
	}
	if err := checkPrivate(c.path, file, fileMode); err != nil {
		c.bad("file", err)
	} else {
		c.goodf("file", "%s is private (mode %04o), %d bytes", show(c.path), file.Mode().Perm(), file.Size())
	}
	c.companions()
	if file.Size() == 0 && c.logSize <= 0 {
		c.goodf("content", "%s is empty; it is completed when it is next opened", show(c.path))
		return false
	}
	return true
}

func (c *checkup) companions() {
	c.logSize = -1
	private := true
	for _, ending := range companions {
		info, err := os.Lstat(c.path + ending)
		if err != nil {
			continue
		}
		switch ending {
		case logEnding:
			c.logSize = info.Size()
		case "-shm":
			c.shared = true
		}
		if err := checkPrivate(c.path+ending, info, fileMode); err != nil {
			c.bad("log", err)
			private = false
		}
	}
	switch {
	case !private:
	case c.logSize < 0:
		c.goodf("log", "there is no log: no program has the store open")
	case c.logSize == 0:
		c.goodf("log", "the log is empty")
	default:
		c.goodf("log", "the log holds %d bytes: another program has the store open, or was killed; the next opening takes them in",
			c.logSize)
	}
}

// content opens the store for reading. Without a log the file is read as it stands; should a log appear meanwhile,
// another program has begun to write, and what was found means nothing: it is looked at once more.
func (c *checkup) content(ctx context.Context) {
	if c.logSize > 0 && !c.shared {
		c.goodf("content", "%s was not looked into: its log must be taken in first, which the next opening does", show(c.path))
		return
	}
	before := len(c.findings)
	immutable := c.logSize < 0
	c.look(ctx, immutable)
	if _, err := os.Lstat(c.path + logEnding); immutable && err == nil && !allOK(c.findings[before:]) {
		c.findings = c.findings[:before]
		c.look(ctx, false)
	}
}

func allOK(findings []Finding) bool {
	for _, f := range findings {
		if !f.OK {
			return false
		}
	}
	return true
}

func (c *checkup) look(ctx context.Context, immutable bool) {
	connector, err := sqlite.NewConnector(readOnlySource(c.path, immutable, c.wait))
	if err != nil {
		c.bad("content", writeError(c.path, err))
		return
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if err := c.schema(ctx, db); err != nil {
		subject := "content"
		if errors.Is(err, model.ErrStoreNewer) {
			subject = "schema"
		}
		c.bad(subject, explain(ctx, c.path, c.wait, err))
		return
	}
	if err := c.integrity(ctx, db); err != nil {
		c.bad("content", explain(ctx, c.path, c.wait, err))
		return
	}
	c.goodf("content", "every page of %s is sound", show(c.path))
}

func (c *checkup) schema(ctx context.Context, db *sql.DB) error {
	var app, version int
	var journal string
	if err := db.QueryRowContext(ctx, sqlHeader).Scan(&app, &version, &journal); err != nil {
		return err
	}
	switch {
	case app != applicationID:
		return foreignError(c.path, nil)
	case version > len(migrations):
		return newerError(c.path, version, len(migrations))
	case version < len(migrations):
		c.goodf("schema", "schema %d; the next opening migrates it to %d", version, len(migrations))
	default:
		c.current = true
		c.goodf("schema", "schema %d, which is current", version)
	}
	return nil
}

func (c *checkup) integrity(ctx context.Context, db *sql.DB) error {
	var result string
	if err := db.QueryRowContext(ctx, sqlQuickCheck).Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return damagedError(c.path, errors.New(model.Display(result)))
	}
	if err := c.none(ctx, db, sqlForeignKeys, "a row speaks of one that is not there"); err != nil || !c.current {
		return err
	}
	if err := c.none(ctx, db, sqlMiscounted, "the number of keys is not the one that was noted"); err != nil {
		return err
	}
	return c.none(ctx, db, sqlMismarked, "what is marked as rotating is not what is being rotated")
}

// none returns an error that says what is wrong if a query has a row.
func (c *checkup) none(ctx context.Context, db *sql.DB, query, wrong string) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		return damagedError(c.path, errors.New(wrong))
	}
	return rows.Err()
}
