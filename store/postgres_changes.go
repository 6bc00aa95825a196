package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// state is the question for the mark of the moment and how many keys there are.
func (p *Postgres) state() string {
	if p.can.timeline {
		return pgState
	}
	return pgStateOne
}

// pgStateOf reads the answer to state.
func pgStateOf(row pgx.Row) (mark int64, live int, err error) {
	var tag, changes int64
	var timeline string
	if err := row.Scan(&tag, &changes, &live, &timeline); err != nil {
		return 0, 0, errors.Join(err, errNoState(!errors.Is(err, pgx.ErrNoRows)))
	}
	if timeline != "" {
		number, err := strconv.ParseInt(timeline, 16, 64)
		if err != nil {
			return 0, 0, err
		}
		tag = tagOn(tag, number)
	}
	return markOf(tag, changes), live, nil
}

// tagOn returns the tag of a store on a timeline of PostgreSQL, which begins when a copy takes the place of a server, or a backup is
// restored: what was changed last may be lost then, and its numbers stand for other changes from there on.
func tagOn(tag, timeline int64) int64 {
	const apart = 7919 // far more than there are timelines in a row
	return 1 + (tag-1+(timeline-1)*apart)%mostTags
}

// Version returns a number that differs from an earlier one if the store may have changed in between, whichever program changed
// it. It costs one question to the database about one row.
func (p *Postgres) Version(ctx context.Context) (version int64, err error) {
	err = p.row(follows(ctx), func(row pgx.Row) (err error) { version, _, err = pgStateOf(row); return err }, p.state())
	return version, p.orDamaged(ctx, err)
}

// orDamaged makes a sentence of the absence of what is always there.
func (p *Postgres) orDamaged(ctx context.Context, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return p.explain(ctx, errNoState(false))
	}
	return err
}

// pgSnapshot runs questions at one moment of the store, in one message to the database. Scan reads the answers in their order.
func pgSnapshot(ctx context.Context, conn *pgx.Conn, questions *pgx.Batch, scan func(answers pgx.BatchResults) error) error {
	all := pgx.Batch{}
	all.Queue(pgBeginRead)
	for _, q := range questions.QueuedQueries {
		all.Queue(q.SQL, q.Arguments...)
	}
	all.Queue(pgCommit)
	answers := conn.SendBatch(ctx, &all)
	defer func() { _ = answers.Close() }()
	if _, err := answers.Exec(); err != nil {
		return err
	}
	if err := scan(answers); err != nil {
		return err
	}
	return answers.Close()
}

// Changes tells what happened to the keys since a mark that Pages or Changes gave, whichever program did it, deletions and
// uses included. Its order and its completeness do not depend on any clock.
//
// All is true, and Keys and Gone are empty, if more than 10 000 changes came since or if the mark is not of this store; see
// Store. It returns model.ErrStoreDamaged or model.ErrStoreWrite if the database cannot be read.
func (p *Postgres) Changes(ctx context.Context, since int64) (model.Changes, error) {
	most := func(int) int64 { return p.bounds.changes }
	keys, rest, err := pgChanges(ctx, p, since, most, pgChangedKeys, pgScanKey)
	rest.Keys = keys
	return rest, err
}

// DigestChanges tells what happened to the keys since a mark that Digests or DigestChanges gave, as Changes does, with the
// digests; the keys have what those of Digests have.
//
// All is true if more than an eighth of the keys have changed since, and more than 10 000: then Digests is quicker. See Changes
// for the rest.
func (p *Postgres) DigestChanges(ctx context.Context, since int64) (model.DigestChanges, error) {
	most := func(live int) int64 { return max(p.bounds.changes, int64(live)/8) }
	keys, rest, err := pgChanges(follows(ctx), p, since, most, pgChangedDigests, pgScanDigested)
	return model.DigestChanges{Keys: keys, Gone: rest.Gone, Mark: rest.Mark, All: rest.All}, err
}

// pgChanges reads what has changed since a mark, keys apart from the rest. A change may be of many keys, so these are counted too.
func pgChanges[T any](ctx context.Context, p *Postgres, since int64, most func(live int) int64, query string,
	scan pgx.RowToFunc[T],
) (keys []T, changes model.Changes, err error) {
	err = p.read(ctx, pgReadFor*p.wait, func(ctx context.Context, conn *pgx.Conn) error {
		keys = nil
		mark, live, err := pgStateOf(conn.QueryRow(ctx, p.state()))
		if err != nil {
			return err
		}
		changes = model.Changes{Mark: mark}
		from, told := toldFrom(since, mark, most(live))
		if !told || since == mark {
			changes.All = !told
			return nil
		}
		var questions pgx.Batch
		questions.Queue(p.state())
		questions.Queue(query, from, most(live)+1)
		questions.Queue(pgGone, from)
		return pgSnapshot(ctx, conn, &questions, func(answers pgx.BatchResults) error {
			if changes.Mark, _, err = pgStateOf(answers.QueryRow()); err != nil {
				return err
			}
			if keys, err = pgCollect(answers, scan); err != nil {
				return err
			}
			changes.Gone, err = pgCollect(answers, pgx.RowTo[string])
			if int64(len(keys)) > most(live) {
				keys, changes.Gone, changes.All = nil, nil, true
			}
			return err
		})
	})
	if err != nil {
		return nil, model.Changes{}, p.orDamaged(ctx, err)
	}
	return keys, changes, nil
}

// pgCollect reads the rows of the next answer; nil if there are none.
func pgCollect[T any](answers pgx.BatchResults, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := answers.Query()
	if err != nil {
		return nil, err
	}
	return pgx.AppendRows([]T(nil), rows, scan)
}

// pgScanDigested reads one row of digestColumns.
func pgScanDigested(row pgx.CollectableRow) (one model.Digested, err error) {
	var digest []byte
	var created, traits int64
	var used, expires *int64
	if err := row.Scan(&one.Key.ID, &one.Key.Name, &digest, &created, &used, &expires, &one.Key.Disabled, &traits); err != nil {
		return one, err
	}
	if copy(one.Digest[:], digest) != len(one.Digest) || len(digest) != len(one.Digest) {
		return one, errDigestLength
	}
	one.Key.CreatedAt, one.Key.LastUse = moment(created), model.LastUse{Reported: true, At: momentOf(used)}
	one.Key.ExpiresAt = momentOf(expires)
	setTraits(&one.Key, traits)
	return one, nil
}

// momentOf returns the time that stands in the database; the zero time for NULL.
func momentOf(ns *int64) (t time.Time) {
	if ns != nil {
		t = moment(*ns)
	}
	return t
}
