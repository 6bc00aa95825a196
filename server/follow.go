package server

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"clavier/model"
	"clavier/server/live"
	"clavier/wire"
)

const (
	// askWithin is how long one question to the store may take.
	askWithin = 5 * time.Second
	// pageWithin is how long the next page of all keys may take.
	pageWithin = 10 * time.Second
	// retryWithin is the longest time between two questions to a store that does not answer.
	retryWithin = 500 * time.Millisecond
	// pokeApart is the least time between two questions, however often a store tells of changes.
	pokeApart = 10 * time.Millisecond
	// listenAgain is the longest time until a store is listened to again.
	listenAgain = 5 * time.Second
)

// errStopped is why nothing is caught up with: the verifier has come to its end.
var errStopped = errors.New("the key service has stopped")

// follower is the part of a verifier that asks the store. One round of questions is at work at a time.
type follower struct {
	life context.Context // ends with the verifier
	end  context.CancelFunc
	wake chan struct{} // has one in it if the store has told of a change

	mu      sync.Mutex
	next    *round         // the one that has not begun; nil if nobody waits for it
	working bool           // whether a goroutine takes rounds
	inside  sync.WaitGroup // that goroutine

	// Of the round at work alone.
	version, mark int64
}

// round is asking the store once for all that has changed. Whoever waits for it came before it began.
type round struct {
	// certain is true if something has changed: nobody need ask whether.
	certain bool
	done    chan struct{}
	err     error
}

// run keeps the keys fresh until ctx ends, then writes the uses that are left, in a few seconds at most, and ends the verifier. It
// returns nil. End it after the last request.
func (v *verifier) run(ctx context.Context) error {
	var hands sync.WaitGroup
	if teller, ok := v.store.(Notifier); ok {
		hands.Go(func() { v.listen(ctx, teller) })
	}
	hands.Go(func() { v.writeUses(ctx) })
	v.follow(ctx)
	hands.Wait()
	v.writeLeft(ctx)
	v.mu.Lock()
	v.end()
	v.mu.Unlock()
	v.inside.Wait()
	return nil
}

// follow catches up again and again.
func (v *verifier) follow(ctx context.Context) {
	var failed time.Duration // how long to wait after a failure
	sure := true
	for {
		wait, err := v.o.Poll, v.catchUp(ctx)
		if ctx.Err() != nil {
			return
		}
		v.tell(err, failed == 0)
		if err == nil {
			failed, sure = 0, true
		} else {
			failed = min(max(2*failed, v.o.Poll), max(retryWithin, v.o.Poll))
			wait = failed
			if sure && !v.isSure() {
				sure = false
				v.o.Log.Error("the store could not be asked for too long: no key is taken until it can be", "after", v.o.UnsureAfter)
			}
		}
		if !v.pause(ctx, wait) {
			return
		}
	}
}

// tell logs that the store can no longer be asked, or can again.
func (v *verifier) tell(err error, before bool) {
	switch {
	case err != nil && before:
		v.o.Log.Warn("the store cannot be asked which keys are live", "error", model.Display(err.Error()))
	case err == nil && !before:
		v.o.Log.Info("the store tells which keys are live", "keys", v.size())
	}
}

// pause waits until it is time to ask again, or the store tells of a change. It reports false if ctx has ended.
func (v *verifier) pause(ctx context.Context, wait time.Duration) bool {
	least := min(wait, pokeApart)
	if !sleep(ctx, least) {
		return false
	}
	timer := time.NewTimer(wait - least)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-v.wake:
	}
	return true
}

// sleep waits. It reports false if ctx has ended.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// poke lets the store be asked soon.
func (v *verifier) poke() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// listen lets the store tell of changes, until ctx ends. While it cannot, changes are asked for all the same, which is logged once until
// the store has told of changes for a while.
func (v *verifier) listen(ctx context.Context, teller Notifier) {
	wait, said := v.o.Poll, false
	for {
		var heard atomic.Pointer[time.Time] // since when
		err := teller.Notify(ctx, func() {
			if heard.Load() == nil {
				heard.Store(new(time.Now()))
			}
			v.poke()
		})
		if ctx.Err() != nil {
			return
		}
		v.poke() // something may have been missed
		if since := heard.Load(); since != nil && time.Since(*since) > listenAgain {
			wait, said = v.o.Poll, false
		}
		if !said {
			said = true
			v.sayDeaf(err)
		}
		if !sleep(ctx, wait) {
			return
		}
		wait = min(2*wait, max(listenAgain, v.o.Poll))
	}
}

// sayDeaf logs why the store tells nothing.
func (v *verifier) sayDeaf(err error) {
	text := "nothing more can be heard"
	if err != nil {
		text = model.Display(err.Error())
	}
	v.o.Log.Info("the store does not tell of changes by itself; it is asked", "error", text)
}

// catchUp takes in everything that the store held when it was called, or more. Those who call it at once share a question.
func (v *verifier) catchUp(ctx context.Context) error {
	r, free, err := v.join(false)
	if err != nil {
		return err
	}
	if free {
		go func() {
			defer v.inside.Done()
			v.takeRound()
		}()
	}
	return r.wait(ctx)
}

// catchUpWith is catchUp after a change of this server. If nobody is at work the caller is, whatever becomes of ctx: handing the
// question to another goroutine takes longer than the answer.
func (v *verifier) catchUpWith(ctx context.Context) error {
	r, free, err := v.join(true)
	if err != nil {
		return err
	}
	if free {
		defer v.inside.Done()
		v.takeRound()
	}
	return r.wait(ctx)
}

// join returns the next round, and whether nobody is at work: then the caller is inside, and must see that it is done.
func (v *verifier) join(certain bool) (r *round, free bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.life.Err() != nil {
		return nil, false, errStopped
	}
	if v.next == nil {
		v.next = &round{done: make(chan struct{})}
	}
	v.next.certain = v.next.certain || certain
	if free = !v.working; free {
		v.working = true
		v.inside.Add(1)
	}
	return v.next, free, nil
}

// wait waits for the end of a round.
func (r *round) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	default:
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errBroken is what those hear who wait for a round that a panic has ended.
var errBroken = errors.New("asking the store has failed in this program, and the log says how")

// takeRound does the next round, and lets a goroutine do the one after it if somebody waits for that. A panic ends the round alone.
func (v *verifier) takeRound() {
	v.mu.Lock()
	r := v.next
	v.next = nil
	v.mu.Unlock()
	defer func() {
		if cause := recover(); cause != nil {
			v.o.Log.Error("asking the store panicked", "value", panicText(cause), "stack", string(debug.Stack()))
			r.err = errBroken
		}
		close(r.done)
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.working = v.next != nil; v.working {
			v.inside.Go(v.takeRound)
		}
	}()
	r.err = v.ask(v.life, r.certain)
}

// ask is a round. If it is certain that something has changed, the store is not asked whether.
func (v *verifier) ask(ctx context.Context, certain bool) error {
	asked := time.Now()
	keys := v.keys.Load()
	if keys == nil || v.doubtful.Load() {
		return v.load(ctx, keys)
	}
	short, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	version := v.version // an old one is asked about again
	if !certain {
		now, err := v.store.Version(short)
		if err != nil {
			return err
		}
		if now == version {
			v.setSure(asked)
			return nil
		}
		version = now
	}
	changes, err := v.store.DigestChanges(short, v.mark)
	if err != nil {
		return err
	}
	if changes.All {
		return v.load(ctx, keys)
	}
	if err := apply(keys, changes); err != nil {
		return err
	}
	v.version, v.mark = version, changes.Mark
	v.setSure(asked)
	return nil
}

// load reads all keys into a table of its own, and what changes meanwhile, and lets it take the place of the old one. Until
// then no key of the old one is taken without asking the store.
func (v *verifier) load(ctx context.Context, old *live.Keys) error {
	v.doubtful.Store(old != nil)
	short, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	version, err := v.store.Version(short)
	if err != nil {
		return err
	}
	fresh, mark, err := v.readAll(ctx)
	if err != nil {
		return err
	}
	asked := time.Now()
	short, cancel = context.WithTimeout(ctx, askWithin)
	defer cancel()
	changes, err := v.store.DigestChanges(short, mark)
	if err != nil {
		return err
	}
	if changes.All {
		return errors.New("too much has changed while the keys were read; they are read again")
	}
	if err := apply(fresh, changes); err != nil {
		return err
	}
	if old != nil {
		fresh.Inherit(old)
	}
	v.version, v.mark = version, changes.Mark
	v.setSure(asked)
	v.keys.Store(fresh)
	v.doubtful.Store(false)
	return nil
}

// readAll reads all keys, and returns the mark to ask for changes since.
func (v *verifier) readAll(ctx context.Context) (*live.Keys, int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(pageWithin, func() { cancel(errors.New("the store did not give the next keys in time")) })
	defer late.Stop()
	var fresh *live.Keys
	var mark int64
	for page, err := range v.store.Digests(ctx) {
		if err != nil {
			return nil, 0, errors.Join(err, context.Cause(ctx))
		}
		late.Reset(pageWithin)
		if fresh == nil {
			fresh, mark = live.New(page.Total, wire.EncodeName), page.Mark
		}
		for _, key := range page.Keys {
			if err := fresh.Put(key); err != nil {
				return nil, 0, err
			}
		}
	}
	if fresh == nil {
		return nil, 0, errors.New("the store gave no page of keys")
	}
	return fresh, mark, nil
}

// apply takes in changes. What is gone goes first: a name or a secret may have come back under another id.
func apply(keys *live.Keys, changes model.DigestChanges) error {
	for _, id := range changes.Gone {
		keys.Remove(id)
	}
	for _, key := range changes.Keys {
		if err := keys.Put(key); err != nil {
			return err
		}
	}
	return nil
}
