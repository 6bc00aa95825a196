//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"time"

	"clavier/bench"
)

// What is scanned.
const (
	scannedFiles   = 10_000
	scannedCommits = 2_000
)

// slowRounds bounds the runs of a program that takes long for each.
const slowRounds = 3

// scans measures the search for secrets, beside a plain search and beside the
// best known program of this kind.
func scans(r *run) error {
	rg, err := exec.LookPath(orElse(r.rg, "rg"))
	if err != nil {
		return fmt.Errorf("-rg: %w", err)
	}
	gitleaks, err := exec.LookPath(orElse(r.gitleaks, "gitleaks"))
	if err != nil && r.gitleaks != "" {
		return fmt.Errorf("-gitleaks: %w", err)
	}
	ground, err := bench.NewGround(r.dir, scannedFiles, scannedCommits)
	if err != nil {
		return err
	}
	seekers, err := bench.TreeSeekers(r.dir, rg, ground)
	if err != nil {
		return err
	}
	found, err := bench.Search(seekers, ground, r.rounds)
	if err != nil {
		return err
	}
	searched(fmt.Sprintf("%d files, %.1f MB", ground.Files, mb(ground.Bytes)), "to rg", seekers, found)
	r.found.atMost(1.5, ratio(found[0].Times.Median(), found[1].Times.Median()), "",
		fmt.Sprintf("scan of %d files, to rg with one fixed string", ground.Files))

	if seekers, err = bench.HistorySeekers(r.dir, gitleaks, ground); err != nil {
		return err
	}
	if found, err = bench.Search(seekers, ground, min(r.rounds, slowRounds)); err != nil {
		return err
	}
	searched(fmt.Sprintf("history of %d commits, %d contents", ground.Commits, ground.Blobs), "to gitleaks", seekers, found)
	if gitleaks == "" {
		fmt.Println("\ngitleaks is not on the PATH and was left out; it comes by go install github.com/zricethezav/gitleaks/v8@latest.")
		return nil
	}
	r.found.atLeast(10, ratio(found[1].Times.Median(), found[0].Times.Median()), " times as fast",
		fmt.Sprintf("scan of the history of %d commits, to gitleaks", ground.Commits))
	return nil
}

// searched prints what each program took, beside the last one.
func searched(what, other string, seekers []bench.Seeker, found []bench.Searches) {
	table("search of "+what, "median (ms)", "p90 (ms)", other, "processor time (ms)")
	median := func(i int) time.Duration { return found[i].Times.Median() }
	for i, s := range seekers {
		fmt.Printf("| %s | %s | %s | %.2f | %s |\n", s.Name, ms(median(i)), ms(found[i].Times.Quantile(0.9)),
			ratio(median(i), median(len(seekers)-1)), ms(found[i].CPU.Median()))
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
