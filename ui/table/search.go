package table

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"clavier/model"
)

// Request is what is asked of the keys of a snapshot.
type Request struct {
	// Query is what keys must match.
	Query model.Query
	// Order is the order of those that do.
	Order model.Order
	// StaleOnly leaves out the keys that Rule finds fresh.
	StaleOnly bool
	// Rule says which keys are stale.
	Rule model.StaleRule
	// Now is the moment at which keys are judged.
	Now time.Time
	// Page is how many of the first rows are wanted before all are known; 100 if it is 0.
	Page int
}

const (
	usualPage = 100
	// smallRows is up to how many keys a search is done where it is asked for: it is over before another goroutine has
	// begun.
	smallRows = 4096
)

// Search is the search for the answer to one request. It is safe for concurrent use.
type Search struct {
	snapshot *Snapshot
	request  Request
	previous *Listing

	mu      sync.Mutex
	working chan struct{} // closed when the work under way ends; nil before the first
	crashed any           // what the work has panicked with, which the next Run does too
	result  atomic.Pointer[Listing]
	beside  bool           // the work has a goroutine of its own
	publish func(*Listing) // called with every listing before it is the latest, for tests

	// These belong to the work under way.
	conditions []*condition
	judge      judge
	found      []bits // by chunk: the rows that match, where that is known
	filtered   []bool // by chunk: that is known
	stale      []StaleCount
}

// Search prepares the answer to a request. previous may be any listing of the same table, or nil: what it knows of rows
// that have not changed is used again where that is sure to give the same answer.
func (s *Snapshot) Search(request Request, previous *Listing) *Search {
	if request.Page <= 0 {
		request.Page = usualPage
	}
	return &Search{snapshot: s, request: request, previous: previous, beside: s.live > smallRows}
}

// Run works on the answer for about as long as budget, or until it is done or ctx has ended; without an end of its own if
// budget is 0 or less. It returns the latest listing, and whether that is the complete answer: if not, run it again, with
// any context, to go on. There is always a listing; before anything is known it is empty and its Count is -1. If the work
// panics, so does the next Run.
//
// The work goes on by itself between one Run and the next, until ctx ends, which it notices within a millisecond or so. What
// was found by then is not lost to a later Run.
func (s *Search) Run(ctx context.Context, budget time.Duration) (l *Listing, done bool) {
	var timeout <-chan time.Time
	if budget > 0 {
		timer := time.NewTimer(budget)
		defer timer.Stop()
		timeout = timer.C
	}
	for {
		if l = s.latest(); l.complete || ctx.Err() != nil {
			return l, l.complete
		}
		select {
		case <-s.work(ctx):
		case <-timeout:
			l = s.latest()
			return l, l.complete
		case <-ctx.Done():
			l = s.latest()
			return l, l.complete
		}
	}
}

func (s *Search) latest() *Listing {
	if l := s.result.Load(); l != nil {
		return l
	}
	return &Listing{of: s.snapshot, request: s.request, count: -1}
}

// work returns what is closed when the work under way ends. It begins some if there is none.
func (s *Search) work(ctx context.Context) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.crashed != nil {
		panic(s.crashed)
	}
	if s.working != nil {
		select {
		case <-s.working:
		default:
			return s.working
		}
	}
	done := make(chan struct{})
	s.working = done
	if !s.beside {
		defer close(done)
		s.answer(new(atomic.Bool))
		return done
	}
	go func() {
		defer close(done)
		defer func() {
			if crashed := recover(); crashed != nil {
				s.mu.Lock()
				s.crashed = newCrash(crashed)
				s.mu.Unlock()
			}
		}()
		stop := new(atomic.Bool)
		defer context.AfterFunc(ctx, func() { stop.Store(true) })()
		s.answer(stop)
	}()
	return done
}

// answer finds the answer, unless stop becomes true before.
func (s *Search) answer(stop *atomic.Bool) {
	s.filter(stop)
	if stop.Load() {
		return
	}
	l := &Listing{of: s.snapshot, request: s.request}
	for ci := range s.found {
		l.count += countBits(&s.found[ci])
		l.stale.All += s.stale[ci].All
		l.stale.ByAge += s.stale[ci].ByAge
	}
	if s.snapshot.ready(s.request.Order.By) == nil && l.count > s.request.Page {
		first := *l
		first.rows = s.firstPage(stop)
		if stop.Load() {
			return
		}
		s.say(&first)
	}
	l.rows = s.inOrder(l.count, stop)
	if stop.Load() {
		return
	}
	l.found, l.complete = s.found, true
	s.say(l)
}

// say makes a listing the latest.
func (s *Search) say(l *Listing) {
	if s.publish != nil {
		s.publish(l)
	}
	s.result.Store(l)
}

// filter finds the rows that match, chunk by chunk.
func (s *Search) filter(stop *atomic.Bool) {
	chunks := s.snapshot.chunks
	if s.found == nil {
		s.found, s.filtered, s.stale = make([]bits, len(chunks)), make([]bool, len(chunks)), make([]StaleCount, len(chunks))
		s.judge = newJudge(s.request.Rule, s.request.Now)
		s.conditions = conditionsOf(s.request)
	}
	known := s.known()
	parallel(workersFor(s.snapshot.live), len(chunks), func(ci int) {
		if stop.Load() || s.filtered[ci] {
			return
		}
		c, found := chunks[ci], &s.found[ci]
		s.stale[ci] = s.judge.count(c)
		isKnown := ci < len(known.of) && known.of[ci] == c
		if isKnown {
			*found = known.sets[ci]
		} else {
			*found = *c.live
		}
		if !isKnown || !known.same {
			s.narrow(c, found)
		}
		s.filtered[ci] = true
	})
}

// narrow takes the rows out of set that do not match.
func (s *Search) narrow(c *chunk, set *bits) {
	if s.request.StaleOnly {
		s.judge.keep(c, set)
	}
	for _, d := range s.conditions {
		d.keep(c, set)
	}
}
