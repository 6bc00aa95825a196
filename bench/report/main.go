//go:build linux

// Command report measures and prints the tables of docs/performance.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"clavier/bench"
)

const cols, rows = 120, 40

func main() {
	rounds := flag.Int("rounds", 40, "starts of each program")
	presses := flag.Int("presses", 200, "key presses of each kind")
	idle := flag.Duration("idle", 10*time.Second, "how long to watch each program idle")
	flag.Parse()
	dir, err := os.MkdirTemp("", "clavier-bench")
	if err == nil {
		err = report(dir, *rounds, *presses, *idle)
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func report(dir string, rounds, presses int, idle time.Duration) error {
	fmt.Printf("Measured %s on %s/%s with %d processors, %s, terminal %dx%d.\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), cols, rows)
	all, err := bench.Subjects(dir, 10)
	if err != nil {
		return err
	}
	if err := firstFrames(all, rounds); err != nil {
		return err
	}
	for _, n := range []int{10, 1_000, 100_000} {
		if err := keyPresses(dir, n, presses); err != nil {
			return err
		}
	}
	return atRest(all, idle)
}

func table(head ...string) {
	fmt.Printf("\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

func firstFrames(all []bench.Subject, rounds int) error {
	policies := []struct {
		answers bench.Answering
		rounds  int
	}{{0, rounds}, {bench.Answering(100 * time.Millisecond), rounds}, {bench.Never, min(rounds, 5)}}
	var samples [][]bench.Sample
	for _, p := range policies {
		s, err := bench.FirstFrames(all, p.rounds, cols, rows, p.answers)
		if err != nil {
			return err
		}
		samples = append(samples, s)
	}
	table("exec to first complete frame, 10 rows (median, ms)", "queries answered at once", "to fzf", "after 100 ms", "never")
	for i, s := range all {
		once := samples[0][i].Median()
		fmt.Printf("| %s | %s | %.2f | %s | %s |\n", s.Name, ms(once), float64(once)/float64(samples[0][0].Median()),
			ms(samples[1][i].Median()), ms(samples[2][i].Median()))
	}
	return nil
}

func keyPresses(dir string, n, presses int) error {
	all, err := bench.Subjects(dir, n)
	if err != nil {
		return err
	}
	moves, scrolls, err := bench.KeyPresses(all, presses, cols, rows)
	if err != nil {
		return err
	}
	table(fmt.Sprintf("key press to changed frame, %d rows", n), "move p50 (ms)", "p99 (ms)", "bytes", "scroll p50 (ms)", "p99 (ms)", "bytes")
	for i, s := range all {
		fmt.Printf("| %s | %s |", s.Name, pressCells(moves[i]))
		if scrolls == nil {
			fmt.Println(" | | |")
			continue
		}
		fmt.Printf(" %s |\n", pressCells(scrolls[i]))
	}
	return nil
}

func pressCells(p bench.Presses) string {
	return fmt.Sprintf("%s | %s | %.0f", ms(p.Times.Median()), ms(p.Times.Quantile(0.99)), p.Bytes)
}

func atRest(all []bench.Subject, during time.Duration) error {
	table("at rest, 10 rows", "wake-ups a second", "processor (µs a second)", "resident at first frame (MiB)", "peak (MiB)", "binary (MiB)")
	for _, s := range all {
		idle, mem, err := bench.Idles(s, cols, rows, during)
		if err != nil {
			return err
		}
		info, err := os.Stat(s.Argv[0])
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %d | %s | %s | %s |\n", s.Name, idle.Wakeups, idle.CPU.Microseconds(),
			mib(mem.Resident), mib(mem.Peak), mib(info.Size()))
	}
	return nil
}

func mib(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }
