package clienttest

import (
	"slices"
	"time"

	"clavier/client"
	"clavier/model"
)

// wantAnswers fails unless exactly these are kept, the latest first, and as many are given as are asked for.
func (s *suite) wantAnswers(keeper client.AnswerKeeper, want ...model.Answer) {
	s.Helper()
	got, err := keeper.Answers(s.Context(), len(want)+1)
	if err != nil {
		s.Fatalf("answers: %v", err)
	}
	if !slices.Equal(got, want) {
		s.Errorf("what is kept is %+v, want %+v", got, want)
	}
	for limit := range want {
		if got, err := keeper.Answers(s.Context(), limit); err != nil || !slices.Equal(got, want[:limit]) {
			s.Errorf("the latest %d are %+v (%v), want %+v", limit, got, err, want[:limit])
		}
	}
}

func (s *suite) testAnswers() {
	keeper := optional[client.AnswerKeeper](s)
	s.wantAnswers(keeper)
	one, two := s.create("one"), s.create("two")
	at := time.Now().UTC().Truncate(time.Millisecond)
	answer := func(issued model.Issued, api string, verdict model.Verdict, after time.Duration) model.Answer {
		a := model.Answer{KeyID: issued.Key.ID, API: api, Verdict: verdict, Status: 200, Took: 12 * time.Millisecond, At: at.Add(after)}
		if verdict == model.VerdictUnknown {
			a.Status, a.Why = 0, "nobody answered in time"
		}
		return a
	}
	keep := func(answers ...model.Answer) {
		s.Helper()
		if err := keeper.KeepAnswers(s.Context(), answers); err != nil {
			s.Fatalf("keep answers: %v", err)
		}
	}
	first := answer(one, "search", model.VerdictAlive, 0)
	second := answer(one, "parse", model.VerdictUnknown, time.Second)
	third := answer(two, "search", model.VerdictDead, 2*time.Second)
	keep(first, second, third)
	s.wantAnswers(keeper, third, second, first)
	again := answer(one, "search", model.VerdictUnknown, time.Minute)
	keep(again)
	s.wantAnswers(keeper, again, third, second)
	keep(answer(model.Issued{Key: model.Key{ID: "no such id"}}, "search", model.VerdictDead, time.Hour))
	keep()
	s.wantAnswers(keeper, again, third, second)
	// A clock that was wrong once: what was given last counts.
	back := answer(one, "search", model.VerdictAlive, -time.Hour)
	keep(back)
	s.wantAnswers(keeper, third, second, back)
	if err := s.client.Delete(s.Context(), one.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	s.wantAnswers(keeper, third)
	if err := keeper.KeepAnswers(s.Context(), []model.Answer{answer(two, "parse", "perhaps", 0)}); err == nil {
		s.Error("a verdict that is none was kept")
	}
	s.wantAnswers(keeper, third)
}

// testAnswersOfTheDead holds that an API's no makes a key dead, a yes takes that back, and that no answer does neither.
func (s *suite) testAnswersOfTheDead() {
	keeper := optional[client.AnswerKeeper](s)
	issued := s.create(production)
	follower, follows := s.client.(client.Follower)
	wasDead := false
	for i, step := range []struct {
		verdicts []model.Verdict
		dead     bool
	}{
		{[]model.Verdict{model.VerdictUnknown}, false},
		{[]model.Verdict{model.VerdictDead}, true},
		{[]model.Verdict{model.VerdictUnknown}, true},
		{[]model.Verdict{model.VerdictDead, model.VerdictUnknown}, true},
		{[]model.Verdict{model.VerdictAlive}, false},
		{[]model.Verdict{model.VerdictUnknown}, false},
		{[]model.Verdict{model.VerdictAlive, model.VerdictDead}, false},
		{[]model.Verdict{model.VerdictUnknown, model.VerdictDead}, true},
		{[]model.Verdict{model.VerdictDead, model.VerdictAlive}, false},
	} {
		before := s.list()[0]
		var mark int64
		if follows {
			changes, err := follower.Changes(s.Context(), 0)
			if err != nil {
				s.Fatalf("changes: %v", err)
			}
			mark = changes.Mark
		}
		answers := make([]model.Answer, 0, len(step.verdicts))
		for api, verdict := range step.verdicts {
			answers = append(answers, model.Answer{
				KeyID: issued.Key.ID, API: []string{"first", "second"}[api], Verdict: verdict, At: time.Now().UTC(),
			})
		}
		if err := keeper.KeepAnswers(s.Context(), answers); err != nil {
			s.Fatalf("keep answers: %v", err)
		}
		key := s.list()[0]
		if key.Dead != step.dead {
			s.Errorf("step %d, %v: dead is %v, want %v", i, step.verdicts, key.Dead, step.dead)
		}
		if before.Dead = step.dead; key != before {
			s.Errorf("step %d: the key is %+v, want %+v", i, key, before)
		}
		if !follows {
			continue
		}
		changes, err := follower.Changes(s.Context(), mark)
		if told := slices.Contains(changes.Keys, key); err != nil || told != (key.Dead != wasDead) {
			s.Errorf("step %d: told is %v: %+v, %v", i, told, changes, err)
		}
		wasDead = key.Dead
	}
	s.wantVerify("a key that an API refused", issued.Secret, nil)
}
