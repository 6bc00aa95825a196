package paint

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// BenchmarkPaint measures one frame of a list, from its content to its bytes.
func BenchmarkPaint(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {400, 120}} {
		width, height := size[0], size[1]
		s := newScene(width, height, 100000)
		frames := func(step func(i int)) []Frame {
			f := make([]Frame, 0, 64)
			for i := range 64 {
				step(i)
				f = append(f, Frame{Content: s.content()})
			}
			return f
		}
		s.cursor, s.top = 1000, 1000
		plain := func(i int) string { return fmt.Sprintf("production-%d", i) }
		for _, bench := range []struct {
			name string
			step func(i int)
		}{
			{"same", func(int) {}},
			{"move", func(i int) { s.cursor = s.top + 3 + i%2 }},
			{"scroll", func(i int) { s.top += 1 - 2*(i/32); s.cursor = s.top + s.body() - 1 }},
			{"page", func(i int) { s.top = 1000 + i%2*s.body(); s.cursor = s.top }},
			{"wide", func(i int) {
				s.names = func(n int) string { return "日本語 👍 ключ" + strings.Repeat(" ", (n+i)%3) }
				s.cursor = s.top + i%2
			}},
		} {
			all := frames(bench.step)
			s.names = plain
			b.Run(fmt.Sprintf("%s/%dx%d", bench.name, width, height), func(b *testing.B) {
				w := &counting{}
				o := NewOutput(w, true)
				_, _ = o.WriteString(enterAlt)
				b.ReportAllocs()
				b.ResetTimer()
				for i := range b.N {
					_ = o.Paint(all[i%len(all)], width, height)
				}
				b.ReportMetric(float64(w.n)/float64(b.N), "written/op")
			})
		}
	}
}

type counting struct{ n int }

func (c *counting) Write(p []byte) (int, error) {
	c.n += len(p)
	return io.Discard.Write(p)
}
