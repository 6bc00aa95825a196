package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// heads fails unless this and nothing more is counted in the header.
func (s *screen) heads(want string) {
	s.tb.Helper()
	left, ok := strings.CutSuffix(s.lines()[0], " "+want+" ")
	if name := strings.TrimRight(left, "… "); !ok || !strings.HasPrefix(" clavier  local · this machine", name) { //nolint:gocritic // a part of it may have been cut off
		s.tb.Errorf("the header is %q, not with %q", s.lines()[0], want)
	}
}

func TestMarking(t *testing.T) {
	s := start(t, numbered(t, 12))
	s.press(" ", "j", " ")
	s.heads("12 keys · 2 marked")
	lines := s.lines()
	if !strings.HasPrefix(lines[3], " * key-01 ") || !strings.HasPrefix(lines[4], "   key-02 ") || !strings.HasPrefix(lines[5], " * key-03 ") ||
		!strings.HasPrefix(lines[6], " > key-04 ") {
		t.Errorf("the list is\n%s", s.text())
	}
	s.press("k")
	if !strings.HasPrefix(s.lines()[5], " >*key-03 ") {
		t.Errorf("a mark under the cursor is %q", s.lines()[5])
	}
	if !strings.Contains("  "+s.footer(), "  d delete 2 marked  space mark  ") {
		t.Errorf("the footer is %q", s.footer())
	}
	s.press(" ")
	s.heads("12 keys · 1 marked")
	s.press("G", " ") // the last key has no next one
	if got := fmt.Sprint(s.markedNames()); got != "[key-01 key-12]" || !strings.HasPrefix(s.lines()[14], " >*key-12 ") {
		t.Errorf("marked are %s:\n%s", got, s.text())
	}
	s.press("esc")
	s.heads("12 keys")
	s.hides("*")
}

func TestMarkAllAndTurnRound(t *testing.T) {
	s := start(t, fleet(t))
	s.press("/")
	s.burst("ci-")
	s.press("enter", "a")
	s.says("marked all 3 that are shown")
	s.heads("12 keys · 11 stale · 3 marked")
	s.press("/", "ctrl+u")
	s.burst("dev")
	s.press("enter")
	s.heads("12 keys · 11 stale · 3 marked, 2 hidden")
	s.press("A")
	s.heads("12 keys · 11 stale · 5 marked, 2 hidden")
	if got := fmt.Sprint(s.markedNames()); got != "[billing-dev ci-production ci-staging mobile-dev search-dev]" {
		t.Errorf("marked are %s", got)
	}
	s.press("esc")
	s.heads("12 keys · 11 stale · 5 marked")
	s.press("A", "a", "A")
	s.heads("12 keys · 11 stale")
}

// TestMarksOfOthersChanges: they stay by key, and go with it.
func TestMarksOfOthersChanges(t *testing.T) {
	for _, provider := range []func(*setup){func(*setup) {}, byPages(4)} {
		s := start(t, numbered(t, 12), provider)
		s.press(" ", " ", " ")
		s.fakes.add(t, "newer", time.Minute)
		s.fakes.remove(s.fakes.keys[2].ID) // key-02
		s.after(time.Second)
		if got := fmt.Sprint(s.markedNames()); got != "[key-01 key-03]" {
			t.Errorf("marked are %s", got)
		}
		s.heads("12 keys · 2 marked")
		s.press("ctrl+r")
		if got := fmt.Sprint(s.markedNames()); got != "[key-01 key-03]" {
			t.Errorf("after a reload marked are %s", got)
		}
	}
}

// TestMarkedAreDeleted: d is for the marks if there are any.
func TestMarkedAreDeleted(t *testing.T) {
	s := start(t, numbered(t, 12))
	s.press(" ", " ", "G", "d")
	if d, ok := s.app.top().(*bulkDialog); !ok || d == nil {
		t.Errorf("d opens %T", s.app.top())
	}
	s.press("esc", "esc", "d")
	if d, ok := s.app.top().(*deleteDialog); !ok || d.key.Name != "key-12" {
		t.Errorf("without marks d opens %T", s.app.top())
	}
}

func TestEscGoesBackStepByStep(t *testing.T) {
	s := start(t, fleet(t))
	s.press("a", "!", "/")
	s.burst("ci-")
	s.press("enter")
	s.heads("12 keys · 11 stale · 12 marked, 9 hidden")
	if s.tally() != "3 stale of 12" || !strings.HasPrefix(s.footer(), "esc drop the filter  ") {
		t.Errorf("the tally is %q, the footer %q", s.tally(), s.footer())
	}
	s.press("esc")
	s.heads("12 keys · 11 stale · 12 marked, 1 hidden")
	if s.tally() != "11 stale of 12" || s.filterText() != " ! only the stale keys" || !strings.HasPrefix(s.footer(), "esc all keys  ") {
		t.Errorf("the filter is %q, the tally %q, the footer %q", s.filterText(), s.tally(), s.footer())
	}
	s.press("esc")
	s.heads("12 keys · 11 stale · 12 marked")
	if !strings.HasPrefix(s.footer(), "esc clear marks  ") {
		t.Errorf("the footer is %q", s.footer())
	}
	s.press("esc")
	s.heads("12 keys · 11 stale")
	s.press("esc", "esc")
	if s.quit || strings.Contains(s.footer(), "esc") {
		t.Errorf("the footer is %q", s.footer())
	}
}

func TestStale(t *testing.T) {
	s := start(t, size(100, 24), with(func(f *fakes) {
		f.add(t, "forgotten", 91*day)
		f.change(f.keys[0].ID, func(k *model.Key) { k.LastUse.At = noon.Add(-31 * day) })
		f.add(t, "unused", 15*day)
		f.add(t, "in use", 91*day-time.Second)
		f.change(f.keys[1].ID, func(k *model.Key) { k.LastUse.At = noon.Add(-time.Hour) })
		f.add(t, "fresh", time.Hour)
	}))
	s.heads("4 keys · 2 stale")
	for name, stale := range map[string]bool{"forgotten": true, "unused": true, "in use": false, "fresh": false} {
		for _, line := range s.lines()[3:7] {
			if strings.HasPrefix(strings.TrimLeft(line, " >"), name+" ") && strings.HasSuffix(strings.TrimSpace(line), "  stale") != stale {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	s.press("!")
	s.listed("unused", "forgotten")
	if s.tally() != "2 stale of 4" {
		t.Errorf("the tally is %q", s.tally())
	}
	s.press("enter")
	s.shows("Stale      older than 2w and never used")
	s.press("esc", "j", "enter")
	s.shows("Stale      older than 90d and not used for 30d")
	s.press("esc", "!")
	s.listed("fresh", "unused", "in use", "forgotten")
	s.press("g", "enter")
	s.hides("Stale  ")
	s.press("esc")
	s.after(13*day + 23*time.Hour + time.Second) // whatever nobody does, keys get stale
	s.heads("4 keys · 3 stale")
	s.press("!")
	s.listed("fresh", "unused", "forgotten")
}

func TestStaleByAge(t *testing.T) {
	s := start(t, size(100, 24), with(func(f *fakes) {
		f.add(t, "ancient", 1000*day)
		f.change(f.keys[0].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })
		f.add(t, "young", 50*day)
		f.change(f.keys[0].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })
	}))
	s.heads("2 keys · 1 stale")
	if line := s.lines()[4]; !strings.HasSuffix(line, "not reported  stale by age") {
		t.Errorf("the row is %q", line)
	}
	s.press("j", "enter")
	s.shows("Stale by age: older than 90d, and this provider does not report the last use")
}

// TestStaleRuleOfTheSettings decides, and the default does where there is none.
func TestStaleRuleOfTheSettings(t *testing.T) {
	rule := model.StaleRule{Older: 10 * time.Hour, Unused: time.Hour, Never: 5 * time.Hour}
	s := start(t, numbered(t, 12), func(s *setup) { s.options.Stale = rule })
	s.heads("12 keys · 7 stale")
	s = start(t, numbered(t, 12))
	s.heads("12 keys")
	if s.app.opts.Stale != model.DefaultStaleRule {
		t.Errorf("the rule is %+v", s.app.opts.Stale)
	}
	s.press("!")
	s.shows("No key is stale. esc shows all of them.", "0 stale of 12")
	s.press("!")
	if len(s.names()) != 12 {
		t.Errorf("the list is %v", s.names())
	}
}

func TestSorting(t *testing.T) {
	s := start(t, size(120, 24), with(func(f *fakes) {
		for i, name := range []string{"delta", "Alpha", "charlie", "bravo"} {
			f.add(t, name, time.Duration(i+1)*day)
		}
		f.change(f.keys[1].ID, func(k *model.Key) { k.LastUse.At = noon.Add(-time.Hour) })     // Alpha
		f.change(f.keys[3].ID, func(k *model.Key) { k.LastUse.At = noon.Add(-3 * time.Hour) }) // bravo
		f.change(f.keys[2].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })             // charlie
	}))
	for _, step := range []struct{ key, heading, status, rows string }{
		{"S", "CREATED ↑ ", "created, oldest first", "bravo charlie Alpha delta"},
		{"S", "CREATED ↓ ", "created, newest first", "delta Alpha charlie bravo"},
		{"s", "LAST USED ↓ ", "last used, most recent first", "Alpha bravo delta charlie"},
		{"S", "LAST USED ↑ ", "last used, never and longest ago first", "delta bravo Alpha charlie"},
		{"s", "EXPIRES ↑", "expires, soonest first", "delta Alpha charlie bravo"},
		{"S", "EXPIRES ↓", "expires, never and latest first", "bravo charlie Alpha delta"},
		{"s", "NAME ↑ ", "name, A to Z", "Alpha bravo charlie delta"},
		{"S", "NAME ↓ ", "name, Z to A", "delta charlie bravo Alpha"},
		{"s", "CREATED ↓ ", "created, newest first", "delta Alpha charlie bravo"},
	} {
		s.press(step.key)
		if !strings.Contains(s.lines()[2]+" ", step.heading) || strings.Count(s.lines()[2], "↓")+strings.Count(s.lines()[2], "↑") != 1 {
			t.Errorf("the headings are %q, not with %q", s.lines()[2], step.heading)
		}
		s.says("sorted by " + step.status)
		if got := strings.Join(s.names(), " "); got != step.rows {
			t.Errorf("sorted by %s the list is %s, not %s", step.status, got, step.rows)
		}
		if !strings.HasPrefix(s.lines()[3], " > ") {
			t.Errorf("the cursor left the top")
		}
	}
	s.press("j", "s") // elsewhere it stays on its key
	if !strings.HasPrefix(s.cursorRow(), "Alpha") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
}

// TestExpiryIsShownWhereItTells: if some key has an end, or the list is sorted by that.
func TestExpiryIsShownWhereItTells(t *testing.T) {
	s := start(t, three(t), size(120, 24))
	s.hides("EXPIRES")
	s.press("s", "s")
	s.shows("EXPIRES ↑", "never")
	s.press("s")
	s.hides("EXPIRES")
	s.fakes.change(s.fakes.keys[1].ID, func(k *model.Key) { k.ExpiresAt = noon.Add(40 * day) })
	s.after(time.Second)
	s.shows("EXPIRES", "2027-01-01")
}

// TestSortedColumnNeverFolds: what the list is sorted by is on the screen at every width.
func TestSortedColumnNeverFolds(t *testing.T) {
	s := start(t, fleet(t), with(func(f *fakes) {
		f.change(f.keys[2].ID, func(k *model.Key) { k.ExpiresAt = noon.Add(day) })
		f.change(f.keys[3].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })
	}))
	for range sortWalk {
		for w := minWidth; w <= 120; w++ {
			s.app.width = w
			s.check()
			head := s.lines()[2]
			if strings.Count(head, "↓")+strings.Count(head, "↑") != 1 || !strings.Contains(head, "NA") {
				t.Fatalf("sorted by %s at %d columns the headings are %q", s.app.list.asked.order.By, w, head)
			}
		}
		s.press("s")
	}
}

// TestHeaderFolds: what must not be overlooked stays longest, whole or not at all.
func TestHeaderFolds(t *testing.T) {
	s := start(t, fleet(t), size(100, 12))
	s.press("/")
	s.burst("dev")
	s.press("enter", " ", " ", "/", "ctrl+u")
	s.burst("ci-")
	s.press("enter")
	for _, c := range []struct {
		w    int
		want string
	}{
		{100, "12 keys · 11 stale · 2 marked, 2 hidden"}, {50, "12 keys · 2 marked, 2 hidden"}, {43, "12 · 2 marked, 2 hidden"}, {36, "2 marked, 2 hidden"},
		{20, "2 marked"},
	} {
		s.app.width = c.w
		s.check()
		s.heads(c.want)
	}
	s.press("esc", "esc", "/")
	s.burst("ci-")
	s.press("enter")
	for _, c := range []struct {
		w    int
		want string
	}{{100, "12 keys · 11 stale"}, {30, "3 of 12 keys"}, {20, "3 of 12"}} {
		s.app.width, s.app.height = c.w, 12
		if c.w < 100 {
			s.app.height = 11
		}
		s.check()
		s.heads(c.want)
	}
}

func TestCountsAreGrouped(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1 000", 12345: "12 345", 100_000: "100 000", 1_000_000: "1 000 000", -1234: "-1 234", -123: "-123",
	} {
		if got := count(n); got != want {
			t.Errorf("%d is written %q, not %q", n, got, want)
		}
	}
}

// TestHelpNamesEverythingOfTheList: also what the footer has no room for.
func TestHelpNamesEverythingOfTheList(t *testing.T) {
	s := start(t, fleet(t), size(72, 60))
	s.press("?")
	for _, text := range []string{
		"space", "mark", "a ", "mark all that are shown", "A ", "turn the marks round", "/ ", "filter", "s ", "sort", "S ", "turn the order round",
		"! ", "only the stale keys",
	} {
		s.shows(text)
	}
}

// TestMarksAreTold: what many marks became stands in the status line, and nothing older does.
func TestMarksAreTold(t *testing.T) {
	s := start(t, fleet(t))
	for _, step := range []struct{ key, says string }{
		{"a", "marked all 12 that are shown"},
		{"A", "turned the marks round of all 12 that are shown"},
		{"A", "turned the marks round of all 12 that are shown"},
		{"esc", "cleared the marks of 12 keys"},
	} {
		s.press(step.key)
		s.says(step.says)
	}
}
