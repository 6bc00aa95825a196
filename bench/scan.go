//go:build linux || darwin

package bench

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Seeker is a program that searches the files or the history of a Ground.
type Seeker struct {
	Name string

	argv []string
	// check says whether the program has found what there is, from its output and
	// its exit code.
	check func(out []byte, code int) error
}

// Searches are the runs of one seeker.
type Searches struct {
	// Times are from the start of the program to its end.
	Times Sample
	// CPU is the processor time of the program and of those it started.
	CPU Sample
}

// TreeSeekers are clavier and the rg at bin over the files of a ground. rg looks
// for one fixed string, the secret; clavier for all its keys.
func TreeSeekers(dir, rg string, g *Ground) ([]Seeker, error) {
	own, err := clavierSeeker(dir, g, g.Leaked)
	if err != nil {
		return nil, err
	}
	version, err := firstWords(2, rg, "--version")
	other := Seeker{
		Name: version, argv: []string{rg, "--files-with-matches", "--fixed-strings", "--file", g.pattern},
		check: func(out []byte, code int) error {
			if n := bytes.Count(out, []byte("\n")); n != g.Leaked || code != 0 {
				return fmt.Errorf("it found %d files, want %d; exit code %d", n, g.Leaked, code)
			}
			return nil
		},
	}
	return []Seeker{own, other}, err
}

// HistorySeekers are clavier and the gitleaks at bin over the history of a
// ground. What gitleaks finds is its own affair: it goes by rules, of which none
// is for these keys.
func HistorySeekers(dir, gitleaks string, g *Ground) ([]Seeker, error) {
	own, err := clavierSeeker(dir, g, g.LeakedEver, "--history")
	if err != nil || gitleaks == "" {
		return []Seeker{own}, err
	}
	name := "gitleaks"
	if info, err := buildinfo.ReadFile(gitleaks); err == nil { // one that go install has built does not know its version
		name += " " + info.Main.Version
	}
	return []Seeker{own, {
		Name: name, argv: []string{gitleaks, "git", "--no-banner", "--no-color", "."},
		check: func(out []byte, code int) error {
			if code > 1 || !bytes.Contains(out, []byte("commits scanned")) {
				return fmt.Errorf("it was not done: exit code %d", code)
			}
			return nil
		},
	}}, nil
}

// clavierSeeker is clavier scan, which must find so many places.
func clavierSeeker(dir string, g *Ground, places int, flags ...string) (Seeker, error) {
	bin, err := build(dir, "clavier")
	return Seeker{
		Name: strings.Join(append([]string{"clavier scan"}, flags...), " "),
		argv: append([]string{bin, "scan", "--json"}, flags...),
		check: func(out []byte, code int) error {
			var found struct {
				Hits     []struct{} `json:"hits"`
				Complete bool       `json:"complete"`
			}
			// What it says on standard error comes last.
			if err := json.NewDecoder(bytes.NewReader(out)).Decode(&found); err != nil {
				return fmt.Errorf("it prints no JSON: %w", err)
			}
			if len(found.Hits) != places || !found.Complete || code != 1 {
				return fmt.Errorf("it found %d places, want %d; all was read: %v; exit code %d", len(found.Hits), places, found.Complete, code)
			}
			return nil
		},
	}, err
}

// Search runs every seeker rounds times in turns, beginning with another one
// each time, and checks what each has found. A first run of each is not
// measured: it brings the files into memory.
func Search(seekers []Seeker, g *Ground, rounds int) ([]Searches, error) {
	all := make([]Searches, len(seekers))
	for round := range rounds + 1 {
		for turn := range seekers {
			i := (turn + round) % len(seekers)
			took, cpu, err := search(seekers[i], g)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", seekers[i].Name, err)
			}
			if round > 0 {
				all[i].Times, all[i].CPU = append(all[i].Times, took), append(all[i].CPU, cpu)
			}
		}
	}
	return all, nil
}

// search runs a seeker once.
func search(s Seeker, g *Ground) (took, cpu time.Duration, err error) {
	var out bytes.Buffer
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = g.Dir, g.env, &out, &out
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = null.Close() }()
	cmd.Stdin = null
	begin := time.Now()
	err = cmd.Run()
	took = time.Since(begin)
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		return 0, 0, err
	}
	cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return took, cpu, s.check(out.Bytes(), cmd.ProcessState.ExitCode())
}

// firstWords are the first words that a program prints.
func firstWords(n int, bin string, args ...string) (string, error) {
	out, err := exec.Command(bin, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s does not tell its version: %w", bin, err)
	}
	words := strings.Fields(string(out))
	return strings.Join(words[:min(n, len(words))], " "), nil
}
