package model

import (
	"reflect"
	"testing"
	"time"
)

// ask reads a query that must be sound, in UTC.
func ask(t testing.TB, text string) Query {
	t.Helper()
	query, problems := ParseQuery(text, time.UTC)
	if len(problems) != 0 {
		t.Fatalf("%q: %v", text, problems)
	}
	return query
}

func TestQueryMatch(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	used := func(d time.Duration) LastUse { return LastUse{Reported: true, At: ago(d)} }
	never := LastUse{Reported: true}
	key := Key{ID: "0198-ab", Name: "ci-Deploy prod", Hint: "clv_…9f3Q", Owner: "Ann"}
	made := func(d time.Duration) Key { return Key{CreatedAt: ago(d)} }
	use := func(u LastUse) Key { return Key{CreatedAt: ago(100 * day), LastUse: u} }
	ends := func(at time.Time) Key { return Key{ExpiresAt: at} }
	for _, c := range []struct {
		text string
		key  Key
		want bool
	}{
		{"", Key{}, true},
		{"ci", key, true}, {"deploy", key, true}, {"Deploy", key, true}, {"DEPLOY", key, false}, {"9f3q", key, true}, {"9f3Q", key, true},
		{"9F3Q", key, false}, {"0198", key, true}, {"ann", key, true}, {"Ann", key, true}, {"ANN", key, false}, {"x", key, false},
		{"ci ann", key, true}, {"ci x", key, false}, {`"deploy prod"`, key, true}, {`"prodclv"`, key, false},
		{"prodclv_", key, false}, {"9f3q0198", key, false}, {"abann", key, false},
		{"-x", key, true}, {"-ci", key, false}, {"ci -Deploy", key, false}, {"ci -DEPLOY", key, true},
		{"name:ci", key, true}, {"name:ann", key, false}, {"name:0198", key, false}, {"hint:9f", key, true}, {"hint:ci", key, false},
		{"id:0198", key, true}, {"id:ci", key, false}, {"owner:ann", key, true}, {"owner:ci", key, false}, {"-owner:ci", key, true},
		{"…", key, true}, {"owner:a", Key{}, false}, {"-owner:a", Key{}, true},
		{"istanbul", Key{Name: "İstanbul"}, true}, {"stra\u00dfe", Key{Name: "STRA\u1e9eE"}, true}, {"key", Key{Name: "\u212aEY"}, true},
		{"caf\u00e9", Key{Name: "CAF\u00c9"}, true}, {"cafe\u0301", Key{Name: "caf\u00e9"}, true}, {"cafe", Key{Name: "cafe\u0301"}, true},
		{"b", Key{Name: "a\xff\u202eB\xc3"}, true}, {"\u202eb", Key{Name: "a\xff\u202eB"}, true}, {"\ufffd", Key{Name: "\xff"}, false},

		{"age>90d", made(90 * day), false}, {"age>90d", made(90*day + 1), true}, {"age>=90d", made(90 * day), true},
		{"age>=90d", made(90*day - 1), false}, {"age<90d", made(90 * day), false}, {"age<90d", made(90*day - 1), true},
		{"age<=90d", made(90 * day), true}, {"age<=90d", made(90*day + 1), false}, {"-age>90d", made(90 * day), true},
		{"age<0d", made(-time.Hour), true}, {"age<1d", made(-time.Hour), true}, {"age>0d", made(-time.Hour), false},
		{"age>99y", Key{CreatedAt: date(t, "1600-01-01")}, true},
		{"age>60y", Key{CreatedAt: date(t, "1955-05-05")}, true}, {"created<1970", Key{CreatedAt: date(t, "1969-12-31 23:59")}, true},
		{"age>0d", Key{}, false}, {"age<100y", Key{}, false}, {"-age>0d", Key{}, true}, {"created<2024", Key{}, false},
		{"age>1d", Key{CreatedAt: ago(25 * time.Hour).In(time.FixedZone("", 9*3600))}, true},

		{"created:2024-06", Key{CreatedAt: date(t, "2024-06-01")}, true}, {"created:2024-06", Key{CreatedAt: date(t, "2024-07-01")}, false},
		{"created:2024-06", Key{CreatedAt: date(t, "2024-07-01").Add(-1)}, true},
		{"created<2024-06", Key{CreatedAt: date(t, "2024-06-01")}, false}, {"created<2024-06", Key{CreatedAt: date(t, "2024-06-01").Add(-1)}, true},
		{"created<=2024-06", Key{CreatedAt: date(t, "2024-07-01").Add(-1)}, true}, {"created<=2024-06", Key{CreatedAt: date(t, "2024-07-01")}, false},
		{"created>2024-06", Key{CreatedAt: date(t, "2024-07-01")}, true}, {"created>2024-06", Key{CreatedAt: date(t, "2024-06-30 23:59")}, false},
		{"created>=2024-06", Key{CreatedAt: date(t, "2024-06-01")}, true}, {"created>=2024-06", Key{CreatedAt: date(t, "2024-05-31 23:59")}, false},

		{"unused>30d", use(used(30 * day)), false}, {"unused>30d", use(used(30*day + 1)), true}, {"unused>30d", use(never), true},
		{"unused>100d", use(never), false}, {"unused>=100d", use(never), true}, {"unused>30d", use(LastUse{}), false},
		{"unused<30d", use(LastUse{}), false}, {"-unused>30d", use(LastUse{}), true}, {"unused<30d", use(used(-time.Hour)), true},
		{"unused>30d", use(LastUse{At: ago(90 * day)}), false}, {"unused>0d", Key{LastUse: never}, false},

		{"used:never", use(never), true}, {"used:never", use(used(0)), false}, {"used:never", use(LastUse{}), false},
		{"-used:never", use(LastUse{}), true}, {"used:unknown", use(LastUse{}), true}, {"used:unknown", use(never), false},
		{"used:unknown", use(used(0)), false}, {"used:unknown", use(LastUse{At: noon}), true}, {"used<7d", use(used(7*day - 1)), true},
		{"used<7d", use(used(7 * day)), false}, {"used<=7d", use(used(7 * day)), true}, {"used>7d", use(used(7*day + 1)), true},
		{"used<7d", use(never), false}, {"used>7d", use(never), false}, {"used<7d", use(LastUse{At: noon}), false},
		{"used<1h", use(used(-day)), true},

		{"expires<7d", ends(noon.Add(7*day - 1)), true}, {"expires<7d", ends(noon.Add(7 * day)), false},
		{"expires<=7d", ends(noon.Add(7 * day)), true}, {"expires>7d", ends(noon.Add(7*day + 1)), true},
		{"expires>=7d", ends(noon.Add(7*day - 1)), false}, {"expires<7d", ends(ago(365 * day)), true}, {"expires<0d", ends(ago(1)), true},
		{"expires<0d", ends(noon), false}, {"expires<7d", Key{}, false}, {"expires>7d", Key{}, false}, {"expires:never", Key{}, true},
		{"expires:never", ends(noon), false},

		{"status:active", ends(noon.Add(1)), true}, {"status:active", ends(noon), false}, {"status:expired", ends(noon), true},
		{"status:disabled", Key{Disabled: true, ExpiresAt: ago(day)}, true}, {"status:expired", Key{Disabled: true, ExpiresAt: ago(day)}, false},
		{"status:active,expired", ends(noon), true}, {"-status:active,expired", ends(noon), false}, {"-status:expired", Key{}, true},
	} {
		if got := ask(t, c.text).Match(c.key, noon); got != c.want {
			t.Errorf("%q matches %+v: %v", c.text, c.key, got)
		}
	}
}

// TestQueryMatchAtAnyTime: a clock that stands anywhere, even at the zero time, neither panics nor finds what is not there.
func TestQueryMatchAtAnyTime(t *testing.T) {
	empty := Key{LastUse: LastUse{Reported: true}}
	for _, now := range []time.Time{{}, time.Time{}.Add(day), time.Time{}.Add(MaxSpan), time.Unix(0, 0), time.Unix(1<<40, 0), time.Unix(-1<<40, 0)} {
		for _, text := range []string{"age<1d", "age<=1d", "age>1d", "age>=1d", "unused<1d", "unused>=100y", "used<=1d", "used>1d", "expires<1d",
			"expires<=0d", "expires>0d", "expires>=100y"} {
			if ask(t, text).Match(empty, now) {
				t.Errorf("at %v, %q matches a key that has no moments", now, text)
			}
		}
	}
	if w := ask(t, "age>1d").Terms()[0].Window(time.Time{}.Add(day)); w.Has(noon) {
		t.Errorf("everything lies in %v", w)
	}
}

func TestTermOfNoField(t *testing.T) {
	if (Term{Field: 99}).Match(Key{}, noon) || !(Term{Field: 99, Not: true}).Match(Key{}, noon) || !FieldStatus.moment(Key{CreatedAt: noon}).IsZero() {
		t.Error("a field that there is not matches")
	}
	if OpHas.mirrored() != OpHas {
		t.Error("a colon has a mirror image")
	}
}

func TestQueryHighlights(t *testing.T) {
	for _, c := range []struct {
		query string
		field Field
		text  string
		want  [][2]int
	}{
		{"", FieldName, "prod", nil},
		{"prod", FieldName, "", nil},
		{"prod", FieldName, "ci-PROD-prod", [][2]int{{3, 7}, {8, 12}}},
		{"PROD", FieldName, "ci-PROD-prod", [][2]int{{3, 7}}},
		{"-prod", FieldName, "prod", nil},
		{"aa", FieldName, "xaaay", [][2]int{{1, 4}}},
		{"ab", FieldName, "ababxab", [][2]int{{0, 4}, {5, 7}}},
		{"ab bc x", FieldName, "abcdx", [][2]int{{0, 3}, {4, 5}}},
		{"b a", FieldName, "a-b", [][2]int{{0, 1}, {2, 3}}},
		{"name:a hint:b c", FieldName, "abc", [][2]int{{0, 1}, {2, 3}}},
		{"name:a hint:b c", FieldHint, "abc", [][2]int{{1, 3}}},
		{"name:a hint:b c", FieldAny, "abc", [][2]int{{2, 3}}},
		{"a age>1d status:active used:never", FieldAge, "a", nil},
		{"active", FieldStatus, "active", nil},
		{"s", FieldName, "İSTANBUL s", [][2]int{{2, 3}, {10, 11}}},
		{"ist", FieldName, "İSTANBUL", [][2]int{{0, 4}}},
		{"ße", FieldName, "STRA\u1e9eE!", [][2]int{{4, 8}}},
		{"ⱥb", FieldName, "aȺBc", [][2]int{{1, 4}}},
		{"ⱥ", FieldName, "ȺȺ-Ⱥ", [][2]int{{0, 4}, {5, 7}}},
		{"key", FieldName, "a \u212aey", [][2]int{{2, 7}}},
		{"b", FieldName, "\xffB\xc3b\xe2", [][2]int{{1, 2}, {3, 4}}},
		{"\u00e9", FieldName, "\xe2\xc3\u00c9", [][2]int{{2, 4}}},
		{"e", FieldName, "E\u0301", [][2]int{{0, 1}}},
		{"本", FieldName, "日本語", [][2]int{{3, 6}}},
	} {
		if got := ask(t, c.query).Highlights(c.field, c.text); len(got)+len(c.want) > 0 && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q highlights %v in %+q, want %v", c.query, got, c.text, c.want)
		}
	}
}
