package ui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

const (
	// tryWorkers is how many requests are under way at a time.
	tryWorkers = 4
	// tryMost is how many keys are tried at once: each is sent to somebody else's computer, once for each API.
	tryMost = 100
)

// errNoAnswer says that a secret could not be sent at all.
var errNoAnswer = errors.New("this provider's secrets cannot be had again, so nothing can be sent")

// whyNoTry says why no key can be tried, or nothing.
func (a *app) whyNoTry() string {
	switch {
	case a.opts.Try == nil:
		return "keys cannot be tried here"
	case len(a.opts.APIs) == 0:
		return "no API is known here to try keys against; 2 says how to add one"
	}
	return a.whyNoSecret()
}

// tryBinding tries what is marked, else the key under the cursor, against the APIs of the profile.
func (a *app) tryBinding() binding {
	why := a.whyNoTry()
	n := a.list.table.MarkedCount()
	key, ok := a.list.selected()
	switch {
	case why != "":
	case n > tryMost:
		why = fmt.Sprintf("at most %d keys are tried at once, and %s are marked", tryMost, count(n))
	case n == 0 && !ok:
		why = "no key is selected"
	}
	if n > 0 {
		return bind("try "+count(n)+" marked", func(a *app) tea.Cmd {
			var keys []model.Key
			for _, row := range a.list.table.MarkedRows() {
				if key, ok := a.list.table.Key(row); ok {
					keys = append(keys, key)
				}
			}
			return a.openTry(keys)
		}, "t").unless(why).after(needAll)
	}
	return bind("try", func(a *app) tea.Cmd { return a.openTry([]model.Key{key}) }, "t").unless(why).after(needPage)
}

// openTry tries keys against the APIs of the profile. If the identity is protected it asks for the passphrase first.
func (a *app) openTry(keys []model.Key) tea.Cmd {
	if len(keys) == 0 || len(a.opts.APIs) == 0 {
		return nil
	}
	_, cmd := a.withSecret(keys[0], func(a *app, _ model.Secret, err error) tea.Cmd {
		if err != nil {
			return nil
		}
		d := &tryDialog{keys: keys, apis: a.opts.APIs}
		a.open(d)
		return d.start(a)
	})
	return cmd
}

// askAPI sends the secret of a key to an API. The answer is not kept: see keepAnswers. The error says why nothing was sent,
// or that this was given up.
func (a *app) askAPI(kind opKind, key model.Key, api model.API, then func(*app, model.Answer, error) tea.Cmd) (opID, tea.Cmd) {
	service, try, now := a.service, a.opts.Try, a.opts.Now
	return begin(a, kind, "trying "+model.Display(key.Name)+" against "+model.Display(api.Name),
		func(ctx context.Context) (model.Answer, error) {
			held, ok := service.(revealer)
			if !ok || try == nil {
				return model.Answer{}, errNoAnswer
			}
			secret, err := held.Reveal(ctx, key.ID)
			if err != nil {
				return model.Answer{}, err
			}
			answer := try(ctx, api, secret)
			if ctx.Err() != nil { // what it says then is about us, and not about the key
				return model.Answer{}, ctx.Err()
			}
			answer.KeyID, answer.API = key.ID, api.Name
			if answer.At.IsZero() {
				answer.At = now().UTC()
			}
			return answer, nil
		}, then)
}

// keepAnswers has the provider remember answers, if it can, and shows what follows from them: a dead one makes its key
// dead. Those of one key are best kept together.
func (a *app) keepAnswers(answers []model.Answer) tea.Cmd {
	if len(answers) == 0 {
		return nil
	}
	a.apis.note(answers)
	service, ok := a.service.(answerKeeper)
	if !ok || a.whyNoChange() != "" {
		return nil
	}
	_, cmd := begin(a, opQuiet, "keeping how APIs answered",
		func(ctx context.Context) (struct{}, error) { return struct{}{}, service.KeepAnswers(ctx, answers) },
		func(a *app, _ struct{}, err error) tea.Cmd {
			if err != nil {
				a.fail(fmt.Errorf("the answers could not be kept: %w", err))
				return nil
			}
			return a.catchUp()
		})
	return cmd
}
