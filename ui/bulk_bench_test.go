package ui

import (
	"fmt"
	"testing"

	"clavier/model"
)

// marked is a screen of 120 x 40 with this many marked keys.
func marked(b *testing.B, n int) *screen {
	b.Helper()
	s := start(b, size(120, 40), swarm(n))
	s.app.profile.Protect = model.DefaultProtect
	s.press("a")
	return s
}

var bulkSizes = []int{1000, 100_000, 1_000_000}

// BenchmarkBulkOpen is d with marks to the first frame of the dialog; more than bulkAtOnce keys are looked at afterwards.
func BenchmarkBulkOpen(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := marked(b, n)
			d := keyMsg("d")
			for b.Loop() {
				s.app.Update(d)
				s.app.View()
				b.StopTimer()
				s.app.dialogs, s.app.ops = nil, nil
				b.StartTimer()
			}
		})
	}
}

// BenchmarkBulkMove is a key press in the dialog to the next frame.
func BenchmarkBulkMove(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := marked(b, n)
			s.press("d")
			down := keyMsg("down")
			b.ReportAllocs()
			for b.Loop() {
				s.app.Update(down)
				s.app.View()
			}
		})
	}
}

// BenchmarkBulkLeaveOut is one key left out, or taken in, to the next frame.
func BenchmarkBulkLeaveOut(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := marked(b, n)
			s.press("d")
			out := keyMsg("ctrl+x")
			for b.Loop() {
				s.app.Update(out)
				s.app.View()
			}
		})
	}
}

// BenchmarkBulkLook is what is done beside the screen before keys can be confirmed.
func BenchmarkBulkLook(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := marked(b, n)
			for b.Loop() {
				s.run(s.app.openBulkDelete(s.app.list.table.MarkedRows()))
				b.StopTimer()
				s.app.dialogs = nil
				b.StartTimer()
			}
		})
	}
}

// BenchmarkBulkFollow is what the dialog does when the list has changed.
func BenchmarkBulkFollow(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := marked(b, n)
			s.press("d")
			for b.Loop() {
				s.run(s.app.follow())
			}
		})
	}
}

// BenchmarkBulkEnd is the end of a deletion to the first frame of the report, without the search that follows.
func BenchmarkBulkEnd(b *testing.B) {
	for _, n := range bulkSizes {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := marked(b, n)
				s.press("d")
				d := s.app.top().(*bulkDialog)
				d.submit(s.app)
				p := s.app.top().(*bulkProgress)
				p.workers = 1
				for i := range p.job.targets {
					p.job.targets[i].note(nil)
				}
				b.StartTimer()
				p.ended(s.app)
				s.app.View()
			}
		})
	}
}
