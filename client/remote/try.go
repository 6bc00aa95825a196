package remote

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

// answer is what the service answered, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// try sends a call once. It returns nil if the call was done.
func (r *Remote) try(ctx context.Context, c call) *failure {
	if ctx.Err() != nil {
		return r.givenUp(ctx, c, false)
	}
	token, err := r.token.take(ctx)
	if err != nil {
		return &failure{outcome: notSent, err: err}
	}
	within, cancel := context.WithTimeout(ctx, r.limits.All)
	defer cancel()
	var sent atomic.Bool
	within = httptrace.WithClientTrace(within, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	response, err := r.transport.RoundTrip(r.request(within, c, token))
	if err != nil {
		return r.lost(ctx, within, c, err, sent.Load())
	}
	defer func() { _ = response.Body.Close() }()
	f := r.judge(ctx, within, c, response, token.Reveal())
	if f != nil && errors.Is(f.err, model.ErrToken) {
		r.token.forget(ctx, token)
	}
	return f
}

// request is the request of a call. The token stands in one header, and nowhere else.
func (r *Remote) request(ctx context.Context, c call, token model.Secret) *http.Request {
	request := (&http.Request{
		Method: c.method, URL: c.url, Host: c.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Authorization": {"Bearer " + token.Reveal()},
			"Accept":        {jsonType + ", " + wire.ProblemType},
			"User-Agent":    {r.userAgent},
		},
	}).WithContext(ctx)
	if c.body != nil {
		request.Header.Set("Content-Type", jsonType)
		request.ContentLength = int64(len(c.body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.body)), nil }
		request.Body, _ = request.GetBody()
	}
	if c.changes {
		by := c.by
		if by == (model.Actor{}) {
			by = r.actor
		}
		if text := wire.EncodeActor(by); text != "" {
			request.Header.Set(wire.HeaderActor, text)
		}
	}
	return request
}

// lost is a try that got no answer, or not the whole one. The first context is the caller's, the second that of the try.
func (r *Remote) lost(ctx, within context.Context, c call, err error, sent bool) *failure {
	if ctx.Err() != nil {
		return r.givenUp(ctx, c, sent)
	}
	why, again := reach.Why(within, err, sent, r.limits), within.Err() == nil && reach.Passing(err)
	if !again {
		// A connection over which nothing came for so long would keep the next call waiting, too.
		r.transport.CloseIdleConnections()
	}
	if !sent {
		return r.unreachable(c, why, reach.Advice(err), again)
	}
	// Where a change is safe to repeat, it is better repeated than in doubt.
	return r.unusable(c, why, reach.Advice(err), again || c.changes)
}

// judge says what an answer means. It returns nil if the call was done.
func (r *Remote) judge(ctx, within context.Context, c call, response *http.Response, token string) *failure {
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		why := fmt.Sprintf("it answered %d, a redirect%s, and redirects are not followed", status, showable(reach.Target(response, token), token))
		return r.unusable(c, why, reach.LookAtAddress, false)
	case status < 200 || status > 299:
		return r.refusal(c, response, token)
	}
	body, err := readAll(response.Body, wire.MaxBody)
	switch {
	case errors.Is(err, errTooLarge):
		f := r.unanswered(c, fmt.Sprintf("what it answered has more than %d MiB", wire.MaxBody>>20), c.changes)
		f.tooLarge = true
		return f
	case err != nil && ctx.Err() != nil:
		return r.givenUp(ctx, c, true)
	case err != nil && within.Err() != nil:
		return r.unanswered(c, fmt.Sprintf("its answer did not end within %v", r.limits.All), c.changes)
	case err != nil:
		return r.unanswered(c, "its answer ended too early", true)
	}
	if c.method == http.MethodDelete && response.StatusCode == http.StatusAccepted { // nothing else is answered so
		if kind, detail, known := problemOf(response, body, token); known {
			return &failure{outcome: refused, kind: kind, err: sorry(r.told(kind.Err, detail), kind.Err)}
		}
	}
	if err := c.read(answer{response.StatusCode, response.Header, body}); err != nil {
		return r.unusable(c, cmp.Or(showable(err.Error(), token), "what it answered cannot be read"), reach.LookAtAddress, true)
	}
	return nil
}
