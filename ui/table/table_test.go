package table

import (
	"math"
	"reflect"
	"testing"
	"time"

	"clavier/model"
)

// TestRoundTrip holds that a key comes back as it was given.
func TestRoundTrip(t *testing.T) {
	far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	for name, key := range map[string]model.Key{
		"empty":     {},
		"plain":     {ID: "0190f3c2-7b1a-7abc-8def-001122334455", Name: "prod", Hint: "clv_…9f3Q", Owner: "ana", CreatedAt: now},
		"far":       {ID: "a", CreatedAt: time.Date(-4000, 1, 1, 0, 0, 0, 1, time.UTC), ExpiresAt: far, LastUse: model.LastUse{At: far, Reported: true}},
		"unix":      {ID: "b", CreatedAt: time.Unix(0, 0).UTC(), ExpiresAt: time.Unix(0, 1).UTC()},
		"low":       {ID: "b", CreatedAt: time.Unix(0, math.MinInt64).UTC(), ExpiresAt: time.Unix(0, lastLow).UTC()},
		"high":      {ID: "b", CreatedAt: time.Unix(0, math.MaxInt64).UTC(), ExpiresAt: time.Unix(0, firstHigh).UTC()},
		"unused":    {ID: "c", LastUse: model.LastUse{Reported: true}},
		"upper":     {ID: "0190F3C2-7b1a-7abc-8def-001122334455", Name: "Prod \u0130", Hint: "\u212a", Owner: "\u1e9e", Disabled: true},
		"not UTF-8": {ID: "\xff\xfe", Name: "\xff\x00a\xe2\x80", Hint: "\xc3(", Owner: "\xff"},
		"long":      {ID: string(make([]byte, 300)), Name: string(make([]byte, 70000)), Hint: string(make([]byte, 255))},
	} {
		t.Run(name, func(t *testing.T) {
			var table Table
			table.Add(NewBlock([]model.Key{key}))
			row, ok := table.Find(key.ID)
			if got, live := table.Key(row); !ok || !live || !reflect.DeepEqual(got, key) {
				t.Errorf("got %+v, want %+v", got, key)
			}
			var other Table
			row = other.Put(key)
			if got, live := other.Key(row); !live || !reflect.DeepEqual(got, key) {
				t.Errorf("put: got %+v, want %+v", got, key)
			}
		})
	}
}

// TestChangedText holds that a search finds what a key is called now, and not what it was called.
func TestChangedText(t *testing.T) {
	var table Table
	for i, name := range []string{"q", "bcd", "bcd"} {
		table.Put(model.Key{ID: string(rune('1' + i)), Name: name})
	}
	old := table.Snapshot()
	table.Put(model.Key{ID: "1", Name: "xyz"})
	for text, want := range map[string]struct{ old, now int }{"q": {1, 0}, "x": {0, 1}, "xy": {0, 1}, "b": {2, 2}, "z bcd": {0, 0}} {
		query, _ := model.ParseQuery(text, nil)
		r := Request{Query: query, Now: now}
		if got := answer(t, old, r, nil).Len(); got != want.old {
			t.Errorf("%q finds %d keys in the snapshot from before, not %d", text, got, want.old)
		}
		if got := answer(t, table.Snapshot(), r, nil).Len(); got != want.now {
			t.Errorf("%q finds %d keys, not %d", text, got, want.now)
		}
	}
}

// TestSharedBlock holds that tables with the same block go their own ways.
func TestSharedBlock(t *testing.T) {
	far := time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)
	var keys []model.Key // three of each, so that lists that double as they grow have room to spare
	for i, owner := range []string{"a", "b", "c"} {
		keys = append(keys, model.Key{ID: owner, Name: "key", Owner: owner, CreatedAt: far.AddDate(0, i, 0)})
	}
	block := NewBlock(keys)
	tables, want := [2]Table{}, [2][]model.Key{}
	for i := range tables {
		tables[i].Add(block)
	}
	for j, key := range keys {
		for i := range tables {
			key := key
			key.Name += string(rune('A' + i))
			key.Owner += string(rune('A' + i))
			key.ExpiresAt = far.AddDate(i+1, j, 0)
			tables[i].Put(key)
			want[i] = append(want[i], key)
		}
	}
	for i := range tables {
		for _, key := range want[i] {
			row, _ := tables[i].Find(key.ID)
			if got, _ := tables[i].Key(row); got != key {
				t.Errorf("table %d has %+v, not %+v", i, got, key)
			}
		}
	}
}
