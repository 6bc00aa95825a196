package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

func readAll(t *testing.T, out io.Reader) []report {
	t.Helper()
	var reports []report
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Errorf("%v: %s", err, lines.Text())
			continue
		}
		reports = append(reports, r)
	}
	return reports
}

// isClear fails unless the error is one of ours, one line, and names the path.
func isClear(t *testing.T, path string, err error) {
	t.Helper()
	known := false
	for _, kind := range []error{model.ErrStoreDamaged, model.ErrStoreWrite, model.ErrStoreNewer, model.ErrStoreBusy,
		model.ErrModes, model.ErrNotFound, model.ErrNotErased} {
		known = known || errors.Is(err, kind)
	}
	if !known || !strings.Contains(err.Error(), path) || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("not a clear sentence: %v", err)
	}
}

// closed makes a store with n keys, closes it and returns the bytes of its file.
func closed(t *testing.T, path string, n int) ([]model.Record, []byte) {
	t.Helper()
	s := open(t, path)
	recs := make([]model.Record, 0, n)
	for i := range n {
		recs = append(recs, put(t, s, fmt.Sprint("key ", i), epoch.Add(time.Duration(i))))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return recs, content
}

func TestT8ForeignFilesAreRefusedAndLeftAlone(t *testing.T) {
	foreign := map[string]func(path string) error{
		"text":    func(path string) error { return os.WriteFile(path, []byte("name = \"x\"\n"), 0o600) },
		"zeros":   func(path string) error { return os.WriteFile(path, make([]byte, 8192), 0o600) },
		"random":  func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("\xde\xad", 5000)), 0o600) },
		"a byte":  func(path string) error { return os.WriteFile(path, []byte{'S'}, 0o600) },
		"a magic": func(path string) error { return os.WriteFile(path, []byte("SQLite format 3\x00"), 0o600) },
		"another application's tables": func(path string) error {
			return otherProgram(path, `CREATE TABLE t (x); INSERT INTO t VALUES (1)`)
		},
		"another application's id": func(path string) error { return otherProgram(path, `PRAGMA application_id = 77; CREATE TABLE t (x)`) },
		"another version":          func(path string) error { return otherProgram(path, `PRAGMA user_version = 1; CREATE TABLE keys (x)`) },
	}
	for name, write := range foreign {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "local.db")
			if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := write(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			_, err := Open(t.Context(), path)
			if !errors.Is(err, model.ErrStoreDamaged) {
				t.Errorf("Open returns %v", err)
			} else {
				isClear(t, path, err)
			}
			if findings, _ := Check(t.Context(), path); allOK(findings) {
				t.Errorf("Check finds nothing wrong: %+v", findings)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
			if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
				t.Errorf("something was left beside it: %v", entries)
			}
		})
	}
	t.Run("a directory", func(t *testing.T) {
		path := newPath(t)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), path)
		isClear(t, path, err)
	})
	t.Run("a file for a directory", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), filepath.Join(file, "local.db"))
		isClear(t, file, err)
	})
}

// otherProgram writes a database as another program would.
func otherProgram(path, statements string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statements)
	return errors.Join(err, db.Close())
}

// An empty file is a store that was not begun.
func TestEmptyFileIsCompleted(t *testing.T) {
	path := newPath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	holds(t, s, put(t, s, "production", epoch))
}

// A truncated or bit-flipped store either works or gives one clear sentence; it never panics or hangs.
func TestT8DamagedStores(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 3))
	original := newPath(t)
	recs, content := closed(t, original, 40)
	rounds := amount(150, 60, 30)
	refused, wrong := 0, 0
	for round := range rounds {
		bad := append([]byte(nil), content...)
		switch round % 3 {
		case 0:
			bad = bad[:random.IntN(len(bad))]
		case 1: // anywhere
			for range 1 + random.IntN(20) {
				bad[random.IntN(len(bad))] ^= 1 << random.IntN(8)
			}
		case 2: // where pages say what is in them
			for range 1 + random.IntN(4) {
				page := random.IntN(len(bad) / 4096)
				bad[page*4096+random.IntN(140)] ^= 1 << random.IntN(8)
			}
		}
		path := newPath(t)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		errs := poke(t, path, recs)
		for _, err := range errs {
			isClear(t, path, err)
		}
		if len(errs) > 0 {
			refused++
		}
		if findings, err := Check(t.Context(), path); err != nil {
			t.Error(err)
		} else if !allOK(findings) {
			wrong++
		}
	}
	t.Logf("of %d damaged stores %d were refused in some way, Check found %d", rounds, refused, wrong)
	if refused == 0 || wrong == 0 {
		t.Error("no damage was noticed")
	}
}

// poke does everything that can be done to a store and returns what was refused, apart from keys that are not there.
func poke(t *testing.T, path string, recs []model.Record) (errs []error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	note := func(err error) {
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	s, err := Open(ctx, path)
	if err != nil {
		return []error{err}
	}
	_, err = s.List(ctx)
	note(err)
	_, err = s.Activity(ctx, 1000)
	note(err)
	for _, rec := range recs[:5] {
		_, err = s.Get(ctx, rec.Key.ID)
		note(err)
		_, err = s.Sealed(ctx, rec.Key.ID)
		note(err)
		_, err = s.Find(ctx, rec.Sealed.Digest)
		note(err)
	}
	note(s.Touch(ctx, recs[0].Key.ID, epoch.Add(time.Hour)))
	note(s.Put(ctx, record(t, "new", epoch), someone))
	note(s.Delete(ctx, recs[1].Key.ID, someone, epoch))
	note(s.Close())
	return errs
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := newPath(t)
	recs, _ := closed(t, path, 1)
	newer := func(s *settings) {
		s.migrations = append(append([]string{}, migrations...), `ALTER TABLE keys ADD COLUMN later TEXT`)
	}
	s := open(t, path, newer) // migrates forward, and keeps what is there
	holds(t, s, recs...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path)
	if !errors.Is(err, model.ErrStoreNewer) {
		t.Fatalf("Open returns %v", err)
	}
	isClear(t, path, err)
	if findings, _ := Check(t.Context(), path); allOK(findings) {
		t.Errorf("Check finds nothing: %+v", findings)
	}
	holds(t, open(t, path, newer), recs...)
}

// A migration that fails half-way leaves the store as it was.
func TestFailedMigrationChangesNothing(t *testing.T) {
	path := newPath(t)
	recs, _ := closed(t, path, 3)
	for _, step := range []string{`CREATE TABLE half (x); DELETE FROM keys; SELECT no_such_function()`, `CREATE TABLE half (x); nonsense`} {
		_, err := Open(t.Context(), path, func(s *settings) { s.migrations = append(append([]string{}, migrations...), step) })
		if err == nil {
			t.Fatal("a broken migration was taken for done")
		}
		s := open(t, path)
		holds(t, s, recs...)
		var tables int
		if err := s.db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).Scan(&tables); err != nil || tables != 0 {
			t.Errorf("half a migration was kept (%v)", err)
		}
	}
}
