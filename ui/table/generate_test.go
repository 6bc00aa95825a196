package table

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

// bits of names as they come from outside: usual ones, letters whose lower case is longer or shorter or ASCII, marks that
// NFC joins, bytes that are not UTF-8, the byte that stands between texts.
var pieces = []string{
	"a", "b", "ab", "prod", "-", "api", "P", "Ab", "0", "9f", "42", " ", "\"", "é", "e\u0301", "É", "\u212a", "\u0130", "\u023a", "\u1e9e", "ﬁ", "世界",
	"…", "clv_…", "\x00", "\xff", "\xe2\x80", "\xa6", "\ufffd", "\u202e", "\U0001f512", "ß", "Σ", "ς",
}

func genText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), "")
		if rapid.IntRange(0, 40).Draw(t, "long") == 0 {
			text += strings.Repeat("Long", rapid.IntRange(60, 70).Draw(t, "times"))
		}
		return text
	})
}

// genTime draws times that often are the same, or a nanosecond or the bounds of stale rules apart; those that nanoseconds
// cannot count; and the zero time.
func genTime() *rapid.Generator[time.Time] {
	const day = 24 * time.Hour
	return rapid.Custom(func(t *rapid.T) time.Time {
		switch rapid.IntRange(0, 9).Draw(t, "kind of time") {
		case 0, 1:
			return time.Time{}
		case 2:
			return time.Date(rapid.SampledFrom([]int{-3000, 0, 1, 1500, 1677, 2262, 3000, 9999}).Draw(t, "year"), 12, 31, 23, 59, 59, 7, time.UTC)
		case 3:
			bound := rapid.SampledFrom([]int64{math.MinInt64, lastLow, 0, firstHigh, math.MaxInt64}).Draw(t, "bound")
			return time.Unix(0, bound+int64(rapid.IntRange(-1, 1).Draw(t, "near"))).UTC()
		default:
			days := rapid.SampledFrom([]int{-400, -90, -30, -14, -1, 0, 1, 7}).Draw(t, "days")
			return now.Add(time.Duration(days)*day + time.Duration(rapid.IntRange(-1, 1).Draw(t, "near")))
		}
	})
}

// roles are all there are.
var roles = []model.Role{model.RoleUse, model.RoleRead, model.RoleManage}

// genKey draws a key with an id of its own, by number.
func genKey(number int) *rapid.Generator[model.Key] {
	return rapid.Custom(func(t *rapid.T) model.Key {
		k := model.Key{
			Name: genText().Draw(t, "name"), Hint: genText().Draw(t, "hint"), Owner: rapid.SampledFrom([]string{"", "ana", "Ben", "b\xff", "É"}).Draw(t, "owner"),
			CreatedAt: genTime().Draw(t, "created"), ExpiresAt: genTime().Draw(t, "expires"),
			LastUse: model.LastUse{Reported: rapid.Bool().Draw(t, "reported"), At: genTime().Draw(t, "used")}, Disabled: rapid.Bool().Draw(t, "disabled"),
		}
		if rapid.IntRange(0, 3).Draw(t, "special") == 0 {
			k.Imported, k.Dead, k.Rotating = rapid.Bool().Draw(t, "imported"), rapid.Bool().Draw(t, "dead"), rapid.Bool().Draw(t, "rotating")
			k.Role = rapid.SampledFrom(roles).Draw(t, "role")
			k.Note = rapid.SampledFrom([]string{"", "console", "a\xff", "https://example.org/keys"}).Draw(t, "note")
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind of id") {
		case 0:
			k.ID = fmt.Sprintf("Key %d:%s", number, genText().Draw(t, "id"))
		case 1:
			k.ID = strings.ToUpper(fmt.Sprintf("0190f3c2-7b1a-7abc-8def-%012x", number))
		default:
			k.ID = fmt.Sprintf("%08x-7b1a-7abc-8def-%012x", rapid.SampledFrom([]uint32{0x190f3c2, 0xffffffff}).Draw(t, "id"), number)
		}
		return k
	})
}

// genKeys draws keys with different ids, numbered from a number on.
func genKeys(from, least, most int) *rapid.Generator[[]model.Key] {
	return rapid.Custom(func(t *rapid.T) []model.Key {
		keys := make([]model.Key, rapid.IntRange(least, most).Draw(t, "keys"))
		for i := range keys {
			keys[i] = genKey(from+i).Draw(t, "key")
		}
		return keys
	})
}

// genTerm draws a term, most of them made of the keys' own text.
func genTerm(keys []model.Key) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		not := rapid.SampledFrom([]string{"", "", "", "-"}).Draw(t, "not")
		if rapid.IntRange(0, 3).Draw(t, "kind of term") == 0 {
			return not + rapid.SampledFrom([]string{
				"age>90d", "age<=90d", "created<2026", "created:2026-11", "created>1500-06", "created<9999", "unused>30d", "unused<1d", "used:never",
				"used:unknown", "used<7d", "used>=14d", "expires<7d", "expires>0d", "expires:never", "status:active", "status:disabled,expired", "expires<=99y",
			}).Draw(t, "time")
		}
		text := rapid.SampledFrom(pieces).Draw(t, "piece")
		if len(keys) > 0 && rapid.IntRange(0, 3).Draw(t, "own") > 0 {
			k := rapid.SampledFrom(keys).Draw(t, "of")
			text = rapid.SampledFrom([]string{k.Name, k.Name, k.Name, k.Hint, k.ID, k.Owner}).Draw(t, "text")
			if rapid.Bool().Draw(t, "lower") {
				text = model.Fold(text)
			}
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			text = text[from:rapid.IntRange(from, min(len(text), from+8)).Draw(t, "to")]
		}
		field := rapid.SampledFrom([]string{"", "", "", "name:", "hint:", "id:", "owner:"}).Draw(t, "field")
		return not + field + `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	})
}

// genRelated draws two terms that look for parts of each other, or nearly so.
func genRelated(keys []model.Key) *rapid.Generator[[2]string] {
	return rapid.Custom(func(t *rapid.T) (terms [2]string) {
		k := rapid.SampledFrom(keys).Draw(t, "of")
		text := rapid.SampledFrom([]string{k.Name, k.Name, k.ID, k.Hint}).Draw(t, "text")
		not := rapid.Bool().Draw(t, "not")
		for i := range terms {
			part := text[min(rapid.IntRange(0, 3).Draw(t, "from"), len(text)):]
			part = part[:min(rapid.IntRange(1, 4).Draw(t, "to"), len(part))]
			if rapid.Bool().Draw(t, "lower") {
				part = model.Fold(part)
			}
			terms[i] = rapid.SampledFrom([]string{"", "", "name:", "id:"}).Draw(t, "field") + `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
			if not != (rapid.IntRange(0, 9).Draw(t, "other") == 0) {
				terms[i] = "-" + terms[i]
			}
		}
		return terms
	})
}

// genQuery draws the text of a query.
func genQuery(keys []model.Key) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(genTerm(keys), 0, 3).Draw(t, "terms"), " ")
	})
}

// genNow draws the moment of a request: mostly that of the tests, or near it; now and then one that nanoseconds hardly or
// cannot count.
func genNow() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.IntRange(0, 9).Draw(t, "far") == 0 {
			return time.Date(rapid.SampledFrom([]int{-1000, 1, 1700, 2250, 2300}).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return now.Add(rapid.SampledFrom([]time.Duration{0, 0, 1, time.Hour, -time.Hour, 80 * 24 * time.Hour}).Draw(t, "later"))
	})
}

// genRequest draws a request.
func genRequest(keys []model.Key) *rapid.Generator[Request] {
	return rapid.Custom(func(t *rapid.T) Request {
		query, _ := model.ParseQuery(genQuery(keys).Draw(t, "query"), time.UTC)
		return Request{
			Query:     query,
			Order:     model.Order{By: model.SortBy(rapid.IntRange(0, 3).Draw(t, "by")), Reverse: rapid.Bool().Draw(t, "reverse")},
			StaleOnly: rapid.IntRange(0, 4).Draw(t, "stale") == 0,
			Rule:      rapid.SampledFrom([]model.StaleRule{model.DefaultStaleRule, {}, {Older: 1 << 62, Unused: time.Hour}}).Draw(t, "rule"),
			Now:       genNow().Draw(t, "now"),
			Page:      rapid.IntRange(0, 5).Draw(t, "page"),
		}
	})
}
