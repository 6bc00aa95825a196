package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

func TestBulkDelete(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-2", "team-4", "team-5")
	hint := s.fakes.named("team-4")[0].Hint
	s.shows("Delete 3 keys?", "Whatever sends these keys stops working at once. This cannot be undone.",
		"NAME KEY CREATED LAST USED", "> team-2", "team-4  "+hint+"  2026-10-13 12:00  never", "team-5",
		"Type this to delete them: delete 3 keys", "[ delete ] waits for the exact sentence")
	s.press("enter")
	s.says("type the exact sentence first: delete 3 keys")
	s.typed("delete 3 keys")
	s.shows("Sentence: delete 3 keys", "[ enter deletes 3 keys for good ]")
	s.press("enter")
	s.shows("Deleted 3 of 3 keys", "team-2  deleted", "team-4  deleted", "team-5  deleted", "3 keys")
	s.press("enter")
	s.says("nothing has failed")
	s.clock.advance(settle)
	s.press("esc")
	if got := s.live(); got != "team-1 team-3 team-6" || s.app.top() != nil {
		t.Errorf("left are %s:\n%s", got, s.text())
	}
	if got := fmt.Sprint(s.names()); got != "[team-1 team-3 team-6]" || len(s.marked()) != 0 {
		t.Errorf("the list is %s, marked are %v", got, s.marked())
	}
	s.press("3")
	for _, name := range []string{"team-2", "team-4", "team-5"} {
		s.shows("deleted  " + name)
	}
	s.hides("deleted  team-1")
}

func TestBulkDeleteOfOne(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-6")
	s.shows("Delete 1 key?", "Type this to delete them: delete 1 key")
	s.typed("delete 1 keys")
	s.shows("waits for the exact sentence")
	s.press("backspace", "enter")
	s.shows("Deleted 1 of 1 key")
}

func TestKeepTheMarkedKeys(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2")
	s.typed("delete 2 keys")
	s.press("esc")
	if s.app.top() != nil || s.fakes.called("delete") != 0 || len(s.marked()) != 2 {
		t.Error("esc does not keep the keys and their marks")
	}
	s.press("d", "enter")
	s.shows("[ delete ] waits for the exact sentence")
}

// TestBulkGuardedKeys: one in use, one protected, one both.
func TestBulkGuardedKeys(t *testing.T) {
	guarded := func() *screen {
		s := start(t, crew(t, "prod-a", "prod-b"), with(func(f *fakes) { f.used("team-3", 2*day); f.used("prod-b", time.Minute) }))
		s.bulk()
		return s
	}
	s := guarded()
	s.shows("Delete 8 keys?", "3 of them are in use or protected: confirm each, or leave it out.",
		"> team-3  in use", "prod-a  protected", "prod-b  in use, protected", "team-3 was used 2d ago. Type its name to delete it too: team-3")
	if row := s.cursorRowInDialog(); !strings.HasPrefix(row, "team-3") {
		t.Errorf("the cursor is on %s", row)
	}
	s.typed("delete 8 keys")
	s.press("enter")
	s.says("type the exact name first, or ctrl+x leaves the key out")
	for range len("delete 8 keys") {
		s.press("backspace")
	}
	s.typed("team-3")
	s.shows("[ enter confirms it ]")
	s.press("enter")
	s.shows("team-3  confirmed", "2 of them", "prod-a is protected. Type its name to delete it too: prod-a", "Name:")
	s.hides("Name: team")
	s.press("ctrl+x")
	s.shows("prod-a  left out", "Delete 7 keys?", "1 of them is in use or protected", "prod-b was used 1m ago and is protected.")
	s.typed("prod-b")
	s.press("enter")
	s.shows("Type this to delete them: delete 7 keys")
	s.typed("delete 7 keys")
	s.press("enter")
	s.shows("Deleted 7 of 7 keys")
	if got := s.live(); got != "prod-a" {
		t.Errorf("left are %s", got)
	}
	if got := fmt.Sprint(s.marked()); got != "[prod-a]" {
		t.Errorf("marked are %s", got)
	}

	s = guarded()
	s.press("ctrl+o")
	s.shows("Delete 5 keys?", "Type this to delete them: delete 5 keys", "team-3  left out", "prod-b  left out")
	s.press("ctrl+o")
	s.says("no key is left to be confirmed by itself")
	s.press("ctrl+home", "ctrl+x") // taken in, it must be confirmed as before
	s.shows("Delete 6 keys?", "team-3  in use", "Type its name to delete it too: team-3")
	s.press("ctrl+x", "down", "down", "down", "ctrl+x") // a key that is not guarded
	s.shows("Delete 4 keys?", "team-1  left out")
	s.press("ctrl+x", "ctrl+end", "ctrl+x")
	s.shows("Delete 4 keys?", "team-6  left out")
	s.typed("delete 4 keys")
	s.press("enter")
	if got := s.live(); got != "prod-a prod-b team-3 team-6" {
		t.Errorf("left are %s", got)
	}
}

// cursorRowInDialog is the row of the dialog's table that the cursor is on, without its marker.
func (s *screen) cursorRowInDialog() string {
	s.tb.Helper()
	for _, line := range s.lines() {
		if _, row, ok := strings.Cut(line, "│ > "); ok {
			return row
		}
		if row, ok := strings.CutPrefix(line, "> "); ok { // a low screen has no borders
			return row
		}
	}
	s.tb.Fatalf("no row is selected:\n%s", s.text())
	return ""
}

// TestBulkEverythingLeftOut: no sentence deletes no key.
func TestBulkEverythingLeftOut(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2")
	s.press("ctrl+x", "down", "ctrl+x")
	s.shows("Delete 0 keys?", "No key is left to delete: each one is left out or gone.", "[ delete ] has no key left")
	for _, typed := range []string{"", "delete 0 keys", "delete", "delete keys"} {
		s.typed(typed)
		s.press("enter")
		s.says("no key is left to delete")
		s.press("ctrl+u")
	}
	s.press("ctrl+x")
	s.shows("Delete 1 key?", "Type this to delete them: delete 1 key")
}

// TestT23OnlyTheExactSentenceDeletes types and pastes each wrong text and presses enter.
func TestT23OnlyTheExactSentenceDeletes(t *testing.T) {
	for about, typed := range map[string]string{
		"nothing": "", "case": "Delete 3 keys", "space after": "delete 3 keys ", "space before": " delete 3 keys", "two spaces": "delete  3 keys",
		"no-break space": "delete\u00a03 keys", "zero-width space": "delete 3\u200b keys", "Cyrillic e": "d\u0435lete 3 keys",
		"full-width digit": "delete \uff13 keys", "a part": "delete 3 key", "more": "delete 3 keyss", "another number": "delete 2 keys",
		"all keys": "delete 6 keys", "zeros": "delete 03 keys", "a word": "delete three keys", "a name": "team-1", "a mark more": "delete 3 keys\u0301",
		"a dot": "delete 3 keys.", "quoted": "\"delete 3 keys\"",
	} {
		for _, paste := range []bool{false, true} {
			s := start(t, crew(t))
			s.bulk("team-1", "team-2", "team-3")
			if paste {
				s.paste(typed)
			} else {
				s.typed(typed)
			}
			s.shows("[ delete ] waits for the exact sentence")
			s.press("enter")
			if s.fakes.called("delete") != 0 || s.app.bulkRunning() {
				t.Errorf("%s deletes", about)
			}
			s.says("type the exact sentence first: delete 3 keys")
		}
	}
}

// TestT23OnlyTheExactNameConfirms types each wrong text for a protected key and presses enter.
func TestT23OnlyTheExactNameConfirms(t *testing.T) {
	for about, typed := range map[string]string{
		"nothing": "", "case": "Prod-a", "space after": "prod-a ", "space before": " prod-a", "no-break space": "prod-a\u00a0", "zero-width space": "pr\u200bod-a",
		"Cyrillic o": "pr\u043ed-a", "a part": "prod-", "more": "prod-aa", "another key": "team-1", "another protected key": "prod-b",
		"the id": "0192f1c4-7b2e-7c3a-9d4e-000000000007", "the sentence": "delete 3 keys", "a mark more": "prod-a\u0301",
	} {
		s := start(t, crew(t, "prod-a", "prod-b"))
		s.bulk("team-1", "prod-a", "prod-b")
		s.shows("Type its name to delete it too: prod-a")
		s.paste(typed)
		s.press("enter")
		s.says("type the exact name first, or ctrl+x leaves the key out")
		s.shows("prod-a  protected")
		s.hides("  confirmed")
		if s.fakes.called("delete") != 0 {
			t.Errorf("%s deletes", about)
		}
	}
}

// TestT23UncertainNamesAreConfirmedByID: duplicates, also such that are not marked, and names that were escaped.
func TestT23UncertainNamesAreConfirmedByID(t *testing.T) {
	for about, names := range map[string][]string{
		"a duplicate":        {"prod", "prod"},
		"a duplicate in NFD": {"prod-caf\u00e9", "prod-cafe\u0301"},
		"an escaped name":    {"prod\u202ename"},
		"a control":          {"prod\x1b[2J"},
		"not UTF-8":          {"prod\xff"},
		"a space at an end":  {"prod "},
	} {
		s := start(t, crew(t, names...))
		key := s.fakes.named(names[0])[0]
		row, _ := s.app.list.table.Find(key.ID)
		s.app.list.table.SetMark(row, true)
		s.bulk("team-1")
		s.shows("This name cannot be typed with certainty, so the id is asked for.", "Type its id to delete it too: "+key.ID,
			"[ confirm ] waits for the exact id")
		s.paste(key.Name)
		s.press("enter")
		s.says("type the exact id first, or ctrl+x leaves the key out")
		s.press("ctrl+u")
		s.typed(key.ID)
		s.press("enter")
		s.typed("delete 2 keys")
		s.press("enter")
		if _, ok := s.app.list.table.Find(key.ID); ok || s.fakes.called("delete") != 2 {
			t.Errorf("%s: the id does not confirm:\n%s", about, s.text())
		}
	}
}

func TestT23NormalisedNameConfirms(t *testing.T) {
	for _, typed := range []string{"prod-caf\u00e9", "prod-cafe\u0301"} {
		s := start(t, crew(t, "prod-caf\u00e9"))
		s.bulk("prod-caf\u00e9")
		s.paste(typed)
		s.press("enter")
		s.shows("confirmed", "delete 1 key")
	}
}

// TestT23BulkTypedAheadIsHarmless: what was typed or pasted before the dialog was there.
func TestT23BulkTypedAheadIsHarmless(t *testing.T) {
	for _, names := range [][]string{{"team-1", "team-2"}, {"team-1", "prod-a"}} {
		s := start(t, crew(t, "prod-a"))
		s.bulk(names...)
		s.press("enter", "enter", " ", "enter")
		s.burst("jjj")
		s.press("enter")
		s.paste("\r\n")
		s.paste("y\n")
		s.paste("delete 2 keys\nteam-1\n")
		s.press("enter", "tab", "delete", "enter")
		s.burst("dddd")
		s.press("enter")
		if s.fakes.called("delete") != 0 || s.app.bulkRunning() {
			t.Errorf("%v: a key was deleted:\n%s", names, s.text())
		}
	}
	s := start(t, crew(t))
	s.mark("team-1", "team-2")
	s.burst("ddelete 2 keys")
	s.shows("[ enter deletes 2 keys for good ]")
	if s.fakes.called("delete") != 0 {
		t.Error("a key was deleted without enter")
	}
}

// TestT23PastedSentence: a paste may end in a line break, which is no enter.
func TestT23PastedSentence(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2")
	s.paste("delete 2 keys\n")
	s.shows("[ enter deletes 2 keys for good ]")
	if s.fakes.called("delete") != 0 {
		t.Error("a paste deletes")
	}
	s.press("enter")
	s.shows("Deleted 2 of 2 keys")
}

// swarm is very many keys, of which nothing warns.
func swarm(n int) func(*setup) {
	return with(func(f *fakes) {
		f.keys = make([]model.Key, n)
		for i := range f.keys {
			f.keys[i] = model.Key{
				ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", i), Name: fmt.Sprintf("key-%06d", i), Hint: "clv_…9f3Q",
				CreatedAt: noon.Add(-time.Duration(i) * time.Minute), LastUse: model.LastUse{Reported: true},
			}
		}
	})
}

// TestBulkScrolls through very many keys on the smallest screen and on a large one.
func TestBulkScrolls(t *testing.T) {
	const count = bulkAtOnce / 2
	for _, sz := range [][2]int{{20, 5}, {80, 24}} {
		s := start(t, size(sz[0], sz[1]), swarm(count))
		s.bulk()
		for _, c := range []struct {
			key  string
			want int
		}{{"down", 1}, {"up", 0}, {"up", 0}, {"ctrl+end", count - 1}, {"down", count - 1}, {"ctrl+home", 0}} {
			s.press(c.key)
			if row, want := s.cursorRowInDialog(), fmt.Sprintf("key-%06d", c.want); !strings.HasPrefix(row, want) {
				t.Errorf("%v: after %s the cursor is on %q and not on %s", sz, c.key, row, want)
			}
		}
		s.press("pgdown", "pgdown", "pgup", "pgup")
		if row := s.cursorRowInDialog(); !strings.HasPrefix(row, "key-000000") {
			t.Errorf("%v: paging there and back ends on %q", sz, row)
		}
		seen := map[string]bool{}
		pages := 3*s.app.top().(*bulkDialog).rows + 3
		for range pages {
			name, _, _ := strings.Cut(s.cursorRowInDialog(), " ")
			seen[name] = true
			s.press("down")
		}
		if len(seen) != pages {
			t.Errorf("%v: %d of %d names can be seen", sz, len(seen), pages)
		}
	}
}

// TestBulkNamesWhatTheFilterHides: a mark that cannot be seen is deleted too, so it is named, after those that can.
func TestBulkNamesWhatTheFilterHides(t *testing.T) {
	s := start(t, crew(t))
	s.mark("team-1", "team-5", "team-3")
	s.press("/")
	s.typed("m-5")
	s.press("enter")
	s.shows("3 marked, 2 hidden")
	s.press("d")
	s.shows("Delete 3 keys?")
	for i, name := range []string{"team-5", "team-1", "team-3"} {
		if i > 0 {
			s.press("down")
		}
		if row := s.cursorRowInDialog(); !strings.HasPrefix(row, name) {
			t.Errorf("row %d is %q and not %s", i, row, name)
		}
	}
}
