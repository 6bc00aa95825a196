package table

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"clavier/model"
)

// benchSizes runs a benchmark at 100 000 keys and, unless -short is given, at a million.
func benchSizes(b *testing.B, run func(b *testing.B, n int)) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million keys are left out with -short")
			}
			run(b, n)
		})
	}
}

// benchKeys are made once for each size.
var benchKeys = map[int][]model.Key{}

func keysOf(n int) []model.Key {
	if benchKeys[n] == nil {
		clear(benchKeys)
		benchKeys[n] = realKeys(n)
	}
	return benchKeys[n]
}

const benchPage = 8192

func load(keys []model.Key) *Table {
	t := new(Table)
	for page := range slices.Chunk(keys, benchPage) {
		t.Add(NewBlock(page))
	}
	return t
}

// loadAlone returns a table of n keys, and lets go of the keys, so that collecting garbage takes what it takes in the
// program.
func loadAlone(n int) *Table {
	t := load(keysOf(n))
	clear(benchKeys)
	runtime.GC()
	return t
}

// BenchmarkLoad makes blocks and adds them, one after the other. add-max-us is the longest Add: what a frame waits for.
func BenchmarkLoad(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		keys := keysOf(n)
		var making, adding, longest time.Duration
		for b.Loop() {
			t := new(Table)
			for page := range slices.Chunk(keys, benchPage) {
				begin := time.Now()
				block := NewBlock(page)
				made := time.Now()
				t.Add(block)
				took := time.Since(made)
				making += made.Sub(begin)
				adding += took
				longest = max(longest, took)
			}
		}
		b.ReportMetric(float64(making.Nanoseconds())/float64(b.N*n), "block-ns/key")
		b.ReportMetric(float64(adding.Nanoseconds())/float64(b.N*n), "add-ns/key")
		b.ReportMetric(float64(longest.Microseconds()), "add-max-us")
	})
}

// BenchmarkMemory reports the live heap of a loaded table, and with one order and one listing that has every row.
func BenchmarkMemory(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		keys := keysOf(n)
		for b.Loop() {
			before := liveHeap()
			t := load(keys)
			loaded := liveHeap()
			s := t.Snapshot()
			l := answer(b, s, Request{Order: model.Order{By: model.SortName}, Now: now}, nil)
			t.MarkListing(l, true)
			listed := liveHeap()
			b.ReportMetric(float64(loaded-before)/float64(n), "B/key")
			b.ReportMetric(float64(listed-before)/float64(n), "B/key-listed")
			runtime.KeepAlive(l)
			runtime.KeepAlive(t)
		}
	})
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// typed are filters as they are typed: every start of one is a search.
var typed = []string{
	"payments-prod", "billing prod", "webhook staging", "name:api-00", "-prod ledger", "ana@", "9f3", "ci/search", "Old data",
	"invoice-ocr 42", "unused>90d prod", "laptop", "0417",
}

// typings returns every start of the typed filters that is a query of its own, and the one before it.
func typings(b *testing.B) (steps [][2]model.Query) {
	for _, text := range typed {
		before := model.Query{}
		for end := 1; end <= len(text); end++ {
			query, _ := model.ParseQuery(text[:end], nil)
			if query.Empty() || query.String() == before.String() {
				continue
			}
			steps = append(steps, [2]model.Query{before, query})
			before = query
		}
	}
	return steps
}

// reportQuantiles reports the median and the 90th percentile in milliseconds.
func reportQuantiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, q := range []int{50, 90, 100} {
		d := took[(len(took)-1)*q/100]
		b.ReportMetric(float64(d.Microseconds())/1000, fmt.Sprintf("p%d-ms", q))
	}
}

// BenchmarkFilter is one more character in the filter: cold, with nothing known; and narrowed, after the character before.
// The quantiles are over all characters of all filters. page is how long it takes to the first rows.
func BenchmarkFilter(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		s := loadAlone(n).Snapshot()
		steps := typings(b)
		for _, order := range []model.Order{{}, {By: model.SortName}} {
			all := answer(b, s, Request{Order: order, Now: now, Rule: model.DefaultStaleRule}, nil)
			for _, way := range []string{"cold", "narrowed"} {
				b.Run(way+"/by="+order.By.String(), func(b *testing.B) {
					b.ReportAllocs()
					var took []time.Duration
					for b.Loop() {
						for _, step := range steps {
							r := Request{Query: step[1], Order: order, Now: now, Rule: model.DefaultStaleRule}
							previous := all
							if way == "narrowed" {
								b.StopTimer()
								previous = answer(b, s, Request{Query: step[0], Order: order, Now: now, Rule: r.Rule}, all)
								b.StartTimer()
							}
							begin := time.Now()
							answer(b, s, r, previous)
							took = append(took, time.Since(begin))
						}
					}
					reportQuantiles(b, took)
				})
			}
		}
	})
}

// BenchmarkFilterEach is BenchmarkFilter, cold, for one filter at a time.
func BenchmarkFilterEach(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		s := loadAlone(n).Snapshot()
		all := answer(b, s, Request{Now: now}, nil)
		for _, text := range []string{"p", "e", "pr", "prod", "payments-prod-api", "9", "9f3", "0417", "-prod", "ana@", "Old", "name:api", "age>1y", "status:active", "unused>90d prod", "zzz"} {
			query, _ := model.ParseQuery(text, nil)
			b.Run(text, func(b *testing.B) {
				found := 0
				for b.Loop() {
					found = answer(b, s, Request{Query: query, Now: now}, all).Len()
				}
				b.ReportMetric(float64(found), "rows")
			})
		}
	})
}

// BenchmarkSort sorts everything by one column, with nothing known.
func BenchmarkSort(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		t := load(keysOf(n))
		for by := model.SortCreated; by <= model.SortExpires; by++ {
			b.Run(by.String(), func(b *testing.B) {
				for b.Loop() {
					s := t.Snapshot()
					s.orders = &orders{}
					answer(b, s, Request{Order: model.Order{By: by}, Now: now}, nil)
				}
			})
		}
	})
}

// BenchmarkFirstPage is the time from the request for another order to its first rows.
func BenchmarkFirstPage(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		t := load(keysOf(n))
		for b.Loop() {
			s := t.Snapshot()
			s.orders = &orders{}
			search := s.Search(Request{Order: model.Order{By: model.SortName}, Now: now}, nil)
			ctx, cancel := context.WithCancel(context.Background())
			for {
				if l, _ := search.Run(ctx, 50*time.Microsecond); l.Len() > 0 {
					break
				}
			}
			cancel()
			<-search.working
		}
	})
}

// BenchmarkMark marks all, and turns all marks round, by bits and by rows.
func BenchmarkMark(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		t := load(keysOf(n))
		l := answer(b, t.Snapshot(), Request{Order: model.Order{By: model.SortName}, Now: now}, nil)
		for name, do := range map[string]func(){
			"MarkAll": func() { t.MarkAll(l.Rows(), true) }, "Invert": func() { t.Invert(l.Rows()) },
			"MarkListing": func() { t.MarkListing(l, true) }, "InvertListing": func() { t.InvertListing(l) },
			"MarkedIn": func() { t.MarkedIn(l) }, "MarkedRows": func() { t.MarkedRows() },
			"SetMark": func() { r := l.Rows()[0]; t.SetMark(r, !t.Marked(r)) },
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					do()
				}
			})
		}
		b.Run("CarryMarks", func(b *testing.B) {
			t.MarkListing(l, true)
			other := load(keysOf(n))
			for b.Loop() {
				other.ClearMarks()
				other.CarryMarks(t)
			}
		})
	})
}

// BenchmarkChange is one change of the table and the listing after it.
func BenchmarkChange(b *testing.B) {
	benchSizes(b, func(b *testing.B, n int) {
		keys := keysOf(n)
		t := load(keys)
		request := Request{Now: now, Rule: model.DefaultStaleRule}
		l := answer(b, t.Snapshot(), request, nil)
		i := 0
		b.Run("SameName", func(b *testing.B) {
			for b.Loop() {
				t.SameName(keys[i%n].Name)
				i++
			}
		})
		b.Run("Find", func(b *testing.B) {
			for b.Loop() {
				t.Find(keys[i%n].ID)
				i++
			}
		})
		b.Run("Snapshot", func(b *testing.B) {
			for b.Loop() {
				t.snapshot = nil
				t.Snapshot()
			}
		})
		b.Run("Put", func(b *testing.B) {
			for b.Loop() {
				k := keys[i*7919%n]
				k.LastUse = model.LastUse{Reported: true, At: now.Add(time.Duration(i))}
				t.Put(k)
				t.Snapshot()
				i++
			}
		})
		b.Run("Put-and-list", func(b *testing.B) {
			for b.Loop() {
				k := keys[i*7919%n]
				k.LastUse = model.LastUse{Reported: true, At: now.Add(time.Duration(i))}
				t.Put(k)
				l = answer(b, t.Snapshot(), request, l)
				i++
			}
		})
		b.Run("Remove-and-list", func(b *testing.B) {
			for b.Loop() {
				if row, ok := t.Find(keys[i*7919%n].ID); ok {
					t.Remove(row)
				}
				l = answer(b, t.Snapshot(), request, l)
				i++
			}
		})
	})
}
