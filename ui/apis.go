package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// answersMost is how many answers are read: as many as a service hands out.
const answersMost = 10_000

// apiList is view 2: the APIs that keys of the profile open, which the options have, and how each answered last.
type apiList struct {
	answers []model.Answer // of each key and API the last one, the latest first
	cursor  int
	top     int
	loaded  bool
	err     error
	op      opID // the reading under way, or 0
}

// note puts newer answers in the place of older ones of the same key and API.
func (l *apiList) note(answers []model.Answer) {
	kept := slices.DeleteFunc(slices.Clone(l.answers), func(old model.Answer) bool {
		return slices.ContainsFunc(answers, func(now model.Answer) bool { return now.KeyID == old.KeyID && now.API == old.API })
	})
	l.answers = append(slices.Clone(answers), kept...)
	slices.SortStableFunc(l.answers, func(x, y model.Answer) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.API, y.API)) })
}

// of returns the answers that a person asks for, the latest first.
func (l *apiList) of(which func(model.Answer) bool) (list []model.Answer) {
	for _, answer := range l.answers {
		if which(answer) {
			list = append(list, answer)
		}
	}
	return list
}

// last returns the latest answer of an API, of whatever key.
func (l *apiList) last(api string) (model.Answer, bool) {
	i := slices.IndexFunc(l.answers, func(answer model.Answer) bool { return answer.API == api })
	if i < 0 {
		return model.Answer{}, false
	}
	return l.answers[i], true
}

// readAnswers reads how APIs answered, if the provider remembers that. A newer reading takes the place of one under way.
func (a *app) readAnswers(kind opKind) tea.Cmd {
	service, ok := a.service.(answerKeeper)
	if !ok {
		return nil
	}
	a.drop(a.apis.op)
	var cmd tea.Cmd
	a.apis.op, cmd = begin(a, kind, "reading how APIs answered",
		func(ctx context.Context) ([]model.Answer, error) { return service.Answers(ctx, answersMost) },
		func(a *app, answers []model.Answer, err error) tea.Cmd {
			if errors.Is(err, context.Canceled) {
				err = errors.New("reading how APIs answered was given up")
			}
			a.apis.op, a.apis.err = 0, err
			if err == nil {
				a.apis.answers, a.apis.loaded = nil, true
				a.apis.note(answers)
			} else if kind != opQuiet {
				a.fail(err)
			}
			return nil
		})
	return cmd
}

// selectedAPI returns the API under the cursor of view 2.
func (a *app) selectedAPI() (model.API, bool) {
	if a.apis.cursor >= len(a.opts.APIs) {
		return model.API{}, false
	}
	return a.opts.APIs[a.apis.cursor], true
}

func (a *app) moveAPI(delta int) {
	a.apis.cursor = max(0, min(a.apis.cursor+delta, len(a.opts.APIs)-1))
}

// apiBindings are the keys of view 2.
func (a *app) apiBindings() []binding {
	none := ""
	api, ok := a.selectedAPI()
	if !ok {
		none = "there is no API here"
	}
	noDrop := none
	if noDrop == "" && a.opts.DropAPI == nil {
		noDrop = "the settings cannot be changed here"
	}
	return append([]binding{
		bind("explore", (*app).openCatalogue, "a").unless(a.whyNoCatalogue()),
		a.tryBinding(),
		bind("drop", func(a *app) tea.Cmd {
			a.open(&dropDialog{api: api})
			return nil
		}, "d", "delete").as("d").unless(noDrop),
		bind("details", func(a *app) tea.Cmd {
			a.open(&apiDialog{api: api})
			return nil
		}, "enter").unless(none),
	}, moves(a.moveAPI, a.listRows, func() int { return len(a.opts.APIs) })...)
}

// noAPIs says how a profile gets an API, where there is none.
func (a *app) noAPIs() []string {
	first := "No API is known here that keys of this profile open. Write one into the settings file:"
	if a.whyNoCatalogue() == "" {
		first = "No API is known here that keys of this profile open. Press a to explore the catalogue, or write one into the settings file:"
	}
	lines := append(a.paragraph(first), "")
	for _, line := range []string{
		"[[profiles." + model.Display(a.profile.Name) + ".apis]]", `name = "orders"`, `method = "GET"`, `url = "https://api.example.org/v1/orders"`,
		`header = "Authorization"`, `scheme = "Bearer"`, "alive = [200]", "dead = [401]",
	} {
		lines = append(lines, spaces(margin)+line)
	}
	return lines
}

// apiRows draws the visible part of the APIs, with the answer that each gave last.
func (a *app) apiRows(w, rows int, now time.Time) (head string, lines []string) {
	apis := a.opts.APIs
	name, address, method := len("NAME"), len("URL"), len("METHOD")
	status, took, since, key := 0, 0, 0, 0 // there is a column if there is an answer
	for _, api := range apis {
		name, address = max(name, width(model.Display(api.Name))), max(address, width(model.Display(api.URL)))
		method = max(method, width(model.Display(api.Method)))
		if answer, ok := a.apis.last(api.Name); ok {
			status, since, took = len("STATUS"), 4, max(took, len("TIME"), width(tookText(answer)))
			key = max(key, len("KEY"), width(a.keyName(answer.KeyID)))
		}
	}
	cols := []gridColumn{
		{"NAME", min(name, nameMost), min(name, 8), 0},
		{"METHOD", min(method, 8), min(method, 8), 6},
		{"URL", address, 16, 7},
		{"ANSWER", len(notTried), len(notTried), 0},
		{"STATUS", status, status, 3},
		{"TIME", took, took, 4},
		{"AGE", since, since, 2},
		{"KEY", min(key, nameMost), min(key, 8), 5},
	}
	widths := gridWidths(w-margin, cols)
	a.apis.top = scrolled(a.apis.top, a.apis.cursor, len(apis), rows)
	for i := a.apis.top; i < len(apis) && len(lines) < rows; i++ {
		api := apis[i]
		verdict, status, took, since, of := notTried, "", "", "", ""
		style := a.theme.muted
		if answer, ok := a.apis.last(api.Name); ok {
			verdict, style = model.Display(string(answer.Verdict)), a.verdictStyle(answer.Verdict)
			status, took = statusCode(answer), tookText(answer)
			since, of = age(answer.At, now), a.keyName(answer.KeyID)
		}
		shown := cut(model.Display(api.Name), widths[0])
		mark := spaces(margin)
		if i == a.apis.cursor {
			mark, shown = a.theme.selected.on(" > "), a.theme.selected.on(shown)
		}
		lines = append(lines, cut(mark+gridLine([]string{
			shown, model.Display(api.Method), model.Display(api.URL), style.on(verdict), status, took, since, of,
		}, widths), w))
	}
	return spaces(margin) + gridHeads(cols, widths), lines
}

// notTried stands where there is no answer.
const notTried = "not tried"

// keyName returns what the key with this id is called, as it is shown.
func (a *app) keyName(id string) string {
	if key, ok := a.list.find(id); ok {
		return model.Display(key.Name)
	}
	return model.Display(id)
}

func (a *app) verdictStyle(v model.Verdict) style {
	switch v {
	case model.VerdictAlive:
		return a.theme.good
	case model.VerdictDead:
		return a.theme.danger
	default:
		return a.theme.warning
	}
}

// statusCode is the HTTP status of an answer; nothing if there was none.
func statusCode(answer model.Answer) string {
	if answer.Status == 0 {
		return ""
	}
	return strconv.Itoa(answer.Status)
}

// tookText is how long an answer took, in whole milliseconds.
func tookText(answer model.Answer) string { return count(int(answer.Took.Milliseconds())) + " ms" }

// answerText says all of an answer but whose it is: "alive 200 143 ms".
func answerText(answer model.Answer) string {
	parts := []string{model.Display(string(answer.Verdict))}
	if answer.Status != 0 {
		parts = append(parts, statusCode(answer))
	}
	return strings.Join(append(parts, tookText(answer)), " ")
}
