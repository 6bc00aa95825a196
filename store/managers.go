package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// WithManagers has a store see to it that somebody can always manage keys, as the store of a key service must: the last key of
// model.RoleManage that is active and has no end can be neither deleted nor given one, and then Delete and End return
// model.ErrLastManager. Imported keys do not count, for they are presented to no service. The rule is asked in the transaction that
// makes the change, so that it holds for all programs together that use the store with it.
func WithManagers() Option { return func(s *settings) { s.managers = true } }

// lasting is what a key must be, beside another than the one that goes, to manage keys from now on.
const lasting = `traits & 17 = 16 AND expires_at IS NULL AND NOT disabled AND id <> $1`

const (
	sqlOtherManager = `SELECT EXISTS (SELECT 1 FROM keys WHERE ` + lasting + `)`
	pgOtherManager  = `SELECT EXISTS (SELECT 1 FROM clavier_keys WHERE ` + lasting + `)`
)

// manages reports whether a key may manage keys at a moment, so that it matters whether another one is left. What has ended
// already can be deleted.
func manages(key model.Key, at time.Time) bool {
	return key.Role == model.RoleManage && !key.Imported && key.StatusAt(at) == model.StatusActive
}

// keepManager returns model.ErrLastManager if a key may not go, or be given an end.
func (s *Store) keepManager(ctx context.Context, conn *sql.Conn, key model.Key, at time.Time) error {
	if !s.managers || !manages(key, at) {
		return nil
	}
	var other bool
	if err := conn.QueryRowContext(ctx, sqlOtherManager, key.ID).Scan(&other); err != nil || other {
		return err
	}
	return lastManagerError(key.Name)
}

// keepManager returns model.ErrLastManager if a key may not go, or be given an end.
func (p *Postgres) keepManager(ctx context.Context, conn *pgx.Conn, key model.Key, at time.Time) error {
	if !p.managers || !manages(key, at) {
		return nil
	}
	var other bool
	if err := conn.QueryRow(ctx, pgOtherManager, key.ID).Scan(&other); err != nil || other {
		return err
	}
	return lastManagerError(key.Name)
}

func lastManagerError(name string) error {
	return fail(model.ErrLastManager, nil, "the key %s is the last one that may manage keys and has no end; nothing was changed, "+
		"make another one with the role manage and without an end first", show(name))
}
