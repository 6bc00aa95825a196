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

// fleet is a list of twelve keys for tests: four names, each for dev, staging and production. The first are the newest.
func fleet(tb testing.TB) func(*setup) {
	return with(func(f *fakes) {
		for i := range 12 {
			name := fmt.Sprintf("%s-%s", []string{"billing", "search", "mobile", "ci"}[i%4], []string{"dev", "staging", "production"}[i/4])
			key := f.add(tb, name, time.Duration(i)*30*day+time.Hour)
			f.change(key.ID, func(k *model.Key) { k.Hint = fmt.Sprintf("clv_…%04d", i) }) // no word of a filter is in it
		}
	})
}

// filterText is the line of the filter, without the tally.
func (s *screen) filterText() string {
	text, _, _ := strings.Cut(s.lines()[filterRow(s.app.height)], "   ")
	return strings.TrimRight(text, " ")
}

// tally is what stands at the end of the line of the filter.
func (s *screen) tally() string {
	line := strings.TrimRight(s.lines()[filterRow(s.app.height)], " ")
	return strings.TrimSpace(line[strings.LastIndex(line, "  "):])
}

func (s *screen) listed(names ...string) {
	s.tb.Helper()
	if got := s.names(); !slices.Equal(got, names) {
		s.tb.Errorf("the list is %q, not %q\n%s", got, names, s.text())
	}
}

func TestFilterAsOneTypes(t *testing.T) {
	s := start(t, fleet(t))
	before := s.lines()
	s.press("/")
	if got := s.lines(); !slices.Equal(got[:21], before[:21]) {
		t.Errorf("a row moved when the filter was opened:\n%s", s.text())
	}
	if s.filterText() != " /" || s.tally() != "12 of 12" || s.footer() != "enter keep  esc drop" {
		t.Errorf("the filter is open:\n%s", s.text())
	}
	s.press("i")
	s.listed("billing-dev", "mobile-dev", "ci-dev", "billing-staging", "search-staging", "mobile-staging", "ci-staging",
		"billing-production", "search-production", "mobile-production", "ci-production")
	s.press("home", "c", "end", "-")
	s.listed("ci-dev", "ci-staging", "ci-production")
	if s.filterText() != " / ci-" || s.tally() != "3 of 12" {
		t.Errorf("the filter is %q with %q", s.filterText(), s.tally())
	}
	if at := s.app.Cursor(); !at.Visible || at.X != len(" / ci-") || at.Y != 21 {
		t.Errorf("the cursor is at %+v", at)
	}
	s.typed(" -dev")
	s.listed("ci-staging", "ci-production")
	s.press("q", "j", "!") // letters are text
	if s.filterText() != " / ci- -devqj!" || s.quit {
		t.Errorf("the filter is %q", s.filterText())
	}
	for range 20 {
		s.press("backspace")
	}
	if s.tally() != "12 of 12" {
		t.Errorf("an empty filter lists %s", s.tally())
	}
	s.burst("mobile")
	s.paste(" prod")
	s.listed("mobile-production")
	s.shows("12 keys") // in the header: all of them
}

func TestKeepAndDropTheFilter(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ci")
	s.press("enter")
	if s.app.Cursor().Visible || s.filterText() != " / ci" || s.tally() != "3 of 12" || !strings.HasPrefix(s.footer(), "esc drop the filter") {
		t.Errorf("the kept filter:\n%s", s.text())
	}
	s.press("j")
	if !strings.HasPrefix(s.cursorRow(), "ci-staging") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.press("/") // edits the kept one
	s.burst(" prod")
	s.listed("ci-production")
	s.press("enter", "esc")
	s.listed("billing-dev", "search-dev", "mobile-dev", "ci-dev", "billing-staging", "search-staging", "mobile-staging", "ci-staging",
		"billing-production", "search-production", "mobile-production", "ci-production")
	if !strings.HasPrefix(s.cursorRow(), "ci-production") {
		t.Errorf("the cursor left its key for %q", s.cursorRow())
	}
	if s.lines()[21] != "" {
		t.Errorf("the line of the dropped filter is %q", s.lines()[21])
	}
	s.press("/")
	s.burst("search")
	s.press("esc")
	if len(s.names()) != 12 || s.app.filter.editing {
		t.Errorf("esc does not drop what is typed:\n%s", s.text())
	}
	s.press("/", " ", "enter") // nothing to keep
	s.hides("12 of 12", "esc drop the filter")
}

func TestNothingMatches(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("zebra")
	s.shows("No key matches. esc drops the filter.", "0 of 12")
	s.press("enter")
	s.press("d", "c", "enter", " ", "a", "j", "G")
	if s.app.top() != nil || s.app.list.table.MarkedCount() != 0 {
		t.Errorf("something happens to no key:\n%s", s.text())
	}
	s.says("no key is shown; esc shows more")
	s.press("esc")
	s.shows("billing-dev")
	s.press("/")
	s.burst("production")
	s.press("enter", "!")
	s.shows("4 stale of 12")
	s.press("/")
	s.burst(" age<100d")
	s.shows("No stale key matches. esc drops the filter.")
}

func TestEarlierFilters(t *testing.T) {
	s := start(t, fleet(t))
	for _, text := range []string{"ci", "search", "ci", "mobile dev"} {
		s.press("/", "ctrl+u")
		s.burst(text)
		s.press("enter", "esc")
	}
	s.press("/", "up")
	if s.filterText() != " / mobile dev" || s.tally() != "1 of 12" {
		t.Errorf("the newest filter is %q with %q", s.filterText(), s.tally())
	}
	for _, step := range []struct{ key, want string }{
		{"up", " / ci"}, {"up", " / search"}, {"up", " / search"}, {"down", " / ci"}, {"down", " / mobile dev"}, {"down", " /"}, {"up", " / mobile dev"},
	} {
		s.press(step.key)
		if s.filterText() != step.want {
			t.Fatalf("%s brings %q, not %q", step.key, s.filterText(), step.want)
		}
	}
	s.press("x", "backspace") // it is a text of its own now
	s.press("down")
	if s.filterText() != " / mobile dev" {
		t.Errorf("the arrows change the text to %q", s.filterText())
	}
	s.press("esc", "/", "up", "enter")
	s.listed("mobile-dev")
	s.press("/", "up") // a kept filter is a text of its own
	if s.filterText() != " / mobile dev" {
		t.Errorf("the arrows change the kept filter to %q", s.filterText())
	}
	for i := range 2 * earlierMost {
		s.press("/", "ctrl+u")
		s.burst(fmt.Sprint("x", i))
		s.press("enter")
	}
	if n := len(s.app.filter.earlier); n != earlierMost {
		t.Errorf("%d filters are remembered", n)
	}
}

// TestArrowsMoveInTheListWhileFiltering: with text in the filter they are not for that.
func TestArrowsMoveInTheListWhileFiltering(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/", "down", "down", "up") // there is no earlier filter
	if !strings.HasPrefix(s.cursorRow(), "search-dev") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.burst("pro")
	for _, step := range []struct{ key, want string }{{"down", "search-pro"}, {"pgdown", "ci-pro"}, {"up", "mobile-pro"}, {"pgup", "billing-pro"}} {
		s.press(step.key)
		if !strings.HasPrefix(s.cursorRow(), step.want) {
			t.Errorf("%s goes to %q, not to %s", step.key, s.cursorRow(), step.want)
		}
	}
	if s.filterText() != " / pro" {
		t.Errorf("the filter is %q", s.filterText())
	}
}

// TestUnreadablePartsOfAFilter are pointed at, say what was expected, and the rest goes on filtering.
func TestUnreadablePartsOfAFilter(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ci age>9 prod")
	s.listed("ci-production")
	pointer, text := s.lines()[22], s.lines()[21]
	want := s.app.filter.problems[0]
	at := len(" / ") + want.Start
	if pointer[at:at+want.End-want.Start] != strings.Repeat("^", want.End-want.Start) || strings.Count(pointer, "^") != want.End-want.Start {
		t.Errorf("under\n%s\nstands\n%s", text, pointer)
	}
	s.shows("expected " + want.Want)
	if part := text[at : at+want.End-want.Start]; !strings.Contains("age>9", part) { //nolint:gocritic // the term may be cut off
		t.Errorf("%q is pointed at", part)
	}
	s.press("enter") // it stays marked
	if s.lines()[22] != pointer {
		t.Errorf("under the kept filter stands %q", s.lines()[22])
	}
	s.press("c")
	s.says("copied ci-production · native (xclip) · clears in 45 s")
	s.press("/", "left", "left", "left", "left", "left") // behind the 9
	s.burst("0d")
	s.hides("^", "expected")
	s.listed("ci-production")
}

// TestUnreadablePartsOnNarrowScreens: without room for the pointer and its sentence, the part is named.
func TestUnreadablePartsOnNarrowScreens(t *testing.T) {
	for _, c := range []struct{ w, h int }{{20, 5}, {20, 12}, {30, 8}, {40, 24}} {
		s := start(t, fleet(t), size(c.w, c.h))
		s.press("/")
		s.burst("ci- production wibble:x")
		s.check()
		s.shows("ci-p") // the rest filters
		y := filterRow(c.h)
		if under := s.lines()[y+1]; !strings.HasPrefix(under, " expected ") || strings.Contains(under, "^") {
			t.Errorf("%d x %d: under the filter stands %q", c.w, c.h, under)
		}
		if at := s.app.Cursor(); at.Y != y || !strings.HasSuffix(strings.TrimSpace(s.lines()[y][:at.X]), "wibble:x") {
			t.Errorf("%d x %d: the cursor is at %+v of %q", c.w, c.h, at, s.lines()[y])
		}
	}
}

func TestFilterRefusesAPasteWithControls(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/", "c", "i")
	s.paste("a\x1b[2Jb")
	s.shows("nothing was pasted: the text has a control character (U+001B)")
	if s.filterText() != " / ci" {
		t.Errorf("the filter is %q", s.filterText())
	}
	s.press("-")
	s.hides("nothing was pasted")
}

// TestFilterOnLowScreens: it takes the line of the status, and gives it back while something else has to be said.
func TestFilterOnLowScreens(t *testing.T) {
	s := start(t, fleet(t), size(60, 8))
	rows := s.lines()[3:6]
	s.press("/")
	if !slices.Equal(s.lines()[3:6], rows) || s.filterText() != " /" {
		t.Errorf("the filter on a low screen:\n%s", s.text())
	}
	s.burst("ci")
	s.press("enter")
	s.shows(" / ci", "3 of 12 keys") // the count stands in the header
	s.press("s")
	s.says("sorted by last used, most recent first")
	s.hides(" / ci")
	s.after(statusFor)
	s.shows(" / ci")
}

// TestMatchesAreHighlighted in name and hint, also in the row under the cursor and in marked ones.
func TestMatchesAreHighlighted(t *testing.T) {
	colours(t)
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ing") // billing, staging
	frame := s.app.View()
	for _, want := range []string{
		a(s.app.theme.selected.on("> bill"), s.app.theme.selectedMatch.on("ing"), s.app.theme.selected.on("-dev       ")),
		a("   search-stag", s.app.theme.match.on("ing")),
	} {
		if !strings.Contains(frame, want) {
			t.Errorf("the frame does not hold %q:\n%q", want, frame)
		}
	}
	s.press("enter", " ")
	if want := a(s.app.theme.marked.on("* bill"), s.app.theme.markedMatch.on("ing")); !strings.Contains(s.app.View(), want) {
		t.Errorf("the frame does not hold %q", want)
	}
	s.press("esc")
	if strings.Contains(s.app.View(), s.app.theme.match.on("ing")) {
		t.Error("without a filter something is highlighted")
	}
	hint := s.fakes.keys[3].Hint
	part := hint[len(hint)-4:]
	s.press("/")
	s.burst("hint:" + part)
	if want := a(hint[:len(hint)-4], s.app.theme.match.on(part)); !strings.Contains(s.app.View(), want) {
		t.Errorf("the frame does not hold %q", want)
	}
}

// a joins.
func a(parts ...string) string { return strings.Join(parts, "") }

// TestSlowSearch: the old rows stay while a search is under way, and the next key gives it up.
func TestSlowSearch(t *testing.T) {
	s := start(t, fleet(t))
	run := s.app.runSearch
	var contexts []context.Context
	s.app.runSearch = func(ctx context.Context, search *table.Search) (*table.Listing, bool) {
		contexts = append(contexts, ctx)
		return run(ctx, search)
	}
	s.hold("search")
	s.press("/", "c")
	old := s.names()
	if len(old) != 12 || s.tally() != "12 of 12" {
		t.Errorf("while the search is under way:\n%s", s.text())
	}
	s.hides("searching") // a search is never shown as waiting
	s.press("i")
	if contexts[0].Err() == nil || contexts[1].Err() != nil {
		t.Error("the next key does not give up the search before")
	}
	s.press("-")
	if got := s.names(); !slices.Equal(got, old) {
		t.Errorf("the rows changed to %v", got)
	}
	s.release("search")
	s.listed("ci-dev", "ci-staging", "ci-production")
	if n := s.fakes.called("search"); n != 4 { // one for the first listing
		t.Errorf("%d searches", n)
	}
}

// TestKeysWaitForTheirRows: what is typed faster than it is found acts on what it was typed for.
func TestKeysWaitForTheirRows(t *testing.T) {
	s := start(t, fleet(t))
	s.hold("search")
	s.press("/", "c", "i", "-", "enter", "a", "j", "d", "x")
	if s.app.list.table.MarkedCount() != 0 || s.app.top() != nil {
		t.Fatalf("keys do not wait for their rows:\n%s", s.text())
	}
	s.release("search")
	if got := s.markedNames(); !slices.Equal(got, []string{"ci-dev", "ci-production", "ci-staging"}) {
		t.Errorf("marked are %v", got)
	}
	if s.app.top() == nil {
		t.Errorf("the keys after the held one are lost:\n%s", s.text())
	}

	s = start(t, fleet(t))
	s.hold("search")
	s.press("/", "c", "i", "-", "enter", "a", "esc") // esc takes back what has not happened yet
	s.release("search")
	if got := s.markedNames(); len(got) != 0 || len(s.names()) != 12 {
		t.Errorf("marked are %v:\n%s", got, s.text())
	}

	s = start(t, fleet(t)) // what needs no row goes on at once
	s.hold("search")
	s.press("/", "c", "enter", "n", "x")
	s.shows("New API key", "Name: x")

	s = start(t, fleet(t)) // and so does what is for the rows on screen
	s.hold("search")
	s.fakes.add(t, "newer", time.Minute)
	s.after(time.Second)
	s.press("j", "j", " ")
	if got := s.markedNames(); !slices.Equal(got, []string{"mobile-dev"}) {
		t.Errorf("while the list follows a change, marked are %v", got)
	}
}

// markedNames are the names of the marked keys, sorted.
func (s *screen) markedNames() []string {
	var names []string
	for _, row := range s.app.list.table.MarkedRows() {
		key, _ := s.app.list.table.Key(row)
		names = append(names, key.Name)
	}
	slices.Sort(names)
	return names
}

// TestFailedSearchSaysSo and loses nothing.
func TestFailedSearchSaysSo(t *testing.T) {
	s := start(t, fleet(t))
	s.mayCrash = true
	run := s.app.runSearch
	s.app.runSearch = func(context.Context, *table.Search) (*table.Listing, bool) { panic("x") }
	s.press("/", "c")
	s.shows("searching the keys failed inside clavier", "billing-dev")
	s.app.runSearch = run
	s.press("i")
	s.listed("ci-dev", "ci-staging", "ci-production")

	s = start(t, fleet(t)) // what waits for it is given up
	s.mayCrash = true
	s.hold("search")
	s.press("/", "c", "i", "enter", "a")
	s.fakes.panics["search"] = "x"
	s.release("search")
	s.fakes.panics = nil
	s.press("j")
	if !strings.HasPrefix(s.cursorRow(), "search-dev") || s.app.list.table.MarkedCount() != 0 {
		t.Errorf("after the failure:\n%s", s.text())
	}
}

// TestAgesAreJudgedAgain at least once a minute, and the cursor stays on its key.
func TestAgesAreJudgedAgain(t *testing.T) {
	s := start(t, with(func(f *fakes) {
		f.add(t, "old", 30*day)
		f.add(t, "nearly", 10*day-time.Minute)
		f.add(t, "young", time.Hour)
	}))
	s.press("/")
	s.burst("age>10d")
	s.press("enter")
	s.listed("old")
	searches := s.fakes.called("search")
	for range 59 {
		s.after(time.Second)
	}
	if n := s.fakes.called("search"); n != searches {
		t.Errorf("%d searches without a reason", n-searches)
	}
	s.after(2 * time.Second)
	s.listed("nearly", "old")
	if !strings.HasPrefix(s.cursorRow(), "old") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
}

func TestCreatedKeyThatTheFilterHides(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ci")
	s.press("enter", "n")
	s.burst("batch")
	s.press("enter")
	s.says("created batch; the filter hides it")
	s.clock.advance(time.Second)
	s.press("enter")
	s.listed("ci-dev", "ci-staging", "ci-production")
	s.shows("13 keys")
	s.press("n")
	s.burst("ci-new")
	s.press("enter")
	s.says("created ci-new")
	s.clock.advance(time.Second)
	s.press("enter")
	if !strings.HasPrefix(s.cursorRow(), "ci-new") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
}

func TestProfileSwitchDropsTheFilter(t *testing.T) {
	s := start(t, fleet(t), profiles)
	s.press("/")
	s.burst("ci")
	s.press("enter", "a", "s", "p", "j", "enter")
	s.shows("clavier  team", "12 keys", "LAST USED ↓")
	s.hides("marked", " / ci")
	if len(s.names()) != 12 {
		t.Errorf("the list is %v", s.names())
	}
	s.press("/", "up")
	if s.filterText() != " / ci" {
		t.Errorf("the earlier filter is %q", s.filterText())
	}
}

// TestFilterIsNotForTheActivity nor for what opens over the list.
func TestFilterIsNotForTheActivity(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ci")
	s.press("enter", "3")
	s.hides(" / ci", "3 of 12")
	s.press("esc", "/")
	if s.app.filter.editing || s.app.list.asked.filter != "ci" {
		t.Error("the filter is changed from the activity")
	}
	s.press("1")
	s.shows(" / ci", "3 of 12")
}

// TestWordsOfAFilter: what was typed reaches the query as it is.
func TestWordsOfAFilter(t *testing.T) {
	s := start(t, fleet(t), with(func(f *fakes) {
		f.change(f.keys[2].ID, func(k *model.Key) { k.ExpiresAt = noon.Add(day) })
		f.change(f.keys[5].ID, func(k *model.Key) { k.Disabled = true })
		f.change(f.keys[7].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })
	}))
	for _, c := range []struct {
		filter string
		want   []string
	}{
		{"expires<7d", []string{"mobile-dev"}}, {"status:disabled", []string{"search-staging"}}, {"used:unknown", []string{"ci-staging"}},
		{"created:2026-11", []string{"billing-dev"}}, {"created<2026-01-01", []string{"ci-production"}}, {`"g-s"`, []string{"billing-staging"}},
		{"id:000000000003", []string{"mobile-dev"}},
	} {
		s.press("/", "ctrl+u")
		s.burst(c.filter)
		s.press("enter")
		s.listed(c.want...)
	}
}

// TestFilterTypedAhead: a filter can be typed before there is a key to filter.
func TestFilterTypedAhead(t *testing.T) {
	s := start(t, fleet(t), shut("list"))
	s.press("/")
	s.burst("ci-")
	s.press("enter", "S")
	s.shows(" / ci-")
	s.release("list")
	s.listed("ci-production", "ci-staging", "ci-dev")
}
