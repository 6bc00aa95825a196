package store

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"clavier/model"
	"clavier/server"
)

func TestAnswersKeepEverything(t *testing.T) {
	s := open(t, newPath(t))
	rec, other := put(t, s, "production", epoch), put(t, s, "other", epoch)
	all := []model.Answer{
		{KeyID: rec.Key.ID, API: "", Verdict: model.VerdictUnknown, Took: 30 * time.Second, At: epoch.Add(time.Hour), Why: "timeout\x1b[2J"},
		{KeyID: rec.Key.ID, API: "search", Verdict: model.VerdictAlive, Status: 200, Took: 1, At: epoch.Add(1)},
		{KeyID: other.Key.ID, API: "search", Verdict: model.VerdictDead, Status: 401, At: epoch},
	}
	if err := s.KeepAnswers(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if got := answersOf(t, s); !slices.Equal(got, all) {
		t.Errorf("kept are %+v, want %+v", got, all)
	}
	for name, wrong := range map[string]model.Answer{
		"no verdict":          {KeyID: rec.Key.ID, At: epoch},
		"another word":        {KeyID: rec.Key.ID, Verdict: "ALIVE", At: epoch},
		"no moment":           {KeyID: rec.Key.ID, Verdict: model.VerdictAlive},
		"a time out of range": {KeyID: rec.Key.ID, Verdict: model.VerdictAlive, At: latest.Add(1)},
	} {
		good := model.Answer{KeyID: rec.Key.ID, API: "search", Verdict: model.VerdictDead, At: epoch}
		if err := s.KeepAnswers(t.Context(), []model.Answer{good, wrong}); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	if got := answersOf(t, s); !slices.Equal(got, all) {
		t.Errorf("refused answers made it %+v", got)
	}
	holdsKey(t, s, listed(rec.Key))
}

// What is asked of many keys at once is kept in one transaction, and goes with its key.
func TestAnswersForMany(t *testing.T) {
	s := open(t, newPath(t))
	fillWith(t, s, 60)
	keys := listOf(t, s)
	var answers []model.Answer
	for i, key := range keys {
		for api := range 3 {
			verdict := []model.Verdict{model.VerdictAlive, model.VerdictDead, model.VerdictUnknown}[(i+api)%3]
			if i%2 == 0 {
				verdict = model.VerdictDead
			}
			answers = append(answers, model.Answer{KeyID: key.ID, API: fmt.Sprint("api ", api), Verdict: verdict, At: epoch})
		}
	}
	mark := markNow(t, s)
	if err := s.KeepAnswers(t.Context(), answers); err != nil {
		t.Fatal(err)
	}
	changes := changesOf(t, s, mark)
	if len(changes.Keys) != 30 || changes.Mark != mark+30 {
		t.Errorf("%d keys died, and %d changes are counted, want 30", len(changes.Keys), changes.Mark-mark)
	}
	for _, key := range changes.Keys {
		if !key.Dead {
			t.Errorf("%s is told and not dead", key.Name)
		}
	}
	if err := s.KeepAnswers(t.Context(), answers); err != nil {
		t.Fatal(err)
	}
	if again := changesOf(t, s, changes.Mark); again.Mark != changes.Mark {
		t.Error("the same answers again are told as changes")
	}
	for _, key := range keys[:5] {
		if err := s.Delete(t.Context(), key.ID, someone, epoch); err != nil {
			t.Fatal(err)
		}
	}
	if got := answersOf(t, s); len(got) != 3*55 {
		t.Errorf("%d answers are kept for 55 keys", len(got))
	}
	consistent(t, s)
	if err := s.KeepAnswers(t.Context(), answers); err != nil {
		t.Fatal(err)
	}
	if got := answersOf(t, s); len(got) != 3*55 {
		t.Errorf("%d answers are kept for 55 keys, after some for keys that are gone", len(got))
	}
}

// As many answers are read as are asked for: those that were given last, and of those given at one moment always the same.
func TestAnswersLimit(t *testing.T) {
	for name, s := range map[string]server.Store{"SQLite": open(t, newPath(t)), "PostgreSQL": newPostgres(t)} {
		var all []model.Answer
		for i := range 7 {
			rec := record(t, fmt.Sprint("key ", i), epoch)
			if _, err := s.PutNew(t.Context(), rec, "", someone); err != nil {
				t.Fatal(err)
			}
			for _, api := range []string{"search", "parse"} {
				at := epoch.Add(time.Duration(i%3) * time.Minute)
				all = append(all, model.Answer{KeyID: rec.Key.ID, API: api, Verdict: model.VerdictAlive, Status: 200, At: at})
			}
		}
		if err := s.KeepAnswers(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, func(a, b model.Answer) int {
			return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.API, b.API))
		})
		for _, limit := range []int{-1, 0, 1, 2, 9, len(all), len(all) + 1} {
			want := all[:min(max(limit, 0), len(all))]
			if got, err := s.Answers(t.Context(), limit); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, limit %d: %d answers (%v): %+v", name, limit, len(got), err, got)
			}
		}
	}
}

// Check notices marks that fit no rotation, which no program of ours leaves.
func TestCheckNoticesMarks(t *testing.T) {
	for name, spoil := range map[string]string{
		"a mark without a rotation": `UPDATE keys SET traits = 2 WHERE name = 'other'`,
		"a rotation without a mark": `UPDATE keys SET traits = 0 WHERE name = 'old'`,
		"answers for nobody":        `PRAGMA foreign_keys = 0; INSERT INTO answers VALUES ('nobody', 'x', 'dead', 401, 0, 0, '')`,
	} {
		path := newPath(t)
		s := open(t, path)
		put(t, s, "other", epoch)
		succeed(t, s, put(t, s, "old", epoch), "new")
		if findings, err := Check(t.Context(), path); err != nil || !allOK(findings) {
			t.Errorf("%s: before, Check finds %+v (%v)", name, findings, err)
		}
		if _, err := s.db.Exec(spoil); err != nil {
			t.Fatal(err)
		}
		if findings, err := Check(t.Context(), path); err != nil || allOK(findings) {
			t.Errorf("%s: Check finds nothing wrong (%v)", name, err)
		}
	}
}
