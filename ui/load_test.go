package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// numbered is a list of keys for tests: key-01, the newest, to key-count, an hour apart.
func numbered(tb testing.TB, count int) func(*setup) {
	return with(func(f *fakes) {
		for i := range count {
			f.add(tb, fmt.Sprintf("key-%02d", count-i), time.Duration(count-i)*time.Hour)
		}
	})
}

func shut(method string) func(*setup) {
	return with(func(f *fakes) { f.gates[method] = &gate{open: make(chan struct{})} })
}

// pass opens the gate of a method once: what waits there goes on to the next such gate.
func (s *screen) pass(method string) {
	s.tb.Helper()
	s.fakes.mu.Lock()
	old := s.fakes.gates[method]
	s.fakes.gates[method] = &gate{open: make(chan struct{})}
	s.fakes.mu.Unlock()
	close(old.open)
	for old.parked > 0 {
		s.next()
	}
	s.drain()
}

// TestPagesArriveBehindTheFirst: the first is there at once, the screen counts what it has, and all of it can be used.
func TestPagesArriveBehindTheFirst(t *testing.T) {
	s := start(t, numbered(t, 12), byPages(3), shut("page"))
	s.listed("key-01", "key-02", "key-03")
	s.shows("3+ keys")
	s.says("")
	s.spin()
	s.says(`/ reading the keys 3 of 12 · esc cancels`)
	s.press("j", " ")
	s.pass("page")
	s.listed("key-01", "key-02", "key-03", "key-04", "key-05", "key-06")
	if got := s.markedNames(); !slices.Equal(got, []string{"key-02"}) || !strings.HasPrefix(s.cursorRow(), "key-03") {
		t.Errorf("marked are %v, the cursor is on %q", got, s.cursorRow())
	}
	s.press("/")
	s.burst("key-0")
	if s.tally() != "6 of 6+" {
		t.Errorf("the tally is %q", s.tally())
	}
	s.pass("page")
	if s.tally() != "9 of 9+" {
		t.Errorf("the tally is %q", s.tally())
	}
	s.release("page")
	s.says("")
	if s.tally() != "9 of 12" || !strings.HasPrefix(s.cursorRow(), "key-03") {
		t.Errorf("the tally is %q, the cursor is on %q", s.tally(), s.cursorRow())
	}
	s.press("esc")
	s.shows("12 keys", "1 marked")
	s.hides("+ keys")
}

// TestCursorStaysWhileRowsAreSortedIn above and below it.
func TestCursorStaysWhileRowsAreSortedIn(t *testing.T) {
	s := start(t, size(80, 12), byPages(10), shut("page"), with(func(f *fakes) {
		for i := range 60 {
			f.add(t, fmt.Sprintf("key-%02d", i*37%60), time.Duration(60-i)*time.Hour)
		}
	}))
	s.press("S", "s", "s", "s") // expires, then name: never mind what comes between
	for s.app.list.asked.order != (model.Order{By: model.SortName}) {
		s.press("s")
	}
	s.press("j", "j", "j", "j", "j")
	key := s.cursorRow()
	place := func() int {
		return slices.IndexFunc(s.lines(), func(line string) bool { return strings.HasPrefix(line, " > ") })
	}
	row := place()
	for range 5 {
		s.pass("page")
		if s.cursorRow() != key || place() != row {
			t.Fatalf("the cursor went from %q in row %d to %q in row %d", key, row, s.cursorRow(), place())
		}
	}
	if n := s.app.list.table.Len(); n != 60 || !s.app.list.whole {
		t.Errorf("%d keys were read", n)
	}
	names := make([]string, 60)
	for i, r := range s.app.list.rows() {
		k, _ := s.app.list.table.Key(r)
		names[i] = k.Name
	}
	if !slices.IsSorted(names) {
		t.Errorf("the names are %v", names)
	}
}

// TestReadingIsPacedAndSearchesAreFew: many pages in one message while they come fast.
func TestReadingIsPacedAndSearchesAreFew(t *testing.T) {
	s := start(t, with(func(f *fakes) {
		for i := range 2000 {
			f.keys = append(f.keys, model.Key{ID: fmt.Sprint("id-", i), Name: fmt.Sprint("n", i), CreatedAt: noon.Add(-time.Duration(i) * time.Minute)})
		}
	}), byPages(2))
	if n := s.fakes.called("search"); n > 40 {
		t.Errorf("%d searches for 1000 pages", n)
	}
	s.app.pace = time.Hour
	messages := s.app.lastOp
	s.press("ctrl+r")
	if n := s.app.lastOp - messages; n > 4 { // the first page, the rest, the search, no more
		t.Errorf("%d messages", n)
	}
	s.shows("2 000 keys")
}

// TestReadingFailsInTheMiddle: what was read stays and can be used, and it is tried again.
func TestReadingFailsInTheMiddle(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3), shut("page"))
	s.press("j", " ")
	s.pass("page")
	s.fakes.fail("page", errors.New("local.db: the store is busy"))
	s.pass("page")
	s.says("local.db: the store is busy")
	s.listed("key-01", "key-02", "key-03", "key-04", "key-05", "key-06")
	s.shows("6+ keys", "1 marked")
	s.clock.advance(time.Minute) // and no tick, which tries again
	s.send(spinMsg{})
	s.app.expireStatus(s.clock.Now())
	s.says("not up to date, ctrl+r tries again: local.db: the store is busy")
	s.press("d") // one is marked, and not all keys are there
	if s.app.top() == nil {
		t.Errorf("the keys that are there cannot be used:\n%s", s.text())
	}
	s.press("esc", "/")
	s.burst("key-05")
	s.press("enter")
	s.listed("key-05")
	s.press("esc")
	s.fakes.fail("page", nil)
	s.fakes.mu.Lock()
	delete(s.fakes.gates, "page")
	s.fakes.mu.Unlock()
	s.after(time.Second)
	s.shows("9 keys", "1 marked")
	s.hides("not up to date", "busy")
	if got := s.markedNames(); !slices.Equal(got, []string{"key-02"}) || !strings.HasPrefix(s.cursorRow(), "key-05") {
		t.Errorf("marked are %v, the cursor is on %q", got, s.cursorRow())
	}
}

// TestReloadFailsInTheMiddle: the old rows stay until all new ones are there.
func TestReloadFailsInTheMiddle(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.press("j", " ", "j")
	s.fakes.add(t, "newer", time.Minute)
	s.hold("page")
	s.press("ctrl+r")
	s.hides("newer") // it is beside the screen
	s.fakes.fail("page", errors.New("busy"))
	s.pass("page")
	s.says("busy")
	s.shows("9 keys", "1 marked")
	s.hides("newer")
	s.fakes.fail("page", nil)
	s.press("ctrl+r")
	s.release("page")
	s.shows("10 keys", "newer", "1 marked")
	if got := s.markedNames(); !slices.Equal(got, []string{"key-02"}) || !strings.HasPrefix(s.cursorRow(), "key-04") {
		t.Errorf("marked are %v, the cursor is on %q", got, s.cursorRow())
	}
}

// TestReadingIsGivenUp by esc: what is there stays, nothing reads on but the person.
func TestReadingIsGivenUp(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3), shut("page"))
	s.pass("page")
	s.spin()
	s.press("esc")
	s.await("gave up reading the keys 6 of 9")
	for s.app.reading != nil {
		s.next()
	}
	s.drain()
	s.listed("key-01", "key-02", "key-03", "key-04", "key-05", "key-06")
	s.shows("6+ keys")
	s.release("page")
	reads, looks := s.fakes.called("pages"), s.fakes.called("version")
	s.after(time.Minute)
	s.says("not up to date, ctrl+r tries again: reading the keys was given up")
	s.fakes.add(t, "newer", time.Minute)
	s.after(time.Second)
	s.press("n")
	s.burst("mine")
	s.press("enter")
	s.clock.advance(time.Second)
	s.press("enter")
	if n := s.fakes.called("pages"); n != reads {
		t.Errorf("the keys are read although that was given up")
	}
	s.shows("mine", "7+ keys")
	s.hides("newer")
	if n := s.fakes.called("version"); n != looks {
		t.Errorf("another program's changes are looked for, and cannot be shown")
	}
	s.press("ctrl+r")
	s.shows("mine", "newer", "11 keys")
	s.after(time.Minute)
	s.says("")
}

// TestReadingIsLeftByAnother: a reading that is given up gives back what it holds of the provider.
func TestReadingIsLeftByAnother(t *testing.T) {
	for about, leave := range map[string]func(*screen){
		"a newer one": func(s *screen) { s.press("ctrl+r") },
		"a profile":   func(s *screen) { s.press("p", "j", "enter") },
		"giving up":   func(s *screen) { s.spin(); s.press("esc") },
	} {
		s := start(t, numbered(t, 9), byPages(3), profiles)
		s.hold("page")
		s.press("ctrl+r")
		leave(s)
		s.release("page")
		s.app.endReading()
		if !s.app.work.finish(10 * time.Second) { // what ends a reading runs beside
			t.Fatalf("%s: something runs on", about)
		}
		pages, over := s.fakes.called("pages"), s.fakes.called("read")+s.fakes.called("left")
		if pages != over {
			t.Errorf("%s: %d readings were begun and %d ended", about, pages, over)
		}
	}
}

// TestChangesAreFollowed: another program's changes and ours are asked for, and the keys are not read again.
func TestChangesAreFollowed(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.press("j", " ")
	s.fakes.add(t, "newer", time.Minute)
	s.fakes.remove(s.fakes.keys[1].ID) // key-01
	s.fakes.change(s.fakes.keys[1].ID, func(k *model.Key) { k.LastUse.At = noon.Add(-time.Minute) })
	s.hides("newer")
	s.after(time.Second)
	s.listed("newer", "key-02", "key-03", "key-04", "key-05", "key-06", "key-07", "key-08", "key-09")
	s.shows("1m ago", "1 marked")
	if !strings.HasPrefix(s.cursorRow(), "key-03") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.press("n")
	s.burst("mine")
	s.press("enter")
	s.clock.advance(time.Second)
	s.press("enter")
	if !strings.HasPrefix(s.cursorRow(), "mine") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.press("esc", "d") // the marks; the key
	s.burst("mine")
	s.press("enter")
	s.says("deleted mine for good")
	s.hides("  mine")
	asked := s.fakes.called("changes")
	for range 5 {
		s.after(time.Second)
	}
	if n := s.fakes.called("changes"); n != asked {
		t.Errorf("changes were asked for %d times although nothing has changed", n-asked)
	}
	if n := s.fakes.called("pages"); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

// TestTooMuchHasChanged: the keys are read again beside the old rows.
func TestTooMuchHasChanged(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.press("j", " ")
	s.fakes.add(t, "newer", time.Minute)
	s.fakes.mu.Lock()
	s.fakes.forgot = s.fakes.changes
	s.fakes.mu.Unlock()
	s.hold("page")
	s.after(time.Second)
	s.hides("newer")
	s.spin()
	s.says("") // nobody waits for it
	s.release("page")
	s.shows("newer", "10 keys", "1 marked")
	if !strings.HasPrefix(s.cursorRow(), "key-03") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
}

// TestChangesFail: the rows stay, the status says so, and it is tried again.
func TestChangesFail(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.fakes.add(t, "newer", time.Minute)
	s.fakes.fail("changes", errors.New("local.db: the store is busy"))
	s.after(time.Second)
	s.says("local.db: the store is busy")
	s.after(time.Minute)
	s.says("not up to date, ctrl+r tries again: local.db: the store is busy")
	s.fakes.fail("changes", nil)
	s.after(time.Second)
	s.shows("newer", "10 keys")
	s.says("")
	if n := s.fakes.called("pages"); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

// TestWritesWhileReading: what is made or deleted while the keys are read is right at once and stays right.
func TestWritesWhileReading(t *testing.T) {
	for about, basics := range map[string]bool{"the first reading": false, "a later one": true} {
		changes := []func(*setup){numbered(t, 9), byPages(3)}
		if !basics {
			changes = append(changes, shut("page"))
		}
		s := start(t, changes...)
		if basics {
			s.hold("page")
			s.press("ctrl+r")
		}
		s.press("n")
		s.burst("mine")
		s.press("enter")
		s.clock.advance(time.Second)
		s.press("enter", "j", "d")
		s.burst(s.app.top().(*deleteDialog).confirm) // key-01
		s.press("enter")
		s.says("deleted key-01 for good")
		if now := s.names(); now[0] != "mine" || now[1] != "key-02" {
			t.Errorf("at once the list is %v", now)
		}
		s.pass("page")
		if now := s.names(); now[0] != "mine" || now[1] != "key-02" {
			t.Errorf("then the list is %v", now)
		}
		s.release("page")
		s.listed("mine", "key-02", "key-03", "key-04", "key-05", "key-06", "key-07", "key-08", "key-09")
		s.after(time.Second)
		s.shows("9 keys")
		if t.Failed() {
			t.Fatal(about)
		}
	}
}

// TestT23NotAllNamesAreKnown: as long as not all keys were read, another may have the name.
func TestT23NotAllNamesAreKnown(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3), shut("page"))
	key := s.fakes.keys[0]
	s.press("d")
	s.shows("[ delete ] waits for the exact id", key.ID)
	s.burst("key-01")
	s.press("enter")
	if s.fakes.called("delete") != 0 {
		t.Error("the name deletes although not all names are known")
	}
	s.release("page")
	s.shows("[ delete ] waits for the exact id") // it may be half typed
	s.press("esc", "d")
	s.shows("[ delete ] waits for the exact name")
}

// TestT20PanicWhileReading: it becomes an error, whose trace tells where it was.
func TestT20PanicWhileReading(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	s.mayCrash = true
	thrown := passphrase()
	s.fakes.panics["page"] = errors.New(thrown)
	s.press("ctrl+r")
	s.shows("reading the keys failed inside clavier", "9 keys")
	if traces := s.app.crashes.all(); len(traces) != 1 || !strings.Contains(traces[0], "fakes_test.go") || strings.Contains(traces[0], thrown) {
		t.Errorf("%d traces are kept, without the place or with what was thrown", len(traces))
	}
}

// TestSourceIsGivenBack between two portions too.
func TestSourceIsGivenBack(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	source := &source{service: s.app.service, crashes: s.app.crashes, ctx: ctx, cancel: cancel}
	p, err := source.portion(context.Background())
	if err != nil || p.keys != 3 || p.last || p.total != 9 {
		t.Fatalf("the first portion is %+v, %v", p, err)
	}
	before := s.fakes.called("left")
	source.end()
	if n := s.fakes.called("left") - before; n != 1 {
		t.Errorf("the reading was left %d times", n)
	}
}

// TestReadingIsGivenBackBetweenPortions: a reading that is given up while nothing is asked of it.
func TestReadingIsGivenBackBetweenPortions(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3))
	left := s.fakes.called("left")
	s.app.reload(opQuiet)() // the message never comes
	s.app.endReading()
	if !s.app.work.finish(10 * time.Second) {
		t.Fatal("the reading is not ended")
	}
	if n := s.fakes.called("left") - left; n != 1 {
		t.Errorf("the reading was left %d times", n)
	}
}

// TestChangesDuringASearch are searched for when it is over.
func TestChangesDuringASearch(t *testing.T) {
	s := start(t, numbered(t, 3), byPages(3))
	s.hold("search")
	s.fakes.add(t, "one", time.Minute)
	s.after(time.Second)
	s.fakes.add(t, "two", time.Second)
	s.after(time.Second)
	s.hides("one", "two")
	s.release("search")
	s.listed("two", "one", "key-01", "key-02", "key-03")
}

// basicPages is a provider that lists its keys by pages and can do no more than that.
type basicPages struct {
	bare
	pages paged
}

func (s basicPages) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return s.pages.Pages(ctx)
}

// TestUnknownTotal: a provider that cannot tell how many keys there are shows its first page no later.
func TestUnknownTotal(t *testing.T) {
	s := start(t, numbered(t, 9), shut("page"), func(s *setup) {
		s.options.Service = uncounted{paged{full{bare{s.fakes}}, 3}}
	})
	s.listed("key-01", "key-02", "key-03")
	s.shows("3+ keys")
	s.spin()
	s.says(`/ reading the keys 3 · esc cancels`)
	s.release("page")
	s.shows("9 keys")
}

// uncounted is a provider that does not tell how many keys there are.
type uncounted struct{ paged }

func (s uncounted) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		for page, err := range s.paged.Pages(ctx) {
			page.Total = 0
			if !yield(page, err) {
				return
			}
		}
	}
}

// unwatched is a provider that tells what has changed, but not that something has.
type unwatched struct {
	bare
	paged paged
}

func (s unwatched) Pages(ctx context.Context) iter.Seq2[model.Page, error] { return s.paged.Pages(ctx) }

func (s unwatched) Changes(ctx context.Context, since int64) (model.Changes, error) {
	return s.paged.Changes(ctx, since)
}

// TestChangesWhileReading: what has changed meanwhile is asked for when all is read.
func TestChangesWhileReading(t *testing.T) {
	for about, service := range map[string]func(*fakes) Service{
		"watched":   func(f *fakes) Service { return paged{full{bare{f}}, 3} },
		"unwatched": func(f *fakes) Service { return unwatched{bare{f}, paged{full{bare{f}}, 3}} },
	} {
		s := start(t, numbered(t, 9), shut("page"), func(s *setup) { s.options.Service = service(s.fakes) })
		s.fakes.add(t, "newer", time.Minute)
		s.fakes.remove(s.fakes.keys[9].ID)
		s.release("page")
		s.after(time.Second)
		if got := s.names(); len(got) != 9 || got[0] != "newer" || slices.Contains(got, "key-09") {
			t.Errorf("%s: the list is %v", about, got)
		}
	}
}

// TestDoubtWhileReading: what a write has left in doubt while the keys were read is settled by reading them again.
func TestDoubtWhileReading(t *testing.T) {
	s := start(t, numbered(t, 9), func(s *setup) {
		s.options.Service = basicPages{bare{s.fakes}, paged{full{bare{s.fakes}}, 3}}
	})
	s.hold("page")
	s.press("ctrl+r")
	s.fakes.fail("create", errors.New("the answer was lost"))
	s.press("n", "x", "enter")
	s.shows("the answer was lost")
	s.fakes.add(t, "made all the same", time.Minute)
	s.press("esc")
	s.release("page")
	s.shows("made all the same", "10 keys")
}

// TestFirstRowsComeFirst: the rest is not read before they are on screen, also if they cannot be found.
func TestFirstRowsComeFirst(t *testing.T) {
	s := start(t, numbered(t, 9), byPages(3), shut("search"))
	if n := s.fakes.called("page"); n != 0 {
		t.Errorf("%d pages were read before there was a row", n)
	}
	s.release("search")
	s.shows("9 keys", "key-09")

	s = start(t, numbered(t, 9), byPages(3), shut("search"))
	s.mayCrash = true
	s.fakes.panics["search"] = "x"
	s.release("search")
	if n := s.fakes.called("page"); n != 2 {
		t.Errorf("%d pages were read after a search that failed", n)
	}
}
