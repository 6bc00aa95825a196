package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"clavier/model"
	"clavier/wire"
)

// mostAnswers is how many answers are sent at once; the service takes more, in fewer bytes.
const mostAnswers = 1000

// KeepAnswers notes how APIs answered. Answers for what is no key of a service are dropped here. What was sent is not repeated.
func (r *Remote) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	answers = slices.DeleteFunc(slices.Clone(answers), func(a model.Answer) bool { return !wire.ValidID(a.KeyID) })
	if len(answers) > mostAnswers {
		// Those for one key stay together, and in their order: they decide about it together.
		slices.SortStableFunc(answers, func(a, b model.Answer) int { return cmp.Compare(a.KeyID, b.KeyID) })
	}
	for len(answers) > 0 {
		n := min(mostAnswers, len(answers))
		for n < len(answers) && answers[n].KeyID == answers[n-1].KeyID {
			n++
		}
		if err := r.keep(ctx, answers[:n]); err != nil {
			return err
		}
		answers = answers[n:]
	}
	return nil
}

func (r *Remote) keep(ctx context.Context, answers []model.Answer) error {
	sent := wire.Answers{Answers: make([]wire.Answer, len(answers))}
	for i, a := range answers {
		sent.Answers[i] = wire.AnswerOf(a)
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return fmt.Errorf("the answers cannot be sent: %w", err)
	}
	return r.do(ctx, call{method: http.MethodPost, url: r.endpoint.At(wire.PathAnswers, nil), body: body, changes: true, read: empty})
}

// Answers returns at most limit answers of APIs, the latest first; fewer if so many would be too much for one answer of the service.
func (r *Remote) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	var answers []model.Answer
	err := r.do(ctx, question(r.endpoint.At(wire.PathAnswers, nil), into(func(sent wire.Answers) error {
		kept := sent.Answers[:max(min(limit, len(sent.Answers)), 0)]
		answers = make([]model.Answer, 0, len(kept))
		for _, one := range kept {
			a := one.Model()
			switch a.Verdict {
			case model.VerdictAlive, model.VerdictDead, model.VerdictUnknown:
			default:
				return errors.New("a verdict in it is none")
			}
			answers = append(answers, a)
		}
		return nil
	})))
	return answers, err
}
