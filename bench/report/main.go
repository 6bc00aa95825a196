//go:build linux

// Command report measures and prints, as Markdown, the tables of
// docs/performance.md. It must run inside the module: it builds what it
// measures.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clavier/bench"
)

const cols, rows = 120, 40

// options say what to measure and how long.
type options struct {
	only            []string
	fzfs            []string
	rg, gitleaks    string
	cache           string
	rounds, presses int
	idle            time.Duration
}

// part is a part of the report.
type part struct {
	name, what string
	measure    func(*run) error
}

// parts are what can be measured, in the order in which it is.
var parts = []part{
	{"first", "first frame of 10 rows", firstFrames},
	{"keys", "key presses among 10 to 100 000 rows", keyPresses},
	{"rest", "programs that nobody touches", atRest},
	{"load", "start and memory with 10 to 1 000 000 keys", loads},
	{"filter", "typing in the filter among 100 000 and 1 000 000 keys", filters},
	{"move", "moving, paging and marking among 1 000 000 keys", moves},
	{"whole", "marking and sorting 1 000 000 keys", wholes},
	{"delete", "deleting 1 000 keys", deletes},
	{"scan", "searching 10 000 files and 2 000 commits for secrets", scans},
	{"serve", "the key service with 1 000 000 keys, beside a bare handler; needs wrk and nginx", services},
	{"packages", "benchmarks of the packages", packages},
}

// run is one run of the report.
type run struct {
	options
	dir    string
	found  verdicts
	crowds map[int]*bench.Crowd
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = report(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// parse reads the flags.
func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	list := func(into *[]string) func(string) error {
		return func(text string) error {
			*into = append(*into, strings.Split(text, ",")...)
			return nil
		}
	}
	var about strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&about, "\n  %-8s  %s", p.name, p.what)
	}
	flags.Func("only", "measure these `parts` alone, separated by commas:"+about.String(), list(&o.only))
	flags.Func("fzf", "a fzf to measure, by `path`; may be given several times (default fzf)", list(&o.fzfs))
	flags.StringVar(&o.rg, "rg", "", "the rg to measure, by `path` (default rg)")
	flags.StringVar(&o.gitleaks, "gitleaks", "", "the gitleaks to measure, by `path` (default gitleaks, if there is one)")
	flags.StringVar(&o.cache, "cache", "", "a `directory` where filled stores are kept for the next run")
	flags.IntVar(&o.rounds, "rounds", 100, "starts of each program; a tenth as many with many keys")
	flags.IntVar(&o.presses, "presses", 200, "key presses of each kind")
	flags.DurationVar(&o.idle, "idle", 30*time.Second, "how long to watch each program idle")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("there are no arguments, only flags: %q", flags.Args())
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return options{}, fmt.Errorf("-only: there is no part %q; -help lists them", name)
		}
	}
	if o.rounds < 1 || o.presses < 1 {
		return options{}, errors.New("-rounds and -presses must be at least 1")
	}
	if len(o.fzfs) == 0 {
		o.fzfs = []string{"fzf"}
	}
	for i, name := range o.fzfs {
		path, err := exec.LookPath(name)
		if err != nil {
			return options{}, fmt.Errorf("-fzf: %w", err)
		}
		if o.fzfs[i], err = filepath.Abs(path); err != nil {
			return options{}, err
		}
	}
	return o, nil
}

// report measures what is asked for and prints it, with the verdicts at the end.
func report(o options) error {
	dir, err := os.MkdirTemp("", "clavier-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.cache == "" {
		o.cache = dir
	}
	if err := os.MkdirAll(o.cache, 0o700); err != nil {
		return err
	}
	r := &run{options: o, dir: dir, crowds: map[int]*bench.Crowd{}}
	fmt.Println(conditions(o.fzfs))
	for _, p := range parts {
		if len(o.only) > 0 && !slices.Contains(o.only, p.name) {
			continue
		}
		if err := p.measure(r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	r.found.print()
	fmt.Printf("\nLoad average at the end: %s.\n", load())
	return nil
}
