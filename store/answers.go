package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"clavier/model"
)

// KeepAnswers notes how APIs answered, in one durable transaction. Of each key and API the answer that was given last is
// kept, whatever its time: a clock that was wrong once hides nothing. Answers for keys that are gone are dropped.
//
// A key is dead from then on if one of its answers here is dead and none is alive, and no longer dead if one is alive: where
// several APIs are asked at once, the key lives if it opens any. An unknown answer changes nothing in that.
//
// It returns model.ErrStoreBusy or model.ErrStoreWrite, and refuses a verdict that is none, with nothing kept.
func (s *Store) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if len(answers) == 0 {
		return ctx.Err()
	}
	for _, answer := range answers {
		if err := checkAnswer(answer); err != nil {
			return err
		}
	}
	return s.write(ctx, func(ctx context.Context, conn *sql.Conn) error { return keepAnswers(ctx, conn, answers) })
}

func checkAnswer(answer model.Answer) error {
	switch answer.Verdict {
	case model.VerdictAlive, model.VerdictDead, model.VerdictUnknown:
		return checkTime("the time of an answer", answer.At)
	}
	return fmt.Errorf("an answer is alive, dead or unknown, not %s", show(string(answer.Verdict)))
}

func keepAnswers(ctx context.Context, conn *sql.Conn, answers []model.Answer) error {
	traits := map[string]int64{} // of the keys that are there
	gone := map[string]bool{}
	for _, a := range answers {
		if _, known := traits[a.KeyID]; known || gone[a.KeyID] {
			continue
		}
		var held int64
		err := conn.QueryRowContext(ctx, sqlTraits, a.KeyID).Scan(&held)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			gone[a.KeyID] = true
		case err != nil:
			return err
		default:
			traits[a.KeyID] = held
		}
	}
	if len(traits) == 0 {
		return errUnchanged
	}
	alive, dead := map[string]bool{}, map[string]bool{}
	for _, a := range answers {
		if gone[a.KeyID] {
			continue
		}
		if _, err := conn.ExecContext(ctx, sqlKeepAnswer, a.KeyID, a.API, string(a.Verdict), a.Status, int64(a.Took),
			a.At.UnixNano(), a.Why); err != nil {
			return err
		}
		alive[a.KeyID] = alive[a.KeyID] || a.Verdict == model.VerdictAlive
		dead[a.KeyID] = dead[a.KeyID] || a.Verdict == model.VerdictDead
	}
	for id, held := range traits {
		now := held
		switch {
		case alive[id]:
			now &^= traitDead
		case dead[id]:
			now |= traitDead
		}
		if now == held {
			continue
		}
		if _, err := conn.ExecContext(ctx, sqlSetTraits, id, now); err != nil {
			return err
		}
	}
	return nil
}

// Answers returns at most limit of what is kept, the latest first.
func (s *Store) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	rows, err := s.db.QueryContext(ctx, sqlAnswers, max(limit, 0))
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	defer func() { _ = rows.Close() }()
	answers := []model.Answer{}
	for rows.Next() {
		var a model.Answer
		var took, at int64
		if err := rows.Scan(&a.KeyID, &a.API, &a.Verdict, &a.Status, &took, &at, &a.Why); err != nil {
			return nil, s.explain(ctx, err)
		}
		a.Took, a.At = time.Duration(took), moment(at)
		answers = append(answers, a)
	}
	if err := rows.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	return answers, nil
}
