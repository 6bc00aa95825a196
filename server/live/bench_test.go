package live

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// issue returns a key that verifies, and its secret.
func issue(tb testing.TB, name string) (model.Digested, string) {
	tb.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		tb.Fatal(err)
	}
	key := model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: name}
	return model.Digested{Key: key, Digest: secret.Digest()}, secret.Reveal()
}

// names are of the lengths that names have, 10 to 25 characters.
var names = []string{"production", "staging-eu-west", "ci-invoices-nightly", "jean-laptop-development", "partner-acme-2026-readonly"}

// fill puts count keys and returns the secrets of some of them.
func fill(tb testing.TB, keys *Keys, count int) []string {
	tb.Helper()
	const some = 1 << 14
	secrets := make([]string, 0, some)
	for i := range count {
		key, secret := issue(tb, names[i%len(names)])
		if err := keys.Put(key); err != nil {
			tb.Fatal(err)
		}
		if i%(count/min(count, some)) == 0 && len(secrets) < some {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func strangers(tb testing.TB) []string {
	tb.Helper()
	texts := make([]string, 1<<14)
	for i := range texts {
		_, texts[i] = issue(tb, "")
	}
	return texts
}

const million = 1_000_000

// BenchmarkDecision is all that is decided about a presented secret, with a million keys: parse, hash, look up, compare.
func BenchmarkDecision(b *testing.B) {
	keys := New(million, nil)
	secrets := fill(b, keys, million)
	unknown := strangers(b)
	wrong := make([]string, len(unknown))
	for i, text := range unknown {
		last := text[len(text)-1] ^ 1
		wrong[i] = text[:len(text)-1] + string(last)
	}
	now := time.Now()
	for _, c := range []struct {
		name  string
		texts []string
		live  bool
	}{{"hit", secrets, true}, {"unknown", unknown, false}, {"checksum", wrong, false}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if _, live := keys.Check(c.texts[i%len(c.texts)], now); live != c.live {
					b.Fatal(live)
				}
			}
		})
	}
}

// BenchmarkMemory reports what a key takes, when the number of keys is known beforehand and when it is not.
func BenchmarkMemory(b *testing.B) {
	for _, expected := range []int{million, 0} {
		b.Run(fmt.Sprintf("expected=%d", expected), func(b *testing.B) {
			for range b.N {
				before := heap()
				keys := New(expected, nil)
				fill(b, keys, million)
				b.ReportMetric(float64(heap()-before)/million, "bytes/key")
				runtime.KeepAlive(keys)
			}
		})
	}
}

// heap returns the bytes of all living objects.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
