package store

import "strconv"

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
`, `
-- Why a change was refused; empty if it was made. From here on bits 8 (read) and 16 (manage) of traits are the role of a key: a
-- program that does not know of them may not open the store, and one that has it open leaves them as they are.
ALTER TABLE activity ADD COLUMN refused TEXT NOT NULL DEFAULT '';

-- The ids of deleted keys, none of which is taken again.
CREATE INDEX activity_deleted ON activity (key_id) WHERE action = 'deleted' AND refused = '';

-- The answers that were given last. The key and the API that order twins are in every index of answers.
CREATE INDEX answers_latest ON answers (at DESC);
`}
