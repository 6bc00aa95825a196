//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// packages runs the benchmarks of the store and the painter and prints their
// results.
func packages() error {
	const which = "^Benchmark(DurablePut|Delete|OpenAndList|Find|Version|Paint)$"
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", which, "-count", "3", "clavier/store", "clavier/ui/paint")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	table("benchmark (the best of 3)", "time", "bytes written")
	for _, b := range results(string(out)) {
		written := ""
		if b.written > 0 {
			written = fmt.Sprintf("%.0f", b.written)
		}
		fmt.Printf("| %s | %s | %s |\n", b.name, human(b.ns), written)
	}
	return nil
}

// result is a line of a Go benchmark.
type result struct {
	name        string
	ns, written float64
}

// line is a result as `go test` prints it: name, count, then pairs of number
// and unit.
var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// results returns the fastest result of each benchmark, in order.
func results(out string) []result {
	var all []result
	at := map[string]int{}
	for text := range strings.Lines(out) {
		m := line.FindStringSubmatch(strings.TrimSpace(text))
		if m == nil {
			continue
		}
		r := result{name: m[1]}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			n, _ := strconv.ParseFloat(fields[i], 64)
			switch fields[i+1] {
			case "ns/op":
				r.ns = n
			case "written/op":
				r.written = n
			}
		}
		i, ok := at[r.name]
		switch {
		case !ok:
			at[r.name] = len(all)
			all = append(all, r)
		case r.ns < all[i].ns:
			all[i] = r
		}
	}
	return all
}

// human is a duration of ns nanoseconds with three digits.
func human(ns float64) string {
	switch {
	case ns >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case ns >= 1e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ns", ns)
}
