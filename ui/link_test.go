package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// offlineLine is what the reason for offline says.
const offlineLine = "offline: keys.example.com cannot be reached; ctrl+r tries again"

// TestRememberedListIsShownAtOnce, with its age, until the keys are there. Nothing of it can be changed before.
func TestRememberedListIsShownAtOnce(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(3*time.Hour), with(func(f *fakes) { f.add(t, "newer", time.Minute) }), w.service, shut("version"))
	s.listed("production", "staging", "ci-2024")
	s.shows("clavier  team · keys.example.com", "3 keys as of 3h ago")
	s.hides("offline")
	s.press("d")
	s.says("the keys are still being read: what is shown is as of earlier")
	s.press("j", " ", "d")
	s.says("the keys are still being read: what is shown is as of earlier")
	s.press("r")
	if s.app.top() != nil {
		t.Errorf("what is remembered can be changed:\n%s", s.text())
	}
	s.app.status = status{}
	s.release("version")
	s.listed("newer", "production", "staging", "ci-2024")
	s.hides("as of")
	s.shows("4 keys", "1 marked")
	if !strings.HasPrefix(s.cursorRow(), "ci-2024") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.press("esc", "d")
	s.shows("Delete ci-2024?", "[ delete ] waits for the exact name")
}

// TestRememberedListComesLate: what was read is newer, and a failure has waited for it.
func TestRememberedListComesLate(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(time.Hour), w.service, shut("remembered"))
	s.fakes.add(t, "newer", 0)
	s.shows("3 keys")
	s.after(time.Second)
	s.release("remembered")
	s.listed("newer", "production", "staging", "ci-2024")
	s.hides("as of")

	w = &away{}
	s = start(t, three(t), w.remembers(time.Hour), w.service, shut("remembered"), down(unreachable()))
	s.shows("The keys could not be read.", "ctrl+r tries again.")
	s.release("remembered")
	s.listed("production", "staging", "ci-2024")
	s.shows("3 keys as of 1h ago · offline")
	s.says(offlineLine)
}

// TestRememberedPart: a list that is not all there is says so; an empty one too; one that cannot be read is as good as none.
func TestRememberedPart(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(time.Hour), w.service, func(*setup) { w.memory.Total = 12345 }, down(unreachable()))
	s.shows("3 of 12 345 keys as of 1h ago · offline")

	w = &away{}
	s = start(t, w.remembers(time.Hour), w.service, down(unreachable()))
	s.shows("There was no key when keys.example.com was last reached.", "0 keys as of 1h ago · offline")

	w = &away{}
	s = start(t, three(t), w.remembers(time.Hour), w.service, down(unreachable()), with(func(f *fakes) { f.errs["remembered"] = errors.New("damaged") }))
	s.shows("The keys could not be read.", "keys.example.com: connection refused")
	s.hides("damaged", "production")
	s.press("n")
	s.says(offlineLine)
	reads := s.fakes.called("version")
	s.after(time.Minute)
	if s.fakes.called("version") != reads {
		t.Error("what was never read is read again without being asked for")
	}
	s.fakes.fails(nil)
	s.press("ctrl+r")
	s.listed("production", "staging", "ci-2024")
}

// TestOfflineDisablesWhatNeedsTheService, everywhere, with the reason; what only looks goes on.
func TestOfflineDisablesWhatNeedsTheService(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{unreachable(), offlineLine},
		{fmt.Errorf("keys: %w", model.ErrUnsure), "offline: keys.example.com is unsure of its keys; ctrl+r tries again"},
		{fmt.Errorf("keys: %w", model.ErrStoreAway), "offline: keys.example.com cannot reach its store; ctrl+r tries again"},
	} {
		w := &away{}
		s := start(t, three(t), w.remembers(time.Hour), w.service, down(c.err), handsOver(&ways{}, "orders"))
		s.shows("3 keys as of 1h ago · offline")
		s.says(c.want)
		for _, k := range []string{"n", "c", "d", "delete", "r", "t"} {
			s.app.status = status{}
			s.press(k)
			s.says(c.want)
			if s.app.top() != nil || strings.Contains(s.footer(), " "+k+" ") {
				t.Fatalf("%s can be pressed:\n%s", k, s.text())
			}
		}
		s.press("a", "d", "esc", "enter")
		for _, k := range []string{"v", "c", "d", "t"} {
			s.press(k)
			s.says(c.want)
		}
		s.shows("Name       production")
		s.app.width = 72 // no wider than the dialog
		s.press("esc", "?")
		if help := flow(s.text()); !strings.Contains(help, "new: "+c.want) {
			t.Errorf("help does not say why:\n%s", s.text())
		}
		s.press("esc", "/")
		s.burst("stag")
		s.press("enter")
		s.listed("staging")
		for _, method := range []string{"create", "delete", "reveal", "rotate"} {
			if s.fakes.called(method) > 0 {
				t.Errorf("%s was asked for", method)
			}
		}
	}
}

// TestOfflineInTheMiddle: what was loaded stays with its age, and all is well when the service is back.
func TestOfflineInTheMiddle(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.press("j", " ")
	s.after(time.Second)
	s.fakes.fails(unreachable())
	s.after(time.Second)
	s.says(offlineLine)
	s.shows("3 keys as of 1s ago · offline")
	s.press("n")
	if s.app.top() != nil {
		t.Error("a key can be made")
	}
	s.after(15 * time.Minute)
	s.shows("3 keys as of 15m ago · offline")
	s.says(offlineLine)
	s.fakes.add(t, "newer", 0)
	s.fakes.fails(nil)
	s.after(pauseMost)
	s.listed("newer", "production", "staging", "ci-2024")
	s.says("keys.example.com answers again")
	s.shows("4 keys", "1 marked")
	s.hides("as of", "offline")
	if !strings.HasPrefix(s.cursorRow(), "ci-2024") {
		t.Errorf("the cursor is on %q", s.cursorRow())
	}
	s.press("esc", "n")
	s.shows("New API key")
	if n := s.fakes.called("pages"); n != 1 {
		t.Errorf("all keys were read %d times", n)
	}
}

// TestOfflineIsAskedLessAndLess, every 15 s at last, and at once by ctrl+r; a question that hangs is the only one.
func TestOfflineIsAskedLessAndLess(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.fakes.fails(unreachable())
	var asked []int
	last := s.fakes.called("version")
	for second := range 60 {
		s.after(time.Second)
		if n := s.fakes.called("version"); n != last {
			asked, last = append(asked, second), n
		}
	}
	if fmt.Sprint(asked) != "[0 1 3 7 15 30 45]" {
		t.Errorf("the service is asked at %v", asked)
	}
	s.shows("3 keys as of 1m ago · offline") // since they were read
	s.press("ctrl+r")
	if s.fakes.called("version") == last {
		t.Error("ctrl+r does not ask at once")
	}
	s.says(offlineLine)
	last = s.fakes.called("version")
	s.after(time.Second)
	s.after(time.Second)
	if s.fakes.called("version") != last+2-1 {
		t.Errorf("after ctrl+r the pauses do not begin anew: %d", s.fakes.called("version")-last)
	}
	s.clock.advance(-24 * time.Hour)
	s.fakes.fails(nil)
	s.send(tickMsg{})
	s.says("keys.example.com answers again")

	s.hold("version")
	last = s.fakes.called("version")
	for range 30 {
		s.after(time.Second)
	}
	if n := s.fakes.called("version") - last; n != 1 {
		t.Errorf("%d questions wait for an answer", n)
	}
}

// TestOfflineRetryIsGivenUp by esc: it is as before.
func TestOfflineRetryIsGivenUp(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(time.Hour), w.service, down(unreachable()))
	s.hold("version")
	s.press("ctrl+r")
	s.spin()
	s.says("/ reading the keys · esc cancels")
	s.press("esc")
	for s.app.reading != nil {
		s.next()
	}
	s.drain()
	s.shows("3 keys as of 1h ago · offline")
	s.release("version")
	s.fakes.fails(nil)
	s.after(pauseMost)
	s.says("keys.example.com answers again")
	s.hides("as of")
}

// TestAnotherFailureIsNotOffline: it is told, and the service is asked less and less too.
func TestAnotherFailureIsNotOffline(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(time.Hour), w.service, down(unreachable()))
	s.fakes.fails(errors.New("keys.example.com: 500"))
	s.press("ctrl+r")
	s.says("keys.example.com: 500")
	s.shows("3 keys as of 1h ago")
	s.hides("offline")
	s.fakes.fail("version", nil)
	last := s.fakes.called("pages")
	for range 60 {
		s.after(time.Second)
	}
	if n := s.fakes.called("pages") - last; n < 3 || n > 8 {
		t.Errorf("a service that fails is asked for all keys %d times in a minute", n)
	}
	s.press("n")
	s.shows("New API key")
	s.press("esc", "d")
	s.says("what is shown is as of earlier; ctrl+r reads the keys")
}

// TestOpenDialogsOutliveTheConnection: what was typed stays, enter says why nothing happens, and works afterwards.
func TestOpenDialogsOutliveTheConnection(t *testing.T) {
	for about, c := range map[string]struct {
		open     func(*screen)
		kept     string
		method   string
		finished string
	}{
		"new":    {func(s *screen) { s.press("n"); s.typed("mine") }, "Name: mine", "create", "mine was created"},
		"delete": {func(s *screen) { s.press("d"); s.typed("production") }, "Name: production", "delete", "deleted production for good"},
		"rotate": {func(s *screen) { s.toGuide() }, "production 2026-11", "rotate", "production 2026-11 was made"},
		"bulk": {func(s *screen) {
			s.press("j", " ", "d")
			s.typed("delete 1 key")
		}, "delete 1 key", "delete", "Deleted 1 of 1 key"},
	} {
		w := &away{}
		s := start(t, three(t), w.service)
		c.open(s)
		s.fakes.fails(unreachable())
		s.after(time.Second)
		s.says(offlineLine)
		s.shows(c.kept)
		s.app.status = status{}
		s.press("enter")
		s.says(offlineLine)
		s.shows(c.kept, "offline: keys.example.com cannot be reached")
		if s.fakes.called(c.method) > 0 {
			t.Errorf("%s: the service was asked", about)
		}
		s.fakes.fails(nil)
		s.after(pauseMost)
		s.press("enter")
		s.after(time.Second)
		s.shows(c.finished)
	}
}

// TestRoleReadOnlyLooks: what changes keys is disabled with the reason, secrets can be had.
func TestRoleReadOnlyLooks(t *testing.T) {
	const why = "the token of this profile may read and not change keys"
	w := &away{role: model.RoleRead}
	s := start(t, three(t), w.service, handsOver(&ways{}, "orders"))
	for _, k := range []string{"n", "d", "r"} {
		s.app.status = status{}
		s.press(k)
		s.says(why)
	}
	s.press("a", "d")
	s.says(why)
	s.press("esc", "enter", "d")
	s.says(why)
	s.press("esc", "c")
	s.says("copied production · native (xclip) · clears in 45 s")
	s.press("t")
	s.shows("1 alive")
	if s.fakes.called("keepAnswers") != 0 {
		t.Error("answers are kept where nothing may be written")
	}

	w = &away{role: model.RoleRead}
	s = start(t, w.service)
	s.shows("No API keys yet: " + why + ".")
}

// TestRoleIsAskedAgain with every reading, and a failure keeps what is known.
func TestRoleIsAskedAgain(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service, with(func(f *fakes) { f.errs["role"] = errors.New("busy") }))
	s.press("n")
	s.hides("Role:")
	s.press("esc")
	s.fakes.fail("role", nil)
	s.press("ctrl+r", "n")
	s.shows("Role: use")
	s.press("esc")
	s.fakes.fail("role", errors.New("busy"))
	s.press("ctrl+r", "n")
	s.shows("Role: use")
}

// TestSealedToken: the passphrase is asked for, and the keys are read then; esc leaves a screen with ctrl+r.
func TestSealedToken(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service, down(fmt.Errorf("token: %w", model.ErrLocked)), with(func(f *fakes) { f.locked = "a" }))
	s.shows("Unlock the identity", "The token of this profile is sealed to an identity that is protected by a passphrase.")
	s.press("esc")
	s.shows("The keys could not be read.", "ctrl+r tries again.")
	s.after(time.Minute)
	if s.app.top() != nil {
		t.Error("it is asked for again by itself")
	}
	s.press("ctrl+r", "b", "enter")
	s.shows("wrong passphrase")
	s.fakes.fails(nil)
	s.press("a", "enter")
	s.listed("production", "staging", "ci-2024")

	w = &away{}
	s = start(t, three(t), w.remembers(time.Hour), w.service, down(fmt.Errorf("token: %w", model.ErrLocked)))
	s.press("esc")
	s.says("the token of this profile is sealed; ctrl+r asks for the passphrase")
	s.shows("3 keys as of 1h ago")
	s.hides("offline")
	s.after(time.Minute)
	s.press("n")
	s.says("the token of this profile is sealed; ctrl+r asks for the passphrase")
	if s.app.top() != nil {
		t.Error("a dialog has opened by itself")
	}
	s.hold("version")
	s.press("ctrl+r")
	s.spin()
	s.press("esc")
	for s.app.reading != nil {
		s.next()
	}
	s.drain()
	if s.app.top() != nil {
		t.Error("giving up asks for the passphrase")
	}
}

// TestTokenThatIsNotTaken: nobody sees what was remembered, and the screen says what to do.
func TestTokenThatIsNotTaken(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(time.Hour), w.service, down(fmt.Errorf("keys.example.com: %w", model.ErrToken)))
	s.shows("The keys could not be read.", "the key service does not take the token", "clavier profile token team", "ctrl+r tries again")
	s.hides("production", "as of")
	s.press("n")
	s.says("the token is not taken: clavier profile token team gives another")
	s.fakes.fails(nil)
	s.press("ctrl+r")
	s.listed("production", "staging", "ci-2024")
	s.fakes.fails(fmt.Errorf("keys.example.com: %w", model.ErrToken))
	s.after(time.Second)
	s.says("the token is not taken: clavier profile token team gives another")
	s.listed("production", "staging", "ci-2024")
	s.press("d")
	if s.app.top() != nil {
		t.Error("a key can be deleted")
	}
}

// TestOfflineReadsAtEverySize: at any width and height the age and the word stand there.
func TestOfflineReadsAtEverySize(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.remembers(3*time.Hour), w.service, down(unreachable()))
	for _, c := range []struct {
		w, h int
		head string
	}{
		{100, 30, " clavier  team · keys.example.com "}, {80, 24, " clavier  team · keys.example.com "}, {40, 12, " team · key….com as of 3h ago · offline "},
		{30, 9, " team · key… offline · 3h ago "}, {20, 5, " team ·… offline 3h "},
	} {
		s.app.width, s.app.height = c.w, c.h
		if line := s.lines()[0]; !strings.Contains(line, c.head) || !strings.Contains(line, "offline") || !strings.Contains(line, "3h") {
			t.Errorf("at %d x %d the header is %q", c.w, c.h, line)
		}
		if !strings.HasPrefix(s.status(), "offline") {
			t.Errorf("at %d x %d the status is %q", c.w, c.h, s.status())
		}
	}
	s.app.width, s.app.height = 40, 12
	s.press("?")
	if line := s.lines()[0]; !strings.HasPrefix(line, " team · key….com ") {
		t.Errorf("under a dialog the header is %q", line)
	}
}
