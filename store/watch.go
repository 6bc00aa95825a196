package store

import (
	"context"
	"errors"
	"net/url"
	"sync"
)

// watch is the connection on which Version asks. It is one of its own, so that no change of this program that waits for others is in
// the way of hearing about theirs.
type watch struct {
	mu      sync.Mutex // guards what follows
	d       *direct    // nil before the first question, and after an error
	ask     *statement // sqlDataVersion on d
	version int64      // what Version returned last
	seen    int64      // the answer on d when it did
}

// Version returns a number that differs from an earlier one if the store may have changed in between, whichever program
// changed it. It is cheap enough to be asked ten times a second, and waits for no change that is being made. Ask for the
// version before you read what it stands for.
func (s *Store) Version(ctx context.Context) (int64, error) {
	if err := s.enter(); err != nil {
		return 0, s.explain(ctx, err)
	}
	defer s.inside.Done()
	if err := s.stillThere(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	version, err := s.watch.look(fileURI(s.path, s.vfs, url.Values{"mode": {"ro"}}), sweepPragmas(s.wait))
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	return version, nil
}

func (w *watch) look(uri string, pragmas []string) (version int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() {
		if err != nil {
			w.leave()
		}
	}()
	if w.d == nil {
		if w.d, err = openDirect(uri, pragmas); err != nil {
			return 0, err
		}
		if w.ask, err = w.d.prepare(sqlDataVersion); err != nil {
			return 0, err
		}
		w.version++ // the answers of different connections mean nothing to each other
		w.seen = 0
	}
	defer func() { w.ask.reset() }()
	more, err := w.ask.step()
	if err != nil || !more {
		return 0, errors.Join(err, errNoState(more))
	}
	if data := w.ask.int(0); data != w.seen {
		w.version++
		w.seen = data
	}
	return w.version, nil
}

// leave gives the connection up; the next question opens another.
func (w *watch) leave() {
	if w.d != nil {
		w.d.close()
		w.d, w.ask = nil, nil
	}
}

// close ends the watch.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leave()
}
