package model

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// awkward are characters whose lower case is of another length, that combine, hide, or mean something in a query.
var awkward = []rune{'a', 'b', 'c', 'A', 'B', 'é', 'É', 'e', 0x301, 'İ', 'ı', 'i', 0x1e9e, 'ß', 'Ⱥ', 'ⱥ', 0x212a, 'k', 'ǅ', '日',
	0x202e, '\n', ' ', 0x3000, '-', '"', ':', '<', '=', '_', 0xfffd, 0}

// outside draws a text as a store could hold it: of any bytes, mostly awkward ones.
func outside() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom(awkward), 0, 10, -1),
		rapid.StringOfN(rapid.SampledFrom([]rune("abAB")), 0, 6, -1),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "bytes")) }),
		rapid.Custom(func(t *rapid.T) string {
			return "É" + string([]byte{rapid.Byte().Draw(t, "byte")}) + rapid.StringN(0, 3, -1).Draw(t, "tail")
		}),
	)
}

// moment draws a time near noon, often exactly one of the spans away, sometimes none, sometimes long before 1970.
func moment() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return time.Time{}
		case 1:
			return time.Unix(rapid.Int64Range(-9e9, 9e9).Draw(t, "unix"), 0).UTC()
		default:
			span := rapid.SampledFrom([]time.Duration{0, time.Hour, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day}).Draw(t, "span")
			sign := rapid.SampledFrom([]int64{-1, -1, -1, 1}).Draw(t, "sign")
			return noon.Add(time.Duration(sign*int64(span) + rapid.Int64Range(-2, 2).Draw(t, "off")))
		}
	})
}

func anyKey() *rapid.Generator[Key] {
	return rapid.Custom(func(t *rapid.T) Key {
		return Key{
			ID: rapid.StringOfN(rapid.SampledFrom([]rune("ab1")), 0, 4, -1).Draw(t, "id"), Name: outside().Draw(t, "name"),
			Hint: outside().Draw(t, "hint"), Owner: outside().Draw(t, "owner"), CreatedAt: moment().Draw(t, "created"),
			LastUse:   LastUse{Reported: rapid.Bool().Draw(t, "reported"), At: moment().Draw(t, "used")},
			ExpiresAt: moment().Draw(t, "expires"), Disabled: rapid.IntRange(0, 3).Draw(t, "disabled") == 0,
		}
	})
}

// anyTerm draws a term that is sound and excludes nothing.
func anyTerm() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		draw := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		compare := func() string { return draw("compare", "<", "<=", ">", ">=") }
		span := func() string { return draw("span", "0d", "1h", "1w", "14d", "1mo", "90d", "1y", "100y") }
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0, 1, 2:
			text := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "ab"}), rapid.StringOfN(rapid.SampledFrom(awkward), 1, 3, -1)).Draw(t, "text")
			return draw("part", "", "name:", "hint:", "id:", "owner:") + `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		case 3:
			return draw("field", "age", "unused", "used", "expires") + compare() + span()
		case 4:
			return "created" + draw("operator", ":", "<", "<=", ">", ">=") + draw("date", "2026", "2026-11", "2026-11-22", "2026-08-24", "1969-12-31")
		case 5:
			return draw("word", "used:never", "used:unknown", "expires:never")
		default:
			return "status:" + draw("status", "active", "disabled", "expired", "active,expired", "disabled|active")
		}
	})
}

// plainly says whether a key meets a term, in the simplest words: by characters and by lengths of time.
func plainly(term Term, k Key, now time.Time) bool {
	compare := func(d, span time.Duration) bool {
		return map[Op]bool{OpLess: d < span, OpAtMost: d <= span, OpMore: d > span, OpAtLeast: d >= span}[term.Op]
	}
	use := k.LastUse
	switch term.Field {
	case FieldAny:
		return plainlyIn(term, k.Name) || plainlyIn(term, k.Hint) || plainlyIn(term, k.ID) || plainlyIn(term, k.Owner)
	case FieldName:
		return plainlyIn(term, k.Name)
	case FieldHint:
		return plainlyIn(term, k.Hint)
	case FieldID:
		return plainlyIn(term, k.ID)
	case FieldOwner:
		return plainlyIn(term, k.Owner)
	case FieldAge:
		return !k.CreatedAt.IsZero() && compare(now.Sub(k.CreatedAt), term.Span)
	case FieldCreated:
		at := k.CreatedAt
		return !at.IsZero() && map[Op]bool{
			OpHas: !at.Before(term.From) && at.Before(term.To), OpLess: at.Before(term.From), OpAtMost: at.Before(term.To),
			OpMore: !at.Before(term.To), OpAtLeast: !at.Before(term.From),
		}[term.Op]
	case FieldUnused:
		since := use.At
		if since.IsZero() {
			since = k.CreatedAt
		}
		return use.Reported && !since.IsZero() && compare(now.Sub(since), term.Span)
	case FieldUsed:
		switch term.Op {
		case OpNever:
			return use.Reported && use.At.IsZero()
		case OpUnknown:
			return !use.Reported
		default:
		}
		return use.Reported && !use.At.IsZero() && compare(now.Sub(use.At), term.Span)
	case FieldExpires:
		if term.Op == OpNever {
			return k.ExpiresAt.IsZero()
		}
		return !k.ExpiresAt.IsZero() && compare(k.ExpiresAt.Sub(now), term.Span)
	default:
		return slices.Contains(strings.Split(term.Text, ","), string(k.StatusAt(now)))
	}
}

// plainlyIn looks for the term's text at every character.
func plainlyIn(term Term, text string) bool { return len(plainPlaces(term, text)) > 0 }

// plainPlaces returns every place, overlapping ones too, at which the text of a term stands.
func plainPlaces(term Term, text string) [][2]int {
	var starts []int
	var chars []string
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRuneInString(text[i:])
		starts, chars = append(starts, i), append(chars, text[i:i+size])
		i += size
	}
	starts = append(starts, len(text))
	want := strings.Split(term.Text, "")
	var places [][2]int
	for i := 0; i+len(want) <= len(chars); i++ {
		same := true
		for j, w := range want {
			c := chars[i+j]
			r, size := utf8.DecodeRuneInString(c)
			if invalid := r == utf8.RuneError && size == 1; term.Fold && !invalid {
				c = string(unicode.ToLower(r))
			}
			same = same && c == w
		}
		if same {
			places = append(places, [2]int{starts[i], starts[i+len(want)]})
		}
	}
	return places
}

// sound reads a query that must have no problem.
func sound(t *rapid.T, text string) Query {
	query, problems := ParseQuery(text, time.UTC)
	if len(problems) != 0 {
		t.Fatalf("%q: %v", text, problems)
	}
	return query
}

// TestQueryIsItsTerms: a query matches what all its terms match in the plainest sense, a term more narrows it, and a minus
// turns a term into what it leaves.
func TestQueryIsItsTerms(t *testing.T) {
	matched := map[Field]int{}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(anyTerm(), 0, 3).Draw(t, "terms")
		keys := rapid.SliceOfN(anyKey(), 10, 30).Draw(t, "keys")
		query := sound(t, strings.Join(texts, " "))
		if len(query.Terms()) != len(texts) {
			t.Fatalf("%q has %v", texts, query.Terms())
		}
		for _, more := range rapid.SliceOfN(anyTerm(), 6, 6).Draw(t, "more") {
			narrower := sound(t, strings.Join(append(slices.Clone(texts), more), " "))
			one, without := sound(t, more), sound(t, "-"+more)
			for _, key := range keys {
				want := true
				for _, term := range query.Terms() {
					want = want && plainly(term, key, noon)
				}
				got, single := query.Match(key, noon), one.Match(key, noon)
				if got != want || single != plainly(one.Terms()[0], key, noon) {
					t.Fatalf("%q matches %+v: %v, and %q: %v", query, key, got, more, single)
				}
				if single {
					matched[one.Terms()[0].Field]++
				}
				if narrower.Match(key, noon) != (got && single) {
					t.Fatalf("%q and %q together do not match what both do: %+v", query, more, key)
				}
				if without.Match(key, noon) == single {
					t.Fatalf("%q and -%q agree on %+v", more, more, key)
				}
			}
		}
	})
	for f := FieldAny; f <= FieldStatus; f++ {
		if matched[f] == 0 {
			t.Errorf("no term about %q matched a key: the test proves nothing of it", f)
		}
	}
}

// TestQueryPrintsItself: a query that is written and read again is the same.
func TestQueryPrintsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) string {
				return strings.Join(rapid.SliceOfN(anyTerm(), 0, 4).Draw(t, "terms"), rapid.SampledFrom([]string{" ", " -", "\t"}).Draw(t, "space"))
			}),
			outside(), rapid.String(),
		).Draw(t, "text")
		checkParse(t, text, time.FixedZone("", 3600))
	})
}

// checkParse fails if what is made of any text is not sound.
func checkParse(t rapid.TB, text string, zone *time.Location) {
	query, problems := ParseQuery(text, zone)
	end := 0
	for _, p := range problems {
		if p.Start < end || p.End <= p.Start || p.End > len(text) {
			t.Fatalf("%+q has problems at %v", text, problems)
		}
		if p.Want == "" || !IsDisplayable(p.Want) {
			t.Fatalf("%+q: %+q was expected", text, p.Want)
		}
		for _, at := range []int{p.Start, p.End} {
			if at < len(text) && utf8.ValidString(text) && !utf8.RuneStart(text[at]) {
				t.Fatalf("%+q: a problem stands inside of a character: %v", text, p)
			}
		}
		end = p.End
	}
	if strings.TrimSpace(text) != "" && query.Empty() && len(problems) == 0 {
		t.Fatalf("%+q is neither a query nor a problem", text)
	}
	for _, term := range query.Terms() {
		if term.Text == "" || !utf8.ValidString(term.Text) || term.Fold && Fold(term.Text) != term.Text {
			t.Fatalf("%+q has the term %+v", text, term)
		}
	}
	again, problems := ParseQuery(query.String(), zone)
	if len(problems) != 0 || !reflect.DeepEqual(again, query) {
		t.Fatalf("%+q is %+v, which is written as %+q, which is %+v, %v", text, query, query.String(), again, problems)
	}
}

// TestSmartCase: a word without capitals finds a text however it is written; one with a capital finds it as it is.
func TestSmartCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("abéⱥ")), 1, 3, -1)
		word := letters.Draw(t, "word")
		name := letters.Draw(t, "before") + word + letters.Draw(t, "after")
		lower, upper := sound(t, word), sound(t, strings.ToUpper(word))
		if !lower.Match(Key{Name: name}, noon) || !lower.Match(Key{Name: strings.ToUpper(name)}, noon) {
			t.Fatalf("%q is not found in %q in any case", word, name)
		}
		if upper.Match(Key{Name: name}, noon) || !upper.Match(Key{Name: strings.ToUpper(name)}, noon) {
			t.Fatalf("%q is found in %q, or not in the same in capitals", upper, name)
		}
	})
}

// TestHighlightsAreWhatMatches: highlighted is every place at which a term stands, and nothing else.
func TestHighlightsAreWhatMatches(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		query := sound(t, strings.Join(rapid.SliceOfN(anyTerm(), 1, 3).Draw(t, "terms"), rapid.SampledFrom([]string{" ", " -"}).Draw(t, "space")))
		text := outside().Draw(t, "text")
		field := rapid.SampledFrom([]Field{FieldName, FieldHint, FieldID, FieldOwner}).Draw(t, "field")
		lit := make([]bool, len(text))
		for _, term := range query.Terms() {
			if term.Not || term.Field != FieldAny && term.Field != field {
				continue
			}
			for _, place := range plainPlaces(term, text) {
				for i := place[0]; i < place[1]; i++ {
					lit[i] = true
				}
			}
		}
		checkHighlights(t, query, field, text)
		got := make([]bool, len(text))
		for _, r := range query.Highlights(field, text) {
			for i := r[0]; i < r[1]; i++ {
				got[i] = true
			}
			found++
		}
		if !slices.Equal(lit, got) {
			t.Fatalf("%q highlights %v in %+q, want %v", query, got, text, lit)
		}
	})
	if found == 0 {
		t.Error("nothing was highlighted")
	}
}

// checkHighlights fails if ranges are not sorted and apart, or do not stand between characters.
func checkHighlights(t rapid.TB, query Query, field Field, text string) {
	bounds := map[int]bool{len(text): true}
	for i := range text {
		bounds[i] = true
	}
	end := -1
	for _, r := range query.Highlights(field, text) {
		if r[0] <= end || r[1] <= r[0] || !bounds[r[0]] || !bounds[r[1]] {
			t.Fatalf("%q highlights %v in %+q", query, query.Highlights(field, text), text)
		}
		end = r[1]
	}
	for _, term := range query.Terms() {
		one := Query{[]Term{term}}
		if term.Not || !term.Field.IsText() || term.Field != FieldAny && term.Field != field {
			continue
		}
		for _, r := range one.Highlights(field, text) {
			part := text[r[0]:r[1]]
			if term.Fold {
				part = Fold(part)
			}
			if !strings.HasPrefix(part, term.Text) || !strings.HasSuffix(part, term.Text) {
				t.Fatalf("%q highlights %+q in %+q", term, part, text)
			}
		}
		if term.in(text) != (len(one.Highlights(field, text)) > 0) {
			t.Fatalf("%q is in %+q: %v, and highlights %v", term, text, term.in(text), one.Highlights(field, text))
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"", "-", `"`, `""`, "prod -ci", `"two words" -"x""y"`, "age>90d age<1y", "created<2024-06-01 created:2024-02-30", "unused>30d used:never",
		"expires<7d expires:never", "status:active|disabled,", "name:İ hint:\xff id:\"", "foo:bar https://x", "age>=99999999999999999999h",
		"created:0000 created:9999-12-31", "İẞ\u0301 -\u3000-", "nme:x owner:CORP\\ann", "k=v used=never", "\x00\u202e",
	} {
		f.Add(seed, 3600)
	}
	f.Fuzz(func(t *testing.T, text string, offset int) { checkParse(t, text, time.FixedZone("", offset%86400)) })
}

func FuzzQueryMatch(f *testing.F) {
	f.Add("prod age>90d -used:never", "prod-İ", "clv_…9f3Q", "ann", int64(1), int64(2), int64(3), true)
	f.Add(`name:"a b" expires<7d`, "A b\xff", "…", "", int64(-1<<40), int64(0), int64(1<<40), false)
	f.Add("ß ⱥ \u212a status:active unused>1h created<1970", "ẞȺk\u0301", "", "\u202e", int64(-62135596800), int64(-62135596800), int64(0), true)
	f.Fuzz(func(t *testing.T, text, name, hint, owner string, created, used, now int64, reported bool) {
		query, _ := ParseQuery(text, time.UTC)
		at := func(seconds int64) time.Time { return time.Unix(seconds%(1<<40), 0).UTC() }
		key := Key{ID: "id", Name: name, Hint: hint, Owner: owner, CreatedAt: at(created), LastUse: LastUse{reported, at(used)}, ExpiresAt: at(used)}
		all := true
		for _, term := range query.Terms() {
			got := Query{[]Term{term}}.Match(key, at(now))
			all = all && got
			term.Not = !term.Not
			if (Query{[]Term{term}}).Match(key, at(now)) == got {
				t.Fatalf("%q matches what excludes it, %+v", term, key)
			}
			if term.Field.IsText() && got == term.Not != plainly(term, key, at(now)) {
				t.Fatalf("%q: %v of %+v", term, got, key)
			}
		}
		if query.Match(key, at(now)) != all {
			t.Fatalf("%q is not all of its terms for %+v", query, key)
		}
		for _, field := range []Field{FieldName, FieldHint, FieldOwner} {
			checkHighlights(t, query, field, map[Field]string{FieldName: name, FieldHint: hint, FieldOwner: owner}[field])
		}
		if strings.TrimSpace(text) == "" && !query.Match(key, at(now)) {
			t.Fatal("the empty query leaves out " + fmt.Sprintf("%+q", name))
		}
	})
}
