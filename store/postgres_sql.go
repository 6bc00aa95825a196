package store

import "clavier/model"

// The statements of the store in PostgreSQL stand in this file, and its schema. The order of ids is that of their bytes
// (COLLATE "C"), whatever the language of the database; the same name is found by the SHA-256 of its bytes, for an index
// takes no long texts.
const (
	pgState    = `SELECT tag, changes, live, ` + pgTimeline + ` FROM clavier_state WHERE one = 1`
	pgStateOne = `SELECT tag, changes, live, '' FROM clavier_state WHERE one = 1` // where there are no timelines
	pgTimeline = `substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`

	pgGet    = `SELECT ` + keyColumns + ` FROM clavier_keys WHERE id = $1`
	pgList   = `SELECT ` + keyColumns + ` FROM clavier_keys ORDER BY created_at DESC, id DESC`
	pgFirst  = pgList + ` LIMIT $1`
	pgAfter  = `SELECT ` + keyColumns + ` FROM clavier_keys WHERE (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $1`
	pgFind   = `SELECT ` + keyColumns + `, digest FROM clavier_keys WHERE tag = $1`
	pgRecord = `SELECT ` + keyColumns + `, digest, ciphertext FROM clavier_keys WHERE id = $1`
	pgSealed = `SELECT digest, ciphertext FROM clavier_keys WHERE id = $1`
	pgNamed  = `SELECT name FROM clavier_keys WHERE name_digest = $1`
	pgTagged = `SELECT name FROM clavier_keys WHERE tag = $1`

	// The statements for reading by parts: where the next part ends that a reader takes, $2 keys after the id $1, and what is in it.
	pgKeysAfter   = `SELECT id FROM clavier_keys WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2`
	pgPart        = `SELECT ` + keyColumns + ` FROM clavier_keys WHERE id > $1 AND id <= $2`
	pgLastPart    = `SELECT ` + keyColumns + ` FROM clavier_keys WHERE id > $1`
	pgDigests     = `SELECT ` + digestColumns + ` FROM clavier_keys WHERE id > $1 AND id <= $2`
	pgLastDigests = `SELECT ` + digestColumns + ` FROM clavier_keys WHERE id > $1`

	pgChangedKeys    = `SELECT ` + keyColumns + ` FROM clavier_keys WHERE changed > $1 LIMIT $2`
	pgChangedDigests = `SELECT ` + digestColumns + ` FROM clavier_keys WHERE changed > $1 LIMIT $2`
	// pgGone asks for the action in words of its own, so that it is not answered by the index of pgDeletedID, which has all deletions
	// that ever were.
	pgGone = `SELECT DISTINCT key_id FROM clavier_activity WHERE seq > $1 AND action || '' = 'deleted' AND refused = ''
		AND NOT EXISTS (SELECT 1 FROM clavier_keys WHERE id = key_id)`

	pgInsertKey = `INSERT INTO clavier_keys (id, name, hint, owner, created_at, expires_at, disabled, traits, note, tag, digest, ciphertext,
		name_digest, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	pgEnd    = `UPDATE clavier_keys SET expires_at = $2, disabled = $3, changed = $4 WHERE id = $1`
	pgDelete = `DELETE FROM clavier_keys WHERE id = $1`

	pgLastUsed = `SELECT last_used_at FROM clavier_keys WHERE id = $1`
	pgDueUses  = `SELECT count(*) FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS used (id, at, before)
		JOIN clavier_keys ON clavier_keys.id = used.id WHERE last_used_at IS NULL OR last_used_at <= used.before`
	pgNoteUses = `UPDATE clavier_keys SET last_used_at = used.at, changed = $4
		FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS used (id, at, before)
		WHERE clavier_keys.id = used.id AND (last_used_at IS NULL OR last_used_at <= used.before)`

	pgTraits    = `SELECT id, traits FROM clavier_keys WHERE id = ANY ($1::text[])`
	pgSetTraits = `UPDATE clavier_keys SET traits = given.traits, changed = $3
		FROM unnest($1::text[], $2::bigint[]) AS given (id, traits) WHERE clavier_keys.id = given.id`
	pgKeepAnswers = `INSERT INTO clavier_answers (key_id, api, verdict, status, took, at, why)
		SELECT id, api, verdict, status, took, at, why FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
			$7::text[]) AS given (id, api, verdict, status, took, at, why)
		ON CONFLICT (key_id, api) DO UPDATE SET verdict = excluded.verdict, status = excluded.status, took = excluded.took,
			at = excluded.at, why = excluded.why`
	pgAnswers = `SELECT key_id, api, verdict, status, took, at, why FROM clavier_answers
		ORDER BY at DESC, key_id, api LIMIT $1`
	pgForgetAnswers = `DELETE FROM clavier_answers WHERE key_id = $1`

	pgBeginRotation = `INSERT INTO clavier_rotations (old_id, new_id, began_at) VALUES ($1, $2, $3)`
	pgSuccessor     = `SELECT new_id FROM clavier_rotations WHERE old_id = $1`
	pgRotating      = `UPDATE clavier_keys SET traits = traits | 2, changed = $2 WHERE id = ANY ($1::text[])`
	pgNotRotating   = `UPDATE clavier_keys SET traits = traits & ~2, changed = $2
		WHERE id IN (SELECT new_id FROM clavier_rotations WHERE old_id = $1 UNION ALL SELECT old_id FROM clavier_rotations WHERE new_id = $1)`
	pgRotations = `SELECT old_id, new_id, began_at, handed_over_at, checked_at, watched_at FROM clavier_rotations
		ORDER BY began_at DESC, old_id DESC`
	pgSteps       = `SELECT handed_over_at, checked_at, watched_at FROM clavier_rotations WHERE old_id = $1`
	pgEndRotation = `DELETE FROM clavier_rotations WHERE old_id = $1 OR new_id = $1`

	pgLine = `INSERT INTO clavier_activity (seq, at, action, key_id, key_name, key_created_at, by_whom, from_where, refused)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	pgActivity = `SELECT at, action, key_id, key_name, key_created_at, by_whom, from_where, refused FROM clavier_activity
		ORDER BY seq DESC LIMIT $1`
	// pgDeletedID finds the line of a deletion, by an index that has those alone. Lines are never deleted.
	pgDeletedID = `SELECT key_name FROM clavier_activity WHERE key_id = $1 AND action = 'deleted' AND refused = ''`
	pgLineAt    = `SELECT at, action, key_id, by_whom, from_where FROM clavier_activity WHERE seq = $1`

	pgBeginRead = `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`
	pgBegin     = `BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE`
	pgCommit    = `COMMIT`
	pgRollback  = `ROLLBACK`

	pgSyncCommit  = `SET LOCAL synchronous_commit = on`
	pgNotify      = `SELECT pg_notify('clavier_changes', '')`
	pgListen      = `LISTEN clavier_changes`
	pgSchemaNow   = `SELECT schema FROM clavier_state WHERE one = 1`
	pgLockSchema  = `SELECT schema FROM clavier_state WHERE one = 1 FOR UPDATE`
	pgNoteSchema  = `UPDATE clavier_state SET schema = $1 WHERE one = 1`
	pgAwaitOthers = `SELECT 1 FROM clavier_state WHERE one = 1 FOR UPDATE`
)

// pgStepOrder has the steps that can be noted, in the order of pgSteps.
var pgStepOrder = []model.Step{model.StepHandOver, model.StepCheck, model.StepWatch}

// pgNoteStep notes the moment of a step, by its place in pgStepOrder.
func pgNoteStep(place int) string {
	column := []string{"handed_over_at", "checked_at", "watched_at"}[place]
	return "UPDATE clavier_rotations SET " + column + " = $2 WHERE old_id = $1"
}

// pgMakeState makes the row that everything begins with. Its tag tells the numbers of this store from another's.
const pgMakeState = `
CREATE TABLE clavier_state (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	schema  INTEGER NOT NULL,
	tag     BIGINT NOT NULL,
	changes BIGINT NOT NULL,
	live    BIGINT NOT NULL
)`

const pgFirstState = `INSERT INTO clavier_state (one, schema, tag, changes, live) VALUES (1, 0, $1, 0, 0)`

// pgMigrations[n] leads from schema version n to n+1. A migration that has been released is never changed. Times are
// nanoseconds since 1970; NULL is the zero time, and unknownTime that of a making which nobody knows. What the bits of traits
// mean stands at traitImported. Changed is the number of the last change of a key, seq that of the change a line tells of.
var pgMigrations = []string{`
CREATE TABLE clavier_keys (
	id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	name         TEXT NOT NULL,
	name_digest  BYTEA NOT NULL UNIQUE,
	hint         TEXT NOT NULL,
	owner        TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	last_used_at BIGINT,
	expires_at   BIGINT,
	disabled     BOOLEAN NOT NULL,
	traits       BIGINT NOT NULL,
	note         TEXT NOT NULL,
	tag          BIGINT NOT NULL UNIQUE,
	digest       BYTEA NOT NULL,
	ciphertext   BYTEA NOT NULL,
	changed      BIGINT NOT NULL
);
CREATE INDEX clavier_keys_newest ON clavier_keys (created_at, id);
CREATE INDEX clavier_keys_changed ON clavier_keys (changed);

CREATE TABLE clavier_activity (
	seq            BIGINT NOT NULL PRIMARY KEY,
	at             BIGINT NOT NULL,
	action         TEXT NOT NULL,
	key_id         TEXT COLLATE "C" NOT NULL,
	key_name       TEXT NOT NULL,
	key_created_at BIGINT NOT NULL,
	by_whom        TEXT NOT NULL,
	from_where     TEXT NOT NULL,
	refused        TEXT NOT NULL
);
CREATE INDEX clavier_activity_deleted ON clavier_activity (key_id) WHERE action = 'deleted' AND refused = '';

CREATE TABLE clavier_rotations (
	old_id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	new_id         TEXT COLLATE "C" NOT NULL UNIQUE,
	began_at       BIGINT NOT NULL,
	handed_over_at BIGINT,
	checked_at     BIGINT,
	watched_at     BIGINT,
	CHECK (old_id <> new_id)
);

CREATE TABLE clavier_answers (
	key_id  TEXT COLLATE "C" NOT NULL,
	api     TEXT COLLATE "C" NOT NULL,
	verdict TEXT NOT NULL,
	status  BIGINT NOT NULL,
	took    BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	why     TEXT NOT NULL,
	PRIMARY KEY (key_id, api)
);
CREATE INDEX clavier_answers_latest ON clavier_answers (at);
`}
