package verify

import (
	"context"
	"fmt"

	"clavier/model"
)

const (
	// mostAsking is how many questions are on their way at once; others wait for their turn.
	mostAsking = 64
	// mostKnown of them are only for keys that were good the last time: anybody can make up secrets, but none of these.
	mostKnown = 16
)

// question is one about a key, for everybody who waits for its answer.
type question struct {
	waiting int                // requests that wait for the answer; guarded by Verifier.mu, like begun
	begun   bool               // whether it was its turn
	cancel  context.CancelFunc // gives up its place in the line

	done chan struct{} // closed when answer and err stand
	good goodAnswer
	err  error
}

// join has a request wait for the answer about a key, which is asked about unless that is so already. The request leaves if it
// does not wait until there is one.
func (v *Verifier) join(ctx context.Context, secret model.Secret, digest model.Digest) *question {
	v.mu.Lock()
	defer v.mu.Unlock()
	q := v.asking[digest]
	if q == nil {
		q = &question{done: make(chan struct{}), err: model.ErrUnreachable}
		// It goes on for the others when the request that came first leaves.
		ctx, q.cancel = context.WithTimeout(context.WithoutCancel(ctx), v.limits.All)
		v.asking[digest] = q
		go v.pursue(ctx, q, secret, digest)
	}
	q.waiting++
	return q
}

// leave is for a request that waits no longer. A question that nobody waits for gives up its place in the line, so that requests
// that are gone are in nobody's way. One that is on its way goes on: so few are, and its answer is kept.
func (v *Verifier) leave(q *question, digest model.Digest) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if q.waiting--; q.waiting == 0 && !q.begun {
		q.cancel()
		v.forget(q, digest)
	}
}

// forget has the next request with a key ask anew. The caller holds mu.
func (v *Verifier) forget(q *question, digest model.Digest) {
	if v.asking[digest] == q {
		delete(v.asking, digest)
	}
}

// pursue asks a question when its turn comes.
func (v *Verifier) pursue(ctx context.Context, q *question, secret model.Secret, digest model.Digest) {
	defer q.cancel()
	defer close(q.done)
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.forget(q, digest)
	}()
	var known chan struct{} // nobody's turn ever comes there
	if v.good.Contains(digest) {
		known = v.known
	}
	turn := v.turns
	select {
	case turn <- struct{}{}:
	case known <- struct{}{}:
		turn = known
	case <-ctx.Done():
		q.err = &unreachable{v.place, fmt.Sprintf("too many others were asked about for %v", v.limits.All)}
		return
	}
	defer func() { <-turn }()
	if v.begin(q) {
		q.good, q.err = v.ask(ctx, secret, digest)
	}
}

// begin notes that it is a question's turn. It is false if nobody waits any more.
func (v *Verifier) begin(q *question) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	q.begun = q.waiting > 0
	return q.begun
}
