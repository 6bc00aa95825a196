package demo

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"clavier/model"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func keys(n int, seed uint64) []model.Key {
	return slices.Collect(Options{Keys: n, Seed: seed, Now: noon}.All())
}

// TestKeysAreDeterministic: the same options make the same keys, another seed makes others.
func TestKeysAreDeterministic(t *testing.T) {
	first := keys(500, 1)
	if !slices.Equal(first, keys(500, 1)) {
		t.Error("the same seed makes other keys")
	}
	names := slices.Collect(Options{Keys: 500, Seed: 1, Now: noon}.Names())
	for i, key := range first {
		if names[i] != key.Name {
			t.Fatalf("name %d is %q, and of the key %q", i, names[i], key.Name)
		}
	}
	if slices.Equal(first, keys(500, 2)) {
		t.Error("another seed makes the same keys")
	}
	moved := slices.Collect(Options{Keys: 500, Seed: 1, Now: noon.Add(time.Hour)}.All())
	for i, key := range moved {
		if want := first[i].CreatedAt.Add(time.Hour); !key.CreatedAt.Equal(want) || key.Hint != first[i].Hint {
			t.Fatalf("an hour later key %d is %v, not %v", i, key.CreatedAt, want)
		}
	}
}

// TestKeysAreKeys holds what must be true of any key, at any size.
func TestKeysAreKeys(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 200, 20_000} {
		names, ids, count := map[string]bool{}, map[string]bool{}, 0
		last := noon.Add(-oldest - time.Second)
		for d := range (Options{Keys: n, Seed: 3, Now: noon}).all() {
			key := d.key
			count++
			if name, err := model.ParseName(key.Name); err != nil || string(name) != key.Name {
				t.Fatalf("%q is no name: %v", key.Name, err)
			}
			if model.CheckSecret(d.secret.Reveal()) != nil || d.secret.Hint() != key.Hint {
				t.Fatalf("%q has no good secret, or another hint", key.Name)
			}
			if names[key.Name] || ids[key.ID] {
				t.Fatalf("%q or its id is there twice", key.Name)
			}
			names[key.Name], ids[key.ID] = true, true
			if len(key.ID) != 36 || key.ID[14] != '7' || !strings.ContainsAny(key.ID[19:20], "89ab") {
				t.Fatalf("%q has the id %s", key.Name, key.ID)
			}
			if key.CreatedAt.Before(last) || key.CreatedAt.After(noon) || key.CreatedAt.Location() != time.UTC {
				t.Fatalf("%q was made at %v, after one of %v", key.Name, key.CreatedAt, last)
			}
			last = key.CreatedAt
			if key.Owner == "" || !key.LastUse.Reported {
				t.Fatalf("%q has no owner, or its use is not reported", key.Name)
			}
			at := key.LastUse.At
			if !at.IsZero() && (at.Before(key.CreatedAt) || at.After(noon) || !key.ExpiresAt.IsZero() && at.After(key.ExpiresAt)) {
				t.Fatalf("%q, made at %v, ends at %v and was used at %v", key.Name, key.CreatedAt, key.ExpiresAt, at)
			}
			if !key.ExpiresAt.IsZero() && key.ExpiresAt.Before(key.CreatedAt) {
				t.Fatalf("%q, made at %v, ends at %v", key.Name, key.CreatedAt, key.ExpiresAt)
			}
		}
		if count != n {
			t.Errorf("%d keys and not %d", count, n)
		}
	}
}

// TestKeysAreRealistic: in what people see first, a demo of 200 keys, everything is there that the screen can show.
func TestKeysAreRealistic(t *testing.T) {
	for _, n := range []int{200, 5000} {
		seen, owners := map[string]int{}, map[string]bool{}
		for _, key := range keys(n, DefaultSeed) {
			owners[key.Owner] = true
			age, unused := noon.Sub(key.CreatedAt), noon.Sub(key.LastUse.At)
			for what, is := range map[string]bool{
				"never used":           key.LastUse.Never(),
				"used this minute":     !key.LastUse.Never() && unused < 5*time.Minute,
				"used this week":       !key.LastUse.Never() && unused < 7*day,
				"unused for years":     !key.LastUse.Never() && unused > year,
				"stale":                model.DefaultStaleRule.Judge(key, noon) == model.Stale,
				"expired":              key.StatusAt(noon) == model.StatusExpired,
				"disabled":             key.StatusAt(noon) == model.StatusDisabled,
				"expires within weeks": key.ExpiresAt.After(noon) && key.ExpiresAt.Before(noon.Add(30*day)),
				"years old":            age > 3*year,
				"new today":            age < day,
				"new this month":       age < 30*day,
				"prod":                 strings.Contains(key.Name, "prod"),
				"ci":                   strings.HasPrefix(key.Name, "ci-"),
				"beyond ASCII":         strings.ContainsFunc(key.Name, func(r rune) bool { return r > unicode.MaxASCII }),
				"a mess":               slices.Contains(messy, key.Name),
			} {
				if is {
					seen[what]++
				} else {
					seen[what] += 0
				}
			}
		}
		for _, what := range slices.Sorted(maps.Keys(seen)) {
			if t.Logf("%d keys: %5d %s", n, seen[what], what); seen[what] == 0 {
				t.Errorf("of %d keys none is %s", n, what)
			}
		}
		if stale := seen["stale"]; stale > n*3/4 || stale < n/10 {
			t.Errorf("%d of %d keys are stale", stale, n)
		}
		if len(owners) < 10 {
			t.Errorf("there are %d owners", len(owners))
		}
	}
}

// TestKeysEndEarly: whoever has enough may stop, and a source that runs dry ends it.
func TestKeysEndEarly(t *testing.T) {
	count := 0
	for range (Options{Keys: 100, Seed: 1, Now: noon}).All() {
		if count++; count == 3 {
			break
		}
	}
	if count != 3 {
		t.Errorf("%d keys", count)
	}
	dry := Options{Keys: 100, Seed: 1, Now: noon, Random: strings.NewReader(strings.Repeat("random", 100))}
	if n := len(slices.Collect(dry.All())); n == 0 || n == 100 {
		t.Errorf("%d keys from 600 bytes", n)
	}
}

func BenchmarkKeys(b *testing.B) {
	n := 0
	for b.Loop() {
		for range (Options{Keys: 10_000, Seed: 1, Now: noon}).All() {
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/key")
}
