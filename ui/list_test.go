package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

const day = 24 * time.Hour

// three is a list of keys for tests: production (newest), staging, ci-2024.
func three(tb testing.TB) func(*setup) {
	return with(func(f *fakes) {
		f.add(tb, "ci-2024", 1000*day)
		f.add(tb, "staging", 20*day)
		f.add(tb, "production", 2*time.Hour)
	})
}

// names are the rows of the list from top to bottom, each without its marker and cut at the first double space.
func (s *screen) names() []string {
	var names []string
	for _, line := range s.lines()[3:] {
		if line == "" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimLeft(line, " >*"), "  ")
		names = append(names, name)
	}
	return names
}

func TestListNewestFirst(t *testing.T) {
	s := start(t, three(t))
	if got := fmt.Sprint(s.names()); got != "[production staging ci-2024]" {
		t.Errorf("the list is %s", got)
	}
	s.shows("NAME        KEY        CREATED ↓         AGE   LAST USED",
		"2026-11-22 10:00  2h    never", "2026-11-02 12:00  20d   never", "2024-02-26 12:00  2y    never")
	s.shows(s.fakes.keys[0].Hint)
	if row := s.cursorRow(); !strings.HasPrefix(row, "production") {
		t.Errorf("the program opens on %q", row)
	}
}

func TestLastUseWordsInTheList(t *testing.T) {
	s := start(t, three(t), with(func(f *fakes) {
		f.change(f.keys[0].ID, func(k *model.Key) { k.LastUse = model.LastUse{Reported: true, At: noon.Add(-2 * time.Minute)} })
		f.change(f.keys[1].ID, func(k *model.Key) { k.LastUse = model.LastUse{} })
	}))
	for name, word := range map[string]string{"production": "2m ago", "staging": "not reported", "ci-2024": "never"} {
		for _, line := range s.lines() {
			if strings.Contains(line, name+" ") && !strings.Contains(line+"  ", "  "+word+"  ") {
				t.Errorf("%q does not say %q", line, word)
			}
		}
	}
}

func TestStatusColumnOnlyWhereItTells(t *testing.T) {
	s := start(t, three(t), size(120, 24))
	s.hides("STATUS", "active")
	s.fakes.change(s.fakes.keys[1].ID, func(k *model.Key) { k.Disabled = true })
	s.fakes.change(s.fakes.keys[2].ID, func(k *model.Key) { k.ExpiresAt = noon.Add(2 * time.Second) })
	s.after(time.Second)
	s.shows("STATUS", "disabled")
	s.hides("expired", "active")
	s.after(time.Second)
	s.shows("expired")
}

// TestColumnsFoldByPriority: age goes first, then the hint, last use, the status; name and created never do.
func TestColumnsFoldByPriority(t *testing.T) {
	s := start(t, size(120, 24), with(func(f *fakes) {
		f.add(t, "a-name-of-20-letters", day)
		f.change(f.keys[0].ID, func(k *model.Key) { k.Disabled = true })
	}))
	order := []string{"AGE", "KEY", "LAST USED", "STATUS"}
	gone := 0
	for w := 120; w >= minWidth; w-- {
		s.app.width = w
		s.check()
		head := s.lines()[2]
		if !strings.Contains(head, "NAME") || !strings.Contains(head, "CREATED") {
			t.Fatalf("at %d columns the headings are %q", w, head)
		}
		for gone < len(order) && !strings.Contains(head, order[gone]) {
			gone++
		}
		for _, column := range order[gone:] {
			if !strings.Contains(head, column) {
				t.Errorf("at %d columns %s folds before %s", w, column, order[gone])
			}
		}
		if row := s.cursorRow(); !strings.HasPrefix(row, "a-n") || !strings.Contains(row, "2026-11-21") {
			t.Errorf("at %d columns the row is %q", w, row)
		}
	}
	if gone != len(order) {
		t.Errorf("at %d columns %v are still there", minWidth, order[gone:])
	}
}

func TestMoving(t *testing.T) {
	s := start(t, size(80, 15), with(func(f *fakes) { // 15 rows: 9 of them list
		for i := range 40 {
			f.add(t, fmt.Sprintf("key-%02d", 40-i), time.Duration(41-i)*time.Hour)
		}
	}))
	page := s.app.listRows()
	if page != 9 {
		t.Fatalf("%d rows are visible", page)
	}
	for _, step := range []struct {
		keys string
		want int
	}{
		{"k", 1}, {"j", 2}, {"down", 3}, {"j down j", 6}, {"up", 5}, {"k", 4}, {"G", 40}, {"j", 40}, {"down", 40}, {"g", 1}, {"end", 40}, {"home", 1},
		{"ctrl+d", 5}, {"ctrl+d", 9}, {"ctrl+u", 5}, {"pgdown", 14}, {"ctrl+f", 23}, {"pgup", 14}, {"ctrl+b", 5}, {"pgup", 1}, {"pgup", 1},
		{"G", 40}, {"pgdown", 40}, {"ctrl+u", 36},
	} {
		s.press(strings.Fields(step.keys)...)
		if want := fmt.Sprintf("key-%02d ", step.want); !strings.HasPrefix(s.cursorRow(), want) {
			t.Fatalf("after %s the cursor is on %q, not %s", step.keys, s.cursorRow(), want)
		}
		if n := len(s.names()); n != page {
			t.Fatalf("after %s, %d rows are filled", step.keys, n)
		}
	}
	s.press("g")
	s.burst("jjj")
	if !strings.HasPrefix(s.cursorRow(), "key-04") {
		t.Errorf("after jjj in one read the cursor is on %q", s.cursorRow())
	}
	s.burst("Gkk")
	if !strings.HasPrefix(s.cursorRow(), "key-38") {
		t.Errorf("after Gkk in one read the cursor is on %q", s.cursorRow())
	}
}

func TestAnotherProgramsChangeShows(t *testing.T) {
	s := start(t, three(t))
	s.press("j")
	s.fakes.add(t, "made-elsewhere", time.Minute)
	s.hides("made-elsewhere")
	s.after(time.Second)
	s.shows("made-elsewhere", "4 keys")
	if !strings.HasPrefix(s.cursorRow(), "staging") {
		t.Errorf("the cursor went from staging to %q", s.cursorRow())
	}
	reads := s.fakes.called("list")
	s.after(time.Second)
	s.after(time.Second)
	if s.fakes.called("list") != reads {
		t.Error("the keys are read although nothing has changed")
	}
	s.fakes.remove(s.fakes.keys[0].ID)
	s.after(time.Second)
	s.hides("made-elsewhere")
	if !strings.HasPrefix(s.cursorRow(), "staging") {
		t.Errorf("the cursor went from staging to %q", s.cursorRow())
	}
	s.fakes.remove(s.fakes.keys[1].ID)
	s.after(time.Second)
	if !strings.HasPrefix(s.cursorRow(), "ci-2024") {
		t.Errorf("the key under the cursor is gone, and the cursor is on %q", s.cursorRow())
	}
	s.fakes.remove(s.fakes.keys[1].ID)
	s.after(time.Second)
	if !strings.HasPrefix(s.cursorRow(), "production") {
		t.Errorf("the last key is gone, and the cursor is on %q", s.cursorRow())
	}
}

// TestCursorRowStaysInPlace: what is added above scrolls the list, so that the row under the eyes does not jump.
func TestCursorRowStaysInPlace(t *testing.T) {
	s := start(t, size(80, 15), with(func(f *fakes) {
		for i := range 40 {
			f.add(t, fmt.Sprintf("key-%02d", 40-i), time.Duration(41-i)*time.Hour)
		}
	}))
	s.press("pgdown", "pgdown", "k", "k")
	row := func() int {
		for y, line := range s.lines() {
			if strings.HasPrefix(line, " > ") {
				return y
			}
		}
		return -1
	}
	before := row()
	s.fakes.add(t, "newer", time.Minute)
	s.after(time.Second)
	if row() != before {
		t.Errorf("the cursor's row went from %d to %d", before, row())
	}
}

func TestChangeDuringAReadingIsSeenNextTime(t *testing.T) {
	s := start(t, three(t))
	s.fakes.add(t, "first", time.Minute)
	s.hold("list")
	s.after(time.Second)
	s.fakes.add(t, "second", time.Second)
	s.after(time.Second) // one reading at a time
	if n := s.fakes.called("list"); n != 2 {
		t.Errorf("%d readings", n)
	}
	s.release("list")
	s.after(time.Second)
	s.shows("first", "second")
}

func TestProviderThatCannotBeWatched(t *testing.T) {
	s := start(t, onlyBasics, three(t))
	s.fakes.add(t, "made-elsewhere", time.Minute)
	s.after(time.Second)
	s.hides("made-elsewhere")
	s.press("ctrl+r")
	s.shows("made-elsewhere")
}

func TestHostileNamesInTheList(t *testing.T) {
	s := start(t, size(120, 24), with(func(f *fakes) {
		f.add(t, "evil\x1b[2J\u202ename", time.Hour)
		f.add(t, "line\nbreak", 2*time.Hour)
		f.change(f.keys[0].ID, func(k *model.Key) { k.Hint = "clv_\x1b]0;x\a" })
	}))
	s.shows("evil⟨U+001B⟩[2J⟨U+202E⟩name", "line⟨U+000A⟩break", "clv_⟨U+001B⟩]0;x⟨U+0007⟩")
}

// TestWideNamesKeepTheColumns: the columns start in the same cell whatever the widths of the names.
func TestWideNamesKeepTheColumns(t *testing.T) {
	names := []string{"plain", "日本語のキー", "ключ", "🔑 key", "cafe\u0301", "กำ", strings.Repeat("鍵", 40)}
	s := start(t, size(100, 24), with(func(f *fakes) {
		for i, name := range names {
			f.add(t, name, time.Duration(i)*time.Hour)
		}
	}))
	for w := minWidth; w < 140; w += stride() {
		s.app.width = w
		s.check()
		at := -1
		for _, line := range s.lines()[3 : 3+len(names)] {
			before, _, _ := strings.Cut(line, "2026-11-2")
			cell := width(before)
			if at >= 0 && cell != at {
				t.Fatalf("at %d columns, created starts in cells %d and %d:\n%s", w, at, cell, s.text())
			}
			at = cell
		}
	}
}

func TestCutNamesSaySo(t *testing.T) {
	s := start(t, size(40, 12), with(func(f *fakes) { f.add(t, strings.Repeat("long-", 12), time.Hour) }))
	if row := s.cursorRow(); !strings.Contains(row, "…") {
		t.Errorf("the row is %q", row)
	}
}
