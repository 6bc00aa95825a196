package ui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// bulkWorkers is how many keys are deleted at a time.
const bulkWorkers = 4

// lostMost is after how many keys in a row for which the service could not be asked a deletion stops by itself: the others would
// only wait as long.
const lostMost = 3

// bulkSlice is for how long a worker goes on before it brings what it has done to the screen.
const bulkSlice = 100 * time.Millisecond

// outcome is what came of one key. The order is that of the report: what went wrong stands first.
type outcome uint8

const (
	bulkFailed  outcome = iota
	bulkUnknown         // no answer told whether it was deleted; to do it again changes nothing if it was
	bulkKept            // it must be confirmed again
	bulkStopped
	bulkWasGone // another program has deleted it
	bulkRemark  // deleted, and there is something to say about it
	bulkDeleted
	bulkPending // nothing yet
)

// over reports whether the key no longer exists.
func (o outcome) over() bool { return o == bulkWasGone || o == bulkRemark || o == bulkDeleted }

// bulkTarget is one key that is to be deleted, and what came of it.
type bulkTarget struct {
	id, name string // outside text
	row      table.Row
	sure     reasons // those that were known when the deletion was confirmed
	outcome  outcome
	text     string // what there is to say about the outcome, displayable
}

// bulkJob is a confirmed deletion of many keys. Only Update changes it.
type bulkJob struct{ targets []bulkTarget }

// note keeps what came of a deletion.
func (t *bulkTarget) note(err error) {
	switch {
	case err == nil:
		t.outcome, t.text = bulkDeleted, "deleted"
	case errors.Is(err, model.ErrNotFound):
		t.outcome, t.text = bulkWasGone, "already deleted by another program"
	case errors.Is(err, model.ErrNotErased):
		t.outcome, t.text = bulkRemark, "deleted; "+sentence(err)
	case errors.Is(err, model.ErrOutcomeUnknown):
		t.outcome, t.text = bulkUnknown, "not known: no answer told whether it was deleted"
	default:
		t.outcome, t.text = bulkFailed, "failed: "+sentence(err)
	}
}

// bulkQueue hands the keys of one run to its workers, each key once, and counts what became of them. The screen reads the
// counts at any time: a worker that waits for one key must not hide what it has done before.
type bulkQueue struct {
	mu     sync.Mutex
	ids    []string
	next   int
	done   int
	failed int
	lost   int // keys in a row for which the service could not be reached
}

// take returns the next key and its place in the run; false if there is none or the person has stopped.
func (q *bulkQueue) take() (i int, id string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.next >= len(q.ids) {
		return 0, "", false
	}
	q.next++
	return q.next - 1, q.ids[q.next-1], true
}

// ended counts a key that is done.
func (q *bulkQueue) ended(err error) {
	var t bulkTarget
	t.note(err)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done++
	if t.outcome == bulkFailed || t.outcome == bulkUnknown {
		q.failed++
	}
	if !loses(err) {
		q.lost = 0
		return
	}
	if q.lost++; q.lost == lostMost {
		q.ids = q.ids[:q.next]
	}
}

// counts returns how many keys are done, and how many of these failed.
func (q *bulkQueue) counts() (done, failed int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.done, q.failed
}

// stop lets no worker take another key.
func (q *bulkQueue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ids = q.ids[:q.next]
}

// bulkDone is what one worker did with one key of the run.
type bulkDone struct {
	i   int
	err error
}

// work deletes keys from the queue, one after the other, until it is empty or the time is up. A panic is an error of the
// key that it happened with.
func (q *bulkQueue) work(ctx context.Context, service Service, crash *crashes) []bulkDone {
	var done []bulkDone
	for until := time.Now().Add(bulkSlice); ctx.Err() == nil; {
		i, id, ok := q.take()
		if !ok {
			break
		}
		err := guard("deleting a key", crash, func() error { return service.Delete(ctx, id) })
		q.ended(err)
		done = append(done, bulkDone{i, err})
		if time.Now().After(until) {
			break
		}
	}
	return done
}

// runBulk deletes the keys of the job at these places and shows the progress in the place of a dialog.
func (a *app) runBulk(from dialog, job *bulkJob, todo []int) tea.Cmd {
	p := &bulkProgress{job: job, todo: todo, queue: &bulkQueue{ids: make([]string, len(todo))}}
	for n, i := range todo {
		p.queue.ids[n] = job.targets[i].id
		job.targets[i].outcome = bulkPending
	}
	a.replace(from, p)
	cmds := make([]tea.Cmd, min(bulkWorkers, len(todo)))
	p.workers = len(cmds)
	for n := range cmds {
		cmds[n] = p.continued(a)
	}
	return tea.Batch(cmds...)
}

// continued lets one worker go on.
func (p *bulkProgress) continued(a *app) tea.Cmd {
	queue, service, crash := p.queue, a.service, a.crashes
	_, cmd := begin(a, opWrite, "deleting "+manyKeys(len(p.todo)),
		func(ctx context.Context) ([]bulkDone, error) { return queue.work(ctx, service, crash), nil },
		p.worked)
	return cmd
}

// worked takes what one worker has done. The last one ends the run.
func (p *bulkProgress) worked(a *app, done []bulkDone, _ error) tea.Cmd {
	for _, one := range done {
		p.job.targets[p.todo[one.i]].note(one.err)
	}
	if len(done) > 0 {
		return p.continued(a)
	}
	if p.workers--; p.workers > 0 {
		return nil
	}
	return p.ended(a)
}

// ended takes the deleted keys out of the list, reads once what has changed, and shows the report.
func (p *bulkProgress) ended(a *app) tea.Cmd {
	var gone []string
	for _, i := range p.todo {
		target := &p.job.targets[i]
		if target.outcome == bulkPending {
			target.outcome, target.text = bulkStopped, "not deleted: stopped before it"
		}
		if target.outcome.over() {
			gone = append(gone, target.id)
		}
	}
	a.replace(p, newBulkReport(a, p.job))
	a.list.apply(model.Changes{Gone: gone})
	return a.catchUp()
}
