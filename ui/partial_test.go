package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/table"
)

// throng is so many keys that a search has its first page before the rest.
func throng(count int) func(*setup) {
	return with(func(f *fakes) {
		for i := range count {
			f.keys = append(f.keys, model.Key{
				ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", i), Name: fmt.Sprintf("team-%05d", i*7919%count), Hint: "clv_…9f3Q",
				CreatedAt: noon.Add(-time.Duration(i) * time.Minute), LastUse: model.LastUse{Reported: true},
			})
		}
	})
}

// half prepares a screen that has the first page of an answer and not yet the rest: prepare is what is done before, ask
// puts one question. The rest comes when "search" is released. A search may be too quick to be caught half way, so it
// is tried until it is not.
func half(t *testing.T, prepare, ask func(*screen)) *screen {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		s := start(t, throng(20_000))
		prepare(s)
		s.hold("search")
		caught := false
		s.app.runSearch = func(ctx context.Context, search *table.Search) (*table.Listing, bool) {
			for !caught {
				l, done := search.Run(ctx, time.Microsecond)
				if done {
					return l, done
				}
				if caught = l.Len() > 0; caught {
					return l, false
				}
			}
			_ = s.fakes.enter(ctx, "search")
			return search.Run(ctx, 0)
		}
		ask(s)
		if caught {
			return s
		}
	}
	t.Fatal("a search is never caught half way")
	return nil
}

func press(keys ...string) func(*screen) { return func(s *screen) { s.press(keys...) } }

// TestFirstPageIsShownAtOnce, with the number of what matches, and can be used; what needs all of it waits.
func TestFirstPageIsShownAtOnce(t *testing.T) {
	s := half(t, func(s *screen) { s.press("s", "s") }, press("s")) // by name, from the top
	if !strings.HasPrefix(s.cursorRow(), "team-00000") || s.app.list.listing.Complete() {
		t.Fatalf("the first page is not shown:\n%s", s.text())
	}
	s.press("j", " ")
	if got := s.markedNames(); !slices.Equal(got, []string{"team-00001"}) {
		t.Errorf("marked are %v", got)
	}
	s.press("a", "j")
	if n := s.app.list.table.MarkedCount(); n != 1 || !strings.HasPrefix(s.cursorRow(), "team-00002") {
		t.Errorf("%d are marked of a page, the cursor is on %q", n, s.cursorRow())
	}
	s.release("search")
	if n := s.app.list.table.MarkedCount(); n != 20_000 || !strings.HasPrefix(s.cursorRow(), "team-00003") {
		t.Errorf("%d are marked, the cursor is on %q", n, s.cursorRow())
	}
}

// TestOldRowsStayForTheCursor: while the key under the cursor may be in the part of the answer that is not there yet.
func TestOldRowsStayForTheCursor(t *testing.T) {
	s := half(t, func(s *screen) { s.press("s", "s", "G") }, press("s"))
	key, _, _ := strings.Cut(s.cursorRow(), " ")
	if s.app.list.shown == s.app.list.asked || s.app.list.listing.Len() != 20_000 {
		t.Errorf("the old rows are gone:\n%s", s.text())
	}
	s.release("search")
	if !strings.HasPrefix(s.cursorRow(), key) || s.app.list.shown != s.app.list.asked {
		t.Errorf("the cursor went from %q to %q", key, s.cursorRow())
	}
}

// TestFirstPageForALostCursor: where the key under the cursor does not match, nothing is waited for.
func TestFirstPageForALostCursor(t *testing.T) {
	s := half(t, func(s *screen) {
		s.press("G", "/")
		s.app.list.asked.order = model.Order{By: model.SortName} // which takes a while
	}, func(s *screen) {
		key, _ := s.app.list.selected()
		s.burst("-" + key.Name)
	})
	if s.app.list.listing.Complete() || s.app.list.cursor != 0 || s.tally() != "19 999 of 20 000" {
		t.Errorf("the first page is not shown:\n%s", s.text())
	}
	s.release("search")
	if s.app.list.listing.Len() != 19_999 || s.app.list.cursor != 0 {
		t.Errorf("the list has %d rows", s.app.list.listing.Len())
	}
}

// TestReloadShowsNoPart: what is read anew takes the place of the old rows as a whole.
func TestReloadShowsNoPart(t *testing.T) {
	s := half(t, func(s *screen) { s.press("s", "s", "s", "G", " "); s.fakes.remove(s.fakes.keys[0].ID) }, press("ctrl+r"))
	if s.app.list.listing.Len() != 20_000 || s.app.list.next == nil {
		t.Errorf("a part of the new rows is shown:\n%s", s.text())
	}
	s.release("search")
	if s.app.list.listing.Len() != 19_999 || s.app.list.next != nil || s.app.list.table.MarkedCount() != 1 {
		t.Errorf("the list has %d rows, %d are marked", s.app.list.listing.Len(), s.app.list.table.MarkedCount())
	}
}

// TestSearchAtOnce: an answer that is there at once is on screen in the frame of the key press, without a command; one that is
// not comes as it otherwise does.
func TestSearchAtOnce(t *testing.T) {
	s := start(t, fleet(t))
	s.app.atOnce = time.Minute
	s.app.runSearch = func(context.Context, *table.Search) (*table.Listing, bool) {
		t.Error("what is answered already is searched again")
		return nil, true
	}
	s.press("/", "c", "i", "-", "d")
	s.listed("ci-dev")
	if s.app.searchOp != 0 || s.app.ready() != needAll {
		t.Error("the answer is on screen, and a search is still under way")
	}
	s.press("esc")
	if got := len(s.names()); got != 12 {
		t.Errorf("%d keys are listed after the filter was dropped", got)
	}

	s = start(t, throng(20_000))
	s.app.atOnce = time.Nanosecond
	s.press("/", "0", "0", "1")
	want := 0
	for _, key := range s.fakes.keys {
		if strings.Contains(key.Name, "001") || strings.Contains(key.ID, "001") || strings.Contains(key.Hint, "001") {
			want++
		}
	}
	if got := s.app.list.listing.Count(); got != want {
		t.Errorf("%d keys are found of %d", got, want)
	}
}
