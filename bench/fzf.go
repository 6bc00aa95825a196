//go:build linux || darwin

package bench

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"clavier/e2e/term"
)

// fzfName is a fzf with its version, which it tells.
func fzfName(bin string) (string, error) {
	out, err := exec.Command(bin, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s does not tell its version: %w", bin, err)
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return "fzf " + version, nil
}

// fzf is the fzf at bin over the lines of a file, with the list drawn from the
// top and marks allowed. It need not take é for e: that would cost it time, and
// clavier does not do it.
func fzf(bin, home, input string, first []string, rows int, options ...string) (Subject, error) {
	name, err := fzfName(bin)
	return Subject{
		Name: strings.Join(append([]string{name}, options...), " "),
		Argv: append([]string{bin, "--layout=reverse", "--literal", "--multi", "--bind=ctrl-a:select-all,ctrl-b:deselect-all"}, options...),
		Env:  environment(home), Stdin: input,
		Ready: append(first, fmt.Sprintf("%d/%d", rows, rows)),
		Down:  "\x0e", Up: "\x10", Quit: "\x07", Rows: rows,
		Tall: Tall{
			Page: "\x1b[6~", Mark: "\t", MarkAll: "\x01", Drop: "\x15", Clear: "\x02",
			Filter: Fuzzy, Count: countFzf,
		},
	}, err
}

// Fzf is the fzf at bin over a file of rows lines, written to dir.
func Fzf(bin, dir string, rows int) (Subject, error) {
	input := filepath.Join(dir, fmt.Sprintf("rows-%d", rows))
	err := writeLines(input, rows, func(i int) string {
		return fmt.Sprintf("key-%06d   clv_…%04d     2026-11-02 17:40   20d    never", i, i%10000)
	})
	if err != nil {
		return Subject{}, err
	}
	return fzf(bin, dir, input, names(min(rows, 10)), rows)
}

// FzfNames is the fzf at bin over the names of a crowd, as it comes or, if
// exact, with the option that makes it look for substrings as clavier does.
func FzfNames(bin string, c *Crowd, exact bool) (Subject, error) {
	if !exact {
		return fzf(bin, c.dir, c.Names, c.top(10), len(c.Keys))
	}
	s, err := fzf(bin, c.dir, c.Names, c.top(10), len(c.Keys), "--exact")
	s.Tall.Filter = Exact
	return s, err
}

// fzfInfo is the line under fzf's prompt: a spinner while it reads, matches and
// lines, marked lines, and how far a slow search is. The matches are those of
// the search before until a search is over. How far it is sometimes stays there
// after its end, so that tells nothing.
var fzfInfo = regexp.MustCompile(`^(.) (\d+)/(\d+) \((\d+)\)(?: \(\d+%\))?(?: ─+)?$`)

// countFzf reads the line under the prompt.
func countFzf(s term.Screen) Count {
	m := fzfInfo.FindStringSubmatch(s.Line(1))
	if m == nil {
		return Count{-1, -1, -1, true}
	}
	return Count{number(m[2]), number(m[3]), number(m[4]), m[1] != " "}
}

// number is a number that a regular expression has found, with spaces between
// thousands or without.
func number(digits string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		return -1
	}
	return n
}

// writeLines writes a file of n lines.
func writeLines(path string, n int, line func(i int) string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range n {
		_, _ = w.WriteString(line(i))
		_ = w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
