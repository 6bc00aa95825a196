package scan

import "sync"

// task is a directory that is to be walked, or files in it that are to be read.
type task struct {
	dir   string // as it is shown
	real  string // as it is opened
	walk  bool
	names []string
	shown string // what the one name is shown as, if it is shown as another
}

// queue is the tasks of a scan. Those that came last are done first, so that it stays short however large a tree is.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	tasks   []task
	open    int // tasks and listers that are not finished
	long    int // how many tasks a lister may be ahead of the workers
	stopped bool
}

func newQueue(long int) *queue {
	q := &queue{long: long}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// push adds a task.
func (q *queue) push(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t)
	q.open++
	q.changed.Signal()
}

// pushSlowly is push for a lister, which waits while the queue is long. No worker may call it.
func (q *queue) pushSlowly(t task) {
	q.mu.Lock()
	for len(q.tasks) >= q.long && !q.stopped {
		q.changed.Wait()
	}
	q.mu.Unlock()
	q.push(t)
}

// begin says that somebody who is no worker will push tasks until it calls finish.
func (q *queue) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open++
}

// pop waits for a task. It returns false once all are finished, or after stop.
func (q *queue) pop() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.tasks) == 0 && q.open > 0 && !q.stopped {
		q.changed.Wait()
	}
	if q.stopped || len(q.tasks) == 0 {
		return task{}, false
	}
	last := len(q.tasks) - 1
	t := q.tasks[last]
	q.tasks[last] = task{}
	q.tasks = q.tasks[:last]
	if len(q.tasks) == q.long-1 {
		q.changed.Broadcast()
	}
	return t, true
}

// finish says that a task, or a lister, is done.
func (q *queue) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open--; q.open == 0 {
		q.changed.Broadcast()
	}
}

// stop ends the waiting of everybody.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.changed.Broadcast()
}
