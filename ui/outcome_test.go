package ui

import (
	"fmt"
	"testing"
	"time"

	"clavier/model"
)

// TestUnknownOutcomes: the dialog keeps what was typed and says so, and the list is read again.
func TestUnknownOutcomes(t *testing.T) {
	lost := fmt.Errorf("keys.example.com: %w", model.ErrOutcomeUnknown)
	w := &away{}
	s := start(t, three(t), w.service)
	s.fakes.fail("create", lost)
	s.press("n")
	s.typed("mine")
	s.fakes.add(t, "mine", 0)
	s.press("enter")
	s.shows("Name: mine", "no answer told whether the key was made: the list is read again and shows it", "4 keys")
	s.fakes.fail("create", nil)
	s.press("enter")
	s.shows("another key of this profile has this name", "Name: mine")
	s.press("esc", "g")

	s.fakes.fail("delete", lost)
	s.press("d")
	s.typed("mine")
	s.press("enter")
	s.shows("no answer told whether it was deleted: the list is read again and shows it", "Name: mine", "4 keys")
	s.fakes.remove(s.idOf("mine"))
	s.after(time.Second)
	s.shows("mine is gone: it was deleted")
	s.press("esc")

	s.fakes.fail("rotate", lost)
	s.toGuide()
	s.press("enter")
	s.shows("no answer told whether the key was made: the guide goes on if it was", "production 2026-11")
	s.press("esc")

	s.fakes.fail("rotate", nil)
	s.toGuide()
	s.press("enter")
	s.after(time.Second)
	s.fakes.fail("end", lost)
	s.press("e")
	s.typed("24h")
	s.press("enter")
	s.shows("no answer told whether it was given an end", "Time: 24h")
}

// TestDeletingOverASlowService can be given up, and the list shows what came of it.
func TestDeletingOverASlowService(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.hold("delete")
	s.press("d")
	s.typed("production")
	s.press("enter")
	s.spin()
	s.says("/ deleting production · esc cancels")
	s.press("esc")
	s.await("cancelled; the list shows whether it was deleted")
	s.shows("Name: production")
}

// TestBulkTellsOfEachOutcome, and stops where it would only wait.
func TestBulkTellsOfEachOutcome(t *testing.T) {
	w := &away{}
	s := start(t, numbered(t, 3), w.service)
	s.fakes.fail("delete", fmt.Errorf("keys.example.com: %w", model.ErrOutcomeUnknown))
	s.bulk()
	s.paste("delete 3 keys")
	s.press("enter")
	s.after(settle)
	s.shows("Deleted 0 of 3 keys · 3 not known", "not known: no answer told whether it was deleted", "[ enter retries 3 failed ]")
	s.fakes.gone("key-02")
	s.after(time.Second)
	s.shows("2 not known · 1 already gone")
	s.fakes.fail("delete", nil)
	s.press("enter")
	s.shows("Deleted 2 of 3 keys")

	w = &away{}
	s = start(t, numbered(t, 40), w.service)
	s.fakes.fails(unreachable())
	s.bulk()
	s.paste("delete 40 keys")
	s.press("enter")
	s.after(settle)
	if n := s.fakes.called("delete"); n < lostMost || n > lostMost+bulkWorkers {
		t.Errorf("%d keys were tried to be deleted", n)
	}
	s.shows("stopped")
	s.says(offlineLine)
	s.press("enter")
	s.says(offlineLine)
}
