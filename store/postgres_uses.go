package store

import (
	"context"
	"math"

	"clavier/model"
)

// pgUses are uses as the arrays that a statement takes: of each key the latest.
type pgUses struct {
	ids         []string
	at, earlier []int64
}

// pgUsesOf puts uses together. Those of ids that no database holds are left out.
func pgUsesOf(uses []model.Use) (u pgUses) {
	places := make(map[string]int, len(uses))
	for _, use := range uses {
		at := use.At.UnixNano()
		if !pgKeeps(use.KeyID) {
			continue
		}
		place, known := places[use.KeyID]
		if !known {
			place = len(u.ids)
			places[use.KeyID] = place
			u.ids, u.at, u.earlier = append(u.ids, use.KeyID), append(u.at, math.MinInt64), append(u.earlier, 0)
		}
		u.at[place] = max(u.at[place], at)
	}
	for i, at := range u.at {
		u.earlier[i] = max(at, math.MinInt64+int64(touchEvery)) - int64(touchEvery)
	}
	return u
}

// NoteUses notes that keys were used, all in one statement and durably. A use is dropped if one within the minute before it, or
// a later one, is noted for its key already, or if its key is gone; if all are dropped, nothing is written. Of several uses of a
// key the latest counts. It returns model.ErrStoreBusy or model.ErrStoreWrite; then none is noted.
func (p *Postgres) NoteUses(ctx context.Context, uses []model.Use) error {
	for _, use := range uses {
		if err := checkTime("the time of use", use.At); err != nil {
			return err
		}
	}
	if len(uses) == 0 {
		return p.explain(ctx, ctx.Err())
	}
	u := pgUsesOf(uses)
	return p.write(ctx, pgChange{numbers: 1, make: func(ctx context.Context, t *pgTurn) error {
		var due int64
		if err := t.conn.QueryRow(ctx, pgDueUses, u.ids, u.at, u.earlier).Scan(&due); err != nil {
			return err
		}
		if due == 0 {
			return errUnchanged
		}
		t.write(pgNoteUses, u.ids, u.at, u.earlier, t.number)
		return nil
	}})
}
