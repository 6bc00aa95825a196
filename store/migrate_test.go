package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// The statements of the programs that knew older schemas, word for word. They differ in oldInsertKey alone.
const (
	oldInsertSlot = `INSERT INTO vault (live, digest, ciphertext) VALUES (1, $1, $2) RETURNING slot`
	oldTouch      = `UPDATE keys SET last_used_at = $2 WHERE id = $1`
	oldDelete     = `DELETE FROM keys WHERE id = $1`
	oldActivity   = `INSERT INTO activity (at, action, key_id, key_name, key_created_at, by_whom, from_where, erased)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

var oldInsertKey = map[int]string{
	1: `INSERT INTO keys (id, name, hint, created_at, expires_at, disabled, tag, slot)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
	2: `INSERT INTO keys (id, name, hint, owner, created_at, last_used_at, expires_at, disabled, tag, slot)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
	3: `INSERT INTO keys (id, name, hint, owner, created_at, last_used_at, expires_at, disabled, traits, note, tag, slot)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
}

// oldVersions are the schemas of programs that are out there.
var oldVersions = []int{1, 2, 3}

// oldPut stores a record as the program did that knew this schema.
func oldPut(tx *sql.Tx, version int, rec model.Record, by model.Actor) error {
	key := rec.Key
	var slot int64
	if err := tx.QueryRow(oldInsertSlot, rec.Sealed.Digest[:], rec.Sealed.Ciphertext).Scan(&slot); err != nil {
		return err
	}
	created, ends, disabled, tag := key.CreatedAt.UnixNano(), nullTime(key.ExpiresAt), boolInt(key.Disabled), tagOf(rec.Sealed.Digest)
	values := map[int][]any{
		1: {key.ID, key.Name, key.Hint, created, ends, disabled, tag, slot},
		2: {key.ID, key.Name, key.Hint, key.Owner, created, nil, ends, disabled, tag, slot},
		3: {key.ID, key.Name, key.Hint, key.Owner, created, nil, ends, disabled, 0, key.Note, tag, slot},
	}
	if _, err := tx.Exec(oldInsertKey[version], values[version]...); err != nil {
		return err
	}
	_, err := tx.Exec(oldActivity, key.CreatedAt.UnixNano(), "created", key.ID, key.Name, key.CreatedAt.UnixNano(), by.By,
		by.From, nil)
	return err
}

// knows makes a store know the schemas up to a version alone.
func knows(version int) Option {
	return func(s *settings) { s.migrations = migrations[:version] }
}

// oldSchema makes a store of an older schema with n keys, of which some were used, and the activity of a deleted one. It
// closes it, and returns its path and the records as the present program must have them.
func oldSchema(t testing.TB, version, n int, options ...Option) (path string, recs []model.Record) {
	t.Helper()
	path = newPath(t)
	s, err := Open(t.Context(), path, append(options, knows(version))...)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for rec := range someRecords(5, n) {
		rec.Key.Owner = fmt.Sprint("person ", len(recs)%7) // who made it
		rec.Key.Role = model.RoleUse                       // there was no other
		err := oldPut(tx, version, rec, model.Actor{By: rec.Key.Owner, From: "jump-host"})
		if used := rec.Key.LastUse.At; err == nil && !used.IsZero() {
			_, err = tx.Exec(oldTouch, rec.Key.ID, used.UnixNano())
		}
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
	}
	if _, err := tx.Exec(oldActivity, epoch.UnixNano(), "deleted", "an id", "a name", epoch.UnixNano(), "ada", "here", 1); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Commit(), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path, recs
}

// migrated reports what is wrong with a store that was of an older schema and had these records.
func migrated(ctx context.Context, s *Store, recs []model.Record) error {
	if err := check(ctx, s, recs); err != nil {
		return err
	}
	keys, err := s.List(ctx)
	if err != nil {
		return err
	}
	want := make([]model.Key, 0, len(recs))
	for _, rec := range recs {
		want = append(want, rec.Key)
	}
	slices.SortFunc(want, model.Order{}.Compare)
	if !slices.Equal(keys, want) {
		return errors.New("the keys are not what they were")
	}
	lines, err := s.Activity(ctx, len(recs)+9)
	switch {
	case err != nil:
		return err
	case len(lines) != len(recs)+1 || lines[0].Action != model.ActionDeleted:
		return fmt.Errorf("%d lines of activity, want %d", len(lines), len(recs)+1)
	}
	for i, rec := range recs {
		if line := lines[len(recs)-i]; line.KeyID != rec.Key.ID || line.Actor.By != rec.Key.Owner || !line.At.Equal(rec.Key.CreatedAt) {
			return fmt.Errorf("line %d tells of %+v", i, line)
		}
	}
	var version int
	if err := s.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil || version != len(migrations) {
		return fmt.Errorf("the schema is %d (%w)", version, err)
	}
	return sound(ctx, s)
}

func TestMigrationKeepsEverything(t *testing.T) {
	for _, version := range oldVersions {
		for _, n := range []int{0, 1, amount(5000, 300, 300)} {
			t.Run(fmt.Sprintf("schema %d, %d keys", version, n), func(t *testing.T) { migrateAndUse(t, version, n) })
		}
	}
}

func migrateAndUse(t *testing.T, version, n int) {
	path, recs := oldSchema(t, version, n)
	s := open(t, path, small)
	if err := migrated(t.Context(), s, recs); err != nil {
		t.Error(err)
	}
	pages, err := pagesOf(t.Context(), s)
	if err != nil || pages[0].Total != n || len(keysOf(pages)) != n {
		t.Errorf("the pages have %d of %d (%v)", len(keysOf(pages)), pages[0].Total, err)
	}
	rec := put(t, s, "after", epoch)
	changes := changesOf(t, s, pages[0].Mark)
	sameKeys(t, changes.Keys, []model.Key{listed(rec.Key)})
	for _, rec := range recs[:min(n, 3)] {
		if err := s.Put(t.Context(), rec, someone); err != nil {
			t.Errorf("a record that is there cannot be put again: %v", err)
		}
		if err := s.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
			t.Error(err)
		}
	}
	gone := record(t, "deleted by an older program", epoch)
	gone.Key.ID = "an id"
	if err := s.Put(t.Context(), gone, someone); !errors.Is(err, model.ErrConflict) {
		t.Errorf("the id of a key that an older program deleted is taken again: %v", err)
	}
	successor := succeed(t, s, rec, "after that")
	keys := map[string]model.Key{}
	for _, key := range listOf(t, s) {
		keys[key.ID] = key
	}
	if !keys[rec.Key.ID].Rotating || !keys[successor.Key.ID].Rotating || len(keys) != n-min(n, 3)+2 {
		t.Error("a key cannot be rotated in a store that was migrated")
	}
	if findings, err := Check(t.Context(), path); err != nil || !allOK(findings) {
		t.Errorf("Check finds %+v (%v)", findings, err)
	}
	if _, err := Open(t.Context(), path, knows(version)); !errors.Is(err, model.ErrStoreNewer) {
		t.Errorf("the older program opens the newer schema: %v", err)
	}
}

// A program that is killed while it migrates leaves the one schema or the other.
func TestT6KillWhileMigrating(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := mrand.New(mrand.NewPCG(seed, 0))
	for _, version := range oldVersions {
		killWhileMigrating(t, version, random)
	}
}

func killWhileMigrating(t *testing.T, version int, random *mrand.Rand) {
	t.Helper()
	original, recs := oldSchema(t, version, amount(1000, 200, 200))
	content, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	before, after := 0, 0
	var whole time.Duration // of a program that nobody kills: the first
	for n := range amount(20, 4, 4) {
		path := newPath(t)
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
		began, until := time.Now(), time.Minute
		if n > 0 {
			until = time.Duration(random.Int64N(int64(whole)))
		}
		p := start(t, "list", path, 1, 0, 1)
		timer := time.AfterFunc(until, func() { _ = p.cmd.Process.Kill() })
		for _, more := p.next(t); more; _, more = p.next(t) {
			continue
		}
		_ = p.cmd.Wait()
		if timer.Stop(); n == 0 {
			whole = time.Since(began)
		}
		s, err := Open(t.Context(), path, knows(version))
		if err == nil {
			before++
			err = s.Close()
		}
		if errors.Is(err, model.ErrStoreNewer) {
			after, err = after+1, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		s, err = Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(migrated(t.Context(), s, recs), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("from schema %d: %d were killed before the migration was done, %d after", version, before, after)
}

// The power fails after every single write and sync of a migration; and the n-th of them fails, for every n.
func TestT6MigrationOnAFailingDisk(t *testing.T) {
	for _, version := range oldVersions {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) { migrateOnAFailingDisk(t, version) })
	}
}

func migrateOnAFailingDisk(t *testing.T, version int) {
	random := mrand.New(mrand.NewPCG(4, 0))
	option := useFaultDisk(t)
	path, recs := oldSchema(t, version, 40, option)
	first := len(disk.notes)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, option)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(migrated(t.Context(), s, recs), s.Close()); err != nil {
		t.Fatal(err)
	}
	notes := disk.notes
	again := func(files map[string][]byte) error {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o600); err != nil {
				return err
			}
		}
		s, err := Open(t.Context(), filepath.Join(dir, filepath.Base(path)), onFaultDisk)
		if err != nil {
			return err
		}
		return errors.Join(migrated(t.Context(), s, recs), s.Close())
	}
	t.Run("power", func(t *testing.T) {
		for moment := first; moment < len(notes); moment += amount(1, 10, 10) {
			if err := again(cut(notes, moment+1, random)); err != nil {
				t.Fatalf("power cut after %d of %d: %v", moment+1-first, len(notes)-first, err)
			}
		}
		t.Logf("%d power cuts", len(notes)-first)
	})
	for _, stays := range []bool{false, true} {
		t.Run(fmt.Sprint("faults that stay ", stays), func(t *testing.T) {
			met := true
			n := 0
			for met {
				met, n = false, n+amount(1, 10, 10)
				path := newPath(t)
				if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
					t.Fatal(err)
				}
				option := useFaultDisk(t)
				disk.failWith(func(count int, _ deed) fault {
					if count < n || count > n && !stays {
						return fault{}
					}
					met = true
					return fault{sqlite3.SQLITE_IOERR_WRITE, true}
				})
				s, err := Open(t.Context(), path, option)
				if err == nil {
					err = s.Close()
				}
				if err != nil && !errors.Is(err, model.ErrStoreWrite) {
					t.Errorf("fault %d: %v", n, err)
				}
				disk.failWith(nil)
				s, err = Open(t.Context(), path, onFaultDisk)
				if err != nil {
					t.Fatalf("after fault %d: %v", n, err)
				}
				if err := errors.Join(migrated(t.Context(), s, recs), s.Close()); err != nil {
					t.Fatalf("after fault %d: %v", n, err)
				}
			}
			if t.Logf("%d faults", n-1); n < 10 {
				t.Error("too few deeds to prove anything")
			}
		})
	}
}

// A program that knew an older schema alone and still has the store open goes on writing: what it does is counted and told,
// and a rotation is over when it deletes one of its keys.
func TestOlderProgramIsFollowed(t *testing.T) {
	for _, version := range oldVersions {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) { followOlder(t, version) })
	}
}

func followOlder(t *testing.T, version int) {
	path, recs := oldSchema(t, version, 30)
	old, err := sql.Open("sqlite", dataSource(path, "", Wait)) // as that program has it, when another migrates
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = old.Close() })
	old.SetMaxOpenConns(1)
	if err := old.Ping(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, small)
	keys := map[string]model.Key{}
	pages, err := pagesOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(pages) {
		keys[key.ID] = key
	}
	mark := pages[0].Mark
	act := func(what string, do func(tx *sql.Tx) error) {
		t.Helper()
		tx, err := old.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(do(tx), tx.Commit()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		now := follow(t, s, keys, mark)
		if now == mark {
			t.Errorf("%s was not told", what)
		}
		mark = now
		consistent(t, s)
	}
	remove := func(tx *sql.Tx, rec model.Record) error {
		_, err := tx.Exec(oldDelete, rec.Key.ID)
		_, lineErr := tx.Exec(oldActivity, epoch.UnixNano(), "deleted", rec.Key.ID, rec.Key.Name, 0, "ada", "here", 1)
		return errors.Join(err, lineErr)
	}
	for i, rec := range recs[:6] {
		act("a use", func(tx *sql.Tx) error {
			_, err := tx.Exec(oldTouch, rec.Key.ID, epoch.Add(time.Duration(i)).UnixNano())
			return err
		})
		act("the deletion of what was used last", func(tx *sql.Tx) error { return remove(tx, rec) })
		act("a new key", func(tx *sql.Tx) error {
			return oldPut(tx, version, record(t, fmt.Sprint("new ", i), epoch), someone)
		})
		act("two deletions", func(tx *sql.Tx) error { return errors.Join(remove(tx, recs[29-2*i]), remove(tx, recs[28-2*i])) })

		rotated := put(t, s, fmt.Sprint("to rotate ", i), epoch)
		gone, left := rotated, succeed(t, s, rotated, fmt.Sprint("successor ", i))
		if i%2 == 1 {
			gone, left = left, gone
		}
		if err := s.KeepAnswers(t.Context(), []model.Answer{{KeyID: gone.Key.ID, API: "x", Verdict: model.VerdictDead, At: epoch}}); err != nil {
			t.Fatal(err)
		}
		act("the deletion of what is rotated", func(tx *sql.Tx) error { return remove(tx, gone) })
		if key := keys[left.Key.ID]; key.Rotating || len(rotationsOf(t, s)) != 0 || len(answersOf(t, s)) != 0 {
			t.Errorf("the older program left half a rotation: %+v", key)
		}
	}
	if pages, err = pagesOf(t.Context(), s); err != nil || pages[0].Total != len(keysOf(pages)) {
		t.Errorf("%d keys are counted, and %d are there (%v)", pages[0].Total, len(keysOf(pages)), err)
	}
}
