package server

import (
	"context"
	"net/http"

	"clavier/model"
	"clavier/wire"
)

// maxAnswers is the most answers that are sent at once, either way.
const maxAnswers = 10_000

type (
	answersIn struct {
		Body wire.Answers
	}
	answersOut struct {
		Body wire.Answers
	}
)

func (m *manage) registerAnswers() {
	register(m, operation{
		id: "list-answers", method: http.MethodGet, path: wire.PathAnswers, role: model.RoleRead,
		summary: "List how APIs answered when keys were tried, the latest first.", status: http.StatusOK,
	}, m.answers)
	register(m, operation{
		id: "keep-answers", method: http.MethodPost, path: wire.PathAnswers, role: model.RoleManage, action: actionNoted,
		summary: "Keep how APIs answered when keys were tried. Answers for keys that are gone are dropped.",
		body:    wire.MaxBody, status: http.StatusNoContent,
	}, m.keepAnswers)
}

func (m *manage) answers(ctx context.Context, _ *call, _ *noneIn) (*answersOut, error) {
	answers, err := m.store.Answers(ctx, maxAnswers)
	if err != nil {
		return nil, err
	}
	const around = 256 // names of the fields, times and numbers
	answers = fitting(answers, func(a model.Answer) int {
		return around + textSize(a.KeyID) + textSize(a.API) + textSize(a.Why)
	})
	out := &answersOut{}
	out.Body.Answers = make([]wire.Answer, len(answers))
	for i, answer := range answers {
		out.Body.Answers[i] = wire.AnswerOf(answer)
	}
	return out, nil
}

func (m *manage) keepAnswers(ctx context.Context, _ *call, in *answersIn) (*nothing, error) {
	if err := checkAnswers(in.Body.Answers); err != nil {
		return nil, err
	}
	answers := make([]model.Answer, len(in.Body.Answers))
	for i, answer := range in.Body.Answers {
		answers[i] = answer.Model()
	}
	if err := m.store.KeepAnswers(ctx, answers); err != nil {
		return nil, err
	}
	return &nothing{}, m.made(ctx)
}
