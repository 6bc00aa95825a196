//go:build linux || darwin

package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"clavier/e2e/term"
)

// TestSmallScreens: on a screen of 40 by 12, and on the smallest, without any style: filter, marks, bulk deletion and its
// report still say what matters.
func TestSmallScreens(t *testing.T) {
	t.Parallel()
	style := regexp.MustCompile(`\x1b\[[0-9;]*[1-9][0-9;]*m`)
	for _, size := range [][2]int{{40, 12}, {20, 5}} {
		cols, height := size[0], size[1]
		low := height < 12
		t.Run(fmt.Sprintf("%dx%d", cols, height), func(t *testing.T) {
			t.Parallel()
			everywhere(t, term.Options{Cols: cols, Rows: height, Env: []string{"NO_COLOR=1"}}, func(p *place) {
				keys := p.sow(slices.Concat(numbered("ci", 6), []string{"ci-prod"}, numbered("db", 3))...)
				x := p.open()
				says := func(desc string, words ...string) term.Screen {
					p.tb.Helper()
					s := x.WaitUntil(desc, func(s term.Screen) bool {
						return !slices.ContainsFunc(words, func(word string) bool { return !s.Contains(word) })
					})
					mustFit(p, s)
					return s
				}
				says("the list", "10 keys", " > ci-01")
				x.Type("/name:ci")
				says("the filter", " / name:ci", "7 of 10")
				x.Type(" age>")
				says("what cannot be read", " / name:ci age>", "expected a span")
				x.Type("1d")
				says("the whole filter", " / name:ci age>1d", "7 of 10")
				x.Key(term.Enter)
				x.Type(" ")
				says("a mark", " * ci-01", " > ci-02", "1 marked")
				x.Type("a")
				says("all marks", " >*ci-02", "7 marked")
				x.Type("A")
				x.WaitUntil("no mark", func(s term.Screen) bool { return !s.Contains(" *") && !s.Contains("7 marked") })
				x.Type("a")
				says("all marks", " >*ci-02", "7 marked")
				x.Key(term.Esc)
				s := x.WaitUntil("no filter", func(s term.Screen) bool { return !s.Contains(" / name") && s.Contains("7 marked") })
				if !low && !s.Contains("10 keys") {
					p.tb.Errorf("the keys are not counted\n%s", s.Frame())
				}
				if !low { // where a status stands in their place for a while
					x.Type("!")
					says("the stale keys", " ! only the stale keys", "7 marked")
					x.Key(term.Esc)
					x.WaitGone(" ! only")
					x.Type("s")
					says("the order", "LAST USED ↓")
				}

				x.Type("d")
				s = says("the question", "Delete 7 keys?", "protected")
				if !low && !s.Contains("ci-prod") {
					p.tb.Errorf("the protected key\n%s", s.Frame())
				}
				x.Type("ci-prod")
				x.Key(term.Enter)
				says("the second question", "Delete 7 keys?", "confirmed")
				x.Type("delete 7 keys")
				if !low {
					says("the armed button", "[ enter deletes 7 keys for good ]")
				}
				x.Key(term.Enter)
				says("the report", "Deleted 7 of 7 ke", "ci-", "  deleted")
				leave(p.tb, x, "Deleted 7 of 7")
				says("what is left", "3 keys", " > db-")
				x.Type("q")
				if code := x.WaitExit(); code != 0 {
					p.tb.Errorf("code %d", code)
				}
				p.mustLeave(keys, keys[:7])
				if sent := style.Find(x.Raw()); sent != nil && !p.tmux { // which has styles of its own
					p.tb.Errorf("a style was sent: %q", sent)
				}
			})
		})
	}
}
