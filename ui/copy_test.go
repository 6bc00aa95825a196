package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/clip"
)

func TestCopy(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	if s.fakes.held() != s.fakes.secret(s.fakes.keys[0].ID) {
		t.Error("the clipboard does not hold the secret")
	}
	s.says("copied production · native (xclip) · clears in 45 s")
	s.after(time.Second)
	s.says("copied production · native (xclip) · clears in 44 s")
	s.after(43 * time.Second)
	s.says("copied production · native (xclip) · clears in 1 s")
	if s.fakes.called("clear") != 0 {
		t.Error("the clipboard was cleared too early")
	}
	s.after(time.Second)
	if s.fakes.held() != "" || s.fakes.called("clear") != 1 {
		t.Error("the clipboard was not cleared")
	}
	s.says("clipboard cleared")
	s.after(statusFor)
	s.says("")
	s.after(time.Minute)
	if n := s.fakes.called("clear"); n != 1 {
		t.Errorf("the clipboard was cleared %d times", n)
	}
	s.press("j", "y")
	s.says("copied staging · native (xclip) · clears in 45 s")
}

func TestCopyTellsWhatItKnows(t *testing.T) {
	colours(t)
	s := start(t, three(t), size(120, 24), with(func(f *fakes) {
		f.receipt = clip.Receipt{Way: clip.OSC52, Text: "terminal (OSC 52), unconfirmed", Note: "xclip did not answer"}
		f.cleared = clip.Cleared{Outcome: clip.Asked, Text: "terminal asked to clear, unconfirmed"}
	}))
	s.press("c")
	s.says("copied production · terminal (OSC 52), unconfirmed · clears in 45 s · xclip did not answer")
	if s.app.status.tone != toneWarning {
		t.Error("an unconfirmed copy reads like a confirmed one")
	}
	s.after(45 * time.Second)
	s.says("terminal asked to clear, unconfirmed")
}

func TestCopyWithoutClearing(t *testing.T) {
	s := start(t, three(t), clearAfter(0))
	s.press("c")
	s.says("copied production · native (xclip) · stays until something else is copied")
	s.after(time.Hour)
	if s.fakes.called("clear") != 0 || s.fakes.held() == "" {
		t.Error("the clipboard was cleared although that is switched off")
	}
	s.says("")
}

func TestNewerStatusOutlivesTheCountdown(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	s.after(time.Second)
	s.fakes.fail("delete", nil)
	s.press("p")
	s.says("this is the only profile; clavier profile add NAME makes another")
	s.after(statusFor)
	s.says("")
	s.after(45*time.Second - statusFor - time.Second)
	s.says("clipboard cleared")
}

// TestStatusLifetimes: an older end never wipes a newer text.
func TestStatusLifetimes(t *testing.T) {
	s := start(t, three(t))
	s.press("p")
	s.after(statusFor - time.Second)
	s.press("p")
	s.after(time.Second) // the end of the first
	s.says("this is the only profile; clavier profile add NAME makes another")
	s.after(statusFor - 2*time.Second)
	s.says("this is the only profile; clavier profile add NAME makes another")
	s.after(time.Second)
	s.says("")
}

// TestNewerCopyWins: whichever secret comes first, the clipboard holds the one that was asked for last.
func TestNewerCopyWins(t *testing.T) {
	for _, method := range []string{"reveal", "copy"} {
		s := start(t, three(t))
		s.hold(method)
		s.press("c", "j")
		s.fakes.mu.Lock()
		slow := s.fakes.gates[method]
		delete(s.fakes.gates, method)
		s.fakes.mu.Unlock()
		s.press("c")
		staging := s.fakes.secret(s.fakes.keys[1].ID)
		if s.fakes.held() != staging {
			t.Errorf("%s: the clipboard does not hold the newer secret", method)
		}
		close(slow.open)
		for slow.parked > 0 {
			s.next()
		}
		s.drain()
		if s.fakes.held() != staging {
			t.Errorf("%s: the slower, older copy has won", method)
		}
		s.says("copied staging · native (xclip) · clears in 45 s")
	}
}

// TestOlderClearDoesNotTakeTheNewerCopy: the time of the first copy comes while the second is on its way.
func TestOlderClearDoesNotTakeTheNewerCopy(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	s.after(44 * time.Second)
	s.hold("copy")
	s.press("j", "c")
	s.after(2 * time.Second)
	if s.fakes.called("clear") != 0 {
		t.Error("the clipboard is cleared while something newer is copied to it")
	}
	s.release("copy")
	s.says("copied staging · native (xclip) · clears in 45 s")
	if s.fakes.held() != s.fakes.secret(s.fakes.keys[1].ID) {
		t.Error("the clipboard does not hold the newer secret")
	}
	s.after(45 * time.Second)
	if s.fakes.held() != "" {
		t.Error("the newer copy was not cleared")
	}
}

// TestT18FailedNewerCopyStillClears: an older secret, and what a failed copy may have left, go when their time comes.
func TestT18FailedNewerCopyStillClears(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	s.fakes.fail("copy", errors.New("not copied: xclip did not answer"))
	s.press("j", "c")
	s.says("not copied: xclip did not answer")
	s.after(45 * time.Second)
	if s.fakes.held() != "" || s.fakes.called("clear") != 1 {
		t.Error("the older secret is still in the clipboard")
	}
}

// TestT18CopyInFlightIsClearedAtTheEnd: the program is left before the clipboard has answered.
func TestT18CopyInFlightIsClearedAtTheEnd(t *testing.T) {
	s := start(t, three(t))
	s.hold("copy").deaf = true
	s.press("c", "q")
	if !s.quit {
		t.Fatal("q does not leave")
	}
	g := s.fakes.gates["copy"]
	close(g.open)
	for g.parked > 0 || s.running > 0 { // Run waits for it, and Update sees no more messages
		if e := <-s.fakes.events; e.woken != nil {
			e.woken.parked--
			s.running++
		} else if e.done {
			s.running--
		}
	}
	if s.fakes.held() == "" {
		t.Fatal("nothing was copied")
	}
	s.app.clearAtEnd(t.Context())
	if s.fakes.held() != "" {
		t.Error("a secret stays in the clipboard for good")
	}
}

func TestT18ClearedAtTheEnd(t *testing.T) {
	for about, want := range map[string]int{"copied": 1, "nothing copied": 0, "cleared before": 1, "not to be cleared": 0} {
		change := clearAfter(45 * time.Second)
		if about == "not to be cleared" {
			change = clearAfter(0)
		}
		s := start(t, three(t), change)
		if about != "nothing copied" {
			s.press("c")
		}
		if about == "cleared before" {
			s.after(time.Minute)
		}
		s.app.clearAtEnd(t.Context())
		if n := s.fakes.called("clear"); n != want {
			t.Errorf("%s: cleared %d times", about, n)
		}
	}
}

func TestClearFails(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	s.fakes.fail("clear", errors.New("no \x1b[2Jdisplay"))
	s.after(45 * time.Second)
	s.says("the clipboard could not be cleared: no ⟨U+001B⟩[2Jdisplay")
	s.fakes.fail("clear", nil)
	s.app.clearAtEnd(t.Context())
	if s.fakes.held() != "" {
		t.Error("a clear that failed is not tried again at the end")
	}
}

func TestCopyFails(t *testing.T) {
	s := start(t, three(t))
	s.fakes.fail("copy", clip.ErrNone)
	s.press("c")
	s.says("nothing was copied")
	s.fakes.fail("copy", nil)
	s.fakes.fail("reveal", model.ErrUnseal)
	s.press("c")
	s.says("the sealed secret cannot be opened with this identity")
	if s.fakes.held() != "" {
		t.Error("something was copied")
	}
	s.fakes.fail("reveal", model.ErrNotFound)
	s.fakes.remove(s.fakes.keys[0].ID)
	s.press("c")
	s.says("no such key")
	s.hides("production")
}

func TestCopyGivenUp(t *testing.T) {
	for method, says := range map[string]string{"reveal": "gave up unsealing production", "copy": "copying was given up"} {
		s := start(t, three(t))
		s.hold(method)
		s.press("c")
		s.spin()
		if !strings.HasSuffix(s.status(), "ing production · esc cancels") {
			t.Errorf("the status is %q", s.status())
		}
		s.press("esc")
		s.await(says)
		s.says(says)
		if s.fakes.held() != "" {
			t.Error("something was copied")
		}
	}
}

func TestEmptySecretIsNotCopied(t *testing.T) {
	s := start(t, three(t))
	s.press("c")
	s.press("j")
	held := s.fakes.held()
	s.fakes.secrets[s.fakes.keys[1].ID] = model.Secret{}
	s.press("c")
	if s.fakes.held() != held || s.fakes.called("copy") != 1 {
		t.Error("an empty secret reached the clipboard")
	}
	s.says("staging has no secret to copy")
}

func TestLockedIdentity(t *testing.T) {
	right := passphrase()
	s := start(t, three(t), with(func(f *fakes) { f.locked = right }))
	s.press("c")
	s.shows("Unlock the identity", "Passphrase: ")
	s.press("enter")
	if s.fakes.called("unlock") != 0 {
		t.Error("an empty passphrase was tried")
	}
	s.typed("wrong")
	s.hides("wrong")
	s.shows("Passphrase: •••••")
	s.press("enter")
	s.shows("wrong passphrase", "Passphrase: ")
	s.hides("•")
	s.typed(right)
	s.hides("wrong passphrase", right)
	s.press("enter")
	s.hides("Unlock the identity")
	s.says("copied production · native (xclip) · clears in 45 s")
	if s.fakes.held() != s.fakes.secret(s.fakes.keys[0].ID) {
		t.Error("the clipboard does not hold the secret")
	}
	s.press("j", "c")
	s.says("copied staging · native (xclip) · clears in 45 s")
}

func TestLockedIdentityInDetails(t *testing.T) {
	right := passphrase()
	s := start(t, three(t), with(func(f *fakes) { f.locked = right }))
	s.press("enter", "v")
	s.paste(right + "\n")
	s.hold("unlock")
	s.press("enter")
	s.shows("unlocking …")
	s.press("enter", "x")
	s.release("unlock")
	s.shows(s.fakes.secret(s.fakes.keys[0].ID), "Hidden again in 30 s.")
	if n := s.fakes.called("unlock"); n != 1 {
		t.Errorf("unlocked %d times", n)
	}
}

func TestLeavingTheUnlockDialog(t *testing.T) {
	right := passphrase()
	s := start(t, three(t), with(func(f *fakes) { f.locked = right }))
	s.press("c", "esc")
	if s.app.top() != nil || s.quit {
		t.Error("esc does not leave the dialog alone")
	}
	s.press("c")
	s.typed(right)
	s.hold("unlock")
	s.press("enter", "esc")
	if s.app.top() != nil {
		t.Error("esc does not leave while unlocking")
	}
	s.fakes.mu.Lock()
	delete(s.fakes.gates, "unlock")
	s.fakes.mu.Unlock()
	if s.fakes.held() != "" {
		t.Error("something was copied")
	}
}

func TestUnlockFails(t *testing.T) {
	s := start(t, three(t), with(func(f *fakes) { f.locked = passphrase() }))
	s.fakes.fail("unlock", errors.New("the identity file is gone; put it back"))
	s.press("c", "x", "enter")
	s.shows("the identity file is gone; put it back", "Unlock the identity")
}

// TestOneUnlockDialog: several requests wait for the same passphrase.
func TestOneUnlockDialog(t *testing.T) {
	right := passphrase()
	s := start(t, three(t), with(func(f *fakes) { f.locked = right }))
	s.hold("reveal")
	s.press("enter", "v", "c")
	s.release("reveal")
	s.shows("Unlock the identity")
	s.typed(right)
	s.press("enter")
	s.hides("Unlock the identity")
	s.shows(s.fakes.secret(s.fakes.keys[0].ID))
	s.says("copied production · native (xclip) · clears in 45 s")
}
