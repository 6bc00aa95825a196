package ui

import (
	"fmt"
	"testing"
	"time"

	"clavier/model"
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

// BenchmarkCursorMove is one key press to the next frame, without the painter.
func BenchmarkCursorMove(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", count), func(b *testing.B) {
			s := crowd(b, count)
			down, up := keyMsg("j"), keyMsg("k")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					s.app.Update(down)
				} else {
					s.app.Update(up)
				}
				s.app.View()
			}
		})
	}
}

// BenchmarkTypingAName is one character in the dialog of a new key, whose rule looks at all names.
func BenchmarkTypingAName(b *testing.B) {
	for _, count := range []int{10, 1000, 100_000} {
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
