package ui

import (
	"errors"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

func TestDetails(t *testing.T) {
	s := start(t, three(t), with(func(f *fakes) {
		f.change(f.keys[0].ID, func(k *model.Key) {
			k.LastUse.At = noon.Add(-3 * time.Minute)
			k.ExpiresAt = noon.Add(day)
		})
	}))
	key := s.fakes.keys[0]
	s.press("enter")
	s.shows("Name       production", "Key        "+key.Hint, "Secret     "+mask, "Created    2026-11-22 10:00:00 UTC", "Age        2h",
		"Last used  3m ago, 2026-11-22 11:57", "Expires    2026-11-23 12:00:00 UTC", "Status     active", "ID         "+key.ID)
	if got := s.footer(); got != "v show  c copy  d delete  esc close" {
		t.Errorf("the footer is %q", got)
	}
	s.press("esc", "j", "enter")
	s.shows("Name       staging", "Last used  never", "Expires    never")
	s.press("enter")
	if s.app.top() != nil {
		t.Error("enter does not close the details")
	}
}

// TestT19DetailsShowTheSecretOnlyOnRequest and for no longer than allowed.
func TestT19DetailsShowTheSecretOnlyOnRequest(t *testing.T) {
	s := start(t, three(t))
	secret := s.fakes.secret(s.fakes.keys[0].ID)
	s.press("enter")
	if s.fakes.called("reveal") != 0 {
		t.Error("the secret is fetched before it is asked for")
	}
	s.press("v")
	s.shows(secret, "Hidden again in 30 s.")
	if got := s.footer(); got != "v hide  c copy  d delete  esc close" {
		t.Errorf("the footer is %q", got)
	}
	s.after(10 * time.Second)
	s.shows("Hidden again in 20 s.")
	s.press("v")
	s.hides(secret)
	s.press("v")
	s.shows(secret, "Hidden again in 30 s.")
	s.send(tea.BlurMsg{})
	s.hides(secret)
	s.press("v")
	s.after(29*time.Second + 999*time.Millisecond)
	s.shows(secret)
	s.clock.advance(time.Millisecond)
	s.hides(secret) // whatever draws the next frame
	s.after(time.Second)
	s.hides(secret)
	s.press("v", "esc", "enter")
	s.hides(secret)
}

func TestRevealIsAskedForOnce(t *testing.T) {
	s := start(t, three(t))
	s.hold("reveal")
	s.press("enter", "v", "v", "v")
	s.shows("unsealing …")
	s.release("reveal")
	s.shows("Hidden again in 30 s.")
	if n := s.fakes.called("reveal"); n != 1 {
		t.Errorf("the secret was fetched %d times", n)
	}
}

func TestT19LateSecretOfAClosedDialogStaysHidden(t *testing.T) {
	s := start(t, three(t))
	s.hold("reveal").deaf = true
	s.press("enter", "v", "esc", "esc")
	s.release("reveal")
	s.hides(s.fakes.secret(s.fakes.keys[0].ID))
}

// TestT19BlurWhileUnsealing: the person has looked away while the secret was fetched.
func TestT19BlurWhileUnsealing(t *testing.T) {
	s := start(t, three(t))
	s.hold("reveal")
	s.press("enter", "v")
	s.send(tea.BlurMsg{})
	s.release("reveal")
	s.hides(s.fakes.secret(s.fakes.keys[0].ID))
	s.send(tea.FocusMsg{})
	s.hides(s.fakes.secret(s.fakes.keys[0].ID))
	s.press("v")
	s.shows(s.fakes.secret(s.fakes.keys[0].ID))
}

func TestT19CreatedWhileLookingAwayIsHidden(t *testing.T) {
	s := start(t)
	s.hold("create")
	s.press("n", "a", "enter")
	s.send(tea.BlurMsg{})
	s.release("create")
	s.shows("a was created", "The secret is hidden; v shows it.")
	s.hides(s.fakes.secret(s.fakes.keys[0].ID))
	s.press("v")
	s.shows(s.fakes.secret(s.fakes.keys[0].ID))
}

func TestFailedReveal(t *testing.T) {
	s := start(t, three(t))
	s.fakes.fail("reveal", model.ErrMismatch)
	s.press("enter", "v")
	s.says("the sealed secret does not belong to this key")
	s.shows("Secret     " + mask)
	s.fakes.fail("reveal", errors.New("x\x1b[2Jy"))
	s.press("v")
	s.says("x⟨U+001B⟩[2Jy")
}

func TestDetailsFollowTheKey(t *testing.T) {
	s := start(t, three(t))
	s.press("enter")
	s.fakes.change(s.fakes.keys[0].ID, func(k *model.Key) { k.LastUse.At = noon })
	s.after(time.Second)
	s.shows("Last used  1s ago")
	s.fakes.remove(s.fakes.keys[0].ID)
	s.after(time.Second)
	s.says("production was deleted by another program")
	if s.app.top() != nil {
		t.Error("the details of a deleted key are still open")
	}
}

func TestDetailsScrollOnALowScreen(t *testing.T) {
	s := start(t, three(t), size(40, 9))
	s.press("enter")
	s.shows("Name       production")
	s.hides("Status")
	s.press("j")
	s.hides("Name       production")
	for range 30 {
		s.press("j")
	}
	s.shows(s.fakes.keys[0].ID[:20])
	s.press("k")
	s.hides(s.fakes.keys[0].ID[len(s.fakes.keys[0].ID)-6:])
	for range 30 {
		s.press("k")
	}
	s.shows("Name       production")
}

func TestDetailsWithoutSecrets(t *testing.T) {
	s := start(t, onlyBasics, three(t))
	s.press("enter", "v")
	s.says("this provider shows a secret once, when the key is made")
	if got := s.footer(); got != "d delete  esc close" {
		t.Errorf("the footer is %q", got)
	}
}
