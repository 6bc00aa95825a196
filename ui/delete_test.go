package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

func TestDelete(t *testing.T) {
	s := start(t, three(t))
	key := s.fakes.keys[0]
	s.press("d")
	s.shows("Delete production?", "Whatever sends this key stops working at once. This cannot be undone.",
		"Key        "+key.Hint, "Created    2026-11-22 10:00, 2h old", "Last used  never", "Type the name to delete it: production",
		"[ delete ] waits for the exact name")
	s.press("enter")
	s.says("type the exact name first")
	s.typed("productio")
	s.shows("Name: productio ") // the field is named: an underline cannot be seen everywhere
	s.press("enter")
	s.shows("[ delete ] waits for the exact name")
	s.typed("n")
	s.shows("[ enter deletes it for good ]")
	s.press("enter")
	s.says("deleted production for good")
	s.shows("2 keys")
	if got := fmt.Sprint(s.names()); got != "[staging ci-2024]" {
		t.Errorf("the list is %s", got)
	}
	if s.fakes.called("delete") != 1 {
		t.Error("delete was not called once")
	}
}

func TestKeepTheKey(t *testing.T) {
	s := start(t, three(t))
	s.press("d")
	s.typed("production")
	s.press("esc")
	if s.app.top() != nil || s.fakes.called("delete") != 0 {
		t.Error("esc does not keep the key")
	}
	s.press("d", "enter")
	s.shows("[ delete ] waits for the exact name")
}

// TestT23OnlyTheExactNameDeletes types each wrong text and presses enter.
func TestT23OnlyTheExactNameDeletes(t *testing.T) {
	for about, typed := range map[string]string{
		"nothing": "", "case": "Production", "space after": "production ", "space before": " production",
		"no-break space": "production\u00a0", "zero-width space": "prod\u200buction", "Cyrillic o": "pr\u043eduction",
		"a part": "productio", "more": "production1", "another key": "staging", "the id": "0192f1c4-7b2e-7c3a-9d4e-000000000003",
		"a mark more": "production\u0301",
	} {
		for _, paste := range []bool{false, true} {
			s := start(t, three(t))
			s.press("d")
			if paste {
				s.paste(typed)
			} else {
				s.typed(typed)
			}
			s.shows("[ delete ] waits for the exact name")
			s.press("enter")
			if s.fakes.called("delete") != 0 {
				t.Errorf("%s deletes", about)
			}
			s.says("type the exact name first")
		}
	}
}

func TestT23NormalisedNameDeletes(t *testing.T) {
	for _, typed := range []string{"caf\u00e9", "cafe\u0301"} {
		s := start(t, with(func(f *fakes) { f.add(t, "caf\u00e9", time.Hour) }))
		s.press("d")
		s.typed(typed)
		s.press("enter")
		s.shows("No API keys yet")
	}
}

// TestT23TypedAheadIsHarmless: keys that were typed before the dialog was there.
func TestT23TypedAheadIsHarmless(t *testing.T) {
	s := start(t, three(t))
	s.burst("d")
	s.press("enter", "enter", " ", "enter", "y", "enter")
	if s.fakes.called("delete") != 0 {
		t.Error("a key was deleted")
	}
	s = start(t, three(t))
	s.burst("dproduction")
	s.shows("[ enter deletes it for good ]")
	if s.fakes.called("delete") != 0 {
		t.Error("a key was deleted without enter")
	}
}

// TestT23UncertainNamesNeedTheID: duplicates and names that were escaped.
func TestT23UncertainNamesNeedTheID(t *testing.T) {
	for about, names := range map[string][]string{
		"a duplicate":        {"production", "production"},
		"a duplicate in NFD": {"caf\u00e9", "cafe\u0301"},
		"an escaped name":    {"evil\u202ename"},
		"a control":          {"a\x1b[2J"},
		"not UTF-8":          {"a\xff"},
		"empty":              {""},
		"a space at an end":  {"a "},
	} {
		s := start(t, with(func(f *fakes) {
			for i, name := range names {
				f.add(t, name, time.Duration(i)*time.Hour)
			}
		}))
		key := s.fakes.keys[0]
		s.press("d")
		s.shows("This name cannot be typed with certainty, so the id is asked for:", key.ID, "[ delete ] waits for the exact id")
		s.typed(key.Name)
		s.press("enter")
		s.typed("x")
		for range 64 {
			s.press("backspace")
		}
		if s.fakes.called("delete") != 0 {
			t.Fatalf("%s: the name deletes", about)
		}
		s.typed(key.ID)
		s.shows("[ enter deletes it for good ]")
		s.press("enter")
		if _, ok := s.app.list.find(key.ID); ok || s.fakes.called("delete") != 1 {
			t.Errorf("%s: the id does not delete:\n%s", about, s.text())
		}
		if !strings.HasSuffix(s.status(), " for good") {
			t.Errorf("%s: the status is %q", about, s.status())
		}
	}
}

// TestT23NameBecomesUncertain: another program makes a key with the same name while the dialog is open.
func TestT23NameBecomesUncertain(t *testing.T) {
	s := start(t, three(t))
	key := s.fakes.keys[0]
	s.press("d")
	s.typed("production")
	s.shows("[ enter deletes it for good ]")
	s.fakes.add(t, "production", time.Minute)
	s.after(time.Second)
	s.shows("[ delete ] waits for the exact id", key.ID)
	s.press("enter")
	if s.fakes.called("delete") != 0 {
		t.Error("the name deletes although two keys have it")
	}
}

// TestDeleteAlreadyGone: the list is not up to date, and the provider says so.
func TestDeleteAlreadyGone(t *testing.T) {
	s := start(t, three(t))
	s.press("d")
	s.typed("production")
	s.fakes.remove(s.fakes.keys[0].ID)
	s.press("enter")
	s.says("production was already deleted by another program")
	s.hides("Delete production?", " production  ")
	s.shows("2 keys")
}

func TestFailedDeleteStaysOpen(t *testing.T) {
	s := start(t, three(t))
	s.fakes.fail("delete", fmt.Errorf("local.db: %w", model.ErrStoreBusy))
	s.press("d")
	s.typed("production")
	s.press("enter")
	s.shows("Delete production?", "local.db: the store is busy", "[ enter deletes it for good ]", "3 keys")
	s.fakes.fail("delete", errors.New("a\x1b[2Jb"))
	s.press("enter")
	s.shows("a⟨U+001B⟩[2Jb")
	s.fakes.fail("delete", nil)
	s.press("enter")
	s.says("deleted production for good")
}

func TestDeletingCannotBeAskedForTwice(t *testing.T) {
	s := start(t, three(t))
	s.hold("delete")
	s.press("d")
	s.typed("production")
	s.press("enter", "enter", "esc", "x", "enter")
	s.shows("Delete production?", "deleting …")
	s.spin()
	s.says("/ deleting production")
	s.release("delete")
	s.says("deleted production for good")
	if n := s.fakes.called("delete"); n != 1 {
		t.Errorf("delete was called %d times", n)
	}
}

// TestDeletingSurvivesTheTick: the list is read anew while the deletion is under way, and the key is already gone.
func TestDeletingSurvivesTheTick(t *testing.T) {
	s := start(t, three(t))
	s.hold("delete").deaf = true
	s.press("d")
	s.typed("production")
	s.press("enter")
	s.fakes.add(t, "newer", time.Minute)
	s.after(time.Second)
	s.shows("Delete production?", "deleting …", "4 keys")
	s.release("delete")
	s.says("deleted production for good")
}

func TestDeleteFromDetails(t *testing.T) {
	s := start(t, three(t))
	s.press("enter", "d")
	s.typed("production")
	s.press("enter")
	s.says("deleted production for good")
	if s.app.top() != nil {
		t.Error("the details of the deleted key are still open")
	}
	s.press("enter", "d", "esc")
	s.shows("Name       staging")
}

// TestKeyVanishesWhileItsNameIsTyped: the rest of what is typed must not act on the list.
func TestKeyVanishesWhileItsNameIsTyped(t *testing.T) {
	s := start(t, three(t))
	s.press("d")
	s.typed("pro")
	s.fakes.remove(s.fakes.keys[0].ID)
	s.after(time.Second)
	s.shows("Delete production?", "production was deleted by another program", "2 keys")
	s.typed("ductionq")
	s.press("enter")
	if s.fakes.called("delete") != 0 || s.quit {
		t.Error("what was typed did something")
	}
	s.shows("Delete production?")
	s.press("esc")
	if s.app.top() != nil {
		t.Error("esc does not leave")
	}
}

func TestDeleteOnALowScreen(t *testing.T) {
	s := start(t, three(t), size(20, 5))
	s.press("d")
	s.typed("production")
	s.shows("production")
	if c := s.app.Cursor(); !c.Visible {
		t.Error("the field cannot be seen")
	}
	s.press("enter")
	if s.fakes.called("delete") != 1 {
		t.Error("the key was not deleted")
	}
}
