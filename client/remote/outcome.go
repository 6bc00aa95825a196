package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"clavier/model"
	"clavier/wire"
)

// outcome is what a try that failed did.
type outcome int

const (
	// notSent: the service got nothing, so that nothing was changed.
	notSent outcome = iota
	// refused: the service said that it changed nothing. A question that got no usable answer counts here, too.
	refused
	// unknown: a change was sent, and no answer told whether it was made.
	unknown
)

// failure is how a try failed.
type failure struct {
	outcome outcome
	err     error
	// kind is the kind of problem that the service said it is; the zero Kind if it said none that is known.
	kind wire.Kind
	// again is true if another try may help.
	again bool
	// pause is the least time to wait before it, as the service asked; 0 if it did not.
	pause time.Duration
	// tooLarge is true if the answer was larger than any may be.
	tooLarge bool
}

// settles reports whether a failure tells what became of an earlier try, too, of which nobody knew: the service itself looked at
// the change. What only has such a status may be from anything on the way to it.
func (f *failure) settles() bool {
	switch f.kind.Status {
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusAccepted:
		return !errors.Is(f.kind.Err, model.ErrConflict) // the other record may be that of the earlier try, and was changed since
	}
	return false
}

// failed is an error whose sentence is not made of those that it stands for.
type failed struct {
	text string
	is   []error
}

func (f *failed) Error() string   { return f.text }
func (f *failed) Unwrap() []error { return f.is }

// sorry returns an error with a sentence. What it stands for may be nil.
func sorry(text string, is ...error) error {
	return &failed{text, slices.DeleteFunc(is, func(err error) bool { return err == nil })}
}

// unreachable is a call that the service did not get. The advice says what to do.
func (r *Remote) unreachable(c call, why, advice string, again bool) *failure {
	text := fmt.Sprintf("the key service %s cannot be reached: %s", r.host, why)
	if c.changes {
		text += "; nothing was changed"
	}
	return &failure{outcome: notSent, err: sorry(text+"; "+advice, model.ErrUnreachable), again: again}
}

// unanswered is a call that was sent and got no usable answer, and may get one.
func (r *Remote) unanswered(c call, why string, again bool) *failure {
	return r.unusable(c, why, "try again", again)
}

// unusable is a call that was sent and got no usable answer. The advice says what to do about a question.
func (r *Remote) unusable(c call, why, advice string, again bool) *failure {
	if c.changes {
		text := fmt.Sprintf("%v: the key service %s gave no usable answer: %s; read the list again before you repeat it",
			model.ErrOutcomeUnknown, r.host, why)
		return &failure{outcome: unknown, err: sorry(text, model.ErrOutcomeUnknown), again: again}
	}
	text := fmt.Sprintf("the key service %s gave no usable answer: %s; %s", r.host, why, advice)
	return &failure{outcome: refused, err: sorry(text, model.ErrUnreachable), again: again}
}

// givenUp is a call whose caller left.
func (r *Remote) givenUp(ctx context.Context, c call, sent bool) *failure {
	if sent && c.changes {
		text := fmt.Sprintf("%v: it was given up before the key service %s answered; read the list again before you repeat it",
			model.ErrOutcomeUnknown, r.host)
		return &failure{outcome: unknown, err: sorry(text, model.ErrOutcomeUnknown, ctx.Err())}
	}
	err := context.Cause(ctx)
	if !errors.Is(err, ctx.Err()) { // it says less than callers look for
		err = ctx.Err()
	}
	return &failure{outcome: notSent, err: err}
}

// tryAgain says when to try again.
func tryAgain(pause time.Duration) string {
	if pause <= 0 {
		return "; try again"
	}
	if pause > 24*time.Hour {
		return "; it asks to be tried again in more than a day"
	}
	return fmt.Sprintf("; it asks to be tried again in %v", pause)
}
