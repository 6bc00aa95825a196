//go:build linux

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlags(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"fzf", "newer"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	fzf, newer := filepath.Join(dir, "fzf"), filepath.Join(dir, "newer")
	tests := []struct {
		args string
		want options
		err  string
	}{
		{"", options{fzfs: []string{fzf}, rounds: 100, presses: 200, idle: 30 * time.Second}, ""},
		{"-only load,filter -only delete", options{only: []string{"load", "filter", "delete"}, fzfs: []string{fzf}, rounds: 100, presses: 200, idle: 30 * time.Second}, ""},
		{"-fzf fzf -fzf " + newer + " -rounds 2 -presses 3 -idle 1s -cache kept", options{
			fzfs: []string{fzf, newer}, cache: "kept", rounds: 2, presses: 3, idle: time.Second,
		}, ""},
		{"-only memory", options{}, `no part "memory"`},
		{"-fzf missing", options{}, "missing"},
		{"-rounds 0", options{}, "at least 1"},
		{"-presses -1", options{}, "at least 1"},
		{"load", options{}, "only flags"},
	}
	for _, tt := range tests {
		got, err := parse(strings.Fields(tt.args))
		switch {
		case tt.err == "" && err != nil:
			t.Errorf("%q: %v", tt.args, err)
		case tt.err == "" && !reflect.DeepEqual(got, tt.want):
			t.Errorf("%q is read as %+v, want %+v", tt.args, got, tt.want)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%q: the error is %v, want one with %q", tt.args, err, tt.err)
		}
	}
}

func TestVerdicts(t *testing.T) {
	var v verdicts
	v.atMost(2, 2, "", "a")
	v.atMost(2, 2.01, "", "b")
	v.below(2, 1.99, "", "c")
	v.below(2, 2, "", "d")
	v.atLeast(5, 5, "", "e")
	v.atLeast(5, 4.99, "", "f")
	var met []bool
	for _, one := range v {
		met = append(met, one.met())
	}
	if want := []bool{true, false, true, false, true, false}; !slices.Equal(met, want) {
		t.Errorf("met are %v, want %v", met, want)
	}
}

func TestResultsAreTheFastestOfEachBenchmark(t *testing.T) {
	const out = `goos: linux
BenchmarkPut-2         	    1000	    900.5 ns/op	   10 B/op	  1 allocs/op
BenchmarkMemory/100000-2    	       3	 1200000 ns/op	  141.5 B/key	  3.25 marks
BenchmarkPut-2         	    2000	    800.5 ns/op
BenchmarkPaint/move/80x24  	       3	 71 ns/op	 72 written/op
PASS
ok  	clavier/store	1.0s
`
	want := []result{
		{"Put", 800.5, nil},
		{"Memory/100000", 1200000, []string{"141.5 B/key", "3.25 marks"}},
		{"Paint/move/80x24", 71, []string{"72 written"}},
	}
	if got := results(out); !reflect.DeepEqual(got, want) {
		t.Errorf("results are %+v, want %+v", got, want)
	}
}

func TestFastestLeavesOutClavier(t *testing.T) {
	times := []time.Duration{1, 7, 5, 9}
	if got := fastest(len(times), func(i int) time.Duration { return times[i] }); got != 5 {
		t.Errorf("the fastest is %v, want 5", got)
	}
}
