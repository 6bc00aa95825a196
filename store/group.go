package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"clavier/model"
)

// Changes that callers ask for at the same time are made in one transaction, with one sync, and with one cutting of the
// log if keys were deleted. Each caller has an outcome of its own, and hears of it when it is durable.

const (
	// mostTogether is how many changes are made in one transaction at most.
	mostTogether = 1000
	// gatherFor is how long a transaction waits for callers who were answered by the last one and may come again. A single
	// caller never waits.
	gatherFor = time.Millisecond
	// busyPause is the time between two tries when SQLite does not wait by itself.
	busyPause = 2 * time.Millisecond
)

// change is what one caller wants done in a transaction. It says no (errUnchanged, or what refused accepts) before it writes
// anything; after any other error all of the transaction is undone. It may be run more than once.
type change func(ctx context.Context, conn *sql.Conn) error

// errUnchanged says that there turned out to be nothing to do.
var errUnchanged = errors.New("nothing to change")

var errPanicked = errors.New("the change panicked")

// refused reports whether err is a change's no.
func refused(err error) bool {
	for _, no := range []error{
		model.ErrNotFound, model.ErrNameTaken, model.ErrConflict, model.ErrHeld, model.ErrRotating, model.ErrExpired,
		model.ErrLastManager,
	} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

// job is one caller's change on its way.
type job struct {
	change   change
	erases   bool // what it deletes is to be erased before the caller hears of it
	deadline time.Time

	done     chan struct{} // closed when the change is durable or was not made, and err and panicked say so
	err      error
	panicked any

	// If it erases and err is nil:
	patience *patience     // of those who wait for the erasing
	erased   chan struct{} // closed when lost is set
	lost     error         // why it could not be erased
}

// patience ends a context when the last of those who wait for something has left.
type patience struct {
	waiting atomic.Int32
	end     context.CancelFunc
}

func (p *patience) leave() {
	if p.waiting.Add(-1) == 0 {
		p.end()
	}
}

// queue holds the jobs that wait.
type queue struct {
	mu      sync.Mutex
	jobs    []*job
	running bool               // a goroutine is at work on the jobs
	cancel  context.CancelFunc // ends the waiting for the connection and the write lock; nil before the first
	more    chan struct{}      // holds something if a job was added
}

// write has change made in a transaction, alone or together with others', that is durable when write returns nil.
// Waiting for the connection and for the write lock takes at most s.wait together. Once the change is being made, the
// end of ctx no longer matters, so that the outcome is always known.
func (s *Store) write(ctx context.Context, change change) error {
	return s.do(ctx, &job{change: change})
}

// do puts a job into the queue and waits until it is done, or could not be begun in time.
func (s *Store) do(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return s.explain(ctx, err)
	}
	j.deadline = time.Now().Add(s.wait)
	j.done, j.erased = make(chan struct{}), make(chan struct{})
	if err := s.submit(j); err != nil { //nolint:contextcheck // it is made for others too, whatever becomes of ctx
		return err
	}
	late := time.NewTimer(s.wait)
	defer late.Stop()
	var why error
	select {
	case <-j.done:
	case <-ctx.Done():
		why = ctx.Err()
	case <-late.C:
		why = context.DeadlineExceeded
	}
	if why != nil && s.withdraw(j) {
		return s.explain(ctx, why)
	}
	<-j.done
	if j.panicked != nil {
		panic(j.panicked)
	}
	return j.err
}

// submit puts a job into the queue.
func (s *Store) submit(j *job) error {
	q := &s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.running {
		if err := s.enter(); err != nil {
			return s.explain(context.Background(), err)
		}
		q.running = true
		go s.work()
	}
	q.jobs = append(q.jobs, j)
	select {
	case q.more <- struct{}{}:
	default:
	}
	return nil
}

// withdraw takes a job out of the queue, and reports whether it was still there: then it was not begun and never will be.
func (s *Store) withdraw(j *job) bool {
	q := &s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.jobs, j)
	if at < 0 {
		return false
	}
	q.jobs = slices.Delete(q.jobs, at, at+1)
	if len(q.jobs) == 0 && q.cancel != nil {
		q.cancel()
	}
	return true
}

// take removes from the queue the jobs that are to be done now.
func (s *Store) take() []*job {
	q := &s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.jobs), mostTogether)
	taken := slices.Clone(q.jobs[:n])
	q.jobs = slices.Delete(q.jobs, 0, n)
	return taken
}

// work does the jobs of the queue until it is empty.
func (s *Store) work() {
	defer s.inside.Done()
	answered := 0 // by the last transaction
	for {
		s.gather(answered)
		ctx, cancel, more := s.beginWaiting()
		if !more {
			return
		}
		answered = s.turn(ctx)
		cancel()
	}
}

// gather gives those who were answered a moment to come again.
func (s *Store) gather(answered int) {
	if answered < 2 {
		return
	}
	late := time.NewTimer(gatherFor)
	defer late.Stop()
	q := &s.queue
	for {
		q.mu.Lock()
		here := len(q.jobs)
		q.mu.Unlock()
		if here >= answered {
			return
		}
		select {
		case <-q.more:
		case <-late.C:
			return
		}
	}
}

// beginWaiting returns a context for the waiting, which ends when nobody waits any more; or it reports that nobody does.
func (s *Store) beginWaiting() (ctx context.Context, cancel context.CancelFunc, more bool) {
	q := &s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		q.running = false
		return nil, nil, false
	}
	ctx, cancel = context.WithCancel(s.life)
	q.cancel = cancel
	return ctx, cancel, true
}

// turn waits for the connection and the write lock, does the jobs that wait by then, and returns how many these were.
func (s *Store) turn(ctx context.Context) int {
	jobs, failed := s.transact(ctx)
	begun := context.WithoutCancel(ctx) // what was begun is brought to its end
	for _, j := range jobs {
		switch {
		case failed != nil:
			j.finish(s.explain(begun, failed))
		case !j.finished():
			s.alone(begun, j)
		}
	}
	return len(jobs)
}

// transact does the jobs that wait when the write lock is there. It leaves them unfinished if they went wrong together;
// it returns an error if they could not be begun.
func (s *Store) transact(ctx context.Context) (jobs []*job, err error) {
	conn, err := s.begin(ctx)
	if err != nil {
		switch {
		case s.life.Err() != nil:
			return s.take(), errClosed
		case ctx.Err() != nil: // nobody waits any more; or somebody new, in another turn
			return nil, nil
		case isBusy(err): // those who wait know for themselves how long
			pause(ctx)
			return nil, nil
		}
		return s.take(), err
	}
	defer func() { _ = conn.Close() }()
	jobs = s.take()
	s.together(context.WithoutCancel(ctx), conn, jobs)
	return jobs, nil
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(busyPause):
	}
}

// begin returns the connection with a transaction that holds the write lock.
func (s *Store) begin(ctx context.Context) (*sql.Conn, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err = s.stillThere(); err == nil {
		_, err = conn.ExecContext(ctx, sqlBegin)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// together does the jobs in the transaction that has begun, and ends it. Should one of several go wrong, all is undone and
// no job is finished.
func (s *Store) together(ctx context.Context, conn *sql.Conn, jobs []*job) {
	defer func() {
		if cause := recover(); cause != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // nobody knows its state
			for _, j := range jobs {
				j.fall(cause)
			}
		}
	}()
	outcomes := make([]error, len(jobs))
	changed, erasing := false, 0
	var failed error
	for i, j := range jobs {
		err := j.run(ctx, conn)
		switch {
		case err == nil:
			changed = true
		case refused(err):
			outcomes[i] = err
		case !errors.Is(err, errUnchanged):
			failed = err
		}
		if failed != nil {
			break
		}
		if j.erases && outcomes[i] == nil {
			erasing++
		}
	}
	if failed != nil && len(jobs) > 1 {
		rollback(ctx, conn)
		return
	}
	if failed == nil && changed {
		_, failed = conn.ExecContext(ctx, sqlCommit)
	}
	if failed != nil || !changed {
		rollback(ctx, conn)
	}
	if failed != nil {
		for _, j := range jobs {
			j.finish(s.explain(ctx, failed))
		}
		return
	}
	s.acknowledge(ctx, conn, jobs, outcomes, erasing)
}

// acknowledge tells the outcomes of jobs whose transaction is durable, and erases what they have deleted.
func (s *Store) acknowledge(ctx context.Context, conn *sql.Conn, jobs []*job, outcomes []error, erasing int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)() //nolint:contextcheck // it ends the other one
	waiters := &patience{end: cancel}
	waiters.waiting.Store(int32(erasing))
	for i, j := range jobs {
		j.patience = waiters
		j.finish(outcomes[i])
	}
	if erasing == 0 {
		return
	}
	lost := s.erase(ctx, conn)
	for i, j := range jobs {
		if j.erases && outcomes[i] == nil {
			j.lost = lost
			close(j.erased)
		}
	}
}

// alone does one job in a transaction of its own: what is wrong with another must not harm it.
func (s *Store) alone(ctx context.Context, j *job) {
	waiting, cancel := context.WithDeadline(ctx, j.deadline)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)() //nolint:contextcheck // it ends the other one
	conn, err := s.begin(waiting)
	if err != nil {
		j.finish(s.explain(ctx, err))
		return
	}
	defer func() { _ = conn.Close() }()
	s.together(ctx, conn, []*job{j})
}

// run runs the change. A panic is kept for the caller: here it would end the program.
func (j *job) run(ctx context.Context, conn *sql.Conn) (err error) {
	defer func() {
		if j.panicked = recover(); j.panicked != nil {
			err = errPanicked
		}
	}()
	return j.change(ctx, conn)
}

// fall lets the caller of a job that was being done have the panic that ended it: here it would end the program.
func (j *job) fall(cause any) {
	if !j.finished() {
		j.panicked = cause
		j.finish(errPanicked)
		return
	}
	select {
	case <-j.erased:
	default:
		j.lost = errPanicked
		close(j.erased)
	}
}

func (j *job) finish(err error) {
	j.err = err
	close(j.done)
}

func (j *job) finished() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}
