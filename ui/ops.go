package ui

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// An operation longer than this shows a spinner with what is being done.
const spinnerAfter = 300 * time.Millisecond

// The spinner turns at this pace, and only while there is something to wait for.
const spinnerPace = 120 * time.Millisecond

var spinnerFrames = []string{"|", "/", "-", "\\"}

// opID names one operation. A result whose operation is no longer known is dropped.
type opID int

// opKind says how an operation matters to the person.
type opKind int

const (
	opQuiet opKind = iota // not shown: reading what may have changed
	opRead                // shown after spinnerAfter; esc gives it up
	opWrite               // as opRead, and leaving the program asks first
)

// op is an operation under way.
type op struct {
	id     opID
	label  string // what is being done: "creating production"
	kind   opKind
	since  time.Time
	delay  *delay
	cancel context.CancelFunc
	then   func(result any, err error) tea.Cmd
}

// delay is until when a service has an operation wait. The operation tells it, the screen looks at it.
type delay struct {
	mu    sync.Mutex
	host  string
	until time.Time
}

func (d *delay) tell(host string, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.host, d.until = host, until
}

// asks says that a service has an operation wait, in room cells if that can be; or nothing.
func (d *delay) asks(now time.Time, room int) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := d.until.Sub(now)
	if left <= 0 {
		return ""
	}
	text := " asks to wait " + count(max(int(left.Round(time.Second)/time.Second), 1)) + " s"
	return cutMiddle(model.Display(d.host), max(min(room-width(text), hostMost), 1)) + text
}

// doneMsg brings the result of an operation back into Update.
type doneMsg struct {
	op     opID
	result any
	err    error
}

// spinMsg turns the spinner.
type spinMsg struct{}

// begin starts an operation: do runs beside the screen and must capture values only; then runs in Update with its result.
// A panic in do becomes an error.
func begin[T any](a *app, kind opKind, label string, do func(context.Context) (T, error),
	then func(*app, T, error) tea.Cmd,
) (opID, tea.Cmd) {
	a.lastOp++
	id := a.lastOp
	d := &delay{}
	ctx, cancel := context.WithCancel(a.opts.Waits(a.ctx, d.tell))
	a.ops = append(a.ops, op{
		id: id, label: label, kind: kind, since: a.now(), delay: d, cancel: cancel,
		then: func(result any, err error) tea.Cmd {
			value, _ := result.(T)
			return then(a, value, err)
		},
	})
	work, crash := a.work, a.crashes
	cmd := func() tea.Msg {
		if !work.enter() {
			return nil
		}
		defer work.leave()
		defer cancel()
		var result T
		err := guard(label, crash, func() (err error) {
			result, err = do(ctx)
			return err
		})
		return doneMsg{id, result, err}
	}
	if kind == opQuiet {
		return id, cmd
	}
	return id, tea.Batch(cmd, a.spin(spinnerAfter))
}

// beside runs what nobody waits for.
func (a *app) beside(label string, do func()) {
	work, crash := a.work, a.crashes
	if !work.enter() {
		return
	}
	go func() {
		defer work.leave()
		_ = guard(label, crash, func() error {
			do()
			return nil
		})
	}()
}

// guard turns a panic in do into an error and keeps its trace for after the screen is closed. The panic's value is
// not shown: nobody knows what is in it.
func guard(label string, crash *crashes, do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			crash.add(label, debug.Stack())
			err = fmt.Errorf("%s failed inside clavier; the trace is printed when you leave", label)
		}
	}()
	return do()
}

// onDone ends an operation. With the last write, the question whether to leave in spite of it ends too.
func (a *app) onDone(msg doneMsg) tea.Cmd {
	i := slices.IndexFunc(a.ops, func(o op) bool { return o.id == msg.op })
	if i < 0 {
		return nil
	}
	then := a.ops[i].then
	a.ops = slices.Delete(a.ops, i, i+1)
	cmd := then(msg.result, msg.err)
	if _, ok := a.writing(); !ok {
		a.dialogs = slices.DeleteFunc(slices.Clone(a.dialogs), func(d dialog) bool {
			_, asks := d.(*quitDialog)
			return asks
		})
	}
	return cmd
}

// cancel asks an operation to end early; its result still comes.
func (a *app) cancel(id opID) {
	for _, o := range a.ops {
		if o.id == id {
			o.cancel()
		}
	}
}

// drop ends an operation and forgets its result.
func (a *app) drop(id opID) {
	a.ops = slices.DeleteFunc(a.ops, func(o op) bool {
		if o.id == id {
			o.cancel()
		}
		return o.id == id
	})
}

// waiting returns the oldest operation that is shown by now.
func (a *app) waiting(now time.Time) (op, bool) {
	for _, o := range a.ops {
		if o.kind != opQuiet && now.Sub(o.since) >= spinnerAfter {
			return o, true
		}
	}
	return op{}, false
}

// writing returns the oldest operation that changes keys.
func (a *app) writing() (op, bool) {
	for _, o := range a.ops {
		if o.kind == opWrite {
			return o, true
		}
	}
	return op{}, false
}

// spin schedules the next turn of the spinner unless one is scheduled.
func (a *app) spin(after time.Duration) tea.Cmd {
	if a.spinning {
		return nil
	}
	a.spinning = true
	return tea.Tick(after, func(time.Time) tea.Msg { return spinMsg{} })
}

func (a *app) onSpin() tea.Cmd {
	a.spinning = false
	if slices.ContainsFunc(a.ops, func(o op) bool { return o.kind != opQuiet }) {
		a.spinFrame++
		return a.spin(spinnerPace)
	}
	return nil
}

// work counts the operations that run, so that the program can wait for them when it ends: Bubble Tea does not.
type work struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func (w *work) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wg.Add(1)
	return true
}

func (w *work) leave() { w.wg.Done() }

// finish lets no operation start any more and waits for those that run, at most this long. It reports whether all
// have ended.
func (w *work) finish(most time.Duration) bool {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		w.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(most):
		return false
	}
}

// crashesMost is how many traces are kept: a frame that cannot be drawn fails again and again.
const crashesMost = 10

// crashes keeps the first traces of panics until the terminal is whole again.
type crashes struct {
	mu     sync.Mutex
	traces []string
}

func (c *crashes) add(label string, trace []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.traces) == crashesMost {
		return
	}
	c.traces = append(c.traces, fmt.Sprintf("panic while %s:\n%s", label, trace))
}

func (c *crashes) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.traces)
}
