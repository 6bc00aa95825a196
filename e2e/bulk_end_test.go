//go:build linux || darwin

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
)

// leavings are the ways out of the program while keys are being deleted, and the exit code of each.
var leavings = []struct {
	name string
	code int
	do   func(x term.Terminal)
}{
	{"TERM", 1, func(x term.Terminal) { x.Signal(syscall.SIGTERM) }},
	{"HUP", 1, func(x term.Terminal) { x.Signal(syscall.SIGHUP) }},
	{"ctrl+c and y", 0, func(x term.Terminal) {
		x.Key(term.CtrlC)
		x.WaitFor("┌ Leave now?")
		x.Type("y")
	}},
}

// TestT21LeftDuringBulkDelete: a program that ends while keys are being deleted leaves the terminal whole; what it had
// counted is deleted, what was under way is as it was.
func TestT21LeftDuringBulkDelete(t *testing.T) {
	t.Parallel()
	for _, leaving := range leavings {
		t.Run(leaving.name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, wide, func(p *place) {
				const n, over, atATime = 12, 3, 4
				keys := p.sow(numbered("old", n)...)
				log, doors := filepath.Join(p.Dir, "log"), p.gate("gate")
				x := p.stage("-gate", doors.path, "-log", log)
				waitList(x, n)
				deleteAll(x, n)
				x.Key(term.Enter)
				doors.pass(over)
				x.WaitFor(fmt.Sprintf("%d of %d", over, n))
				// Four more are in the store, where they wait for another program.
				release := p.holdWrites()
				doors.pass(atATime)
				eventually(p.tb, "four to be under way", func() bool { return len(p.told(log, "pass")) == over+atATime })
				leaving.do(x)
				if code := x.WaitExit(); code != leaving.code {
					p.tb.Errorf("code %d, want %d", code, leaving.code)
				}
				release()
				if plainTerm, ok := x.(*term.Term); ok {
					plainTerm.MustBeWhole(p.tb)
				}
				if s := x.Screen(); s.Alt || s.Contains("old-") {
					p.tb.Errorf("the screen after\n%s", s.Frame())
				}
				gone := p.ended(log, keys)
				if len(gone) != over {
					p.tb.Errorf("%d deletions ended well, want %d", len(gone), over)
				}
				p.mustLeave(keys, gone)
				p.mustBeWhollyThereOrGone(keys, gone)
			})
		})
	}
}

// ended are the keys whose deletion ended well, by the log of the test program.
func (p *place) ended(log string, keys []crowd.Key) []crowd.Key {
	p.tb.Helper()
	begun := p.told(log, "begin")
	var well []string
	for _, line := range p.told(log, "end") {
		var n int
		var ok bool
		_, err := fmt.Sscanf(line, "end %d %t", &n, &ok)
		p.must(err)
		if ok {
			at := slices.IndexFunc(begun, func(b string) bool { return strings.HasPrefix(b, fmt.Sprintf("begin %d ", n)) })
			well = append(well, begun[at])
		}
	}
	return sameKeys(keys, well)
}

// TestEndedDuringBulkDelete: the same of clavier itself, which nothing holds up: whatever it had counted is deleted, and
// each key is wholly there or wholly gone; also when the terminal goes away.
func TestEndedDuringBulkDelete(t *testing.T) {
	t.Parallel()
	ways := slices.Clone(leavings)
	ways = append(ways, struct {
		name string
		code int
		do   func(x term.Terminal)
	}{"hangup", -1, func(x term.Terminal) { x.(*term.Term).Hangup() }})
	for _, leaving := range ways {
		if leaving.code == 0 {
			continue // the deletion would be over before the question is answered
		}
		t.Run(leaving.name, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, wide)
			keys := p.populate(some)
			x := p.Start(p.tb, p.opts)
			p.confirmEasy(x, keys)
			x.Send("\r")
			counted := 0
			x.WaitUntil("some to be counted", func(s term.Screen) bool {
				counted = done(s)
				return counted > 0 || s.Contains("┌ Deleted ")
			})
			leaving.do(x)
			if code := x.WaitExit(); code != leaving.code {
				p.tb.Errorf("code %d, want %d", code, leaving.code)
			}
			if leaving.name != "hangup" {
				x.MustBeWhole(p.tb)
			}
			_, gone := p.account(keys, easy(keys), counted)
			p.mustLeave(keys, gone)
			p.mustBeWhollyThereOrGone(keys, gone)
			mustBePrivate(p.tb, p.Data())
		})
	}
}
