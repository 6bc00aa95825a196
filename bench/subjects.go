//go:build linux || darwin

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// environment is the least that all subjects get.
func environment(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + dir}
}

// build compiles a package of this module as a release is built.
func build(dir, pkg string) (string, error) {
	out := filepath.Join(dir, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return out, nil
}

// Stock is the smallest list on Bubble Tea v1 with its own renderer. The binary
// is built into dir.
func Stock(dir string, rows int) (Subject, error) {
	bin, err := build(dir, "clavier/bench/stock")
	return Subject{
		Name: "stock Bubble Tea v1", Argv: []string{bin, strconv.Itoa(rows)}, Env: environment(dir),
		Ready: append(names(min(rows, 10)), "q quit"), Down: "j", Up: "k", Quit: "q", Rows: rows,
	}, err
}

// Subjects are all programs over a list of rows lines, built and filled in dir.
// The first, the fzf at bin, is the one that the others are compared with.
func Subjects(bin, dir string, rows int) ([]Subject, error) {
	begin := []func() (Subject, error){
		func() (Subject, error) { return Fzf(bin, dir, rows) },
		func() (Subject, error) { return Stock(dir, rows) },
		func() (Subject, error) { return Clavier(dir, rows, false) },
		func() (Subject, error) { return Clavier(dir, rows, true) },
	}
	all := make([]Subject, len(begin))
	for i := range begin {
		var err error
		if all[i], err = begin[i](); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// names are the names of the first n rows.
func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("key-%06d", i)
	}
	return all
}
