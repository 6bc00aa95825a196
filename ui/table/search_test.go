package table

import (
	"context"
	"slices"
	"testing"

	"clavier/model"
)

// answer runs a search to its end.
func answer(t testing.TB, s *Snapshot, r Request, previous *Listing) *Listing {
	t.Helper()
	l, done := s.Search(r, previous).Run(context.Background(), 0)
	if !done || !l.Complete() {
		t.Fatal("a search without an end of its budget is not done")
	}
	return l
}

// plainAnswer is the definition: keys that match, sorted.
func plainAnswer(keys []model.Key, r Request) (ids []string) {
	var found []model.Key
	for _, k := range keys {
		if r.Query.Match(k, r.Now) && (!r.StaleOnly || r.Rule.Judge(k, r.Now) != model.Fresh) {
			found = append(found, k)
		}
	}
	slices.SortFunc(found, r.Order.Compare)
	for _, k := range found {
		ids = append(ids, k.ID)
	}
	return ids
}

func idsOf(t testing.TB, s *Snapshot, rows []Row) (ids []string) {
	t.Helper()
	for _, r := range rows {
		k, ok := s.Key(r)
		if !ok {
			t.Fatalf("row %d of a listing is not in its snapshot", r)
		}
		ids = append(ids, k.ID)
	}
	return ids
}

// TestSearchReal compares searches of realistic keys, over several chunks, with the definition.
func TestSearchReal(t *testing.T) {
	keys := realKeys(3 * chunkRows / 2)
	var table Table
	table.Add(NewBlock(keys[:chunkRows+7]))
	table.Add(NewBlock(keys[chunkRows+7:]))
	s := table.Snapshot()
	for _, text := range []string{
		"", "p", "pr", "prod", "billing prod", "-prod", "-prod -dev api", "Old", "old", "9f", "0-7", "ana@", "owner:ana", "name:ci/",
		"hint:clv_", "id:-7", "age>1y", "created<2023-06", "unused>90d", "used:never", "expires<30d", "status:disabled", "status:active,expired prod",
		"\u2026", "clv_\u20269", "zzzzz", "-", "a1 b2",
	} {
		query, _ := model.ParseQuery(text, nil)
		for by := model.SortCreated; by <= model.SortExpires; by++ {
			for _, reverse := range []bool{false, true} {
				r := Request{Query: query, Order: model.Order{By: by, Reverse: reverse}, Rule: model.DefaultStaleRule, Now: now}
				got, want := idsOf(t, s, answer(t, s, r, nil).Rows()), plainAnswer(keys, r)
				if !slices.Equal(got, want) {
					t.Fatalf("%q by %v: %d rows that are not the %d by definition", text, r.Order, len(got), len(want))
				}
			}
		}
	}
}
