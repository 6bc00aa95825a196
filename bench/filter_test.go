//go:build linux || darwin

package bench

import (
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/demo"
	"clavier/model"
)

func TestFiltersCountWhatTheirProgramsFind(t *testing.T) {
	keys := []model.Key{
		{Name: "Billing-API-prod", Hint: "clv_…9f3Q", ID: "0192f1c4-7b2e", Owner: "dana"},
		{Name: "billing-worker-dev", Hint: "clv_…prod", ID: "0192f1c4-7b2f", Owner: "ada"},
		{Name: "search", Hint: "clv_…aaaa", ID: "0192f1c4-7b30", Owner: "ci-runner"},
	}
	tests := []struct {
		typed                string
		fields, exact, fuzzy int
	}{
		{"", 3, 3, 3},
		{"billing", 2, 2, 2},
		{"prod", 2, 1, 1},
		{"blng", 0, 0, 2},
		{"billing dev", 1, 1, 1},
		{"billing ", 2, 2, 2},
		{"gap", 0, 0, 1},
		{"ad", 1, 0, 1},
		{"7b3", 1, 0, 0},
		{"runner", 1, 0, 0},
		{"9f3q", 1, 0, 0},
	}
	for _, tt := range tests {
		for _, f := range []struct {
			name string
			Filter
			want int
		}{{"fields", Fields, tt.fields}, {"exact", Exact, tt.exact}, {"fuzzy", Fuzzy, tt.fuzzy}} {
			if got := f.count(f.texts(keys), tt.typed); got != f.want {
				t.Errorf("%s: %q finds %d, want %d", f.name, tt.typed, got, f.want)
			}
		}
	}
}

// TestFiltersLeaveOut: a word that must not be there leaves nothing out before
// it has a letter, and is a substring for all programs.
func TestFiltersLeaveOut(t *testing.T) {
	keys := []model.Key{{Name: "api-prod"}, {Name: "api-dev"}, {Name: "a-p-i"}}
	q := Query{With: []string{"ap"}, Without: []string{"dev"}}
	for _, tt := range []struct {
		name string
		Filter
		spelled string
		counts  []int
	}{
		{"fields", Fields, "ap -dev", []int{3, 2, 2, 2, 0, 1, 1}},
		{"exact", Exact, "ap !dev", []int{3, 2, 2, 2, 0, 1, 1}},
		{"fuzzy", Fuzzy, "ap !dev", []int{3, 3, 3, 3, 1, 2, 2}},
	} {
		if got := tt.spell(q); got != tt.spelled {
			t.Errorf("%s: typed is %q, want %q", tt.name, got, tt.spelled)
		}
		all := answers([]Subject{{Tall: Tall{Filter: tt.Filter}}}, &Crowd{Keys: keys}, []Query{q})
		if got := all[0][0]; !slices.Equal(got, tt.counts) {
			t.Errorf("%s: counts are %v, want %v", tt.name, got, tt.counts)
		}
	}
}

// TestQueriesAreWhatTheySayTheyAre holds the fixed queries to the names of a
// crowd: no one can be answered from what was kept of another, and there are
// some with many matches, some with few, some with none, some with several
// words and some that leave out.
func TestQueriesAreWhatTheySayTheyAre(t *testing.T) {
	const n = 20_000
	keys := slices.Collect(demo.Options{Keys: n, Seed: 1, Now: time.Now()}.All())
	texts := Exact.texts(keys)
	begins := map[byte]bool{}
	kinds := map[string]int{}
	for _, q := range Queries {
		typed := Exact.spell(q)
		if typed != strings.ToLower(typed) {
			t.Errorf("%q has an upper-case letter, which makes case matter", typed)
		}
		if begins[typed[0]] {
			t.Errorf("%q begins like another query", typed)
		}
		begins[typed[0]] = true
		switch hits := Exact.count(texts, typed); {
		case hits == 0:
			kinds["none"]++
		case hits < n/100:
			kinds["few"]++
		case hits > n/25:
			kinds["many"]++
		}
		if len(q.With) > 1 {
			kinds["several words"]++
		}
		if len(q.Without) > 0 {
			kinds["left out"]++
		}
	}
	for _, kind := range []string{"none", "few", "many", "several words", "left out"} {
		if kinds[kind] == 0 {
			t.Errorf("no query is of the kind %q: %v", kind, kinds)
		}
	}
}
