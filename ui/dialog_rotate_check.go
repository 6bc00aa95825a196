package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// triesAtOnce is how many APIs are asked at the same time.
const triesAtOnce = 4

// givenUp is why nobody knows what an API would have answered.
const givenUp = "given up"

// tries is the successor being tried against the APIs of the profile.
type tries struct {
	apis    []model.API
	answers []model.Answer // by API; without a verdict as long as it has not answered
	begun   int
	ops     []opID
}

// whyNoTry says why the successor cannot be tried now, or nothing.
func (d *rotateDialog) whyNoTry(a *app) string {
	if why := a.whyNoCheck(); why != "" {
		return why
	}
	if d.trying() {
		return "the APIs are being asked already"
	}
	return cmp.Or(d.whyNoSecret(a), a.whyNoChange())
}

// trying reports whether an answer is still to come.
func (d *rotateDialog) trying() bool {
	for _, answer := range d.tries.answers {
		if answer.Verdict == "" {
			return true
		}
	}
	return false
}

// try asks every API of the profile whether the successor works.
func (d *rotateDialog) try(a *app) tea.Cmd {
	return d.withSecret(a, func(a *app, secret model.Secret) tea.Cmd {
		if d.trying() {
			return nil
		}
		d.problem, d.note = "", ""
		d.tries = tries{apis: a.opts.APIs, answers: make([]model.Answer, len(a.opts.APIs))}
		var cmds []tea.Cmd
		for range min(triesAtOnce, len(d.tries.apis)) {
			cmds = append(cmds, d.tryNext(a, secret))
		}
		return tea.Batch(cmds...)
	})
}

// tryNext asks the next API, if there is one.
func (d *rotateDialog) tryNext(a *app, secret model.Secret) tea.Cmd {
	i := d.tries.begun
	if i == len(d.tries.apis) || !a.isOpen(d.self) {
		return nil
	}
	d.tries.begun++
	api, try := d.tries.apis[i], a.opts.Try
	answers := d.tries.answers
	id, cmd := begin(a, opRead, "trying "+model.Display(api.Name),
		func(ctx context.Context) (model.Answer, error) { return try(ctx, api, secret), ctx.Err() },
		func(a *app, answer model.Answer, err error) tea.Cmd {
			switch {
			case errors.Is(err, context.Canceled):
				answer = model.Answer{Verdict: model.VerdictUnknown, Why: givenUp}
			case err != nil:
				answer = model.Answer{Verdict: model.VerdictUnknown, Why: sentence(err)}
			}
			if answer.Verdict == "" {
				answer.Verdict = model.VerdictUnknown
			}
			answer.API, answer.KeyID = api.Name, d.successor.ID
			answers[i] = answer
			next := d.tryNext(a, secret)
			if d.trying() {
				return next
			}
			return d.tried(a)
		})
	d.tries.ops = append(d.tries.ops, id)
	return cmd
}

// tried sums the answers up: the step is done if every API says that the successor works.
func (d *rotateDialog) tried(a *app) tea.Cmd {
	d.tries.ops = nil
	var keep tea.Cmd
	if keeper, ok := a.service.(answerKeeper); ok {
		answers := d.tries.answers
		_, keep = begin(a, opQuiet, "keeping the answers",
			func(ctx context.Context) (struct{}, error) { return struct{}{}, keeper.KeepAnswers(ctx, answers) },
			func(a *app, _ struct{}, _ error) tea.Cmd { return a.catchUp() })
	}
	alive := 0
	for _, answer := range d.tries.answers {
		switch answer.Verdict {
		case model.VerdictAlive:
			alive++
		case model.VerdictDead:
			d.problem = model.Display(answer.API) + " says that the new key is dead: give the old one no end before that is clear"
		default:
		}
	}
	switch {
	case d.problem != "":
	case alive == len(d.tries.answers) && a.isOpen(d.self):
		return tea.Batch(keep, d.done(a, model.StepCheck, "Every API takes the new key."))
	default:
		d.tell("Not every API has answered: t tries again, o goes on without.")
	}
	return keep
}

// giveUpTrying ends what is being asked, and asks no more.
func (d *rotateDialog) giveUpTrying(a *app) tea.Cmd {
	for i := d.tries.begun; i < len(d.tries.apis); i++ {
		d.tries.answers[i] = model.Answer{API: d.tries.apis[i].Name, KeyID: d.successor.ID, Verdict: model.VerdictUnknown, Why: givenUp}
	}
	d.tries.begun = len(d.tries.apis)
	for _, id := range d.tries.ops {
		a.cancel(id)
	}
	return nil
}

// checkPanel shows the APIs and how they answered.
func (d *rotateDialog) checkPanel(a *app, w int) []string {
	if why := a.whyNoCheck(); why != "" {
		return append(wrapIn(a.theme.muted, "Nothing can be checked: "+why+". Look at what uses the key.", w),
			cut(a.theme.key.on("o")+"  go on without", w))
	}
	lines := wrapIn(a.theme.muted, "Does the new key open what the old one opens?", w)
	lines = append(lines, cut(a.theme.key.on("t")+"  try it against "+d.apisText(a), w),
		cut(a.theme.key.on("o")+"  go on without", w))
	for i, answer := range d.tries.answers {
		name, word := model.Display(d.tries.apis[i].Name), "…"
		if answer.Verdict != "" {
			word = string(answer.Verdict)
		}
		line := fit(name, min(20, max(w/3, 1))) + "  " + fit(word, len("unknown"))
		if answer.Status != 0 {
			line += fmt.Sprintf("  %d  %d ms", answer.Status, answer.Took/time.Millisecond)
		}
		if answer.Why != "" {
			line += "  " + model.Display(answer.Why)
		}
		lines = append(lines, a.verdictStyle(answer.Verdict).on(cut(line, w)))
	}
	return lines
}

func (d *rotateDialog) apisText(a *app) string {
	if len(a.opts.APIs) == 1 {
		return model.Display(a.opts.APIs[0].Name)
	}
	return count(len(a.opts.APIs)) + " APIs"
}
