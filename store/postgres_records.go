package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// followsKey is in the context of who asks what has changed.
type followsKey struct{}

// follows marks the questions by which a server learns what has changed: however much is read for people, there are connections
// left for them, and for changes.
func follows(ctx context.Context) context.Context { return context.WithValue(ctx, followsKey{}, true) }

// read asks the database something, for at most as long as it may take; once more over a new connection if the one it had was
// lost. Reading waits for no other program.
func (p *Postgres) read(ctx context.Context, most time.Duration, question func(ctx context.Context, conn *pgx.Conn) error) error {
	if err := p.enter(); err != nil {
		return p.explain(ctx, err)
	}
	defer p.inside.Done()
	limited, cancel := p.within(ctx, most)
	defer cancel()
	if ctx.Value(followsKey{}) == nil {
		select {
		case p.places <- struct{}{}:
			defer func() { <-p.places }()
		case <-limited.Done():
			return p.explain(ctx, limited.Err())
		}
	}
	again := true
	var away error // why the first try lost its connection
	for {
		err := awayBefore(away, p.readOnce(limited, question))
		if lost := broken(err); again && (lost || stateOf(err) == pgPlanChanged) && limited.Err() == nil {
			if lost {
				away = err
			}
			p.pool.Reset()
			again = false
			continue
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return p.explain(ctx, err)
	}
}

func (p *Postgres) readOnce(ctx context.Context, question func(ctx context.Context, conn *pgx.Conn) error) error {
	held, err := p.pool.Acquire(ctx)
	if err != nil {
		return errors.Join(errUnheld, err)
	}
	defer held.Release() // which closes what is still in a transaction
	return lostWith(ctx, held.Conn(), question(ctx, held.Conn()))
}

// row is read for one row.
func (p *Postgres) row(ctx context.Context, scan func(row pgx.Row) error, query string, args ...any) error {
	return p.read(ctx, p.wait, func(ctx context.Context, conn *pgx.Conn) error { return scan(conn.QueryRow(ctx, query, args...)) })
}

// rows is read for all rows; scan is called for each and may be called for all once more.
func pgRows[T any](ctx context.Context, p *Postgres, scan pgx.RowToFunc[T], query string, args ...any) (all []T, err error) {
	err = p.read(ctx, pgReadFor*p.wait, func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, scan)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// pgReadFor is how many times longer than a wait the reading of all that there is may take.
const pgReadFor = 12

// Put stores the record and a line of activity in one durable transaction, as Put of Store does, and returns what that does;
// model.ErrName too, if PostgreSQL cannot keep the name; and model.ErrOutcomeUnknown if the connection was lost while the
// change was being committed, and could not be had again.
func (p *Postgres) Put(ctx context.Context, rec model.Record, by model.Actor) error {
	_, err := p.PutNew(ctx, rec, "", by)
	return err
}

// PutNew is Put, or PutSuccessor if there is an old id, and reports whether the record was new: false if it was there already.
func (p *Postgres) PutNew(ctx context.Context, rec model.Record, oldID string, by model.Actor) (made bool, err error) {
	if err := pgCheckRecord(rec); err != nil {
		return false, err
	}
	change := pgChange{numbers: 1, live: 1}
	put := p.put
	if oldID != "" {
		if !pgKeeps(oldID) {
			return false, notFoundError(p.where, oldID)
		}
		change.numbers = 2
		put = p.putSuccessor
	}
	change.make = func(ctx context.Context, t *pgTurn) error {
		made = false // it may be run again
		if err := put(ctx, t, rec, oldID, by); err != nil {
			return err
		}
		made = true
		return nil
	}
	err = p.write(ctx, change)
	return made && err == nil, err
}

// put is the change of Put.
func (p *Postgres) put(ctx context.Context, t *pgTurn, rec model.Record, _ string, by model.Actor) error {
	if err := p.admit(ctx, t, rec); err != nil {
		return err
	}
	t.insert(rec, by)
	return nil
}

// admit returns why a record cannot be stored, or errUnchanged if it is there already.
func (p *Postgres) admit(ctx context.Context, t *pgTurn, rec model.Record) error {
	var old model.Record
	var deleted, tagged, named string
	name := sha256.Sum256([]byte(rec.Key.Name))
	var questions pgx.Batch
	questions.Queue(pgRecord, rec.Key.ID)
	questions.Queue(pgDeletedID, rec.Key.ID)
	questions.Queue(pgTagged, tagOf(rec.Sealed.Digest))
	questions.Queue(pgNamed, name[:])
	answers := t.conn.SendBatch(ctx, &questions)
	defer func() { _ = answers.Close() }()
	old, err := pgScanRecord(answers.QueryRow())
	same := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	deletedErr := answers.QueryRow().Scan(&deleted)
	if deletedErr != nil && !errors.Is(deletedErr, pgx.ErrNoRows) {
		return deletedErr
	}
	taggedErr := answers.QueryRow().Scan(&tagged)
	if taggedErr != nil && !errors.Is(taggedErr, pgx.ErrNoRows) {
		return taggedErr
	}
	namedErr := answers.QueryRow().Scan(&named)
	if namedErr != nil && !errors.Is(namedErr, pgx.ErrNoRows) {
		return namedErr
	}
	switch {
	case same && sameBody(old, rec):
		return errUnchanged
	case same:
		return conflictError(p.where, rec.Key.ID)
	case deletedErr == nil:
		return spentError(p.where, rec.Key.ID)
	case taggedErr == nil && rec.Key.Imported:
		return heldError(tagged)
	case taggedErr == nil:
		return digestError(p.where, rec.Key.ID)
	case namedErr == nil:
		return nameError(named)
	}
	return answers.Close()
}

// insert queues a record that was admitted, with its line of activity.
func (t *pgTurn) insert(rec model.Record, by model.Actor) {
	key := rec.Key
	name := sha256.Sum256([]byte(key.Name))
	t.write(pgInsertKey, key.ID, key.Name, key.Hint, key.Owner, nanos(key.CreatedAt), nullTime(key.ExpiresAt), key.Disabled,
		ownTraits(key), key.Note, tagOf(rec.Sealed.Digest), rec.Sealed.Digest[:], rec.Sealed.Ciphertext, name[:], t.number)
	t.line(beginning(key), key, by, rec.MadeAt(), "")
}

func pgScanRecord(row pgx.Row) (model.Record, error) {
	var digest, ciphertext []byte
	key, err := scanKey(row, &digest, &ciphertext)
	if err != nil {
		return model.Record{}, err
	}
	sealed, err := sealedOf(digest, ciphertext)
	return model.Record{Key: key, Sealed: sealed}, err
}

// pgScanKey reads one row of keyColumns.
func pgScanKey(row pgx.CollectableRow) (model.Key, error) { return scanKey(row) }

// Get returns the key with this id or model.ErrNotFound.
func (p *Postgres) Get(ctx context.Context, id string) (key model.Key, err error) {
	if !pgKeeps(id) {
		return model.Key{}, notFoundError(p.where, id)
	}
	err = p.row(ctx, func(row pgx.Row) (err error) { key, err = scanKey(row); return err }, pgGet, id)
	return key, p.orNotFound(err, id)
}

func (p *Postgres) orNotFound(err error, id string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return notFoundError(p.where, id)
	}
	return err
}

// Sealed returns the sealed secret of the key with this id or model.ErrNotFound.
func (p *Postgres) Sealed(ctx context.Context, id string) (sealed model.Sealed, err error) {
	if !pgKeeps(id) {
		return model.Sealed{}, notFoundError(p.where, id)
	}
	err = p.row(ctx, func(row pgx.Row) error {
		var digest, ciphertext []byte
		if err := row.Scan(&digest, &ciphertext); err != nil {
			return err
		}
		sealed, err = sealedOf(digest, ciphertext)
		return err
	}, pgSealed, id)
	return sealed, p.orNotFound(err, id)
}

// Find returns the key whose secret has this digest or model.ErrNotFound. The unique index that it asks holds no part of a
// digest; the digests themselves are compared in constant time.
func (p *Postgres) Find(ctx context.Context, digest model.Digest) (key model.Key, err error) {
	var held []byte
	err = p.row(ctx, func(row pgx.Row) (err error) { key, err = scanKey(row, &held); return err }, pgFind, tagOf(digest))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return model.Key{}, noDigestError(p.where)
	case err != nil:
		return model.Key{}, err
	case !sameDigest(held, digest):
		return model.Key{}, noDigestError(p.where)
	}
	return key, nil
}

// Delete removes the record for good, with the rotation that its key is part of and the answers for it. When it returns nil, the
// deletion and a line of activity are durable. It never returns model.ErrNotErased: see Postgres for what stays in the database.
//
// It returns model.ErrNotFound; model.ErrLastManager (see WithManagers), model.ErrStoreBusy or model.ErrStoreWrite if the key is as
// it was; or model.ErrOutcomeUnknown.
func (p *Postgres) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	if err := checkTime("the time of deletion", at); err != nil {
		return err
	}
	if !pgKeeps(id) {
		return notFoundError(p.where, id)
	}
	return p.write(ctx, pgChange{numbers: 1, live: -1, make: func(ctx context.Context, t *pgTurn) error {
		key, err := p.keyToChange(ctx, t, id)
		if err != nil {
			return err
		}
		if err := p.keepManager(ctx, t.conn, key, at); err != nil {
			return err
		}
		if key.Rotating {
			t.endRotation(id)
		}
		t.write(pgForgetAnswers, id)
		t.write(pgDelete, id)
		t.line(model.ActionDeleted, key, by, at, "")
		return nil
	}})
}

// keyToChange returns a key as it is in the transaction.
func (p *Postgres) keyToChange(ctx context.Context, t *pgTurn, id string) (model.Key, error) {
	key, err := scanKey(t.conn.QueryRow(ctx, pgGet, id))
	return key, p.orNotFound(err, id)
}

// Activity returns at most limit lines, newest first: in the order in which the store took the changes, which no wrong clock
// can upset.
func (p *Postgres) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	return pgRows(ctx, p, func(row pgx.CollectableRow) (line model.Activity, err error) {
		var at, created int64
		err = row.Scan(&at, &line.Action, &line.KeyID, &line.KeyName, &created, &line.Actor.By, &line.Actor.From, &line.Refused)
		line.At, line.KeyCreatedAt = moment(at), moment(created)
		return line, err
	}, pgActivity, max(limit, 0))
}

// NoteRefusal adds a line about a change that was refused to the activity, durably; see Store.
func (p *Postgres) NoteRefusal(ctx context.Context, line model.Activity) error {
	if err := checkRefusal(line); err != nil {
		return err
	}
	return p.write(ctx, pgChange{numbers: 1, make: func(_ context.Context, t *pgTurn) error {
		key := model.Key{ID: line.KeyID, Name: line.KeyName, CreatedAt: line.KeyCreatedAt}
		t.line(line.Action, key, line.Actor, line.At, line.Refused)
		return nil
	}})
}

// Touch notes that the key was used at this moment, unless a use within the minute before it, or a later one, is noted already;
// then nothing is written. It returns model.ErrNotFound, model.ErrStoreBusy or model.ErrStoreWrite.
func (p *Postgres) Touch(ctx context.Context, id string, at time.Time) error {
	if err := checkTime("the time of use", at); err != nil {
		return err
	}
	if !pgKeeps(id) {
		return notFoundError(p.where, id)
	}
	due := false
	err := p.row(ctx, func(row pgx.Row) error {
		var last sql.NullInt64
		err := row.Scan(&last)
		due = !last.Valid || at.Sub(time.Unix(0, last.Int64)) >= touchEvery
		return err
	}, pgLastUsed, id)
	if err != nil || !due {
		return p.orNotFound(err, id)
	}
	return p.NoteUses(ctx, []model.Use{{KeyID: id, At: at}})
}
