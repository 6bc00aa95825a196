package remote

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"clavier/model"
)

// How often a call is tried, and how long it waits in between (trust row T14).
const (
	// maxTries is how often one call is sent at most.
	maxTries = 3
	// firstPause is about how long a call waits before its second try; it waits twice as long before the third.
	firstPause = 250 * time.Millisecond
	// maxPause is the longest pause that a service may ask for. Who asks for more is not asked again.
	maxPause = 30 * time.Second
)

// call is one question to the service, or one change.
type call struct {
	method string
	url    *url.URL
	// body is JSON; nil for none.
	body []byte
	// by is who makes a change.
	by model.Actor
	// changes is true if the call changes anything.
	changes bool
	// repeatable is true if a call that was sent may be sent again: it then changes nothing more.
	repeatable bool
	// read takes the answer of a call that was done. An error means that the answer cannot be used, and says why in a few words.
	read func(answer) error
}

// question is a call that changes nothing.
func question(at *url.URL, read func(answer) error) call {
	return call{method: http.MethodGet, url: at, repeatable: true, read: read}
}

// result is how a call ended.
type result struct {
	// failure is that of the last try; nil if the call was done.
	failure *failure
	// doubt is that of the last try of a change that may have been made; nil if there was none.
	doubt *failure
}

// err returns the error of a result: the doubt, unless what came after it settles it.
func (r result) err() error {
	switch {
	case r.failure == nil:
		return nil
	case r.doubt != nil && !r.failure.settles():
		return r.doubt.err
	default:
		return r.failure.err
	}
}

// do makes a call and returns its error.
func (r *Remote) do(ctx context.Context, c call) error { return r.tries(ctx, c).err() }

// tries sends a call, and sends it again where that is safe and may help: what was not sent or not begun, and what changes
// nothing when it is repeated.
func (r *Remote) tries(ctx context.Context, c call) result {
	ctx, done := r.within(ctx)
	defer done()
	var got result
	for try := 1; ; try++ {
		got.failure = r.try(ctx, c)
		if got.failure == nil {
			return got
		}
		inDoubt := got.failure.outcome == unknown
		if inDoubt {
			got.doubt = got.failure
		}
		if ctx.Err() == nil && try < maxTries && got.failure.again && (!inDoubt || c.repeatable) {
			failure := r.pause(ctx, c, try, got.failure)
			if failure == nil {
				continue
			}
			got.failure = failure
		}
		if ctx.Err() != nil && got.doubt != nil {
			got.doubt = r.givenUp(ctx, c, true)
		}
		return got
	}
}

// pause waits before the next try. It returns why the caller has left, if so.
func (r *Remote) pause(ctx context.Context, c call, try int, last *failure) *failure {
	backoff := firstPause << (try - 1)
	d := backoff/2 + rand.N(backoff) //nolint:gosec // so that many who failed at once do not come back at once
	if last.pause > 0 {
		d = last.pause + d/4
		r.waiting(ctx, r.now().Add(d))
		defer r.waiting(ctx, time.Time{})
	}
	if err := r.sleep(ctx, d); err != nil {
		return r.givenUp(ctx, c, false)
	}
	return nil
}
