//go:build linux || darwin

package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clavier/e2e/term"
)

// names are the first cells of a CSV, without the heading.
func names(tb testing.TB, text string) []string {
	tb.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 || rows[0][0] != "name" {
		tb.Fatalf("no CSV: %v\n%s", err, text)
	}
	var all []string
	for _, row := range rows[1:] {
		all = append(all, row[0])
	}
	return all
}

// waitWritten waits until two keys are written to a file and the dialog is gone: the same may have been said before.
func waitWritten(x term.Terminal, path string) {
	x.WaitUntil("two keys in "+path, func(s term.Screen) bool {
		return s.Contains("wrote 2 keys to "+path) && !s.Contains("┌ ")
	})
}

// TestExport: what is filtered and sorted on the screen is in the file, which is the person's alone and without secrets;
// an existing one is replaced when the word is typed, and not before.
func TestExport(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		secrets := p.create("ci-old", "production", "ci-new")
		path := filepath.Join(p.Dir, "out.csv")
		x := p.open()
		waitList(x, 3)
		x.Type("/ci")
		x.WaitFor("2 of 3")
		x.Key(term.Enter)
		x.Type("sss") // by last use, by end, by name
		x.WaitFor("NAME ↑")
		x.Type("e")
		x.WaitFor("┌ Export 2 keys")
		x.Key(term.Ctrl('u'))
		x.Type("~/out.csv\r")
		waitWritten(x, "~/out.csv")
		written, err := os.ReadFile(path)
		p.must(err)
		if got := names(p.tb, string(written)); !slices.Equal(got, []string{"ci-new", "ci-old"}) {
			p.tb.Errorf("the file holds %v", got)
		}
		if string(written) != p.run("list", "--csv", "--filter", "ci", "--sort", "name") {
			p.tb.Errorf("the file is not what list prints:\n%s", written)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			p.tb.Errorf("the file is %v, %v", info.Mode(), err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(written), secret[4:36]) {
				p.tb.Error("the file holds a secret")
			}
		}

		// Keys that were typed ahead of the question do not answer it.
		p.must(os.WriteFile(path, []byte("mine"), 0o600))
		x.Type("e")
		x.WaitFor("┌ Export 2 keys")
		x.Key(term.Ctrl('u'))
		x.Type("~/out.csv")
		x.Send("\r\r\r")
		x.WaitFor("┌ Replace ~/out.csv?")
		x.WaitFor("4 bytes")
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
			p.tb.Fatalf("the file was replaced: %v", err)
		}
		x.Type("replace\r")
		waitWritten(x, "~/out.csv")
		if text, err := os.ReadFile(path); err != nil || string(text) != string(written) {
			p.tb.Errorf("the file was not replaced: %v", err)
		}

		// What cannot be is a sentence, and what was typed stays.
		x.Type("e")
		x.WaitFor("┌ Export 2 keys")
		x.Key(term.Ctrl('u'))
		x.Type("~/missing/out.json\r")
		x.WaitFor("the directory of ~/missing/out.json does not exist")
		for range "missing/out.json" {
			x.Key(term.Backspace)
		}
		x.Type("out.json\r")
		waitWritten(x, "~/out.json")
		text, err := os.ReadFile(filepath.Join(p.Dir, "out.json"))
		p.must(err)
		var objects []map[string]any
		if err := json.Unmarshal(text, &objects); err != nil || len(objects) != 2 || objects[0]["name"] != "ci-new" {
			p.tb.Errorf("the JSON holds %v, %v", objects, err)
		}
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		left, err := filepath.Glob(filepath.Join(p.Dir, ".clavier-export-*"))
		if err != nil || len(left) > 0 {
			p.tb.Errorf("left behind: %v, %v", left, err)
		}
	})
}
