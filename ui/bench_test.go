package ui

import (
	"fmt"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/table"
)

// crowd is a screen of 120 x 40 over many keys.
func crowd(b *testing.B, count int) *screen {
	b.Helper()
	return start(b, size(120, 40), with(func(f *fakes) {
		for i := range count {
			f.keys = append(f.keys, model.Key{
				ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", i), Name: fmt.Sprintf("team-%d-service", i), Hint: "clv_…9f3Q",
				CreatedAt: noon.Add(-time.Duration(i) * time.Minute), LastUse: model.LastUse{Reported: true},
			})
		}
	}))
}

// BenchmarkKeyPress is one key press to the next frame, without the painter: two keys in turn, over a list with a
// filter, some marks, and a status.
func BenchmarkKeyPress(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000, 1_000_000} {
		s := crowd(b, count)
		s.press(" ", "/")
		s.burst("service")
		s.press("enter", " ")
		for _, c := range []struct{ name, one, other string }{
			{"move", "j", "k"}, {"page", "pgdown", "pgup"}, {"ends", "G", "g"}, {"mark", " ", "k"}, {"all", "a", "A"},
		} {
			b.Run(fmt.Sprintf("%s/keys=%d", c.name, count), func(b *testing.B) {
				one, other := keyMsg(c.one), keyMsg(c.other)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if i%2 == 0 {
						s.app.Update(one)
					} else {
						s.app.Update(other)
					}
					s.app.View()
				}
			})
		}
	}
}

// BenchmarkFilterKeyPress is one character in the filter to the next frame, with the old rows in it: what is found runs
// beside the screen.
func BenchmarkFilterKeyPress(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000, 1_000_000} {
		s := crowd(b, count)
		s.press("/")
		s.burst("serv")
		b.Run(fmt.Sprintf("keys=%d", count), func(b *testing.B) {
			char, back := keyMsg("i"), keyMsg("backspace")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					s.app.Update(char)
				} else {
					s.app.Update(back)
				}
				s.app.View()
			}
		})
	}
}

// BenchmarkAnswer is an answer to a filter to the next frame.
func BenchmarkAnswer(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000, 1_000_000} {
		s := crowd(b, count)
		s.press("G", " ")
		s.press("/")
		b.Run(fmt.Sprintf("keys=%d", count), func(b *testing.B) {
			a := s.app
			narrow, _ := model.ParseQuery("9", nil)
			listings, queries := map[int]*table.Listing{}, []model.Query{{}, narrow}
			for i, query := range queries {
				listings[i], _ = a.list.table.Snapshot().Search(table.Request{Query: query, Rule: a.opts.Stale, Now: noon}, nil).Run(b.Context(), 0)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q := asking{question: question{filter: fmt.Sprint(i % 2)}, query: queries[i%2], table: a.list.table}
				a.onFound(q, found{listings[i%2], true}, nil)
				a.View()
			}
		})
	}
}

// BenchmarkTypingAName is one character in the dialog of a new key, whose rule looks at all names.
func BenchmarkTypingAName(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", count), func(b *testing.B) {
			s := crowd(b, count)
			s.press("n")
			char, back := keyMsg("x"), keyMsg("backspace")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					s.app.Update(char)
				} else {
					s.app.Update(back)
				}
				s.app.View()
			}
		})
	}
}

// BenchmarkReload is a new reading of the keys to the next frame.
func BenchmarkReload(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", count), func(b *testing.B) {
			s := crowd(b, count)
			for b.Loop() {
				s.press("ctrl+r")
			}
		})
	}
}
