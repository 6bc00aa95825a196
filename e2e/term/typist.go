//go:build linux || darwin

package term

import (
	"os"
	"sync"
	"time"
)

// typist writes to the program: keys from the test, and the answers to its
// queries in their time. It never blocks whoever answers.
type typist struct {
	to     *os.File
	policy Answering

	mu     sync.Mutex
	queue  []late
	wake   chan struct{}
	done   chan struct{}
	closed bool
}

type late struct {
	due   time.Time
	bytes []byte
}

func newTypist(to *os.File, policy Answering) *typist {
	y := &typist{to: to, policy: policy, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go y.run()
	return y
}

func (y *typist) answer(b []byte) {
	if y.policy.never {
		return
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.closed {
		return
	}
	y.queue = append(y.queue, late{due: time.Now().Add(y.policy.after), bytes: b})
	select {
	case y.wake <- struct{}{}:
	default:
	}
}

// run writes the queued answers in order, each when it is due.
func (y *typist) run() {
	for {
		y.mu.Lock()
		var next late
		if len(y.queue) > 0 {
			next, y.queue = y.queue[0], y.queue[1:]
		}
		y.mu.Unlock()
		if next.bytes == nil {
			select {
			case <-y.wake:
				continue
			case <-y.done:
				return
			}
		}
		select {
		case <-time.After(time.Until(next.due)):
			_, _ = y.to.Write(next.bytes)
		case <-y.done:
			return
		}
	}
}

func (y *typist) close() {
	y.mu.Lock()
	defer y.mu.Unlock()
	if !y.closed {
		y.closed = true
		close(y.done)
	}
}
