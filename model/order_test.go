package model

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var orders = []Order{
	{SortCreated, false}, {SortName, false}, {SortUsed, false}, {SortExpires, false},
	{SortCreated, true}, {SortName, true}, {SortUsed, true}, {SortExpires, true},
}

func TestOrder(t *testing.T) {
	at := func(days int) time.Time { return noon.Add(-time.Duration(days) * day) }
	never := LastUse{Reported: true}
	used := func(days int) LastUse { return LastUse{Reported: true, At: at(days)} }
	byName := []Key{
		{ID: "a", Name: "alpha", CreatedAt: at(1)}, {ID: "b", Name: "Alpha", CreatedAt: at(2)}, {ID: "c", Name: "ALPHA", CreatedAt: at(3)},
		{ID: "d", Name: "alpha", CreatedAt: at(4)}, {ID: "e", Name: "beta", CreatedAt: at(1)}, {ID: "f", Name: "", CreatedAt: at(1)},
		{ID: "g", Name: "Éa", CreatedAt: at(1)}, {ID: "h", Name: "éb", CreatedAt: at(1)}, {ID: "i", Name: "_", CreatedAt: at(1)},
	}
	byUse := []Key{
		{ID: "a", LastUse: used(1), CreatedAt: at(9)}, {ID: "b", LastUse: used(5), CreatedAt: at(9)}, {ID: "c", LastUse: used(5), CreatedAt: at(8)},
		{ID: "d", LastUse: never, CreatedAt: at(9)}, {ID: "e", LastUse: never, CreatedAt: at(2)}, {ID: "f", CreatedAt: at(3)},
		{ID: "g", CreatedAt: at(1), LastUse: LastUse{At: at(0)}}, {ID: "h", LastUse: used(-1), CreatedAt: at(9)}, {ID: "i", CreatedAt: at(3)},
	}
	byEnd := []Key{
		{ID: "a", ExpiresAt: at(-7), CreatedAt: at(1)}, {ID: "b", CreatedAt: at(3)}, {ID: "c", ExpiresAt: at(9), CreatedAt: at(1)},
		{ID: "d", CreatedAt: at(2)}, {ID: "e", ExpiresAt: at(-7), CreatedAt: at(0)},
	}
	byTime := []Key{
		{ID: "a", CreatedAt: at(3)}, {ID: "b", CreatedAt: at(1)}, {ID: "c", CreatedAt: at(2)}, {ID: "d", CreatedAt: at(2)},
		{ID: "e"}, {ID: "f", CreatedAt: date(t, "1901-01-01")}, {ID: "g", CreatedAt: at(2).In(time.FixedZone("", 7200))},
	}
	for _, c := range []struct {
		order Order
		keys  []Key
		want  string
	}{
		{Order{}, byTime, "bgdcafe"},
		{Order{SortCreated, true}, byTime, "efacdgb"},
		{Order{SortName, false}, byName, "ficbadegh"},
		{Order{SortName, true}, byName, "hgedabcif"},
		{Order{SortUsed, false}, byUse, "hacbedgif"},
		{Order{SortUsed, true}, byUse, "debcahgif"},
		{Order{SortExpires, false}, byEnd, "ceadb"},
		{Order{SortExpires, true}, byEnd, "bdaec"},
	} {
		for range 20 {
			keys := slices.Clone(c.keys)
			rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			slices.SortFunc(keys, c.order.Compare)
			got := ""
			for _, k := range keys {
				got += k.ID
			}
			if got != c.want {
				t.Fatalf("by %v, reverse %v: %s, want %s", c.order.By, c.order.Reverse, got, c.want)
			}
		}
	}
}

// TestOrderIsTotal: of any keys with different ids one stands before the other, whatever way round they are asked, and
// what stands before a key stands before all that the key does.
func TestOrderIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.OneOf(rapid.Just(noon), rapid.Just(noon.Add(-day)), rapid.Just(time.Time{}), moment())
		keys := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Key {
			key := anyKey().Draw(t, "key")
			key.ID = rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 3, -1).Draw(t, "id")
			key.Name = rapid.SampledFrom([]string{"a", "A", "b", "é", "É", "", "\xff", key.Name}).Draw(t, "name")
			key.CreatedAt, key.ExpiresAt, key.LastUse.At = few.Draw(t, "c"), few.Draw(t, "e"), few.Draw(t, "u")
			return key
		}), 3, 9, func(k Key) string { return k.ID }).Draw(t, "keys")
		for _, o := range orders {
			for _, a := range keys {
				if o.Compare(a, a) != 0 {
					t.Fatalf("%v: a key stands beside itself", o)
				}
				for _, b := range keys {
					if ab, ba := o.Compare(a, b), o.Compare(b, a); cmp.Compare(ab, 0) != -cmp.Compare(ba, 0) || ab == 0 && a.ID != b.ID {
						t.Fatalf("%v: %+v to %+v is %d, and back %d", o, a, b, ab, ba)
					}
					for _, c := range keys {
						if o.Compare(a, b) < 0 && o.Compare(b, c) < 0 && o.Compare(a, c) >= 0 {
							t.Fatalf("%v goes round: %+v, %+v, %+v", o, a, b, c)
						}
					}
				}
			}
			checkReversed(t, o, keys)
		}
	})
}

// checkReversed: turned round, everything is the other way round, but what is not reported stays last and as it was.
func checkReversed(t *rapid.T, o Order, keys []Key) {
	there, back := slices.Clone(keys), slices.Clone(keys)
	slices.SortFunc(there, o.Compare)
	slices.SortFunc(back, Order{o.By, !o.Reverse}.Compare)
	turned := len(keys)
	if o.By == SortUsed {
		if turned = slices.IndexFunc(there, func(k Key) bool { return !k.LastUse.Reported }); turned < 0 {
			turned = len(keys)
		}
	}
	slices.Reverse(back[:turned])
	for i := range keys {
		if there[i].ID != back[i].ID {
			t.Fatalf("%v is %v, and turned round %v", o, there, back)
		}
		if i >= turned && there[i].LastUse.Reported {
			t.Fatalf("what is reported stands last: %v", there)
		}
	}
}

func TestParseSortBy(t *testing.T) {
	want := map[string]string{"created": "created", "name": "name", "used": "last used", "expires": "expires"}
	for word, shown := range want {
		if by, err := ParseSortBy(word); err != nil || by.String() != shown {
			t.Errorf("%s is %v, %v", word, by, err)
		}
	}
	if words := SortWords(); len(words) != len(want) || slices.ContainsFunc(words, func(w string) bool { return want[w] == "" }) {
		t.Errorf("the words are %v", words)
	}
	SortWords()[0] = "changed"
	if SortWords()[0] != "created" || SortBy(9).String() != "SortBy(9)" {
		t.Error("the words can be changed, or what is no order has one")
	}
	for text, sentence := range map[string]string{
		"":         `keys are sorted by one of created, name, used, expires, not by ""`,
		"Name":     `keys are sorted by one of created, name, used, expires, not by "Name"; did you mean name?`,
		"expire":   `keys are sorted by one of created, name, used, expires, not by "expire"; did you mean expires?`,
		"\x1b[2J":  `keys are sorted by one of created, name, used, expires, not by "⟨U+001B⟩[2J"`,
		"last use": `keys are sorted by one of created, name, used, expires, not by "last use"`,
	} {
		if _, err := ParseSortBy(text); err == nil || err.Error() != sentence {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"name", "created", "id"}
	for text, want := range map[string]string{
		"nme": "name", "NAME": "name", "creatd": "created", "": "", "x": "", "ix": "id", "identity": "", "cerated": "created", "n": "",
		strings.Repeat("name", 20): "",
	} {
		if got := Nearest(text, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", text, got, want)
		}
	}
}
