package ui

import (
	"time"

	"clavier/model"
)

// shownSecret is a secret on screen, or one that could be: it is masked until asked for and masked again at a moment
// of its own.
type shownSecret struct {
	secret model.Secret
	until  time.Time // the zero time: masked
}

// show unmasks the secret for as long as that is allowed, unless the person has looked away.
func (s *shownSecret) show(a *app) {
	if !a.away {
		s.until = a.now().Add(a.opts.RevealFor)
	}
}

func (s *shownSecret) hide() { s.until = time.Time{} }

// visible reports whether the secret is on screen at this moment.
func (s *shownSecret) visible(now time.Time) bool { return !s.secret.IsZero() && now.Before(s.until) }

// mask stands for a secret. Its width does not tell the length.
const mask = "••••••••••••"

// lines returns the secret in lines of w cells, or the mask. A secret comes from a provider, so it is made
// displayable like any other outside text.
func (s *shownSecret) lines(now time.Time, w int) []string {
	if !s.visible(now) {
		return []string{mask}
	}
	return hardWrap(model.Display(s.secret.Reveal()), w)
}

// secretHolder is a dialog that may show a secret.
type secretHolder interface{ shown() *shownSecret }

// hideSecrets masks every secret on screen: when the window loses the focus, and before the program is suspended.
func (a *app) hideSecrets() {
	for _, d := range a.dialogs {
		if holder, ok := d.(secretHolder); ok {
			holder.shown().hide()
		}
	}
}

// expireSecrets masks what has been shown long enough.
func (a *app) expireSecrets(now time.Time) {
	for _, d := range a.dialogs {
		if holder, ok := d.(secretHolder); ok && !holder.shown().visible(now) {
			holder.shown().hide()
		}
	}
}
