package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/model"
)

// KeepAnswers notes how APIs answered, in one durable transaction; see Store. It returns model.ErrStoreBusy or
// model.ErrStoreWrite, and refuses a verdict that is none, with nothing kept.
func (p *Postgres) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if len(answers) == 0 {
		return ctx.Err()
	}
	ids := []string{}
	asked := map[string]bool{}
	for _, a := range answers {
		if err := checkAnswer(a); err != nil {
			return err
		}
		if !asked[a.KeyID] && pgKeeps(a.KeyID) {
			asked[a.KeyID] = true
			ids = append(ids, a.KeyID)
		}
	}
	return p.write(ctx, pgChange{numbers: 1, make: func(ctx context.Context, t *pgTurn) error {
		traits, err := pgTraitsOf(ctx, t.conn, ids)
		if err != nil {
			return err
		}
		if len(traits) == 0 {
			return errUnchanged
		}
		a := pgAnswersOf(answers, traits)
		t.write(pgKeepAnswers, a.ids, a.apis, a.verdicts, a.statuses, a.took, a.at, a.why)
		if ids, now := retraited(answers, traits); len(ids) > 0 {
			t.write(pgSetTraits, ids, now, t.number)
		}
		return nil
	}})
}

// pgTraitsOf returns the traits of those of the keys that are there.
func pgTraitsOf(ctx context.Context, conn *pgx.Conn, ids []string) (map[string]int64, error) {
	rows, err := conn.Query(ctx, pgTraits, ids)
	if err != nil {
		return nil, err
	}
	traits := map[string]int64{}
	var id string
	var held int64
	_, err = pgx.ForEachRow(rows, []any{&id, &held}, func() error { traits[id] = held; return nil })
	return traits, err
}

// retraited returns which keys are dead from now on, or no longer, with their traits.
func retraited(answers []model.Answer, traits map[string]int64) (ids []string, now []int64) {
	alive, dead := map[string]bool{}, map[string]bool{}
	for _, a := range answers {
		alive[a.KeyID] = alive[a.KeyID] || a.Verdict == model.VerdictAlive
		dead[a.KeyID] = dead[a.KeyID] || a.Verdict == model.VerdictDead
	}
	for id, held := range traits {
		becomes := held
		switch {
		case alive[id]:
			becomes &^= traitDead
		case dead[id]:
			becomes |= traitDead
		}
		if becomes != held {
			ids, now = append(ids, id), append(now, becomes)
		}
	}
	return ids, now
}

// pgAnswerArrays are answers as the arrays that a statement takes.
type pgAnswerArrays struct {
	ids, apis, verdicts, why []string
	statuses, took, at       []int64
}

// pgAnswersOf puts together the answers for keys that are there: of each key and API the one that was given last, for a
// statement changes no row twice.
func pgAnswersOf(answers []model.Answer, there map[string]int64) (a pgAnswerArrays) {
	type place struct{ id, api string }
	last := map[place]int{}
	for i, answer := range answers {
		last[place{answer.KeyID, pgShown(answer.API)}] = i
	}
	for i, answer := range answers {
		at := place{answer.KeyID, pgShown(answer.API)}
		if _, ok := there[answer.KeyID]; !ok || last[at] != i {
			continue
		}
		a.ids, a.apis = append(a.ids, at.id), append(a.apis, at.api)
		a.verdicts, a.why = append(a.verdicts, string(answer.Verdict)), append(a.why, pgShown(answer.Why))
		a.statuses, a.took = append(a.statuses, int64(answer.Status)), append(a.took, int64(answer.Took))
		a.at = append(a.at, answer.At.UnixNano())
	}
	return a
}

// Answers returns at most limit of what is kept, the latest first.
func (p *Postgres) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	return pgRows(ctx, p, func(row pgx.CollectableRow) (a model.Answer, err error) {
		var took, at int64
		err = row.Scan(&a.KeyID, &a.API, &a.Verdict, &a.Status, &took, &at, &a.Why)
		a.Took, a.At = time.Duration(took), moment(at)
		return a, err
	}, pgAnswers, max(limit, 0))
}
