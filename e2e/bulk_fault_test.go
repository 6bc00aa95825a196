//go:build linux || darwin

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
)

// deleteAll marks all keys of the list and confirms their deletion, up to the last enter.
func deleteAll(x term.Terminal, n int) {
	x.Type("a")
	x.WaitFor(fmt.Sprintf("marked all %d that are shown", n))
	x.Type("d")
	sentence := fmt.Sprintf("delete %d keys", n)
	x.WaitFor("Type this to delete them: " + sentence)
	x.Type(sentence)
	x.WaitFor(fmt.Sprintf("[ enter deletes %d keys for good ]", n))
}

// sameKeys are the keys whose ids stand in the lines of a log.
func sameKeys(keys []crowd.Key, lines []string) (found []crowd.Key) {
	for _, key := range keys {
		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, key.ID) }) {
			found = append(found, key)
		}
	}
	return found
}

// without are the keys that are not among the others.
func without(keys, others []crowd.Key) []crowd.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(key crowd.Key) bool { return slices.Contains(others, key) })
}

// TestBulkDeleteFailsInPart: with a store that fails on the seventh deletion, or from it on, the report tells for each key
// whether it is deleted or why not, and enter tries again those that failed, and no other.
func TestBulkDeleteFailsInPart(t *testing.T) {
	t.Parallel()
	const n = 12
	for _, last := range []int{7, n} {
		t.Run(fmt.Sprintf("7-%d", last), func(t *testing.T) {
			t.Parallel()
			everywhere(t, wide, func(p *place) {
				failing := last - 7 + 1
				keys := p.sow(numbered("old", n)...)
				log := filepath.Join(p.Dir, "log")
				x := p.stage("-fail", fmt.Sprintf("7-%d", last), "-log", log)
				waitList(x, n)
				deleteAll(x, n)
				x.Key(term.Enter)
				s := waitReport(p.tb, x, fmt.Sprintf("Deleted %d of %d keys · %d failed", n-failing, n, failing))

				// What failed stands first, with its reason.
				failed := sameKeys(keys, p.told(log, "begin")[6:last])
				_, top, _ := s.Find("┌ Deleted")
				for i := range n {
					line := s.Line(top + 1 + i)
					at := slices.IndexFunc(keys, func(key crowd.Key) bool { return strings.Contains(line, " "+key.Name+" ") })
					if at < 0 || slices.Contains(failed, keys[at]) != (i < failing) ||
						strings.Contains(line, "failed: the disk is full, nothing was changed") != (i < failing) ||
						strings.Contains(line, "  deleted") != (i >= failing) {
						p.tb.Errorf("line %d of the report\n%s", i, s.Frame())
					}
				}
				if !s.Contains(fmt.Sprintf("[ enter retries %d failed ]", failing)) {
					p.tb.Errorf("it does not offer to try again\n%s", s.Frame())
				}
				p.mustLeave(keys, without(keys, failed))
				p.mustBeWhollyThereOrGone(keys, without(keys, failed))

				// Only these are tried again. A report that has only just opened takes no enter.
				title := fmt.Sprintf("Deleted %d of %d keys", n, n)
				eventually(p.tb, "the second try", func() bool {
					if s = x.Screen(); !s.Contains("┌ "+title+" ") && s.Contains("[ enter retries") {
						x.Key(term.Enter)
					}
					return s.Contains("┌ " + title + " ")
				})
				again := p.told(log, "begin")[n:]
				if len(again) != failing || len(sameKeys(failed, again)) != failing {
					p.tb.Errorf("tried again: %v", again)
				}
				if s.Contains("failed") {
					p.tb.Errorf("the second report\n%s", s.Frame())
				}
				leave(p.tb, x, "┌ Deleted")
				x.WaitFor("No API keys yet.")
				p.mustLeave(keys, keys)
			})
		})
	}
}

// TestBulkDeleteStopped: four are deleted at a time; esc lets those come to their end, which is told, and no other begin.
func TestBulkDeleteStopped(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		const n, atATime, before = 12, 4, 3
		keys := p.sow(numbered("old", n)...)
		log, doors := filepath.Join(p.Dir, "log"), p.gate("gate")
		x := p.stage("-gate", doors.path, "-log", log)
		waitList(x, n)
		deleteAll(x, n)
		x.Key(term.Enter)
		begun := func(want int) {
			p.tb.Helper()
			eventually(p.tb, fmt.Sprintf("%d deletions to begin", want), func() bool { return len(p.told(log, "begin")) >= want })
		}
		begun(atATime)
		x.WaitFor(fmt.Sprintf("0 of %d", n))
		doors.pass(before)
		begun(atATime + before)
		s := x.WaitFor(fmt.Sprintf("%d of %d", before, n))
		if !s.Contains(fmt.Sprintf("┌ Deleting %d keys ", n)) || !s.Contains("esc stops before the next one") || !s.Contains("[####") {
			p.tb.Errorf("the progress\n%s", s.Frame())
		}

		// To leave the program now is asked about, and the answer is no.
		x.Key(term.CtrlC)
		s = x.WaitFor("┌ Leave now?")
		if !s.Contains(fmt.Sprintf("still deleting %d keys", n)) {
			p.tb.Errorf("the question\n%s", s.Frame())
		}
		x.Key(term.Enter)
		x.WaitGone("┌ Leave now?")

		x.Key(term.Esc)
		x.WaitFor("stopping: the keys under way are finished …")
		x.Key(term.Esc, term.Enter)
		x.Type("q")
		x.WaitFor("stopping: the keys under way are finished …")
		doors.pass(atATime)
		const over = before + atATime
		s = waitReport(p.tb, x, fmt.Sprintf("Deleted %d of %d keys · %d stopped", over, n, n-over))
		gone := sameKeys(keys, p.told(log, "begin"))
		if len(p.told(log, "begin")) != over || len(gone) != over {
			p.tb.Errorf("%d deletions were begun, want %d", len(gone), over)
		}
		for _, key := range keys {
			want := "not deleted: stopped before it"
			if slices.Contains(gone, key) {
				want = "deleted"
			}
			if !s.Contains(" " + key.Name + "  " + want + " ") {
				p.tb.Errorf("%s: want %s\n%s", key.Name, want, s.Frame())
			}
		}
		p.mustLeave(keys, gone)
		p.mustBeWhollyThereOrGone(keys, gone)

		// The others are still marked, and d asks again for them.
		leave(p.tb, x, "┌ Deleted")
		s = waitMarked(x, n-over, n-over)
		if markedRows(s) != n-over {
			p.tb.Errorf("the marks\n%s", s.Frame())
		}
		x.Type("d")
		x.WaitFor(fmt.Sprintf("Type this to delete them: delete %d keys", n-over))
		x.Type(fmt.Sprintf("delete %d keys", n-over))
		doors.pass(n)
		x.Key(term.Enter)
		waitReport(p.tb, x, fmt.Sprintf("Deleted %d of %d keys", n-over, n-over))
		p.mustLeave(keys, keys)
	})
}

// waitMarked waits for the list alone, with this many keys, some of them marked.
func waitMarked(x term.Terminal, keys, marked int) term.Screen {
	return x.WaitUntil(fmt.Sprintf("%d keys, %d of them marked", keys, marked), func(s term.Screen) bool {
		return total(s, grouped(keys)) && strings.HasSuffix(s.Line(0), fmt.Sprintf(" · %s marked", grouped(marked))) && !s.Contains("┌ ")
	})
}
