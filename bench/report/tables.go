//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"clavier/bench"
)

func table(head ...string) {
	fmt.Printf("\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

// ratio is how many times b is a.
func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// neverRounds bounds the starts of a program that waits five seconds for each.
const neverRounds = 5

// answering returns the subject in a terminal that answers as given.
func answering(s bench.Subject, answers bench.Answering) bench.Subject {
	s.Answers = answers
	return s
}

// firstFrames measures starts. Those in terminals that answer late or never
// take turns with the others.
func firstFrames(r *run) error {
	all, err := bench.Subjects(r.fzfs[0], r.dir, 10)
	if err != nil {
		return err
	}
	const late = bench.Answering(100 * time.Millisecond)
	n := len(all)
	mixed := slices.Concat(all, []bench.Subject{
		answering(all[clavier], late), answering(all[clavier], bench.Never), answering(all[stock], late),
	})
	starts, err := bench.FirstFrames(mixed, r.rounds, cols, rows)
	if err != nil {
		return err
	}
	waiting, err := bench.FirstFrames([]bench.Subject{answering(all[stock], bench.Never)}, min(r.rounds, neverRounds), cols, rows)
	if err != nil {
		return err
	}
	table("exec to first complete frame, 10 rows", "median (ms)", "p90 (ms)", "to fzf", "processor time (ms)")
	median := func(i int) time.Duration { return starts[i].Times.Median() }
	for i, s := range all {
		fmt.Printf("| %s | %s | %s | %.2f | %s |\n", s.Name, ms(median(i)), ms(starts[i].Times.Quantile(0.9)),
			ratio(median(i), median(fzf)), ms(starts[i].CPU.Median()))
	}
	table("the same in a terminal that answers queries (median, ms)", "at once", "after 100 ms", "never")
	fmt.Printf("| %s | %s | %s | %s |\n", all[clavier].Name, ms(median(clavier)), ms(median(n)), ms(median(n+1)))
	fmt.Printf("| %s | %s | %s | %s |\n", all[stock].Name, ms(median(stock)), ms(median(n+2)), ms(waiting[0].Times.Median()))
	r.found.below(1, ratio(median(clavier), median(fzf)), "", "first frame, to fzf")
	r.found.below(1, ratio(median(clavier), median(stock)), "", "first frame, to the smallest stock program")
	r.found.atMost(1.2, ratio(median(n), median(clavier)), "", "first frame if queries are answered after 100 ms, to at once")
	r.found.atMost(1.2, ratio(median(n+1), median(clavier)), "", "first frame if queries are never answered, to at once")
	return nil
}

// keyPresses measures moves and scrolls in short and longer lists.
func keyPresses(r *run) error {
	for _, n := range []int{10, 1_000, 100_000} {
		if err := r.keyPresses(n); err != nil {
			return err
		}
	}
	return nil
}

// keyPresses measures moves and scrolls in a list of n rows.
func (r *run) keyPresses(n int) error {
	all, err := bench.Subjects(r.fzfs[0], r.dir, n)
	if err != nil {
		return err
	}
	moves, scrolls, err := bench.KeyPresses(all, r.presses, cols, rows)
	if err != nil {
		return err
	}
	table(fmt.Sprintf("key press to changed frame, %d rows", n), "move p50 (ms)", "p99 (ms)", "processor p99 (ms)", "bytes",
		"scroll p50 (ms)", "p99 (ms)", "processor p99 (ms)", "bytes")
	for i, s := range all {
		fmt.Printf("| %s | %s |", s.Name, pressCells(moves[i]))
		if scrolls == nil {
			fmt.Println(" | | | |")
			continue
		}
		fmt.Printf(" %s |\n", pressCells(scrolls[i]))
	}
	judge(&r.found, moves, fmt.Sprintf("a move among %d rows", n), 150)
	if scrolls != nil {
		judge(&r.found, scrolls, fmt.Sprintf("a scroll by one among %d rows", n), 300)
	}
	return nil
}

func pressCells(p bench.Presses) string {
	return fmt.Sprintf("%s | %s | %s | %.0f", ms(p.Times.Median()), ms(p.Times.Quantile(0.99)), ms(p.CPU.Quantile(0.99)), p.Bytes)
}

// judge notes the aims of one kind of key press.
func judge(found *verdicts, all []bench.Presses, what string, bytes float64) {
	p := all[clavier]
	found.atMost(1, ratio(p.Times.Median(), all[fzf].Times.Median()), "", "p50 of "+what+", to fzf")
	found.below(3, float64(p.Times.Quantile(0.99))/float64(time.Millisecond), " ms", "p99 of "+what)
	found.atMost(bytes, p.Bytes, "", "bytes of "+what)
}

// atRest measures what a program that nobody touches costs.
func atRest(r *run) error {
	all, err := bench.Subjects(r.fzfs[0], r.dir, 10)
	if err != nil {
		return err
	}
	table("at rest, 10 rows", "wake-ups a second", "processor (µs a second)", "resident at first frame (MB)", "peak (MB)", "binary (MB)")
	for i, s := range all {
		idle, mem, err := bench.Idles(s, cols, rows, r.idle)
		if err != nil {
			return err
		}
		info, err := os.Stat(s.Argv[0])
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %d | %.1f | %.1f | %.1f |\n", s.Name, idle.Wakeups, idle.CPU.Microseconds(),
			mb(mem.Resident), mb(mem.Peak), mb(info.Size()))
		if i == clavier {
			r.found.below(10, idle.Wakeups, "", "wake-ups a second at rest")
			r.found.atMost(0.1, idle.CPU.Seconds()*100, " %", "processor at rest (the aim says nothing; that is taken as a thousandth)")
			r.found.below(30, mb(mem.Resident), " MB", "resident at first frame")
			r.found.below(20, mb(info.Size()), " MB", "stripped binary")
		}
	}
	return nil
}

// mb is bytes in megabytes of a million.
func mb(n int64) float64 { return float64(n) / 1e6 }
