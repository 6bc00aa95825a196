package store

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"clavier/model"
)

// All SQL of the package stands in this file. The first part is common to SQLite and PostgreSQL ($1 parameters, RETURNING,
// ON CONFLICT); the second part is the dialect of SQLite.
//
// How a secret's digest and ciphertext can be erased. SQLite's secure_delete overwrites what is deleted, but not the
// copies that a b-tree leaves in the unused middle of its pages when it moves cells from page to page (balancing). With a
// plain table and an index on the digest, some thousand inserts and deletes left eight bytes or more of one in a
// thousand deleted digests in the file. So a digest and a ciphertext are only ever written into the table vault, whose
// cells never move:
//
//   - a slot is inserted at the right end of the table (rowids only grow), which SQLite does without moving cells;
//   - a slot is never deleted and never changes its size: erasing overwrites it in place with as many zeros, and a
//     freed slot is taken again by a secret of the same size;
//   - no index holds any part of a digest: the unique index for Find is over a tag, eight bytes of SHA-256(digest).
//
// A later migration must keep these rules, or VACUUM and checkpoint before it reports success.

// Where very many keys are read, the note is left out: each column of a row takes time, and few keys have one.
const (
	sweepColumns = `id, name, hint, owner, created_at, last_used_at, expires_at, disabled, traits`
	keyColumns   = sweepColumns + `, note`
)

// The bits of the column traits. One small number for all of them is read in the time of one.
const (
	// traitImported is a secret that was made elsewhere. Only such a key has a note, and its use is not reported.
	traitImported = 1 << iota
	// traitRotating is a key of a rotation. Triggers on the rotations keep it.
	traitRotating
	// traitDead is a key that an API refused when it was last tried.
	traitDead
)

// The statements on keys. Times are nanoseconds since 1970 in UTC; NULL is the zero time. The moment of making, which is
// never NULL, is unknownTime if nobody knows it: it stands behind every other, newest first.
const (
	sqlList = `SELECT ` + keyColumns + ` FROM keys ORDER BY created_at DESC, id DESC`
	sqlAll  = `SELECT ` + sweepColumns + ` FROM keys`
	sqlNote = `SELECT note FROM keys WHERE id = $1`
	sqlLive = `SELECT live FROM state`
	sqlGet  = `SELECT ` + keyColumns + ` FROM keys WHERE id = $1`
	sqlFind = `SELECT ` + keyColumns + `, digest FROM keys JOIN vault USING (slot) WHERE tag = $1`

	sqlRecord   = `SELECT ` + keyColumns + `, digest, ciphertext FROM keys JOIN vault USING (slot) WHERE id = $1`
	sqlSealed   = `SELECT digest, ciphertext FROM keys JOIN vault USING (slot) WHERE id = $1`
	sqlNamed    = `SELECT name FROM keys WHERE name = $1`
	sqlTagged   = `SELECT name FROM keys WHERE tag = $1`
	sqlLastUsed = `SELECT last_used_at FROM keys WHERE id = $1`
	sqlTouch    = `UPDATE keys SET last_used_at = $2 WHERE id = $1`

	sqlInsertKey = `INSERT INTO keys (id, name, hint, owner, created_at, last_used_at, expires_at, disabled, traits, note, tag, slot)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlEnd    = `UPDATE keys SET expires_at = $2, disabled = $3 WHERE id = $1`
	sqlDoomed = `SELECT name, created_at, slot, length(ciphertext) FROM keys JOIN vault USING (slot) WHERE id = $1`
	sqlDelete = `DELETE FROM keys WHERE id = $1`
)

// The statements for reading by pages. The first page is sqlList up to a limit. sqlKeysAfter finds where the next
// part ends that a reader takes, $2 keys after the id $1, and sqlPart reads it.
const (
	sqlFirstPage = `SELECT ` + sweepColumns + ` FROM keys ORDER BY created_at DESC, id DESC LIMIT $1`
	sqlKeysAfter = `SELECT id FROM keys WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2 - 1`
	sqlPart      = `SELECT ` + sweepColumns + ` FROM keys WHERE id > $1 AND id <= $2 ORDER BY id`
)

// The statements on changes. Every change has a number; the last is in state. A key that was made or deleted has it as
// the seq of its line of activity, a key that was changed otherwise in changed.
const (
	sqlState       = `SELECT tag, changes, live FROM state`
	sqlChangedKeys = `SELECT ` + keyColumns + ` FROM keys
		WHERE id IN (SELECT key_id FROM activity WHERE seq > $1
			UNION ALL SELECT id FROM keys INDEXED BY keys_changed WHERE changed > $1)`
	sqlGone = `SELECT DISTINCT key_id FROM activity WHERE seq > $1 AND NOT EXISTS (SELECT 1 FROM keys WHERE id = key_id)`
)

// The statements on rotations.
const (
	sqlBeginRotation = `INSERT INTO rotations (old_id, new_id, began_at) VALUES ($1, $2, $3)`
	sqlSuccessor     = `SELECT new_id FROM rotations WHERE old_id = $1`
	sqlRotations     = `SELECT old_id, new_id, began_at, handed_over_at, checked_at, watched_at FROM rotations
		ORDER BY began_at DESC, old_id DESC`
)

// sqlStep has, for each step that can be noted, the statement that reads its moment and the one that sets it.
var sqlStep = map[model.Step]struct{ read, note string }{
	model.StepHandOver: {
		`SELECT handed_over_at FROM rotations WHERE old_id = $1`, `UPDATE rotations SET handed_over_at = $2 WHERE old_id = $1`,
	},
	model.StepCheck: {
		`SELECT checked_at FROM rotations WHERE old_id = $1`, `UPDATE rotations SET checked_at = $2 WHERE old_id = $1`,
	},
	model.StepWatch: {
		`SELECT watched_at FROM rotations WHERE old_id = $1`, `UPDATE rotations SET watched_at = $2 WHERE old_id = $1`,
	},
}

// The statements on answers.
const (
	sqlTraits     = `SELECT traits FROM keys WHERE id = $1`
	sqlSetTraits  = `UPDATE keys SET traits = $2 WHERE id = $1`
	sqlKeepAnswer = `INSERT INTO answers (key_id, api, verdict, status, took, at, why) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (key_id, api) DO UPDATE SET verdict = excluded.verdict, status = excluded.status, took = excluded.took,
			at = excluded.at, why = excluded.why`
	sqlAnswers = `SELECT key_id, api, verdict, status, took, at, why FROM answers ORDER BY at DESC, key_id, api`
)

// The statements on the vault: digests and ciphertexts, in slots.
const (
	sqlReuseSlot = `UPDATE vault SET live = 1, digest = $1, ciphertext = $2
		WHERE slot = (SELECT slot FROM vault WHERE live = 0 AND length(ciphertext) = $3 LIMIT 1) RETURNING slot`
	sqlNewSlot   = `INSERT INTO vault (live, digest, ciphertext) VALUES (1, $1, $2) RETURNING slot`
	sqlEraseSlot = `UPDATE vault SET live = 0, digest = $2, ciphertext = $3 WHERE slot = $1`
)

// The statements on the activity. A line of a deletion has erased = 0 until the log that held what was deleted is
// known to be gone, then 1; the other lines have NULL.
const (
	sqlInsertActivity = `INSERT INTO activity (at, action, key_id, key_name, key_created_at, by_whom, from_where, erased)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlActivity = `SELECT at, action, key_id, key_name, key_created_at, by_whom, from_where FROM activity
		ORDER BY seq DESC LIMIT $1`
	sqlLastSeq    = `SELECT coalesce(max(seq), 0) FROM activity`
	sqlUnerased   = `SELECT count(*) FROM activity WHERE erased = 0`
	sqlUnerasedID = `SELECT count(*) FROM activity WHERE erased = 0 AND key_id = $1`
	sqlErased     = `UPDATE activity INDEXED BY activity_unerased SET erased = 1 WHERE erased = 0 AND seq <= $1`
)

// The dialect of SQLite.
const (
	// applicationID marks the file as a store of clavier: "clav" in ASCII.
	applicationID = 0x636c6176

	sqlBegin     = `BEGIN IMMEDIATE` // takes the write lock at once, so that no transaction fails half-way for want of it
	sqlBeginRead = `BEGIN`
	sqlCommit    = `COMMIT`
	sqlRollback  = `ROLLBACK`

	sqlHeader = `SELECT application_id, user_version, journal_mode
		FROM pragma_application_id, pragma_user_version, pragma_journal_mode`
	sqlTables      = `SELECT count(*) FROM sqlite_schema`
	sqlUseWAL      = `PRAGMA journal_mode = WAL`
	sqlDataVersion = `PRAGMA data_version`
	// sqlTruncateLog copies the write-ahead log into the database, syncs it and cuts the log to nothing. It answers
	// with a row whose first column is 1 if somebody was in the way.
	sqlTruncateLog = `PRAGMA wal_checkpoint(TRUNCATE)`
	sqlQuickCheck  = `PRAGMA quick_check(1)`
	sqlForeignKeys = `PRAGMA foreign_key_check`
	sqlMiscounted  = `SELECT 1 FROM state WHERE live <> (SELECT count(*) FROM keys)`
	sqlMismarked   = `SELECT 1 FROM keys
		WHERE (traits & 2 <> 0) <> (id IN (SELECT old_id FROM rotations UNION ALL SELECT new_id FROM rotations)) LIMIT 1`
)

// sqlSetVersion stamps the file with the schema version and the application id.
func sqlSetVersion(version int) string {
	return "PRAGMA user_version = " + strconv.Itoa(version) + "; PRAGMA application_id = " + strconv.Itoa(applicationID)
}

// migrations[n] leads from schema version n to n+1. A migration that has been released is never changed.
var migrations = []string{`
CREATE TABLE vault (
	slot       INTEGER PRIMARY KEY,
	live       INTEGER NOT NULL CHECK (live IN (0, 1)),
	digest     BLOB NOT NULL CHECK (length(digest) = 32),
	ciphertext BLOB NOT NULL
) STRICT;
CREATE INDEX vault_free ON vault (length(ciphertext)) WHERE live = 0;

CREATE TABLE keys (
	id           TEXT NOT NULL PRIMARY KEY,
	name         TEXT NOT NULL UNIQUE,
	hint         TEXT NOT NULL,
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER,
	expires_at   INTEGER,
	disabled     INTEGER NOT NULL CHECK (disabled IN (0, 1)),
	tag          INTEGER NOT NULL UNIQUE,
	slot         INTEGER NOT NULL UNIQUE REFERENCES vault (slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE activity (
	seq            INTEGER PRIMARY KEY,
	at             INTEGER NOT NULL,
	action         TEXT NOT NULL,
	key_id         TEXT NOT NULL,
	key_name       TEXT NOT NULL,
	key_created_at INTEGER NOT NULL,
	by_whom        TEXT NOT NULL,
	from_where     TEXT NOT NULL,
	erased         INTEGER CHECK (erased IN (0, 1))
) STRICT;
CREATE INDEX activity_unerased ON activity (key_id) WHERE erased = 0;
`, `
-- Who a key belongs to: whoever made it.
ALTER TABLE keys ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE keys SET owner = by_whom FROM activity WHERE key_id = id AND action = 'created';

-- The newest keys, for the first page. The id that orders twins is in every index of keys.
CREATE INDEX keys_newest ON keys (created_at);

-- The number of the last change of a key that left no line of activity; NULL if there was none.
ALTER TABLE keys ADD COLUMN changed INTEGER;
CREATE INDEX keys_changed ON keys (changed) WHERE changed IS NOT NULL;

-- One row: what tells the numbers of this store from another's, the number of the last change, and how many keys there are.
CREATE TABLE state (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	tag     INTEGER NOT NULL,
	changes INTEGER NOT NULL,
	live    INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 1 + abs(random() % 4194303), (SELECT coalesce(max(seq), 0) FROM activity), (SELECT count(*) FROM keys));

-- This is kept here and not by the program, so that an older program which still has the store open keeps it too. A line
-- that arrives under a number which a change has already is moved behind it.
CREATE TRIGGER keys_made AFTER INSERT ON keys BEGIN UPDATE state SET live = live + 1; END;
CREATE TRIGGER keys_gone AFTER DELETE ON keys BEGIN UPDATE state SET live = live - 1; END;
CREATE TRIGGER activity_numbered AFTER INSERT ON activity BEGIN
	UPDATE state SET changes = max(changes + 1, NEW.seq);
	UPDATE activity SET seq = (SELECT changes FROM state) WHERE seq = NEW.seq AND seq < (SELECT changes FROM state);
END;
CREATE TRIGGER keys_numbered AFTER UPDATE OF name, hint, owner, created_at, last_used_at, expires_at, disabled ON keys BEGIN
	UPDATE state SET changes = changes + 1;
	UPDATE keys SET changed = (SELECT changes FROM state) WHERE id = NEW.id;
END;
`, `
-- What is so of a key, bit by bit: 1 imported, 2 rotating, 4 dead. And where an imported key is managed.
ALTER TABLE keys ADD COLUMN traits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN note TEXT NOT NULL DEFAULT '';

DROP TRIGGER keys_numbered;
CREATE TRIGGER keys_numbered AFTER UPDATE
OF name, hint, owner, created_at, last_used_at, expires_at, disabled, traits, note ON keys BEGIN
	UPDATE state SET changes = changes + 1;
	UPDATE keys SET changed = (SELECT changes FROM state) WHERE id = NEW.id;
END;

-- Which key replaces which, and when each step was done.
CREATE TABLE rotations (
	old_id         TEXT NOT NULL PRIMARY KEY REFERENCES keys (id),
	new_id         TEXT NOT NULL UNIQUE REFERENCES keys (id),
	began_at       INTEGER NOT NULL,
	handed_over_at INTEGER,
	checked_at     INTEGER,
	watched_at     INTEGER,
	CHECK (old_id <> new_id)
) STRICT, WITHOUT ROWID;

-- How each API answered last when a key was tried.
CREATE TABLE answers (
	key_id  TEXT NOT NULL REFERENCES keys (id),
	api     TEXT NOT NULL,
	verdict TEXT NOT NULL CHECK (verdict IN ('alive', 'dead', 'unknown')),
	status  INTEGER NOT NULL,
	took    INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	why     TEXT NOT NULL,
	PRIMARY KEY (key_id, api)
) STRICT, WITHOUT ROWID;

-- A rotation is over when one of its keys is gone, whichever program deletes it; so are the answers for a key.
CREATE TRIGGER rotations_begun AFTER INSERT ON rotations BEGIN
	UPDATE keys SET traits = traits | 2 WHERE id IN (NEW.old_id, NEW.new_id);
END;
CREATE TRIGGER rotations_over AFTER DELETE ON rotations BEGIN
	UPDATE keys SET traits = traits & ~2 WHERE id IN (OLD.old_id, OLD.new_id);
END;
CREATE TRIGGER keys_rotated AFTER DELETE ON keys WHEN OLD.traits & 2 BEGIN
	DELETE FROM rotations WHERE old_id = OLD.id;
	DELETE FROM rotations WHERE new_id = OLD.id;
END;
CREATE TRIGGER keys_answered AFTER DELETE ON keys BEGIN
	DELETE FROM answers WHERE key_id = OLD.id;
END;
`}

// pragmas are what a connection that may write is told, with SQLite's own spelling of a setting and its value.
//
// fullfsync and checkpoint_fullfsync make macOS flush the drive's cache, which its fsync does not. Elsewhere they change
// nothing but the time to open.
func pragmas(wait time.Duration) []string {
	list := []string{
		busyTimeout(wait),
		"synchronous(FULL)",
		"secure_delete(1)",
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		"trusted_schema(0)",
		"cell_size_check(1)",
	}
	if runtime.GOOS == "darwin" {
		list = append(list, "fullfsync(1)", "checkpoint_fullfsync(1)")
	}
	return list
}

// sweepPragmas are what a connection of Pages is told. Its cache is no larger than what SQLite allocates at once: a sweep
// sees each page once or twice, and every page beyond that costs two system calls.
func sweepPragmas(wait time.Duration) []string {
	return []string{busyTimeout(wait), "temp_store(MEMORY)", "trusted_schema(0)", "cell_size_check(1)", "cache_size(20)"}
}

// fillPragmas are what a connection of Fill is told: with a large cache (64 MiB), since new names and tags fall anywhere
// into their indexes.
func fillPragmas(wait time.Duration) []string { return append(pragmas(wait), "cache_size(-65536)") }

func busyTimeout(wait time.Duration) string {
	return "busy_timeout(" + strconv.FormatInt(wait.Milliseconds(), 10) + ")"
}

// dataSource returns the name under which the driver opens the file at path, an absolute path. The file must exist.
func dataSource(path, vfs string, wait time.Duration) string {
	return fileURI(path, vfs, url.Values{
		"mode":       {"rw"},
		"_pragma":    pragmas(wait),
		"_defensive": {"1"},
		"_dqs":       {"0"},
	})
}

// readOnlySource is dataSource for looking only: nothing is written or made, not even the log's shared memory. With
// immutable the file is read as it stands, without its log, which is right only if there is none.
func readOnlySource(path string, immutable bool, wait time.Duration) string {
	values := url.Values{
		"mode": {"ro"},
		"_pragma": {
			busyTimeout(wait),
			"temp_store(MEMORY)",
			"trusted_schema(0)",
			"cell_size_check(1)",
		},
		"_defensive": {"1"},
	}
	if immutable {
		values.Set("immutable", "1")
	} else {
		values.Set("readonly_shm", "1")
	}
	return fileURI(path, "", values)
}

// fileURI returns the URI of a file (https://www.sqlite.org/uri.html), to be opened by this VFS, or the platform's own if
// that is empty. A path may hold any character.
func fileURI(path, vfs string, values url.Values) string {
	if vfs != "" {
		values.Set("vfs", vfs)
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: values.Encode()}).String()
}
