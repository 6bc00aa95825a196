//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// benchmarks are those of the packages that the report quotes: by themselves,
// without a terminal, what the other parts measure through one.
var benchmarks = []struct{ pkg, which string }{
	{"clavier/scan", "Tokens|Literals"},
	{"clavier/store", "DurablePut|Delete|DeleteTogether|OpenAndFirstPage|OpenAndPages|Find|Version"},
	{"clavier/ui/table", "Load|Memory|Filter|Sort|FirstPage|Mark"},
	{"clavier/ui", "KeyPress|FilterKeyPress|Answer"},
	{"clavier/ui/paint", "Paint"},
}

// packages runs the benchmarks of the packages and prints their results.
func packages(r *run) error {
	for _, b := range benchmarks {
		cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^Benchmark("+b.which+")$", "-count", "3", "-benchtime", "300ms", b.pkg)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", cmd, err, out)
		}
		table("benchmark of "+strings.TrimPrefix(b.pkg, "clavier/")+" (the best of 3)", "time", "beside it")
		for _, result := range results(string(out)) {
			fmt.Printf("| %s | %s | %s |\n", result.name, human(result.ns), strings.Join(result.others, ", "))
			if kind, ok := strings.CutSuffix(result.name, fmt.Sprintf("/keys=%d", most)); ok && strings.HasPrefix(kind, "KeyPress/") {
				r.found.below(1, result.ns/1e6, " ms", fmt.Sprintf("Update and View together among %d keys, %s", most, kind))
			}
		}
	}
	return nil
}

// result is a line of a Go benchmark.
type result struct {
	name   string
	ns     float64
	others []string // what else it reports, with units
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
		r := read(m[1], m[2])
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

// read reads the pairs of number and unit of a result.
func read(name, pairs string) result {
	r := result{name: name}
	fields := strings.Fields(pairs)
	for i := 0; i+1 < len(fields); i += 2 {
		switch number, unit := fields[i], fields[i+1]; unit {
		case "ns/op":
			r.ns, _ = strconv.ParseFloat(number, 64)
		case "B/op", "allocs/op":
		default:
			r.others = append(r.others, number+" "+strings.TrimSuffix(unit, "/op"))
		}
	}
	return r
}

// human is a duration of ns nanoseconds with three digits.
func human(ns float64) string {
	switch {
	case ns >= 1e9:
		return fmt.Sprintf("%.3g s", ns/1e9)
	case ns >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case ns >= 1e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ns", ns)
}
