package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// TestTryOneKey: every API gets the key once, and what each says stands beside it. A 401 makes the key dead, here and in the
// provider; unknown answers do not.
func TestTryOneKey(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders", "invoices", "flaky"), size(120, 24))
	o.answers["orders"] = answered(model.VerdictDead, 401, 88*time.Millisecond, "")
	o.answers["invoices"] = answered(model.VerdictDead, 401, 1204*time.Millisecond, "")
	o.answers["flaky"] = answered(model.VerdictUnknown, 503, 9*time.Millisecond, "it answered 503\x1b[2J")
	s.press("t")
	s.shows("Tried production against 3 APIs", "orders    dead       401     88 ms", "invoices  dead       401     1 204 ms", "flaky     unknown    503     9 ms",
		"2 dead · 1 unknown")
	s.press("j", "j")
	s.shows("flaky: it answered 503⟨U+001B⟩[2J")
	if len(o.batches) != 1 || len(o.kept) != 3 {
		t.Errorf("the answers of one key were kept in %d parts: %v", len(o.batches), o.kept)
	}
	for _, answer := range o.kept {
		if answer.KeyID != s.fakes.keys[0].ID || !answer.At.Equal(noon) {
			t.Errorf("an answer is kept as %+v", answer)
		}
	}
	s.press("esc")
	if row := s.cursorRow(); !strings.HasSuffix(row, "  dead") {
		t.Errorf("the row is %q", row)
	}
	s.heads("3 keys · 1 dead · 2 stale")
	s.press("enter")
	s.shows("Status     dead", "APIs       flaky: unknown 503 9 ms, 0s ago: it answered", "503⟨U+001B⟩[2J", "orders: dead 401 88 ms, 0s ago")
	delete(o.answers, "orders") // it is alive again
	s.press("t", "esc", "esc")
	if row := s.cursorRow(); strings.HasSuffix(row, "dead") {
		t.Errorf("the row is %q", row)
	}
}

// TestUnknownIsNeverDead: failures of servers and lines leave a key as it is.
func TestUnknownIsNeverDead(t *testing.T) {
	for _, c := range []struct {
		answer model.Answer
		want   string
	}{
		{answered(model.VerdictUnknown, 500, time.Millisecond, "a failure of the server"), "unknown    500"},
		{answered(model.VerdictUnknown, 0, 10*time.Second, "no answer within 10 s"), "unknown            10 000 ms"},
		{answered(model.VerdictUnknown, 302, time.Millisecond, "it answered with a redirect"), "unknown    302"},
	} {
		var o outside
		s := start(t, three(t), abroad(&o, "orders"))
		o.answers["orders"] = c.answer
		s.press("t")
		s.shows(c.want, "1 unknown", "orders: "+c.answer.Why)
		s.press("esc")
		s.hides("dead")
	}
}

// TestTryMarkedKeys: keys as rows, APIs as columns, four at a time, answers as they come.
func TestTryMarkedKeys(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders", "invoices"), size(120, 24))
	o.answers["staging orders"] = answered(model.VerdictDead, 401, 88*time.Millisecond, "")
	s.press("a")
	s.hold("try invoices")
	s.press("t")
	s.shows("Trying 3 keys against 2 APIs", "KEY", "orders", "invoices", "alive 200 143 ms", "dead 401 88 ms", "trying …", "3 of 6 · 1 dead · 2 alive")
	s.spin()
	s.release("try invoices")
	s.shows("Tried 3 keys against 2 APIs", "1 dead · 5 alive")
	if o.busiest > tryWorkers {
		t.Errorf("%d requests were under way at once", o.busiest)
	}
	want := []string{"ci-2024 invoices", "ci-2024 orders", "production invoices", "production orders", "staging invoices", "staging orders"}
	if slices.Sort(o.tried); !slices.Equal(o.tried, want) {
		t.Errorf("tried were %q", o.tried)
	}
	if len(o.batches) != 3 {
		t.Errorf("the answers were kept in %d parts", len(o.batches))
	}
	s.press("esc")
	s.hides("dead") // an alive answer that was given together decides
}

// TestTryIsFourAtATime and goes through all, however many.
func TestTryIsFourAtATime(t *testing.T) {
	var o outside
	s := start(t, with(func(f *fakes) {
		for i := range 30 {
			f.add(t, fmt.Sprintf("key-%02d", i), time.Hour)
		}
	}), abroad(&o, "orders"))
	s.press("a")
	s.hold("try")
	s.press("t")
	s.shows("0 of 30")
	if o.busy != 4 {
		t.Errorf("%d requests are under way", o.busy)
	}
	s.release("try")
	s.shows("Tried 30 keys against 1 API", "30 alive")
	if len(o.tried) != 30 || o.busiest != 4 {
		t.Errorf("%d were tried, %d at once", len(o.tried), o.busiest)
	}
	s.press("pgdown", "G", "g")
	s.shows("> key-")
}

// TestTryIsCancelled: nothing more is sent, and what was answered is kept.
func TestTryIsCancelled(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders", "invoices"))
	o.answers["orders"] = answered(model.VerdictDead, 401, time.Millisecond, "")
	s.press("a")
	s.hold("try invoices")
	s.press("t", "esc")
	for s.parked > 0 {
		s.next()
	}
	s.drain()
	s.shows("Tried 3 keys against 2 APIs", "not tried", "3 not tried")
	n := len(o.tried)
	s.press("esc")
	if s.app.top() != nil || len(o.tried) != n {
		t.Errorf("%d were tried after it was cancelled", len(o.tried)-n)
	}
	if len(o.kept) != 3 {
		t.Errorf("of three answers %d were kept", len(o.kept))
	}
	s.shows("dead")
	for _, answer := range o.kept {
		if answer.Verdict == model.VerdictUnknown {
			t.Error("a request that was given up is kept as an answer")
		}
	}
}

// TestTryAsksForThePassphrase first, and nothing is sent before.
func TestTryAsksForThePassphrase(t *testing.T) {
	var o outside
	secret := passphrase()
	s := start(t, three(t), abroad(&o, "orders"), with(func(f *fakes) { f.locked = secret }))
	s.press("t")
	s.shows("Unlock the identity")
	if len(o.tried) != 0 {
		t.Fatal("something was sent")
	}
	s.press("esc")
	if s.app.top() != nil {
		t.Fatal("esc does not leave it")
	}
	s.press("t")
	s.typed(secret)
	s.press("enter")
	s.shows("Tried production against 1 API", "alive")
}

// TestTryThatCannotBeSent: a secret that cannot be unsealed is said, and nothing is kept of it.
func TestTryThatCannotBeSent(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders"))
	s.press("t", "esc")
	s.fakes.fail("reveal", errors.New("the sealed secret\x1b[2J is damaged"))
	s.press("t")
	s.says("the sealed secret⟨U+001B⟩[2J is damaged")
	s.fakes.fail("reveal", nil)
	s.press("a", "t", "esc")
	s.fakes.panics["try"] = "inside"
	s.mayCrash = true
	s.press("t")
	s.shows("failed", "failed inside clavier")
	if len(o.kept) != 3 {
		t.Errorf("%d answers are kept", len(o.kept))
	}
}

// TestTryWhereNothingIsKept: the answers are there until the program ends.
func TestTryWhereNothingIsKept(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders"), func(s *setup) { s.options.Service = full{bare{s.fakes}} })
	s.press("t", "esc", "2")
	s.shows("alive      200     143 ms", "production")
}

func TestAnswersThatCannotBeKept(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders"))
	s.fakes.fail("keepAnswers", errors.New("the disk is full"))
	s.press("t")
	s.says("the answers could not be kept: the disk is full")
	s.shows("alive")
}

func TestTooManyKeysToTry(t *testing.T) {
	var o outside
	s := start(t, with(func(f *fakes) {
		for i := range tryMost + 1 {
			f.add(t, fmt.Sprintf("key-%03d", i), time.Hour)
		}
	}), abroad(&o, "orders"))
	s.press("a", "t")
	s.says("at most 100 keys are tried at once, and 101 are marked")
	if len(o.tried) != 0 {
		t.Error("some were tried")
	}
}

// TestTryOnANarrowScreen: what tells the rows apart stays longest.
func TestTryOnANarrowScreen(t *testing.T) {
	for w := 30; w <= 120; w++ {
		s := start(t, three(t), abroad(&outside{}, "orders", "invoices"), size(w, 12))
		s.press("t")
		s.shows("orders", "invoices", "alive")
		s = start(t, three(t), abroad(&outside{}, "orders"), size(w, 12))
		s.press("a", "t")
		s.shows("prod", "stag", "alive")
	}
}
