package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/server"
)

// twins are a store in SQLite and one in PostgreSQL to which the same is done.
type twins struct {
	t        *testing.T
	random   *mrand.Rand
	lite     *Store
	postgres *Postgres
	records  []model.Record // that were ever put
	marks    [2]int64       // of the changes that were followed
}

// TestPostgresDoesWhatStoreDoes does the same at random to a store in SQLite and to one in PostgreSQL, and holds every answer,
// every sentence and all that is kept to be the same.
func TestPostgresDoesWhatStoreDoes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &twins{t: t, random: mrand.New(mrand.NewPCG(seed, 0)), lite: open(t, newPath(t)), postgres: newPostgres(t)}
	w.marks = [2]int64{markNow(t, w.lite), pgChangesOf(t, w.postgres, 0).Mark}
	for i := range amount(600, 300, 150) {
		w.step()
		if i%40 == 39 {
			w.compare()
		}
	}
	w.compare()
}

// both does something to both stores and holds the outcomes to be the same.
func (w *twins) both(what string, do func(s server.Store) (any, error)) {
	w.t.Helper()
	one, oneErr := do(w.lite)
	other, otherErr := do(w.postgres)
	if a, b := alike(one, oneErr, w.lite.Path()), alike(other, otherErr, w.postgres.Where()); a != b {
		w.t.Fatalf("%s: SQLite says\n%s\nPostgreSQL says\n%s", what, a, b)
	}
}

// alike is an answer as a text that does not tell one store from the other.
func alike(answer any, err error, path string) string {
	kinds := ""
	for _, kind := range []error{
		model.ErrNotFound, model.ErrNameTaken, model.ErrConflict, model.ErrHeld, model.ErrRotating, model.ErrExpired,
		model.ErrStoreWrite, model.ErrStoreBusy, model.ErrStoreDamaged,
	} {
		if errors.Is(err, kind) {
			kinds += " [" + kind.Error() + "]"
		}
	}
	return fmt.Sprintf("%+v, %v%s", answer, strings.ReplaceAll(fmt.Sprint(err), show(path), "STORE"), kinds)
}

// any returns one of the records that were put, or one that never was.
func (w *twins) any() model.Record {
	if len(w.records) == 0 || w.random.IntN(20) == 0 {
		return w.fresh()
	}
	// Mostly one of the last, most of which are still there.
	return w.records[max(len(w.records)-1-w.random.IntN(30), 0)]
}

func (w *twins) fresh() model.Record {
	rec := newRecord(fmt.Sprintf("key %d", w.random.IntN(60)), w.random)
	rec.Key.CreatedAt = epoch.Add(time.Duration(w.random.IntN(30)) * time.Hour)
	rec.Key.Role = model.Role(w.random.IntN(3))
	rec.Key.Owner = []string{"", "ada", "grace\x1b[2J", "ľudmila"}[w.random.IntN(4)]
	if w.random.IntN(4) == 0 {
		rec.Key.Imported, rec.Key.Note, rec.At = true, "https://example.org", rec.Key.CreatedAt
		if w.random.IntN(2) == 0 {
			rec.Key.CreatedAt = time.Time{}
		}
	}
	if w.random.IntN(6) == 0 {
		rec.Key.ExpiresAt = epoch.Add(time.Duration(w.random.IntN(60)) * time.Hour)
	}
	rec.Key.Disabled = w.random.IntN(12) == 0
	if len(w.records) > 0 && w.random.IntN(8) == 0 { // something of another one
		other := w.records[w.random.IntN(len(w.records))]
		switch w.random.IntN(3) {
		case 0:
			rec.Key.ID = other.Key.ID
		case 1:
			rec.Sealed = other.Sealed
		default:
			rec = other
		}
	}
	w.records = append(w.records, rec)
	return rec
}

func (w *twins) at() time.Time {
	return epoch.Add(time.Duration(w.random.Int64N(60 * int64(time.Hour))))
}

// step does one thing.
func (w *twins) step() {
	ctx, rec, at := w.t.Context(), w.any(), w.at()
	id := rec.Key.ID
	nothing := func(err error) (any, error) { return nil, err }
	switch w.random.IntN(16) {
	case 0, 1, 2, 3:
		rec := w.fresh()
		w.both("Put", func(s server.Store) (any, error) { return s.PutNew(ctx, rec, "", someone) })
	case 4, 5:
		successor := w.fresh()
		w.both("PutSuccessor", func(s server.Store) (any, error) { return s.PutNew(ctx, successor, id, someone) })
	case 6, 7:
		w.both("Delete", func(s server.Store) (any, error) { return nothing(s.Delete(ctx, id, someone, at)) })
	case 8:
		ends := []time.Time{{}, at, at.Add(time.Hour), at.Add(-time.Hour), latest.Add(1)}[w.random.IntN(5)]
		w.both("End", func(s server.Store) (any, error) { return s.End(ctx, id, ends, someone, at) })
	case 9:
		step := model.Step(w.random.IntN(6))
		w.both("StepDone", func(s server.Store) (any, error) { return nothing(s.StepDone(ctx, id, step, at)) })
	case 10:
		var answers []model.Answer
		for range w.random.IntN(5) {
			answers = append(answers, model.Answer{
				KeyID: w.any().Key.ID, API: fmt.Sprint("api ", w.random.IntN(2)), Status: w.random.IntN(600), Took: 5, At: at, Why: "because\x1b[2J",
				Verdict: []model.Verdict{model.VerdictAlive, model.VerdictDead, model.VerdictUnknown}[w.random.IntN(3)],
			})
		}
		w.both("KeepAnswers", func(s server.Store) (any, error) { return nothing(s.KeepAnswers(ctx, answers)) })
	case 11:
		uses := map[string]model.Use{}
		for range w.random.IntN(5) {
			use := model.Use{KeyID: w.any().Key.ID, At: w.at()}
			uses[use.KeyID] = use
		}
		all := slices.Collect(maps.Values(uses))
		w.both("NoteUses", func(s server.Store) (any, error) { return nothing(s.NoteUses(ctx, all)) })
	case 12:
		line := model.Activity{At: at, Action: model.ActionDeleted, KeyID: id, KeyName: rec.Key.Name, Actor: someone, Refused: "no"}
		w.both("NoteRefusal", func(s server.Store) (any, error) { return nothing(s.NoteRefusal(ctx, line)) })
	case 13:
		w.both("Find", func(s server.Store) (any, error) { return s.Find(ctx, rec.Sealed.Digest) })
	case 14:
		w.both("Sealed", func(s server.Store) (any, error) { return s.Sealed(ctx, id) })
	default:
		w.both("Get", func(s server.Store) (any, error) { return s.Get(ctx, id) })
		w.both("Touch", func(s server.Store) (any, error) {
			return nothing(s.(interface {
				Touch(ctx context.Context, id string, at time.Time) error
			}).Touch(ctx, id, at))
		})
	}
}

// compare holds all that is kept to be the same.
func (w *twins) compare() {
	w.t.Helper()
	ctx := w.t.Context()
	w.both("List", func(s server.Store) (any, error) {
		return s.(interface {
			List(ctx context.Context) ([]model.Key, error)
		}).List(ctx)
	})
	w.both("Activity", func(s server.Store) (any, error) { return s.Activity(ctx, 5000) })
	w.both("Rotations", func(s server.Store) (any, error) { return s.Rotations(ctx) })
	most := []int{5, 1000}[w.random.IntN(2)]
	w.both("Answers", func(s server.Store) (any, error) { return s.Answers(ctx, most) })
	place := model.Cursor{CreatedAt: w.at(), ID: uuid.NewString()}
	if w.random.IntN(4) == 0 {
		place = model.Cursor{}
	}
	limit := w.random.IntN(20)
	w.both("After", func(s server.Store) (any, error) {
		page, err := s.After(ctx, place, limit)
		page.Mark = 0
		return fmt.Sprint(page.Keys, page.Total), err
	})
	w.both("Digests", func(s server.Store) (any, error) {
		var all []model.Digested
		for page, err := range s.Digests(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, page.Keys...)
		}
		return bare(all), nil
	})
	var marks [2]int64
	w.both("DigestChanges", func(s server.Store) (any, error) {
		which := 0
		if s == server.Store(w.postgres) {
			which = 1
		}
		changes, err := s.DigestChanges(ctx, w.marks[which])
		marks[which] = changes.Mark
		slices.Sort(changes.Gone)
		keys := map[string]bool{}
		for _, one := range changes.Keys {
			keys[one.Key.ID] = true
		}
		return fmt.Sprint(slices.Sorted(maps.Keys(keys)), changes.Gone, changes.All), err
	})
	w.marks = marks
}

// bare sorts keys by their ids and leaves out what Digests need not give.
func bare(all []model.Digested) []model.Digested {
	slices.SortFunc(all, func(a, b model.Digested) int { return strings.Compare(a.Key.ID, b.Key.ID) })
	for i := range all {
		all[i].Key.Rotating, all[i].Key.Dead = false, false
	}
	return all
}

func pgChangesOf(t testing.TB, p *Postgres, since int64) model.Changes {
	t.Helper()
	changes, err := p.Changes(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}
