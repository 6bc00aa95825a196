//go:build linux || darwin

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
)

// TestBulkDeleteSeenByAnother: while one program deletes many keys, they leave the list of another, which is filtered and
// has some of them marked, without a key press; their marks go with them.
func TestBulkDeleteSeenByAnother(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		keys := p.sow(slices.Concat(numbered("old-a", 10), numbered("old-b", 10), numbered("new-a", 10), numbered("new-b", 10))...)
		a, b := p.open(), p.open()
		waitList(a, 40)
		waitList(b, 40)

		// The other has marked all that it looks at, but for two of the old ones.
		filter(b, "name:b-")
		b.Key(term.Enter)
		seen := slices.Concat(keys[10:20], keys[30:])
		b.WaitUntil("the filter", func(s term.Screen) bool { return tally(s, "20 of 40") && lists(s, plain(seen)) })
		b.Type("a  ")
		waitMarkedOf(b, "40", 18)
		b.Type("G")
		waitRow(b, seen[19].Key)

		filter(a, "old")
		a.Key(term.Enter)
		a.WaitUntil("the old ones", func(s term.Screen) bool { return tally(s, "20 of 40") })
		deleteAll(a, 20)
		began := time.Now()
		a.Key(term.Enter)
		waitReport(p.tb, a, "Deleted 20 of 20 keys")
		p.tb.Logf("deleted after %v", time.Since(began).Round(10*time.Millisecond))
		b.WaitUntil("them to leave the other's list", func(s term.Screen) bool {
			return tally(s, "10 of 20") && lists(s, plain(seen[10:]))
		})
		p.tb.Logf("gone from the other's list after %v", time.Since(began).Round(10*time.Millisecond))
		waitRow(b, seen[19].Key)
		s := waitMarkedOf(b, "20", 10)
		if markedRows(s) != 10 || strings.Contains(s.Line(0), "hidden") {
			p.tb.Errorf("the marks of the other\n%s", s.Frame())
		}
		b.Type("d")
		b.WaitFor("Type this to delete them: delete 10 keys")
		b.Key(term.Esc)
		waitRow(b, seen[19].Key)
		p.mustLeave(keys, keys[:20])
	})
}

// waitMarkedOf waits for the header to count so many keys, and marks.
func waitMarkedOf(x term.Terminal, keys string, marked int) term.Screen {
	return x.WaitUntil(fmt.Sprintf("%d marks", marked), func(s term.Screen) bool {
		return total(s, keys) && strings.Contains(s.Line(0), fmt.Sprintf(" · %d marked", marked))
	})
}

// TestBulkDialogFollows: what another program does to the keys of an open dialog is told there: one that it deletes counts
// no more, one that comes into use must be confirmed; what was typed before is not the sentence any more.
func TestBulkDialogFollows(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		keys := p.sow(numbered("old", 6)...)
		a, b := p.open(), p.open()
		waitList(a, 6)
		waitList(b, 6)
		deleteAll(b, 6)

		waitSelected(a, "old-01")
		a.Type("jd" + keys[1].Name)
		a.WaitFor("[ enter deletes it for good ]")
		a.Key(term.Enter)
		a.WaitFor("deleted old-02 for good")
		s := b.WaitFor("┌ Delete 5 keys? ")
		if !s.Contains("old-02 was deleted by another program") || !s.Contains("Type this to delete them: delete 5 keys") ||
			!s.Contains("[ delete ] waits for the exact sentence") || !s.Contains(" old-02  gone ") {
			p.tb.Errorf("the dialog after a deletion\n%s", s.Frame())
		}
		if !p.verifies(keys[2]) {
			p.tb.Fatalf("%s does not verify", keys[2].Name)
		}
		s = b.WaitFor("Type its name to delete it too: old-03")
		if !s.Contains("old-03 has changed: confirm it or leave it out") || !s.Contains(" old-03  in use ") {
			p.tb.Errorf("the dialog after a use\n%s", s.Frame())
		}
		b.Key(term.Enter)
		b.WaitFor("type the exact name first")
		b.Key(term.Ctrl('x'))
		b.WaitFor("Type this to delete them: delete 4 keys")
		// For a moment after a change by another program nothing is taken: it was meant for what stood there before.
		eventually(p.tb, "the sentence to be taken", func() bool {
			if b.Screen().Contains("[ enter deletes 4 keys for good ]") {
				return true
			}
			b.Key(term.CtrlU)
			b.Type("delete 4 keys")
			return false
		})
		b.Key(term.Enter)
		waitReport(p.tb, b, "Deleted 4 of 4 keys")
		a.WaitUntil("one key to be left", func(s term.Screen) bool { return total(s, "1") || strings.Contains(s.Line(0), " 1 key") })
		waitSelected(a, "old-03")
		p.mustLeave(keys, slices.DeleteFunc(slices.Clone(keys), func(key crowd.Key) bool { return key.ID == keys[2].ID }))
	})
}
