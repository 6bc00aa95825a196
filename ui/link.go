package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// A service that has failed is asked again after pauseFirst, then after twice as long each time, up to pauseMost.
const (
	pauseFirst = time.Second
	pauseMost  = 15 * time.Second
)

// link is how the screen stands with the service of the profile.
type link struct {
	lost  error         // why the service cannot be asked: one of lostErrors; nil while it can
	asked time.Time     // the moment as of which the list is known to be right
	pause time.Duration // before the service is asked again; 0 if it has not failed
	next  time.Time     // when that is

	recalled bool // the list on screen is the one that was remembered; total is how many keys it had
	total    int
	recallOp opID // it is being fetched, or 0

	role   model.Role // of the profile's token
	known  bool       // whether that is known: the service has roles, and has told
	roleOp opID       // it is being asked for, or 0
}

// lostErrors are those after which nothing more can be asked of a service, until it is reached, or the person does something.
var lostErrors = []error{model.ErrUnreachable, model.ErrUnsure, model.ErrToken, model.ErrLocked}

// loses reports whether after this error nothing more can be asked of the service.
func loses(err error) bool {
	for _, lost := range lostErrors {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// offline reports whether the service cannot be reached, or cannot answer for its keys.
func (l *link) offline() bool {
	return l.lost != nil && !errors.Is(l.lost, model.ErrToken) && !errors.Is(l.lost, model.ErrLocked)
}

// lose notes why the service cannot be asked, and says so if that is news.
func (a *app) lose(err error) {
	before := a.whyLost()
	a.link.lost = err
	if why := a.whyLost(); a.list.loaded && why != before {
		a.say(toneDanger, why)
	}
}

// reached notes that the service has answered a question about its keys.
func (a *app) reached() {
	a.link.pause = 0
	if a.link.lost == nil {
		return
	}
	wasOffline := a.link.offline()
	if a.status.text == a.whyLost() {
		a.status = status{}
	}
	a.link.lost = nil
	if wasOffline {
		a.say(toneGood, a.host()+" answers again")
	}
}

// rest lets a service that has failed be asked again after a while, which grows.
func (a *app) rest() {
	a.link.pause = min(max(2*a.link.pause, pauseFirst), pauseMost)
	a.link.next = a.now().Add(a.link.pause)
}

// resting reports whether a service that has failed is not to be asked again yet. A clock that was put back does not lock it.
func (a *app) resting() bool {
	if a.list.err == nil || a.link.pause == 0 {
		return false
	}
	wait := a.link.next.Sub(a.now())
	return wait > 0 && wait <= pauseMost
}

// hostMost is how many cells a host takes in a sentence.
const hostMost = 28

// host names where the keys of the profile are, for a sentence.
func (a *app) host() string {
	place := a.profile.Place
	if place == "" {
		place = a.profile.Name
	}
	return cutMiddle(model.Display(place), hostMost)
}

// whyLost says why the service cannot be asked and what to do, or nothing.
func (a *app) whyLost() string {
	switch err := a.link.lost; {
	case err == nil:
		return ""
	case errors.Is(err, model.ErrToken):
		return "the token is not taken: " + a.tokenCommand() + " gives another"
	case errors.Is(err, model.ErrLocked):
		return "the token of this profile is sealed; ctrl+r asks for the passphrase"
	case errors.Is(err, model.ErrUnsure):
		return "offline: " + a.host() + " is unsure of its keys; ctrl+r tries again"
	default:
		return "offline: " + a.host() + " cannot be reached; ctrl+r tries again"
	}
}

// tokenCommand is the command that gives the profile another token.
func (a *app) tokenCommand() string {
	return "clavier profile token " + cut(model.Display(a.profile.Name), nameComfort)
}

// whyNoChange says why no key can be changed now, whatever the provider is able to do, or nothing.
func (a *app) whyNoChange() string {
	switch {
	case a.link.lost != nil:
		return a.whyLost()
	case a.link.known && a.link.role < model.RoleManage:
		return "the token of this profile may read and not change keys"
	default:
		return ""
	}
}

// whyNoTouch says why no key of the list can be changed now, or nothing. What is remembered of a key may be wrong by now.
func (a *app) whyNoTouch() string {
	why := a.whyNoChange()
	switch {
	case why != "" || !a.link.recalled:
		return why
	case a.reading != nil:
		return "the keys are still being read: what is shown is as of earlier"
	default:
		return "what is shown is as of earlier; ctrl+r reads the keys"
	}
}

// asOf is the moment as of which the list is right, if that is long enough ago to be told: nothing newer could be had.
func (a *app) asOf() (time.Time, bool) {
	return a.link.asked, a.list.loaded && (a.link.recalled || a.link.lost != nil)
}

// remote reports whether the keys are with a service, where a write may take long.
func (a *app) remote() bool {
	switch a.service.(type) {
	case rememberer, limited:
		return true
	default:
		return false
	}
}

// askRole asks what the token of the profile may do, if the service has roles. What is known stays until there is an answer.
func (a *app) askRole() tea.Cmd {
	service, ok := a.service.(limited)
	if !ok {
		return nil
	}
	a.drop(a.link.roleOp)
	var cmd tea.Cmd
	a.link.roleOp, cmd = begin(a, opQuiet, "asking for the role", service.Role,
		func(a *app, role model.Role, err error) tea.Cmd {
			a.link.roleOp = 0
			if err == nil { // else it is asked for again with the next reading
				a.link.role, a.link.known = role, true
			}
			return nil
		})
	return cmd
}

// inDoubt reports whether the change may have been made in spite of the error.
func inDoubt(err error) bool {
	return errors.Is(err, model.ErrOutcomeUnknown) || errors.Is(err, context.Canceled)
}

// orDoubt is the sentence of a change that was not made; or, if it may have been, because it was given up or nobody has
// answered, says where that will be seen. What is "the key was made".
func orDoubt(err error, what string) string {
	switch {
	case errors.Is(err, model.ErrOutcomeUnknown):
		return "no answer told whether " + what + ": the list is read again and shows it"
	case errors.Is(err, context.Canceled):
		return "cancelled; the list shows whether " + what
	default:
		return sentence(err)
	}
}

// changesKeys is a dialog that changes keys, unless it is doing so already.
type changesKeys interface{ changesKeys() bool }
