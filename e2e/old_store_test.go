//go:build linux || darwin

package e2e

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
	"clavier/model"
	"clavier/seal"
)

// firstSchema is the schema of the first release, as it made its stores: a migration that was released is never changed.
const firstSchema = `
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
PRAGMA user_version = 1;
PRAGMA application_id = 0x636c6176;
`

// makeOldStore makes a store as the first release did, with these keys, the newest first, and a line about one that was
// deleted.
func (p *place) makeOldStore(names ...string) []crowd.Key {
	p.tb.Helper()
	ctx := context.Background()
	vault, err := seal.Open(seal.Options{IdentityPath: p.Identity(), Own: true})
	p.must(err)
	p.must(os.MkdirAll(p.Data(), 0o700))
	p.must(os.WriteFile(p.Database(), nil, 0o600))
	db, err := sql.Open("sqlite", "file:"+p.Database()+"?_pragma=journal_mode(WAL)")
	p.must(err)
	defer func() { p.must(db.Close()) }()
	exec := func(query string, args ...any) {
		p.tb.Helper()
		_, err := db.ExecContext(ctx, query, args...)
		p.must(err)
	}
	exec(firstSchema)
	const line = `INSERT INTO activity (at, action, key_id, key_name, key_created_at, by_whom, from_where, erased)
		VALUES (?, ?, ?, ?, ?, 'grace', 'laptop', ?)`
	made := time.Now().Add(-365 * 24 * time.Hour).UTC().Truncate(time.Millisecond)
	exec(line, made.UnixNano(), "created", "gone", "gone", made.UnixNano(), nil)
	exec(line, made.UnixNano(), "deleted", "gone", "gone", made.UnixNano(), 1)
	keys := make([]crowd.Key, len(names))
	for i, name := range names {
		secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
		p.must(err)
		sealed, err := vault.Seal(secret)
		p.must(err)
		key := model.Key{
			ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(), Owner: "grace", LastUse: model.LastUse{Reported: true},
			CreatedAt: made.Add(-time.Duration(i) * time.Hour), Disabled: i == 1,
		}
		var used any
		if i == 2 {
			key.LastUse.At = made.Add(time.Hour)
			used = key.LastUse.At.UnixNano()
		}
		digest := sealed.Digest
		tag := sha256.Sum256(digest[:])
		exec(`INSERT INTO vault VALUES (?, 1, ?, ?)`, i+1, digest[:], sealed.Ciphertext)
		exec(`INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)`, key.ID, name, key.Hint, key.CreatedAt.UnixNano(), used,
			key.Disabled, int64(binary.BigEndian.Uint64(tag[:8])), i+1)
		exec(line, key.CreatedAt.UnixNano(), "created", key.ID, name, key.CreatedAt.UnixNano(), nil)
		keys[i] = crowd.Key{Key: key, Secret: secret}
	}
	return keys
}

// schema is the version of the store's schema.
func (p *place) schema() (version int) {
	p.tb.Helper()
	db, err := sql.Open("sqlite", "file:"+p.Database()+"?mode=ro")
	p.must(err)
	defer func() { p.must(db.Close()) }()
	p.must(db.QueryRowContext(context.Background(), "PRAGMA user_version").Scan(&version))
	return version
}

// TestStoreOfTheFirstRelease: a store that the first release made opens as it is, with all that is in it; who made a key owns
// it. Keys in it can be had, used, filtered and deleted.
func TestStoreOfTheFirstRelease(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		keys := p.makeOldStore(numbered("first", 8)...)
		x := p.open()
		x.WaitUntil("all keys", func(s term.Screen) bool { return total(s, "8") && lists(s, plain(keys)) })
		mustBePrivate(p.tb, p.Data())
		if version := p.schema(); version <= 1 {
			p.tb.Errorf("the schema has version %d: an older program would take the store for its own", version)
		}
		p.mustBeWhollyThereOrGone(keys, nil)
		x.Type("/owner:grace status:active -used:never")
		x.WaitUntil("the one that was used", func(s term.Screen) bool { return tally(s, "1 of 8") && lists(s, plain(keys[2:3])) })
		x.Key(term.Esc)
		waitAll(x, plain(keys))
		x.Type("c")
		waitClip(p.tb, x, "the secret of "+keys[2].Name, func(text string) bool { return text == keys[2].Secret.Reveal() })
		x.Type("ggd" + keys[0].Name)
		x.WaitFor("[ enter deletes it for good ]")
		x.Key(term.Enter)
		x.WaitFor("deleted first-01 for good")
		x.Type("nnew")
		x.WaitFor("enter creates it")
		x.Key(term.Enter)
		x.WaitFor("new was created")
		leave(p.tb, x, "was created")
		x.Type("3")
		s := x.WaitFor(" created  new ")
		for _, told := range []string{" created  new ", " deleted  first-01 ", " created  first-08 ", " deleted  gone ", " grace "} {
			if !s.Contains(told) {
				p.tb.Errorf("the activity does not tell %q\n%s", told, s.Frame())
			}
		}
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		if list := p.keys(); strings.Join(list, " ") != "new "+strings.Join(numbered("first", 8)[1:], " ") {
			p.tb.Errorf("the list is %v", list)
		}
		if p.verifies(keys[0]) || p.verifies(keys[1]) || !p.verifies(keys[3]) {
			p.tb.Errorf("verify knows the deleted or the disabled key, or not the one that is left")
		}
	})
}
