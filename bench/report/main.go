//go:build linux

// Command report measures and prints, as Markdown, the tables of
// docs/performance.md. It must run inside the module: it builds what it
// measures.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"clavier/bench"
)

const cols, rows = 120, 40

// options say how long to measure.
type options struct {
	rounds, presses int
	idle            time.Duration
	packages        bool
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 100, "starts of each program")
	flag.IntVar(&o.presses, "presses", 200, "key presses of each kind")
	flag.DurationVar(&o.idle, "idle", 30*time.Second, "how long to watch each program idle")
	flag.BoolVar(&o.packages, "packages", true, "run the benchmarks of the packages too")
	flag.Parse()
	dir, err := os.MkdirTemp("", "clavier-bench")
	if err == nil {
		err = report(dir, o)
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// report measures everything and prints it, with the verdicts at the end.
func report(dir string, o options) error {
	fmt.Println(conditions())
	all, err := bench.Subjects(dir, 10)
	if err != nil {
		return err
	}
	var found verdicts
	if err := firstFrames(&found, all, o.rounds); err != nil {
		return err
	}
	for _, n := range []int{10, 1_000, 100_000} {
		if err := keyPresses(&found, dir, n, o.presses); err != nil {
			return err
		}
	}
	if err := atRest(&found, all, o.idle); err != nil {
		return err
	}
	if o.packages {
		if err := packages(); err != nil {
			return err
		}
	}
	found.print()
	fmt.Printf("\nLoad average at the end: %s.\n", load())
	return nil
}

// conditions says on what and beside what it was measured.
func conditions() string {
	return fmt.Sprintf("Measured %s at %s on %s/%s with %d processors (%s), %s, fzf %s; terminal %dx%d; load average at the beginning: %s.",
		time.Now().UTC().Format(time.DateOnly), commit(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(),
		runtime.Version(), firstLine("fzf", "--version"), cols, rows, load())
}

// commit names what the tree is made of.
func commit() string {
	name := firstLine("git", "describe", "--always", "--dirty")
	if name == "" {
		return "an unknown commit"
	}
	return "commit " + name
}

// firstLine is the first line that a command prints, or nothing if it fails.
func firstLine(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// processor is the model of the first processor.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown model"
}

// load is the load average over 1, 5 and 15 minutes.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
