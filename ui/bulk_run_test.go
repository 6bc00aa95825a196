package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// deleting starts the deletion of all keys of a crew of six.
func deleting(s *screen) {
	s.bulk()
	s.typed("delete 6 keys")
	s.press("enter")
}

func TestBulkProgress(t *testing.T) {
	s := start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.shows("Deleting 6 keys", "[....", "0 of 6", "esc stops before the next one")
	if n := s.fakes.called("delete"); n != bulkWorkers {
		t.Errorf("%d keys are deleted at a time", n)
	}
	for _, key := range []string{"enter", "d", "q", "j", " ", "x"} {
		s.press(key)
	}
	s.shows("Deleting 6 keys")
	s.release("delete")
	s.shows("Deleted 6 of 6 keys")
}

// TestBulkProgressCounts what is done and what has failed, with a bar that reads without colours.
func TestBulkProgressCounts(t *testing.T) {
	s := start(t, crew(t))
	p := &bulkProgress{todo: make([]int, 8), queue: &bulkQueue{done: 4, failed: 1}}
	s.app.open(p)
	s.shows("Deleting 8 keys", "4 of 8 · 1 failed")
	whole := strings.Count(s.text(), "#") + strings.Count(s.lines()[barLine(s)], ".")
	if half := strings.Count(s.text(), "#"); half != whole/2 {
		t.Errorf("%d of %d cells are full:\n%s", half, whole, s.text())
	}
	for _, w := range []int{20, 40, 72, 200} {
		s.app.width = w
		line := s.lines()[barLine(s)]
		if from, to := strings.Index(line, "["), strings.Index(line, "]"); to-from < min(w, dialogMost)-6 {
			t.Errorf("at %d columns the bar is %q", w, line)
		}
	}
}

func barLine(s *screen) int {
	return slices.IndexFunc(s.lines(), func(line string) bool { return strings.Contains(line, "##") })
}

// slow deletes until it comes to one key, for which it waits to be let go.
type slow struct {
	Service
	id       string
	met, off chan struct{}
}

func (s slow) Delete(_ context.Context, id string) error {
	if id == s.id {
		close(s.met)
		<-s.off
	}
	return nil
}

// TestBulkProgressCountsWhileOneKeyWaits: what a worker has done before it met a slow key is not hidden by it.
func TestBulkProgressCountsWhileOneKeyWaits(t *testing.T) {
	service := slow{id: "c", met: make(chan struct{}), off: make(chan struct{})}
	queue := &bulkQueue{ids: []string{"a", "b", "c", "d"}}
	end := make(chan []bulkDone)
	go func() { end <- queue.work(t.Context(), service, &crashes{}) }()
	<-service.met
	if done, failed := queue.counts(); done != 2 || failed != 0 {
		t.Errorf("%d are done and %d failed while the third waits", done, failed)
	}
	close(service.off)
	done := <-end
	if n, _ := queue.counts(); n != len(done) {
		t.Errorf("%d are counted of %d", n, len(done))
	}
}

// TestBulkStop: no other key is deleted, those under way are told, and what is left stays marked.
func TestBulkStop(t *testing.T) {
	s := start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.press("esc")
	s.shows("stopping: the keys under way are finished …")
	s.press("esc")
	s.says("it stops as soon as the keys under way are done")
	s.release("delete")
	s.shows("Deleted 4 of 6 keys · 2 stopped", "> team-5  not deleted: stopped before it", "team-6  not deleted: stopped before it", "team-1  deleted")
	if got := s.live(); got != "team-5 team-6" || fmt.Sprint(s.marked()) != "[team-5 team-6]" {
		t.Errorf("left are %s, marked are %v", got, s.marked())
	}
	s.clock.advance(settle)
	s.press("enter")
	s.says("nothing has failed; d asks again for what is still marked")
	if n := s.fakes.called("delete"); n != 4 {
		t.Errorf("%d keys were deleted", n)
	}
	s.press("esc", "d")
	s.shows("Delete 2 keys?", "Type this to delete them: delete 2 keys")
}

// TestBulkReportDoesNotTakeKeysMeantForTheProgress: esc and enter that come too late do nothing.
func TestBulkReportDoesNotTakeKeysMeantForTheProgress(t *testing.T) {
	failing := true
	s := start(t, crew(t), trouble(func(int, string) error {
		if failing {
			return model.ErrStoreBusy
		}
		return nil
	}))
	deleting(s)
	failing = false
	s.press("esc", "enter", "esc")
	s.shows("Deleted 0 of 6 keys · 6 failed")
	s.clock.advance(settle)
	s.press("enter")
	s.shows("Deleted 6 of 6 keys")
}

// TestBulkSeventhFails: one key fails, the others are deleted, enter tries that one again.
func TestBulkSeventhFails(t *testing.T) {
	var tried []string
	s := start(t, crew(t, "team-7", "team-8", "team-9"), trouble(func(call int, id string) error {
		tried = append(tried, id)
		if call == 7 {
			return fmt.Errorf("local.db: %w", model.ErrStoreBusy)
		}
		return nil
	}))
	seventh := s.fakes.named("team-7")[0].ID
	s.bulk()
	s.typed("delete 9 keys")
	s.press("enter")
	s.shows("Deleted 8 of 9 keys · 1 failed", "> team-7  failed: local.db: the store is busy", "team-1  deleted", "[ enter retries 1 failed ]")
	if got := s.live(); got != "team-7" || fmt.Sprint(s.marked()) != "[team-7]" {
		t.Errorf("left are %s, marked are %v", got, s.marked())
	}
	s.clock.advance(settle)
	tried = nil
	s.press("enter")
	s.shows("Deleted 9 of 9 keys", "team-7  deleted", "team-1  deleted")
	if len(tried) != 1 || tried[0] != seventh {
		t.Errorf("enter tried %v again", tried)
	}
}

// TestBulkRetryLeavesWhatWasStopped: enter tries those again that failed, and no other.
func TestBulkRetryLeavesWhatWasStopped(t *testing.T) {
	s := start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.fakes.fail("delete", model.ErrStoreBusy)
	s.press("esc")
	s.release("delete")
	s.shows("Deleted 0 of 6 keys · 4 failed · 2 stopped", "[ enter retries 4 failed ]")
	s.fakes.fail("delete", nil)
	s.clock.advance(settle)
	s.press("enter")
	s.shows("Deleted 4 of 6 keys · 2 stopped", "team-5  not deleted: stopped before it", "team-6  not deleted: stopped before it")
	if got := s.live(); got != "team-5 team-6" {
		t.Errorf("left are %s", got)
	}
}

// TestBulkListIsRightThoughItCannotBeRead: what was deleted is out of the list, whatever else fails.
func TestBulkListIsRightThoughItCannotBeRead(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2")
	s.typed("delete 2 keys")
	s.fakes.fail("version", errors.New("away"))
	s.fakes.fail("list", errors.New("away"))
	s.press("enter")
	s.shows("Deleted 2 of 2 keys", "4 keys")
	s.clock.advance(settle)
	s.press("esc")
	if got := fmt.Sprint(s.names()); got != "[team-3 team-4 team-5 team-6]" || len(s.marked()) != 0 {
		t.Errorf("the list is %s, marked are %v", got, s.marked())
	}
}

// TestBulkOutcomes: one sentence for each key, what failed first.
func TestBulkOutcomes(t *testing.T) {
	s := start(t, crew(t), trouble(func(call int, _ string) error {
		return []error{
			nil, fmt.Errorf("delete: %w", model.ErrNotFound), fmt.Errorf("disk full: %w", model.ErrStoreWrite),
			fmt.Errorf("a\x1b[2Jb: %w", model.ErrStoreBusy), fmt.Errorf("its log was in use: %w", model.ErrNotErased), nil,
		}[call-1]
	}))
	deleting(s)
	s.shows("Deleted 3 of 6 keys · 2 failed · 1 already gone")
	var rows []string
	for _, line := range s.lines() {
		if inside, ok := strings.CutPrefix(line, "│ "); ok && len(rows) < 6 {
			rows = append(rows, strings.Trim(inside, "│> "))
		}
	}
	want := []string{
		"team-3  failed: disk full: the store cannot be written", "team-4  failed: a⟨U+001B⟩[2Jb: the store is busy",
		"team-2  already deleted by another program", "team-5  deleted; its log was in use: deleted, and not yet erased",
		"team-1  deleted", "team-6  deleted",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the report is\n%s\nnot\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

// TestBulkAnotherProgramDeletesMeanwhile: its keys are told as gone, and nothing fails.
func TestBulkAnotherProgramDeletesMeanwhile(t *testing.T) {
	s := start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.fakes.gone("team-2")
	s.fakes.gone("team-6")
	s.release("delete")
	s.shows("Deleted 4 of 6 keys · 2 already gone", "> team-2  already deleted by another program", "team-6  already deleted by another program")
	if s.live() != "" || len(s.marked()) != 0 {
		t.Errorf("left are %s, marked are %v", s.live(), s.marked())
	}
}

// TestBulkRetryAsksNothingForWhatCameIntoUse: it is kept, for d asks for it by its name.
func TestBulkRetryKeepsWhatCameIntoUse(t *testing.T) {
	failing := true
	s := start(t, crew(t, "prod-a"), trouble(func(int, string) error {
		if failing {
			return model.ErrStoreBusy
		}
		return nil
	}))
	s.bulk("team-1", "team-2", "prod-a")
	s.typed("prod-a")
	s.press("enter")
	s.typed("delete 3 keys")
	s.press("enter")
	failing = false
	s.fakes.used("team-2", time.Second)
	s.after(time.Second)
	s.press("enter")
	s.shows("Deleted 2 of 3 keys · 1 kept", "team-2  not deleted: it is in use by now; d asks for it again")
	if got := s.live(); !strings.Contains(got, "team-2") || strings.Contains(got, "prod-a") {
		t.Errorf("left are %s", got)
	}
	s.clock.advance(settle)
	s.press("esc", "d")
	s.shows("Delete 1 key?", "team-2 was used")
}

// TestBulkPanic: a provider that fails inside fails for one key.
func TestBulkPanic(t *testing.T) {
	s := start(t, crew(t), trouble(func(call int, _ string) error {
		if call == 2 {
			panic("inside")
		}
		return nil
	}))
	s.mayCrash = true
	deleting(s)
	s.shows("Deleted 5 of 6 keys · 1 failed", "team-2: failed: deleting a key failed inside clavier; the trace is printed when you leave")
	if len(s.app.crashes.all()) != 1 {
		t.Error("the trace is lost")
	}
}

// TestBulkQuitAsks: leaving asks while keys are deleted, and the question ends with the deletion.
func TestBulkQuitAsks(t *testing.T) {
	s := start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.press("ctrl+c")
	s.shows("Leave now?", "clavier is still deleting 6 keys.")
	s.press("n")
	s.shows("Deleting 6 keys")
	s.press("ctrl+c")
	s.release("delete")
	s.shows("Deleted 6 of 6 keys")
	s.hides("Leave now?")
	if s.quit {
		t.Error("the program was left")
	}
	s = start(t, crew(t))
	s.hold("delete")
	deleting(s)
	s.press("ctrl+c", "y")
	if !s.quit {
		t.Error("y does not leave")
	}
}

// TestLoopBulkDelete deletes in Bubble Tea's own loop, four at a time and no more.
func TestLoopBulkDelete(t *testing.T) {
	const keys = 40
	var mu sync.Mutex
	inside, most := 0, 0
	four := make(chan struct{})
	m, _ := loop(t, with(func(f *fakes) {
		for i := range keys {
			f.add(t, fmt.Sprintf("team-%02d", i), time.Duration(i)*time.Hour)
		}
	}), trouble(func(int, string) error {
		mu.Lock()
		inside++
		if most = max(most, inside); inside == bulkWorkers && most == bulkWorkers {
			select {
			case <-four:
			default:
				close(four)
			}
		}
		mu.Unlock()
		select {
		case <-four: // the first wait until there are four
		case <-time.After(20 * time.Second):
		}
		mu.Lock()
		defer mu.Unlock()
		inside--
		return nil
	}))
	wait(t, m, "team-00", "40 keys")
	send(m, "a", "d")
	wait(t, m, "Delete 40 keys?")
	m.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("delete 40 keys")})
	wait(t, m, "[ enter deletes 40 keys for good ]")
	send(m, "enter")
	wait(t, m, "Deleted 40 of 40 keys")
	send(m, "ctrl+c")
	if a := ended(t, m); a.ended != nil || len(a.crashes.all()) > 0 {
		t.Errorf("the program ended with %v", a.ended)
	}
	mu.Lock()
	defer mu.Unlock()
	if most != bulkWorkers {
		t.Errorf("up to %d keys were deleted at a time", most)
	}
}

// TestBulkQueue hands out each key once, to all who ask, and none after stop.
func TestBulkQueue(t *testing.T) {
	q := &bulkQueue{ids: []string{"a", "b", "c"}}
	for want, id := range []string{"a", "b"} {
		if i, got, ok := q.take(); i != want || got != id || !ok {
			t.Errorf("take returns %d, %s, %v", i, got, ok)
		}
	}
	q.stop()
	q.stop()
	if _, id, ok := q.take(); ok {
		t.Errorf("after stop take returns %s", id)
	}
}

// TestBulkManyKeys: every key is deleted once, and told.
func TestBulkManyKeys(t *testing.T) {
	const count = 600
	s := start(t, swarm(count))
	s.bulk()
	s.typed(fmt.Sprintf("delete %d keys", count))
	s.press("enter")
	s.shows(fmt.Sprintf("Deleted %d of %d keys", count, count), "0 keys")
	if n := s.fakes.called("delete"); n != count || s.live() != "" {
		t.Errorf("delete was called %d times, left are %q", n, s.live())
	}
	s.press("G")
	s.shows(fmt.Sprintf("%d of %d", count, count))
}
