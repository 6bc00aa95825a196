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

// checkMany is checkListing for a complete listing of many keys: every two neighbours are in order, and every key that
// matches is there.
func checkMany(t testing.TB, l *Listing, s *Snapshot, keys []model.Key) {
	t.Helper()
	r, want := l.Request(), 0
	for _, k := range keys {
		if r.Query.Match(k, r.Now) {
			want++
		}
	}
	if l.Len() != want {
		t.Fatalf("%q by %v: %d rows, not %d", r.Query, r.Order, l.Len(), want)
	}
	var last model.Key
	for i, row := range l.Rows() {
		key, ok := s.Key(row)
		if !ok || !r.Query.Match(key, r.Now) {
			t.Fatalf("%q by %v: row %d does not match", r.Query, r.Order, row)
		}
		if i > 0 && r.Order.Compare(last, key) >= 0 {
			t.Fatalf("%q by %v: %q stands before %q", r.Query, r.Order, last.ID, key.ID)
		}
		last = key
	}
}

// TestSearchReal compares searches of realistic keys, over several chunks, with the definition.
func TestSearchReal(t *testing.T) {
	keys := realKeys(chunkRows + 1500)
	var table Table
	table.Add(NewBlock(keys[:7]))
	table.Add(NewBlock(keys[7:]))
	s := table.Snapshot()
	for i, text := range []string{
		"", "p", "pr", "prod", "billing prod", "-prod", "-prod -dev api", "Old", "old", "9f", "0-7", "ana@", "owner:ana", "name:ci/",
		"hint:clv_", "id:-7", "age>1y", "created<2023-06", "unused>90d", "used:never", "expires<30d", "status:disabled", "status:active,expired prod",
		"…", "clv_…9", "zzzzz", "-", "a1 b2",
	} {
		query, _ := model.ParseQuery(text, nil)
		order := model.Order{By: model.SortBy(i % 4), Reverse: i/4%2 == 1}
		checkMany(t, answer(t, s, Request{Query: query, Order: order, Now: now}, nil), s, keys)
	}
}
