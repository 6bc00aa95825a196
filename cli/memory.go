package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"clavier/config"
	"clavier/model"
)

// mostRemembered is how many keys are remembered of a service: the newest.
const mostRemembered = 10_000

// memory keeps the list of a service's keys for the times when that cannot be reached: on disk after each whole reading, and when it
// is closed as it is known then. It is safe for concurrent use.
type memory struct {
	profile config.Profile
	now     func() time.Time

	mu      sync.Mutex
	keys    map[string]model.Key // as they are known; nil before the first whole reading
	total   int
	mark    int64     // that of the last change that keys show
	at      time.Time // when keys were last known to be right
	changed bool      // since they were saved

	saving sync.Mutex // one at a time writes the file; guards wrote
	wrote  bool       // the file was written
	busy   sync.WaitGroup
}

func newMemory(profile config.Profile) *memory { return &memory{profile: profile, now: time.Now} }

// recalled returns what is on disk; the zero Remembered if nothing is.
func (m *memory) recalled() (model.Remembered, error) { return loadList(m.profile) }

// reading is one reading of the whole list, which is remembered once it is done.
type reading struct {
	memory *memory
	keys   map[string]model.Key
	count  int
	mark   int64
}

func (m *memory) read() *reading { return &reading{memory: m, keys: map[string]model.Key{}} }

// add takes the next page.
func (r *reading) add(page model.Page) {
	if r.count == 0 {
		r.mark = page.Mark
	}
	r.count += len(page.Keys)
	for _, key := range page.Keys[:min(len(page.Keys), mostRemembered-len(r.keys))] {
		r.keys[key.ID] = key
	}
}

// done keeps what was read. It is not on disk yet.
func (r *reading) done() {
	m := r.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys, m.total, m.mark, m.at, m.changed = r.keys, r.count, r.mark, m.now().UTC(), true
}

// confirm notes that nothing has changed up to now, if the mark is that of the list.
func (m *memory) confirm(mark int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys != nil && mark == m.mark {
		m.at, m.changed = m.now().UTC(), true
	}
}

// follow notes what has changed since the mark since. A list that is not whole is not followed: nobody knows then whether a key
// is one that was left out.
func (m *memory) follow(since int64, c model.Changes) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys == nil || c.All || since != m.mark || len(m.keys) != m.total {
		return
	}
	for _, key := range c.Keys {
		m.keys[key.ID] = key
	}
	for _, id := range c.Gone {
		delete(m.keys, id)
	}
	m.total, m.mark, m.at, m.changed = len(m.keys), c.Mark, m.now().UTC(), true
}

// save writes the list, if it has changed since it was written. One that is newer, which somebody else wrote, stays.
func (m *memory) save(ctx context.Context) error {
	m.saving.Lock()
	defer m.saving.Unlock()
	list, changed := m.take()
	if !changed {
		return nil
	}
	written := false
	defer func() { // also after a panic
		if !written {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.changed = true
		}
	}()
	if _, err := os.Stat(m.profile.List); m.wrote && errors.Is(err, fs.ErrNotExist) {
		written = true // the profile was removed
		return nil
	}
	err := saveList(ctx, m.profile, list, m.now())
	written = err == nil
	m.wrote = m.wrote || written
	return err
}

// take returns the list as it is to be written, newest first.
func (m *memory) take() (list model.Remembered, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed, m.changed = m.changed, false
	if !changed {
		return list, false
	}
	list = model.Remembered{Keys: make([]model.Key, 0, len(m.keys)), At: m.at, Total: m.total}
	for _, key := range m.keys {
		list.Keys = append(list.Keys, key)
	}
	slices.SortFunc(list.Keys, func(a, b model.Key) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	list.Keys = list.Keys[:min(len(list.Keys), mostRemembered)]
	return list, true
}

// saveLater writes the list beside whatever goes on. What fails is as good as nothing remembered.
func (m *memory) saveLater(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	m.busy.Go(func() {
		defer func() { _ = recover() }() // a panic here would leave the terminal raw
		_ = m.save(ctx)
	})
}

// close writes what has changed, and waits for it.
func (m *memory) close() {
	m.saveLater(context.Background())
	m.busy.Wait()
}
