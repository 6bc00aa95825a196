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

// The statements of the store in SQLite stand in this file, its schema in schema.go. The first part is written as PostgreSQL
// takes it too ($1 parameters, RETURNING, ON CONFLICT); the second part is the dialect of SQLite.
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
	// digestColumns are what it takes to verify.
	digestColumns = `id, name, digest, created_at, last_used_at, expires_at, disabled, traits`
)

// The bits of the column traits. One small number for all of them is read in the time of one.
const (
	// traitImported is a secret that was made elsewhere. Only such a key has a note, and its use is not reported.
	traitImported = 1 << iota
	// traitRotating is a key of a rotation. Triggers on the rotations keep it.
	traitRotating
	// traitDead is a key that an API refused when it was last tried.
	traitDead
	// traitRead and traitManage are the role of a key; neither is model.RoleUse.
	traitRead
	traitManage
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
	sqlLastUsed = `SELECT last_used_at FROM keys WHERE id = $1`
	sqlTouch    = `UPDATE keys SET last_used_at = $2 WHERE id = $1`
	sqlNoteUse  = `UPDATE keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)`

	// sqlInTheWay finds what keeps a new key from being stored: the deletion of one with its id $1, a key with its tag $2, one with
	// its name $3.
	sqlInTheWay = `SELECT (` + sqlDeletedID + `), (SELECT name FROM keys WHERE tag = $2), (SELECT name FROM keys WHERE name = $3)`

	sqlInsertKey = `INSERT INTO keys (id, name, hint, owner, created_at, last_used_at, expires_at, disabled, traits, note, tag, slot)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlEnd    = `UPDATE keys SET expires_at = $2, disabled = $3 WHERE id = $1`
	sqlDoomed = `SELECT ` + keyColumns + `, slot, length(ciphertext) FROM keys JOIN vault USING (slot) WHERE id = $1`
	sqlDelete = `DELETE FROM keys WHERE id = $1`
)

// The statements for reading by pages. The first page is sqlList up to a limit, and sqlAfter is what follows a key in it.
// sqlKeysAfter finds where the next part ends that a reader takes, $2 keys after the id $1, and sqlPart reads it; sqlDigests
// reads it with the digests.
const (
	sqlFirstPage = `SELECT ` + sweepColumns + ` FROM keys ORDER BY created_at DESC, id DESC LIMIT $1`
	sqlKeysAfter = `SELECT id FROM keys WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2 - 1`
	sqlPart      = `SELECT ` + sweepColumns + ` FROM keys WHERE id > $1 AND id <= $2 ORDER BY id`
	sqlAfter     = `SELECT ` + sweepColumns + ` FROM keys WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3`
	sqlDigests   = `SELECT ` + digestColumns + ` FROM keys JOIN vault USING (slot) WHERE id > $1 AND id <= $2 ORDER BY id`
)

// The statements on changes. Every change has a number; the last is in state. A key that was made or deleted has it as
// the seq of its line of activity, a key that was changed otherwise in changed.
const (
	sqlState   = `SELECT tag, changes, live FROM state`
	changedIDs = `SELECT key_id FROM activity WHERE seq > $1 AND refused = ''
			UNION ALL SELECT id FROM keys INDEXED BY keys_changed WHERE changed > $1`
	sqlChangedKeys    = `SELECT ` + keyColumns + ` FROM keys WHERE id IN (` + changedIDs + `)`
	sqlChangedDigests = `SELECT ` + digestColumns + ` FROM keys JOIN vault USING (slot) WHERE id IN (` + changedIDs + `)`
	sqlGone           = `SELECT DISTINCT key_id FROM activity WHERE seq > $1 AND refused = ''
		AND NOT EXISTS (SELECT 1 FROM keys WHERE id = key_id)`
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
	sqlAnswers = `SELECT key_id, api, verdict, status, took, at, why FROM answers ORDER BY at DESC, key_id, api LIMIT $1`
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
	sqlInsertRefusal = `INSERT INTO activity (at, action, key_id, key_name, key_created_at, by_whom, from_where, refused)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlActivity = `SELECT at, action, key_id, key_name, key_created_at, by_whom, from_where, refused FROM activity
		ORDER BY seq DESC LIMIT $1`
	// sqlDeletedID finds the line of a deletion, by an index that has those alone. Lines are never deleted.
	sqlDeletedID  = `SELECT key_name FROM activity WHERE key_id = $1 AND action = 'deleted' AND refused = ''`
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
