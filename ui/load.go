package ui

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// loadPace is how often what was read is put on screen, after the first page, which is put there at once.
const loadPace = 50 * time.Millisecond

// searchGrowth is by which part the keys must have grown, while they are being read, before they are searched anew: then
// all searches together take a few times as long as the last one.
const searchGrowth = 4

// errGivenUp says that the person has ended the reading of the keys. Nothing reads them again but the person.
var errGivenUp = errors.New("reading the keys was given up")

// reading is one reading of all keys, portion by portion. Its fields belong to Update, but for source.
type reading struct {
	kind    opKind
	since   time.Time
	into    *table.Table // what the keys are put into; not on screen before all are there, unless it is the first reading
	source  *source
	delay   *delay // of what source asks
	got     int    // keys
	total   int    // how many there are in all; 0 while unknown
	mark    int64
	traits  traits
	version int64

	searched   int       // how many keys there were when they were last searched
	searchedAt time.Time // and when that was
	behind     bool      // something was written meanwhile: what is read may not have it
	paused     bool      // it goes on when the first rows are on screen, and does not take the processor from them
}

// portion is what a reading brings at a time.
type portion struct {
	blocks  []*table.Block
	keys    int // in blocks
	total   int
	mark    int64
	version int64
	traits  traits
	last    bool
}

// source is where a reading gets its pages from. Portions are asked for one after the other, from commands.
type source struct {
	service Service
	pace    time.Duration
	crashes *crashes
	ctx     context.Context // of the whole reading
	cancel  context.CancelFunc

	mu   sync.Mutex // held while a page is asked for
	next func() (model.Page, error, bool)
	stop func()
}

// reload reads all keys. A newer reading takes the place of one under way.
func (a *app) reload(kind opKind) tea.Cmd {
	a.endReading()
	a.drop(a.watchOp)
	a.drop(a.changesOp)
	a.watchOp, a.changesOp = 0, 0
	if kind == opRead {
		a.link.pause = 0
	}
	r := &reading{kind: kind, since: a.now(), into: a.list.table, delay: &delay{}}
	if a.list.loaded {
		r.into = &table.Table{}
		a.list.fresh = r.into
	}
	ctx, cancel := context.WithCancel(a.opts.Waits(a.ctx, r.delay.tell))
	r.source = &source{service: a.service, pace: a.pace, crashes: a.crashes, ctx: ctx, cancel: cancel}
	a.reading = r
	cmd := a.readOn(r)
	switch a.view {
	case apisView:
		cmd = tea.Batch(cmd, a.readAnswers(opQuiet))
	case activityView:
		cmd = tea.Batch(cmd, a.reloadActivity())
	case keysView:
	}
	return cmd
}

// endReading gives up the reading under way, if there is one. What it has read stays where it is.
func (a *app) endReading() {
	a.drop(a.loadOp)
	a.loadOp = 0
	if a.reading != nil {
		source := a.reading.source
		source.cancel()
		a.beside("ending a reading", source.end)
	}
	a.reading, a.list.fresh = nil, nil
}

// readOn asks for the next portion.
func (a *app) readOn(r *reading) tea.Cmd {
	label := "reading the keys"
	if r.got > 0 {
		label += " " + count(r.got)
		if r.total > 0 {
			label += " of " + count(max(r.total, r.got))
		}
	}
	var cmd tea.Cmd
	a.loadOp, cmd = begin(a, r.kind, label, r.source.portion,
		func(a *app, p portion, err error) tea.Cmd { return a.onPortion(r, p, err) })
	doing := &a.ops[len(a.ops)-1]
	doing.since, doing.delay = r.since, r.delay
	return cmd
}

// resume goes on with a reading that has waited for its first rows to be shown.
func (a *app) resume() tea.Cmd {
	if a.reading == nil || !a.reading.paused {
		return nil
	}
	a.reading.paused = false
	return a.readOn(a.reading)
}

// onPortion puts what was read where it belongs, and reads on.
func (a *app) onPortion(r *reading, p portion, err error) tea.Cmd {
	l, now := &a.list, a.now()
	a.loadOp = 0
	first, beside := r.got == 0, r.into != l.table
	for _, b := range p.blocks {
		r.into.Add(b)
	}
	r.got += p.keys
	r.total = max(p.total, r.total)
	r.mark = max(p.mark, r.mark)
	r.version = max(p.version, r.version)
	r.traits.merge(p.traits)
	switch {
	case err != nil:
		return a.readingFailed(r, err)
	case beside && !p.last: // what is on screen is no newer for it
		return a.readOn(r)
	case beside:
		l.next = r.into
		l.traits = traits{}
	}
	l.loaded = true
	l.traits.merge(r.traits)
	if p.last {
		a.endReading()
		a.version, l.whole, l.mark = r.version, true, r.mark
		a.link.recalled = false
		a.upToDate(r.since)
		cmd := tea.Batch(a.follow(), a.search(), a.askRole())
		_, watched := a.service.(watcher)
		if _, follows := a.service.(follower); r.behind || follows && !watched {
			cmd = tea.Batch(cmd, a.catchUp())
		}
		return cmd
	}
	if first {
		a.upToDate(r.since)
		r.paused, r.searched, r.searchedAt = true, r.got, now
		return a.search()
	}
	cmd := a.readOn(r)
	if r.got >= r.searched+r.searched/searchGrowth || now.Sub(r.searchedAt) >= time.Second {
		r.searched, r.searchedAt = r.got, now
		cmd = tea.Batch(a.refresh(), cmd)
	}
	return cmd
}

// readingFailed ends a reading that did not come to its end. What is on screen stays, with what was read of a first one.
func (a *app) readingFailed(r *reading, err error) tea.Cmd {
	l := &a.list
	switch {
	case errors.Is(err, context.Canceled) && a.keepsRight(r):
		err = l.err // as it was before
	case errors.Is(err, context.Canceled):
		err = errGivenUp
	case errors.Is(err, model.ErrToken) && a.link.recalled:
		a.forgetList()
	case errors.Is(err, model.ErrLocked) && r.kind == opRead:
		a.unlockToken()
	}
	a.endReading()
	var cmd tea.Cmd
	if r.into == l.table && r.got > 0 {
		l.loaded = true
		a.link.asked = r.since
		cmd = a.refresh()
	}
	if err == nil {
		return cmd
	}
	return tea.Batch(cmd, a.notUpToDate(err))
}

// keepsRight reports whether the list of a service is followed, or asked for again, although the person gives up this reading:
// changes alone bring a whole list up to date, and a service that has not answered is asked until it does.
func (a *app) keepsRight(r *reading) bool {
	l := &a.list
	return a.remote() && (l.whole || loses(l.err) && r.got == 0)
}

func (t *traits) merge(other traits) {
	t.ends = t.ends || other.ends
	t.unreported = t.unreported || other.unreported
	t.imported = t.imported || other.imported
	t.roles = t.roles || other.roles
}

// portion reads for a while; the first time to the end of the first page, or to the end of all if that is one page. What was read before an error is in it too.
func (s *source) portion(ctx context.Context) (p portion, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer context.AfterFunc(ctx, s.cancel)()
	first := s.next == nil
	if first {
		if w, ok := s.service.(watcher); ok {
			// Before the keys: a change in between is then seen as one.
			if p.version, err = w.Version(s.ctx); err != nil { //nolint:contextcheck // it tells when the reading waits, and ends with ctx, too
				return p, err
			}
		}
		s.next, s.stop = iter.Pull2(s.pages())
	}
	for began := time.Now(); ; {
		page, err, ok := s.next()
		switch {
		case ctx.Err() != nil:
			return p, ctx.Err()
		case err != nil:
			return p, err
		case !ok:
			p.last = true
			return p, nil
		}
		p.blocks = append(p.blocks, table.NewBlock(page.Keys))
		p.keys += len(page.Keys)
		p.total, p.mark = page.Total, page.Mark
		p.traits.add(page.Keys...)
		if first && p.keys != page.Total || !first && time.Since(began) >= s.pace {
			return p, nil
		}
	}
}

// end gives back what a reading holds. It waits for the page that is being asked for.
func (s *source) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
}

// pages are the pages of the service. A panic in it becomes an error here, where its trace is known.
func (s *source) pages() iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		err := guard("reading the keys", s.crashes, func() error {
			for page, err := range pagesOf(s.ctx, s.service) {
				if !yield(page, err) {
					return nil
				}
			}
			return nil
		})
		if err != nil {
			yield(model.Page{}, err)
		}
	}
}

// pagesOf returns all keys of a service, as one page if it cannot tell them by pages.
func pagesOf(ctx context.Context, service Service) iter.Seq2[model.Page, error] {
	if p, ok := service.(pager); ok {
		return p.Pages(ctx)
	}
	return func(yield func(model.Page, error) bool) {
		keys, err := service.List(ctx)
		yield(model.Page{Keys: keys, Total: len(keys)}, err)
	}
}
