package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// apiDialog shows all of an API, and how it answered each key last.
type apiDialog struct {
	api    model.API
	scroll int
}

func (d *apiDialog) bindings(*app) []binding {
	return []binding{
		bind("scroll", func(*app) tea.Cmd { d.scroll++; return nil }, "down", "j").as("j/k"),
		bind("up", func(*app) tea.Cmd { d.scroll = max(d.scroll-1, 0); return nil }, "up", "k").inHelp(),
		closing(d, "close", "esc", "enter", "q").as("esc"),
	}
}

// header is the header that a try sends, without the secret.
func header(api model.API) string {
	return strings.Join(strings.Fields(model.Display(api.Header)+": "+model.Display(api.Scheme)+" (the secret)"), " ")
}

// statuses lists HTTP statuses.
func statuses(list []int) string {
	texts := make([]string, len(list))
	for i, status := range list {
		texts[i] = strconv.Itoa(status)
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

func (d *apiDialog) content(a *app, w int) content {
	const labels = 9
	c := content{title: model.Display(d.api.Name), scroll: &d.scroll}
	text := max(w-labels, 1)
	add := func(label string, lines ...string) {
		for i, line := range lines {
			if i > 0 {
				label = ""
			}
			c.body = append(c.body, a.theme.muted.on(fit(label, labels))+line)
		}
	}
	if d.api.About != "" {
		add("About", wrap(model.Display(d.api.About), text)...)
	}
	add("Request", hardWrap(model.Display(d.api.Method)+" "+model.Display(d.api.URL), text)...)
	add("Header", wrap(header(d.api), text)...)
	add("Alive", wrap("on status "+statuses(d.api.Alive), text)...)
	add("Dead", wrap("on status "+statuses(d.api.Dead), text)...)
	answers := a.apis.of(func(answer model.Answer) bool { return answer.API == d.api.Name })
	if len(answers) == 0 {
		add("Answers", wrap("none yet: no key was tried; t tries one", text)...)
	}
	now := a.now()
	for i, answer := range answers {
		label := "Answers"
		if i > 0 {
			label = ""
		}
		add(label, wrap(a.keyName(answer.KeyID)+": "+answerText(answer)+", "+age(answer.At, now)+" ago"+whyText(answer), text)...)
	}
	return c
}

// whyText says why an answer is unknown.
func whyText(answer model.Answer) string {
	if answer.Why == "" {
		return ""
	}
	return ": " + model.Display(answer.Why)
}

// dropDialog asks before an API is taken out of the settings. The answer is no unless it is y.
type dropDialog struct {
	api     model.API
	problem string
	op      opID // the change under way, or 0
}

func (d *dropDialog) bindings(*app) []binding {
	if d.op != 0 {
		return nil
	}
	return []binding{bind("drop it", d.submit, "y"), closing(d, "keep it", "n", "esc", "enter").as("n")}
}

func (d *dropDialog) submit(a *app) tea.Cmd {
	d.problem = ""
	drop, api := a.opts.DropAPI, d.api
	var cmd tea.Cmd
	d.op, cmd = begin(a, opWrite, "dropping "+model.Display(api.Name),
		func(ctx context.Context) (struct{}, error) { return struct{}{}, drop(ctx, api) },
		func(a *app, _ struct{}, err error) tea.Cmd {
			d.op = 0
			if err != nil {
				d.problem = sentence(err)
				return nil
			}
			a.opts.APIs = slices.DeleteFunc(slices.Clone(a.opts.APIs), func(other model.API) bool { return other.Name == api.Name })
			a.moveAPI(0)
			a.say(toneGood, "dropped "+model.Display(api.Name)+" from the settings")
			a.close(d)
			return nil
		})
	return cmd
}

func (d *dropDialog) content(_ *app, w int) content {
	c := content{title: "Drop " + model.Display(d.api.Name) + "?", problem: d.problem}
	c.body = wrap("It is taken out of the settings of this profile, and keys are no longer tried against it. No key changes.", w)
	if d.op != 0 {
		c.foot = "dropping …"
	}
	return c
}
