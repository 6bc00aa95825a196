package store

import (
	"context"
	"net/url"
	"sync"
)

// watch is the connection on which is asked what has changed. It is one of its own, so that no change of this program that waits
// for others is in the way of hearing about theirs.
type watch struct {
	mu      sync.Mutex // guards what follows
	d       *direct    // nil before the first question, and after an error
	version int64      // what Version returned last
	seen    int64      // data_version on d when it did; 0 if d is another one by now
}

// with asks something on the connection.
func (w *watch) with(s *Store, ask func(d *direct) error) (err error) {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.inside.Done()
	if err := s.stillThere(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.d == nil {
		if w.d, err = openDirect(fileURI(s.path, s.vfs, url.Values{"mode": {"ro"}}), sweepPragmas(s.wait)); err != nil {
			return err
		}
		w.version++ // the answers of different connections mean nothing to each other
		w.seen = 0
	}
	if err := ask(w.d); err != nil {
		w.leave()
		return err
	}
	return nil
}

// Version returns a number that differs from an earlier one if the store may have changed in between, whichever program
// changed it. It is cheap enough to be asked ten times a second, and waits for no change that is being made. Ask for the
// version before you read what it stands for.
func (s *Store) Version(ctx context.Context) (version int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, s.explain(ctx, err)
	}
	err = s.watch.with(s, func(d *direct) error {
		version, err = s.watch.look(d)
		return err
	})
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	return version, nil
}

// look counts on if the data has another version than the last one that was seen.
func (w *watch) look(d *direct) (version int64, err error) {
	ask, err := d.keep(sqlDataVersion)
	if err != nil {
		return 0, err
	}
	defer ask.reset()
	if _, err := ask.step(); err != nil {
		return 0, err
	}
	if data := ask.int(0); data != w.seen {
		w.version++
		w.seen = data
	}
	return w.version, nil
}

// leave gives the connection up; the next question opens another.
func (w *watch) leave() {
	if w.d != nil {
		w.d.close()
		w.d = nil
	}
}

// close ends the watch.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leave()
}
