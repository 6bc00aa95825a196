package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// A service that has failed is asked again after pauseFirst, then after twice as long each time, up to pauseMost.
const (
	pauseFirst = time.Second
	pauseMost  = 15 * time.Second
)

// link is how the screen stands with the service of the profile. Why that cannot be asked stands in keyList.err.
type link struct {
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
var lostErrors = []error{model.ErrUnreachable, model.ErrUnsure, model.ErrStoreAway, model.ErrToken, model.ErrLocked}

// loses reports whether after this error nothing more can be asked of the service.
func loses(err error) bool {
	for _, lost := range lostErrors {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// isOffline reports whether this error says that the service cannot be reached, or cannot answer for its keys.
func isOffline(err error) bool {
	return loses(err) && !errors.Is(err, model.ErrToken) && !errors.Is(err, model.ErrLocked)
}

// offline reports whether the service is that, as far as is known: while it gives its keys anew it is not.
func (a *app) offline() bool { return isOffline(a.list.err) && !a.rereading() }

// rereading reports whether keys come in beside the list that is shown.
func (a *app) rereading() bool {
	return a.reading != nil && a.reading.got > 0 && a.reading.into != a.list.table
}

// notUpToDate notes why the list may not be what the provider has, and says so once.
func (a *app) notUpToDate(err error) tea.Cmd {
	l := &a.list
	before, said := l.err, a.whyLost()
	l.err = err
	if a.remote() {
		a.rest()
	}
	switch why := a.whyLost(); {
	case !l.loaded:
	case why != "" && why != said:
		a.say(toneDanger, why)
	case why == "" && (before == nil || before.Error() != err.Error()):
		a.fail(err)
	}
	return nil
}

// upToDate notes that the list is right as of a moment. What was said while it was not is taken back.
func (a *app) upToDate(at time.Time) {
	before, said := a.list.err, a.whyLost()
	a.list.err, a.link.asked, a.link.pause = nil, at, 0
	if before == nil || !a.remote() {
		return
	}
	if slices.Contains([]string{said, sentence(before), isOld, stillRead}, a.status.text) {
		a.status = status{}
	}
	if isOffline(before) {
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

// Why no key can be changed of a list that may not be right any more; and while the keys are read beside it.
const (
	isOld     = "what is shown is as of earlier; ctrl+r reads the keys"
	stillRead = "the keys are still being read: what is shown is as of earlier"
)

// whyLost says why the service cannot be asked and what to do, or nothing.
func (a *app) whyLost() string {
	switch err := a.list.err; {
	case !loses(err):
		return ""
	case a.rereading():
		return stillRead
	case errors.Is(err, model.ErrToken):
		return "the token is not taken: " + a.tokenCommand() + " gives another"
	case errors.Is(err, model.ErrLocked):
		return "the token of this profile is sealed; ctrl+r asks for the passphrase"
	case errors.Is(err, model.ErrUnsure):
		return "offline: " + a.host() + " is unsure of its keys; ctrl+r tries again"
	case errors.Is(err, model.ErrStoreAway):
		return "offline: " + a.host() + " cannot reach its store; ctrl+r tries again"
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
	why := a.whyLost()
	if why == "" && a.link.known && a.link.role < model.RoleManage {
		return "the token of this profile may read and not change keys"
	}
	return why
}

// whyNoTouch says why no key of the list can be changed now, or nothing. What is shown of a key may be wrong by now.
func (a *app) whyNoTouch() string {
	why := a.whyNoChange()
	_, old := a.asOf()
	switch {
	case why != "" || !old:
		return why
	case a.reading != nil:
		return stillRead
	default:
		return isOld
	}
}

// asOf is the moment as of which the list of a service is right, if it is not known to be right any more: then its age is told.
func (a *app) asOf() (time.Time, bool) {
	return a.link.asked, a.list.loaded && (a.link.recalled || a.remote() && a.list.err != nil)
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
