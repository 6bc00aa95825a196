//go:build linux

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const cols, rows = 120, 40

// subjects are all programs over a list of n rows; the first is what the
// others are compared with.
func subjects(b *testing.B, n int) []Subject {
	b.Helper()
	bin, err := exec.LookPath("fzf")
	if err != nil {
		b.Skipf("fzf is not installed: %v", err)
	}
	all, err := Subjects(bin, b.TempDir(), n)
	if err != nil {
		b.Fatal(err)
	}
	return all
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// label is a subject's name in metrics, which have no spaces.
func label(s Subject) string { return strings.NewReplacer(",", "", " ", "-").Replace(s.Name) }

// report gives a metric for each subject, and its ratio to the first.
func report(b *testing.B, subjects []Subject, unit string, value func(i int) float64) {
	b.Helper()
	for i, s := range subjects {
		b.ReportMetric(value(i), fmt.Sprintf("%s-%s", label(s), unit))
		if i > 0 && value(0) > 0 {
			b.ReportMetric(value(i)/value(0), fmt.Sprintf("%s/%s-%s", label(s), label(subjects[0]), unit))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFirstFrame is exec to first complete frame with 10 rows.
func BenchmarkFirstFrame(b *testing.B) {
	for name, answers := range map[string]Answering{"at once": 0, "after 100 ms": Answering(100 * time.Millisecond)} {
		b.Run(name, func(b *testing.B) {
			all := subjects(b, 10)
			for i := range all {
				all[i].Answers = answers
			}
			starts, err := FirstFrames(all, b.N, cols, rows)
			if err != nil {
				b.Fatal(err)
			}
			report(b, all, "ms", func(i int) float64 { return ms(starts[i].Times.Median()) })
			report(b, all, "cpu-ms", func(i int) float64 { return ms(starts[i].CPU.Median()) })
		})
	}
}

// BenchmarkKeyPress is a key press to the last byte of its answer.
func BenchmarkKeyPress(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprintf("%d rows", n), func(b *testing.B) {
			all := subjects(b, n)
			moves, scrolls, err := KeyPresses(all, b.N, cols, rows)
			if err != nil {
				b.Fatal(err)
			}
			report(b, all, "move-p50-ms", func(i int) float64 { return ms(moves[i].Times.Median()) })
			report(b, all, "move-p99-ms", func(i int) float64 { return ms(moves[i].Times.Quantile(0.99)) })
			report(b, all, "move-bytes", func(i int) float64 { return moves[i].Bytes })
			if scrolls == nil {
				return
			}
			report(b, all, "scroll-p50-ms", func(i int) float64 { return ms(scrolls[i].Times.Median()) })
			report(b, all, "scroll-p99-ms", func(i int) float64 { return ms(scrolls[i].Times.Quantile(0.99)) })
			report(b, all, "scroll-bytes", func(i int) float64 { return scrolls[i].Bytes })
		})
	}
}

// BenchmarkIdle is ten seconds in which nothing happens.
func BenchmarkIdle(b *testing.B) {
	all := subjects(b, 10)
	idles, mems := make([]Idle, len(all)), make([]Memory, len(all))
	for i, s := range all {
		var err error
		if idles[i], mems[i], err = Idles(s, cols, rows, 10*time.Second); err != nil {
			b.Fatal(err)
		}
	}
	report(b, all, "wakeups/s", func(i int) float64 { return idles[i].Wakeups })
	report(b, all, "cpu-us/s", func(i int) float64 { return float64(idles[i].CPU.Microseconds()) })
	report(b, all, "rss-MiB", func(i int) float64 { return float64(mems[i].Resident) / (1 << 20) })
	report(b, all, "binary-MiB", func(i int) float64 {
		info, err := os.Stat(all[i].Argv[0])
		if err != nil {
			b.Fatal(err)
		}
		return float64(info.Size()) / (1 << 20)
	})
}
