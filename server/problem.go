package server

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"clavier/model"
	"clavier/wire"
)

// blankType is the type of a problem that its status says all about (RFC 9457, section 4.2.1).
const blankType = "about:blank"

// maxDetail is the most characters of the detail of a problem.
const maxDetail = 500

// problem is what went wrong, as it is answered.
type problem struct {
	wire.Problem

	header http.Header
	// cause is what the log says instead of the detail.
	cause error
}

// What huma asks of an error that it answers with.
var (
	_ huma.StatusError       = (*problem)(nil)
	_ huma.HeadersError      = (*problem)(nil)
	_ huma.ContentTypeFilter = (*problem)(nil)
)

func (p *problem) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return p.Detail
}
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) GetHeaders() http.Header   { return p.header }
func (p *problem) ContentType(string) string { return wire.ProblemType }

// with returns the problem with a header that is sent beside it.
func (p *problem) with(name, value string) *problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

// plain returns a problem of no kind of its own.
func plain(status int, detail string) *problem {
	return &problem{Problem: wire.Problem{Type: blankType, Title: http.StatusText(status), Status: status, Detail: shown(detail)}}
}

// kindProblem returns a problem of one of our kinds. Who is told that the service cannot answer now is told when to ask again.
func kindProblem(kind wire.Kind, detail string) *problem {
	p := &problem{Problem: kind.Problem(shown(detail))}
	switch kind.Status {
	case http.StatusServiceUnavailable:
		return p.with("Retry-After", "1")
	case http.StatusUnauthorized:
		return p.with("WWW-Authenticate", `Bearer realm="clavier"`)
	}
	return p
}

// details are the sentences of the kinds for which the store's own would tell where it is, and of those that are ours.
var details = map[error]string{
	model.ErrToken:          "present a live key behind Bearer in Authorization; if it was deleted or has ended, have another one made",
	model.ErrRole:           "the role of the presented key does not allow this; nothing was changed, use a key with a higher role",
	model.ErrNotFound:       "there is no such key here; read the list again",
	model.ErrConflict:       "another record has this id or this secret, or a deleted key had this id; nothing was changed, use a new id and a new secret",
	model.ErrLastManager:    "no other live key without an end may manage keys; nothing was changed, make another one with the role manage and without an end first",
	model.ErrNotErased:      "the key is deleted and no longer verifies, but its hash and sealed secret may still stand in the log of the store; the next deletion erases them",
	model.ErrOutcomeUnknown: "the store lost the connection while it made the change; read the list again before anything is repeated",
	model.ErrUnsure:         "the service could not ask its store for too long, and answers for no key until it has; nothing was changed, try again",
	model.ErrStoreBusy:      "the store is busy; nothing was changed, try again",
	model.ErrStoreAway:      "the service cannot reach its store, and its log says why; nothing was changed, try again",
	model.ErrStoreWrite:     "the store cannot be read or written, and the log of the service says why; read the list again before anything is repeated",
	model.ErrStoreDamaged:   "the store is damaged, and the log of the service says how; whoever runs the service must restore it",
}

// questions are the sentences that differ for a question, which changes nothing.
var questions = map[error]string{
	model.ErrStoreAway:  "the service cannot reach its store, and its log says why; try again",
	model.ErrStoreWrite: "the store cannot be read now, and the log of the service says why; try again",
}

// isRefusal reports whether an error says that a change was understood and not allowed, so that it leaves a line.
func isRefusal(err error) bool {
	for _, refusal := range []error{
		model.ErrRole, model.ErrConflict, model.ErrNameTaken, model.ErrLastManager, model.ErrExpired, model.ErrRotating, model.ErrHeld,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// problemOf turns an error into what is answered to who wanted a change, or else asked something. ours is true if it is the service that failed, so that its log must say how.
func problemOf(err error, change bool) (p *problem, ours bool) {
	if p, ok := errors.AsType[*problem](err); ok {
		return p, p.Status >= http.StatusInternalServerError
	}
	kind, known := wire.KindOf(err)
	mend := "read the list again before anything is repeated"
	if !change {
		mend = "try again"
	}
	switch {
	case known:
		detail, general := details[kind.Err]
		if other, differs := questions[kind.Err]; differs && !change {
			detail = other
		}
		if !general {
			detail = err.Error()
		}
		ours := errors.Is(err, model.ErrNotErased) || kind.Status >= http.StatusInternalServerError && !errors.Is(err, model.ErrUnsure)
		return kindProblem(kind, detail), ours
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return plain(http.StatusGatewayTimeout, "the store did not answer in time; "+mend),
			!errors.Is(err, context.Canceled) // whoever hung up does not wait for an answer
	default:
		return plain(http.StatusInternalServerError, "the service failed, and its log says how; "+mend), true
	}
}

// write answers with the problem.
func (p *problem) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", wire.ProblemType)
	w.WriteHeader(p.Status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p.Problem); err != nil {
		return // whoever has gone does not read it
	}
}

// fromHuma turns what huma found wrong with a request into a problem of ours. It names the first place that is wrong and
// never repeats what stood there.
func fromHuma(_ huma.Context, _ string, value any) (any, error) {
	found, ok := value.(*huma.ErrorModel)
	if !ok {
		return value, nil
	}
	detail := found.Detail
	if len(found.Errors) > 0 {
		detail = found.Errors[0].Message
		if where := found.Errors[0].Location; where != "" {
			detail = where + ": " + detail
		}
	}
	return plain(found.Status, detail), nil
}

// shown makes a text fit for a problem or a line of the log: displayable and not long.
func shown(text string) string { return wire.Cut(model.Display(text), maxDetail) }
