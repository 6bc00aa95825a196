package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// tokenFollower is a service that is asked with a token. FollowToken makes the successor of an unfinished rotation the token, if the
// old key is that still, and reports whether it did. Whoever makes the successor there does so too; see model.Issued.
type tokenFollower interface {
	FollowToken(ctx context.Context, rotation model.Rotation) (bool, error)
}

// followToken has the profile take the successor of its token, if whoever made that was interrupted. It looks once a guide.
func (d *rotateDialog) followToken(a *app) tea.Cmd {
	service, ok := a.service.(tokenFollower)
	if !ok || d.token || !d.begun || d.gone != "" {
		return nil
	}
	d.token = true
	rotation := d.rotation
	_, cmd := begin(a, opRead, "asking whose the token is",
		func(ctx context.Context) (bool, error) { return service.FollowToken(ctx, rotation) },
		func(a *app, follows bool, err error) tea.Cmd {
			switch {
			case err != nil && a.isOpen(d.self):
				d.problem = sentence(err)
			case follows && a.isOpen(d.self):
				d.tell(d.presents())
			case follows:
				a.say(toneGood, d.presents())
			}
			return nil
		})
	return cmd
}

// presents says that the profile has taken the successor of its token. By then another one may be on the screen.
func (d *rotateDialog) presents() string {
	return "The profile " + model.Display(d.profile) + " presents its successor from now on."
}
