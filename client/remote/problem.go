package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

const (
	// maxProblem is the most bytes of a problem that is read.
	maxProblem = 64 << 10
	// maxDetail is the most characters of its sentence that are shown.
	maxDetail = 300
)

// refusal says what an answer means that is neither a success nor a redirect. The body is shown only where it is a problem of a
// service's form.
func (r *Remote) refusal(c call, response *http.Response, token string) *failure {
	status := response.StatusCode
	pause, _ := reach.RetryAfter(response.Header, r.now())
	kind, detail, known := wire.Kind{}, "", false
	if body, err := readAll(response.Body, maxProblem); err == nil {
		kind, detail, known = problemOf(response, body, token)
	}
	var text string
	var is error
	// Only where nothing was begun may any call be sent again.
	again := false
	switch {
	case known:
		text, is = r.told(kind.Err, detail), kind.Err
		again = errors.Is(is, model.ErrUnsure) || errors.Is(is, model.ErrStoreBusy) || errors.Is(is, model.ErrStoreAway)
		switch {
		case !errors.Is(is, model.ErrOutcomeUnknown):
		case c.changes:
			return r.doubtful(text, pause)
		default:
			return r.broken(c, status, pause)
		}
	case status == http.StatusUnauthorized:
		text, is = r.told(model.ErrToken, ""), model.ErrToken
	case status == http.StatusForbidden:
		text, is = r.told(model.ErrRole, ""), model.ErrRole
	case status == http.StatusTooManyRequests:
		text, is, again = fmt.Sprintf("the key service %s answered 429, too many requests", r.host), model.ErrUnreachable, true
	case status == http.StatusRequestTimeout || status >= 500 || status < 200:
		return r.broken(c, status, pause)
	case detail != "":
		text = fmt.Sprintf("the key service %s refused it: %s", r.host, detail)
	default:
		text = fmt.Sprintf("the key service %s answered %d, as no key service does; look at the address", r.host, status)
		is = model.ErrUnreachable
	}
	f := &failure{outcome: refused, kind: kind}
	if f.again, f.pause = again && pause <= maxPause, pause; again && !f.again {
		text += tryAgain(pause)
	}
	f.err = sorry(text, is)
	return f
}

// doubtful is a change of which the service itself does not know what became of it, or which other servers may not know yet.
func (r *Remote) doubtful(text string, pause time.Duration) *failure {
	f := &failure{outcome: unknown, again: pause <= maxPause, pause: pause}
	text = fmt.Sprintf("%v: %s", model.ErrOutcomeUnknown, text)
	if !f.again {
		text += tryAgain(pause)
	}
	f.err = sorry(text, model.ErrOutcomeUnknown)
	return f
}

// broken is a call that something on the way, or the service itself, failed to answer.
func (r *Remote) broken(c call, status int, pause time.Duration) *failure {
	why := fmt.Sprintf("it answered %d, a failure of the server", status)
	again := pause <= maxPause
	if !again {
		why += tryAgain(pause)
	}
	f := r.unanswered(c, why, again)
	f.pause = pause
	return f
}

// told returns the sentence for a kind of problem. What is wrong with keys reads as it does from any store; what is wrong with
// the service names it.
func (r *Remote) told(kind error, detail string) string {
	switch {
	case errors.Is(kind, model.ErrToken):
		return fmt.Sprintf("the key service %s does not take the token: it was deleted, has ended, or is of another service; have another one made", r.host)
	case errors.Is(kind, model.ErrRole):
		return fmt.Sprintf("the role of the token does not allow this at the key service %s: ask for a token of a higher role", r.host)
	case detail == "":
		detail = kind.Error()
	}
	for _, own := range []error{model.ErrOutcomeUnknown, model.ErrUnsure, model.ErrStoreBusy, model.ErrStoreAway, model.ErrStoreWrite, model.ErrStoreDamaged} {
		if errors.Is(kind, own) {
			return fmt.Sprintf("the key service %s says: %s", r.host, detail)
		}
	}
	return detail
}

// problemOf reads the problem that a body is. It is false for what is no problem of a known kind with the status that
// belongs to it; the detail may be there all the same. The detail can be shown, and does not show the token.
func problemOf(response *http.Response, body []byte, token string) (kind wire.Kind, detail string, ok bool) {
	var problem wire.Problem
	if !isType(response.Header, wire.ProblemType) || json.Unmarshal(body, &problem) != nil {
		return wire.Kind{}, "", false
	}
	kind, ok = problem.Kind()
	if kind.Status != response.StatusCode {
		kind, ok = wire.Kind{}, false
	}
	return kind, showable(problem.Detail, token), ok
}

// showable makes a text of the service fit to be shown; empty if it echoes the token, which is looked for before anything is cut.
func showable(text, token string) string {
	if echoes(text, token) {
		return ""
	}
	return model.Display(wire.Cut(text, maxDetail))
}

// leastEcho is how many characters of a token in a row, behind its prefix, give away more than anybody may know: a hint has four.
const leastEcho = 8

// echoes reports whether a text gives away a part of a token, in whatever case and with whatever between its letters and digits.
func echoes(text, token string) bool {
	text, token = core(text), core(token[strings.LastIndexByte(token, '_')+1:])
	for i := 0; i+leastEcho <= len(token); i++ {
		if strings.Contains(text, token[i:i+leastEcho]) {
			return true
		}
	}
	return false
}

// core returns the letters and digits of ASCII in a text, in lower case.
func core(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' && r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(text))
}
