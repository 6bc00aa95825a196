package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// pgHear is after how much silence a connection that listens is asked whether it is still there.
const pgHear = 10 * time.Second

// Notify calls changed after each change that any program makes, and once when it begins to listen, over a connection of its
// own. It returns when ctx or the store ends, when the connection is lost, or at once if the database knows no notifications,
// and says why: model.ErrStoreWrite but for ctx.
func (p *Postgres) Notify(ctx context.Context, changed func()) error {
	if err := p.enter(); err != nil {
		return p.explain(ctx, err)
	}
	defer p.inside.Done()
	if !p.can.notify {
		return fail(model.ErrStoreWrite, nil, "the database %s tells nobody of changes; it must be asked", show(p.where))
	}
	listening, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)() //nolint:contextcheck // it ends the other one
	conn, err := pgx.ConnectConfig(listening, p.pool.Config().ConnConfig)
	if err != nil {
		return p.explain(ctx, err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	return p.explain(ctx, p.listen(listening, conn, changed))
}

// listen returns only with an error.
func (p *Postgres) listen(ctx context.Context, conn *pgx.Conn, changed func()) error {
	brief, cancel := context.WithTimeout(ctx, p.wait)
	_, err := conn.Exec(brief, pgListen)
	cancel()
	if err != nil {
		return lostWith(ctx, conn, err)
	}
	changed()
	for {
		silence, cancel := context.WithTimeout(ctx, p.hear)
		_, err := conn.WaitForNotification(silence)
		quiet := silence.Err() != nil
		cancel()
		switch {
		case err == nil:
			changed()
		case ctx.Err() != nil:
			return ctx.Err()
		case !quiet:
			return lostWith(ctx, conn, err)
		default:
			brief, cancel := context.WithTimeout(ctx, p.wait)
			err := conn.Ping(brief)
			cancel()
			if err != nil {
				return errors.Join(errLost, err)
			}
		}
	}
}
