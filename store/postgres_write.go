package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"clavier/model"
)

const (
	// pgPause is the time between two tries to reach a database that was lost.
	pgPause = 25 * time.Millisecond
	// pgSooner is how much sooner the database gives up waiting for a lock than this program, so that it is heard to.
	pgSooner = 100 * time.Millisecond
	// pgAbandoned is after how long the database ends a change whose program has fallen silent: until then it holds all others up.
	pgAbandoned = 10 * time.Second
)

// pgChange is a change to the store. Make reads what it needs, says no (errUnchanged, or what refused accepts), or queues what it
// writes. It may be run more than once.
type pgChange struct {
	numbers int64 // how many numbers of changes it takes; each line of activity needs one of its own
	live    int64 // by how much the number of keys grows
	make    func(ctx context.Context, t *pgTurn) error
}

// pgTurn is one change while the row of the state is locked for it.
type pgTurn struct {
	conn   *pgx.Conn
	number int64 // the first of its numbers
	lines  int64 // of activity, so far
	first  *pgLineOf
	writes pgx.Batch // sent together with COMMIT
}

// pgLineOf is a line of activity, as far as it tells one change from another.
type pgLineOf struct {
	at                             int64
	action, keyID, byWhom, fromWho string
}

// write queues a statement.
func (t *pgTurn) write(query string, args ...any) { t.writes.Queue(query, args...) }

// line queues a line of activity.
func (t *pgTurn) line(action model.Action, key model.Key, by model.Actor, at time.Time, refused string) {
	line := pgLineOf{at.UnixNano(), string(action), pgShown(key.ID), pgShown(by.By), pgShown(by.From)}
	if t.first == nil {
		t.first = &line
	}
	t.write(pgLine, t.number+t.lines, line.at, line.action, line.keyID, pgShown(key.Name), nanos(key.CreatedAt), line.byWhom,
		line.fromWho, pgShown(refused))
	t.lines++
}

// pgFate is what became of a change.
type pgFate int

const (
	pgNotMade pgFate = iota // for certain
	pgMade
	pgInDoubt // its COMMIT may or may not have come to pass
)

// write makes a change in a transaction that is durable when write returns nil. Waiting for a connection and for the row of
// the state takes at most p.wait together. Once the change is being made, the end of ctx no longer matters.
//
// If the connection was lost before the change was committed, the change was not made, and is made once more over another one.
// If it was lost while it was being committed, the database is asked whether it was.
func (p *Postgres) write(ctx context.Context, c pgChange) error {
	if err := ctx.Err(); err != nil {
		return p.explain(ctx, err)
	}
	if err := p.enter(); err != nil {
		return p.explain(ctx, err)
	}
	defer p.inside.Done()
	waiting, cancel := p.within(ctx, p.wait)
	defer cancel()
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-waiting.Done():
		return p.explain(ctx, waiting.Err())
	}
	lost := false
	var doubt error // of a change that leaves no line, if it may have been made
	var away error  // why the last try lost its connection or had none
	for {
		turn, fate, err := p.attempt(waiting, c)
		if fate == pgInDoubt && turn.first != nil {
			if fate, err = p.settle(ctx, turn, err); fate == pgInDoubt {
				return p.doubtError(err)
			}
		} else if fate == pgInDoubt { // made twice it is what it is made once
			doubt, err = err, errors.Join(errLost, err)
		}
		again := false
		err = awayBefore(away, err)
		away = nil
		switch {
		case fate == pgMade, errors.Is(err, errUnchanged):
			return nil
		case refused(err):
			return err
		case repeatable(stateOf(err)):
			again = true
		case broken(err):
			again, lost, away = !lost, true, err
			p.pool.Reset()
		case unreached(err):
			again, away = lost, err // it is being started again
		}
		if again && pauseFor(waiting, pgPause) {
			continue
		}
		if doubt != nil {
			return p.doubtError(doubt)
		}
		return p.explain(ctx, err)
	}
}

// repeatable reports whether the database has undone a transaction only because of another one.
func repeatable(code string) bool {
	return code == pgSerialization || code == pgDeadlock || code == pgUnique
}

// pauseFor waits, and reports whether there is time left.
func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// attempt tries to make a change once.
func (p *Postgres) attempt(waiting context.Context, c pgChange) (turn *pgTurn, fate pgFate, err error) {
	held, err := p.pool.Acquire(waiting)
	if err != nil {
		return nil, pgNotMade, errors.Join(errUnheld, err)
	}
	defer held.Release() // which closes what is still in a transaction
	turn, err = p.lock(waiting, held, c)
	if err != nil {
		rollbackPostgres(waiting, held)
		return nil, pgNotMade, lostWith(waiting, held.Conn(), err)
	}
	begun, cancel := context.WithTimeout(context.WithoutCancel(waiting), p.wait)
	defer cancel()
	if err := c.make(begun, turn); err != nil {
		rollbackPostgres(begun, held)
		return turn, pgNotMade, lostWith(begun, held.Conn(), err)
	}
	fate, err = p.commit(begun, turn)
	if fate == pgNotMade {
		rollbackPostgres(begun, held)
	}
	return turn, fate, err
}

// lock begins a transaction and locks the row of the state for it, in one message to the database.
func (p *Postgres) lock(ctx context.Context, held *pgxpool.Conn, c pgChange) (*pgTurn, error) {
	var sql strings.Builder
	sql.WriteString(pgBegin)
	left := p.wait
	if end, ok := ctx.Deadline(); ok {
		left = time.Until(end)
	}
	if p.can.lockTimeout {
		fmt.Fprintf(&sql, "; SET LOCAL lock_timeout = %d", max((left-pgSooner).Milliseconds(), 1))
	}
	if p.can.idleTimeout {
		fmt.Fprintf(&sql, "; SET LOCAL idle_in_transaction_session_timeout = %d", pgAbandoned.Milliseconds())
	}
	fmt.Fprintf(&sql, "; UPDATE clavier_state SET changes = changes + %d, live = live + %d WHERE one = 1 RETURNING changes, schema",
		c.numbers, c.live)
	if p.can.syncCommit {
		sql.WriteString(", current_setting('synchronous_commit', true)")
	}
	results, err := held.Conn().PgConn().Exec(ctx, sql.String()).ReadAll()
	if err != nil {
		return nil, err
	}
	state := results[len(results)-1]
	if len(state.Rows) != 1 {
		return nil, errNoState(false)
	}
	var changes, schema int64
	if _, err := fmt.Sscan(string(state.Rows[0][0])+" "+string(state.Rows[0][1]), &changes, &schema); err != nil {
		return nil, err
	}
	if schema > int64(p.known) {
		return nil, newerError(p.where, int(schema), p.known)
	}
	turn := &pgTurn{conn: held.Conn(), number: changes - c.numbers + 1}
	if p.can.syncCommit && string(state.Rows[0][2]) == "off" {
		turn.write(pgSyncCommit) // what is acknowledged is durable, whatever the session is told otherwise
	}
	return turn, nil
}

// commit sends what a change writes, and COMMIT with it.
func (p *Postgres) commit(ctx context.Context, turn *pgTurn) (pgFate, error) {
	if p.can.notify {
		turn.write(pgNotify)
	}
	turn.write(pgCommit)
	sent := turn.conn.SendBatch(ctx, &turn.writes)
	var tag pgconn.CommandTag
	var err error
	for range turn.writes.Len() {
		if tag, err = sent.Exec(); err != nil {
			break
		}
	}
	if closeErr := sent.Close(); err == nil && tag.String() != pgCommit {
		err = closeErr
	}
	told, isTold := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil && tag.String() == pgCommit:
		return pgMade, nil
	case err == nil: // a transaction that has failed answers ROLLBACK
		return pgNotMade, errors.New("the transaction was rolled back")
	case isTold && !severe(told), pgconn.SafeToRetry(err):
		return pgNotMade, err
	}
	return pgInDoubt, err
}

// rollbackPostgres ends a transaction that has come to nothing. If that fails, the connection is given up with it.
func rollbackPostgres(ctx context.Context, held *pgxpool.Conn) {
	if held.Conn().IsClosed() || held.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = held.Exec(ctx, pgRollback)
}

// settle finds out whether a change was made whose COMMIT was not answered. It waits until the database has ended that transaction,
// and then looks for its line: a transaction that was undone has left its number to the next one.
func (p *Postgres) settle(ctx context.Context, turn *pgTurn, cause error) (pgFate, error) {
	p.pool.Reset()
	ctx, cancel := p.within(ctx, p.wait)
	defer cancel()
	for {
		made, err := p.wasMade(ctx, turn)
		switch {
		case err == nil && made:
			return pgMade, nil
		case err == nil:
			return pgNotMade, errors.Join(errLost, cause)
		case !pauseFor(ctx, pgPause):
			return pgInDoubt, cause
		}
	}
}

func (p *Postgres) wasMade(ctx context.Context, turn *pgTurn) (made bool, err error) {
	held, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer held.Release()
	if _, err := held.Exec(ctx, pgAwaitOthers); err != nil {
		return false, err
	}
	var line pgLineOf
	err = held.QueryRow(ctx, pgLineAt, turn.number).Scan(&line.at, &line.action, &line.keyID, &line.byWhom, &line.fromWho)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil && line == *turn.first, err
}
