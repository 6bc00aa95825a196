package store

import (
	"fmt"
	"math"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
)

// filled makes a closed store with n keys and returns its path.
func filled(b *testing.B, n int) string {
	b.Helper()
	path := newPath(b)
	s, err := Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	fillWith(b, s, n)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// counts are the sizes that are measured; CLAVIER_BENCH_LARGE=1 adds a million keys, which take a minute to make.
func counts() []int {
	all := []int{10, 1_000, 100_000}
	if os.Getenv("CLAVIER_BENCH_LARGE") != "" {
		all = append(all, 1_000_000)
	}
	return all
}

func BenchmarkDurablePut(b *testing.B) {
	s := open(b, newPath(b))
	i := 0
	for b.Loop() {
		rec := record(b, fmt.Sprint("key ", i), epoch)
		i++
		if err := s.Put(b.Context(), rec, someone); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDelete(b *testing.B) {
	s := open(b, newPath(b))
	i := 0
	for b.Loop() {
		b.StopTimer()
		rec := put(b, s, fmt.Sprint("key ", i), epoch)
		i++
		b.StartTimer()
		if err := s.Delete(b.Context(), rec.Key.ID, someone, epoch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeleteTogether has several callers delete keys, each one after another.
func BenchmarkDeleteTogether(b *testing.B) {
	for _, callers := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := open(b, newPath(b))
			fillWith(b, s, b.N)
			keys, err := s.List(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			apart(b, callers, b.N, func(i int) error { return s.Delete(b.Context(), keys[i].ID, someone, epoch) })
		})
	}
}

// BenchmarkPutTogether has several callers store keys, each one after another.
func BenchmarkPutTogether(b *testing.B) {
	for _, callers := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := open(b, newPath(b))
			recs := slices.Collect(someRecords(7, b.N))
			b.ResetTimer()
			apart(b, callers, b.N, func(i int) error { return s.Put(b.Context(), recs[i], someone) })
		})
	}
}

// apart has callers do something so many times, each caller one after another.
func apart(b *testing.B, callers, times int, do func(i int) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < times; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkDeleteOfMany deletes a thousand keys of many, by four callers: what a bulk deletion does.
func BenchmarkDeleteOfMany(b *testing.B) {
	for _, n := range counts()[1:] {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, n-1000))
			round := uint64(100)
			for b.Loop() {
				b.StopTimer()
				round++ // the records of a seed have names of their own
				if err := s.Fill(b.Context(), someRecords(round, 1000), someone); err != nil {
					b.Fatal(err)
				}
				keys, err := s.List(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				apart(b, 4, 1000, func(i int) error { return s.Delete(b.Context(), keys[i*(n/1000)].ID, someone, epoch) })
			}
		})
	}
}

func BenchmarkOpenAndList(b *testing.B) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filled(b, n)
			for b.Loop() {
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				if keys, err := s.List(b.Context()); err != nil || len(keys) != n {
					b.Fatal(len(keys), err)
				}
				b.StopTimer()
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkOpenAndFirstPage is what stands between the start of the program and its first rows.
func BenchmarkOpenAndFirstPage(b *testing.B) {
	benchmarkPages(b, 1)
}

// BenchmarkOpenAndPages is what stands between the start of the program and all of its rows.
func BenchmarkOpenAndPages(b *testing.B) {
	benchmarkPages(b, math.MaxInt)
}

func benchmarkPages(b *testing.B, most int) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filled(b, n)
			for b.Loop() {
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				pages := 0
				for _, err := range s.Pages(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					if pages++; pages == most {
						break
					}
				}
				b.StopTimer()
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkOpenAndDigests is what stands between the start of a server and its first answer.
func BenchmarkOpenAndDigests(b *testing.B) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filled(b, n)
			for b.Loop() {
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				keys := 0
				for page, err := range s.Digests(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					keys += len(page.Keys)
				}
				b.StopTimer()
				if keys != n {
					b.Errorf("%d of %d keys", keys, n)
				}
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkAfter reads all keys by pages, newest first.
func BenchmarkAfter(b *testing.B) {
	const limit = 1000
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, n))
			for b.Loop() {
				keys, place := 0, model.Cursor{}
				for {
					page, err := s.After(b.Context(), place, limit)
					if err != nil {
						b.Fatal(err)
					}
					if keys += len(page.Keys); len(page.Keys) < limit {
						break
					}
					last := page.Keys[limit-1]
					place = model.Cursor{CreatedAt: last.CreatedAt, ID: last.ID}
				}
				if keys != n {
					b.Fatalf("%d of %d keys", keys, n)
				}
			}
		})
	}
}

// BenchmarkNoteUses notes that so many keys were used.
func BenchmarkNoteUses(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, 50_000))
			var uses []model.Use
			keys, err := s.List(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			for _, key := range keys[:n] {
				uses = append(uses, model.Use{KeyID: key.ID, At: epoch.Add(1e6 * time.Second)})
			}
			for b.Loop() {
				for i := range uses {
					uses[i].At = uses[i].At.Add(time.Hour)
				}
				if err := s.NoteUses(b.Context(), uses); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkChanges asks what has changed after so many changes, in a store of many keys.
func BenchmarkChanges(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, 50_000))
			mark := markNow(b, s)
			if err := s.Fill(b.Context(), someRecords(9, n), someone); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if changes, err := s.Changes(b.Context(), mark); err != nil || len(changes.Keys) != n || changes.All {
					b.Fatal(changes, err)
				}
			}
		})
	}
}

// BenchmarkDigestChanges is what a server does each time that it hears of changes.
func BenchmarkDigestChanges(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, 50_000))
			mark := markNow(b, s)
			if err := s.Fill(b.Context(), someRecords(9, n), someone); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if changes, err := s.DigestChanges(b.Context(), mark); err != nil || len(changes.Keys) != n || changes.All {
					b.Fatal(len(changes.Keys), changes.All, err)
				}
			}
		})
	}
}

func BenchmarkFill(b *testing.B) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, err := Open(b.Context(), newPath(b))
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				fillWith(b, s, n)
				b.StopTimer()
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkMigrate opens a store of the schema before this one.
func BenchmarkMigrate(b *testing.B) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				path, _ := oldSchema(b, len(migrations)-1, n)
				b.StartTimer()
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	for _, n := range counts() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, newPath(b))
			digests := make([]model.Digest, 0, n)
			err := s.Fill(b.Context(), func(yield func(model.Record) bool) {
				for rec := range someRecords(7, n) {
					digests = append(digests, rec.Sealed.Digest)
					if !yield(rec) {
						return
					}
				}
			}, someone)
			if err != nil {
				b.Fatal(err)
			}
			i := 0
			for b.Loop() {
				if _, err := s.Find(b.Context(), digests[i*7919%n]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// BenchmarkVersion is what an idle program does every second.
func BenchmarkVersion(b *testing.B) {
	s := open(b, newPath(b))
	for b.Loop() {
		if _, err := s.Version(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
