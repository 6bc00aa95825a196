package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// Eight callers over two Postgres values on one database, which is empty when they begin: one name has one winner, no change is
// lost, each key is deleted once, and whoever follows the changes has at every moment what the store had.
func TestT7PostgresShared(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	stores := openTogether(t, pgtest.Shared(t).NewDatabase(t), 2)
	mark := pgChangesOf(t, stores[0], 0).Mark

	stop := make(chan struct{})
	var followers sync.WaitGroup
	for _, p := range stores {
		followers.Go(func() {
			keys, mark := map[string]model.Key{}, mark
			for stopped := false; !stopped; {
				select {
				case <-stop:
					stopped = true
				default:
				}
				mark = pgFollow(t, p, keys, mark)
			}
			list, err := p.List(t.Context())
			if err != nil {
				t.Error(err)
			}
			sameKeys(t, slices.Collect(maps.Values(keys)), list)
		})
	}

	const callers = 8
	operations := amount(150, 60, 40)
	var callersDone sync.WaitGroup
	crowd := pgCrowd{wins: map[string]int{}, live: map[string]model.Record{}, touched: map[string]time.Time{}}
	for caller := range callers {
		callersDone.Go(func() {
			random := mrand.New(mrand.NewPCG(seed, uint64(caller)))
			for i := range operations {
				if err := crowd.act(t, stores[caller%2], random, i); err != nil {
					t.Errorf("caller %d: %v", caller, err)
				}
			}
		})
	}
	callersDone.Wait()
	close(stop)
	followers.Wait()
	crowd.audit(t, stores[0], operations)
}

// openTogether opens stores at the same moment.
func openTogether(t *testing.T, address string, n int) []*Postgres {
	t.Helper()
	stores := make([]*Postgres, n)
	var opening sync.WaitGroup
	for i := range stores {
		opening.Go(func() {
			p, err := OpenPostgres(t.Context(), address)
			if err != nil {
				t.Errorf("opener %d: %v", i, err)
				return
			}
			stores[i] = p
			t.Cleanup(func() { _ = p.Close() })
		})
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return stores
}

// pgFollow takes the changes since a mark into keys.
func pgFollow(t *testing.T, p *Postgres, keys map[string]model.Key, mark int64) int64 {
	changes, err := p.Changes(t.Context(), mark)
	if err != nil || changes.All || changes.Mark < mark {
		t.Errorf("changes since %d: %v, all: %v, mark %d", mark, err, changes.All, changes.Mark)
		return mark
	}
	for _, key := range changes.Keys {
		keys[key.ID] = key
	}
	for _, id := range changes.Gone {
		delete(keys, id)
	}
	return changes.Mark
}

// pgCrowd is what several callers did, all together.
type pgCrowd struct {
	mu      sync.Mutex
	wins    map[string]int // by name
	live    map[string]model.Record
	touched map[string]time.Time
	deleted atomic.Int64
}

// act does one thing and notes what must hold from then on.
func (c *pgCrowd) act(t *testing.T, p *Postgres, random *mrand.Rand, i int) error {
	ctx := t.Context()
	name := fmt.Sprint("wanted ", i/3) // which all callers want at about the same time
	switch random.IntN(6) {
	case 0, 1, 2:
		rec := record(t, name, epoch.Add(time.Duration(random.IntN(1e9))))
		err := p.Put(ctx, rec, someone)
		if errors.Is(err, model.ErrNameTaken) {
			return nil
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wins[name]++
		c.live[rec.Key.ID] = rec
		return err
	case 3:
		rec, at := c.some(random), epoch.Add(time.Duration(random.IntN(1e6))*time.Hour)
		err := p.NoteUses(ctx, []model.Use{{KeyID: rec.Key.ID, At: at}})
		c.mu.Lock()
		defer c.mu.Unlock()
		if at.After(c.touched[rec.Key.ID]) {
			c.touched[rec.Key.ID] = at
		}
		return err
	case 4:
		old, rec := c.some(random), record(t, fmt.Sprint("successor ", random.Uint64()), epoch)
		err := p.PutSuccessor(ctx, rec, old.Key.ID, someone)
		if errors.Is(err, model.ErrRotating) || errors.Is(err, model.ErrNotFound) {
			return nil
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.live[rec.Key.ID] = rec
		return err
	default:
		rec := c.some(random)
		err := p.Delete(ctx, rec.Key.ID, someone, epoch)
		if errors.Is(err, model.ErrNotFound) {
			return nil
		}
		c.deleted.Add(1)
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, there := c.live[rec.Key.ID]; !there && err == nil && rec.Key.ID != "" {
			return errors.New("a key was deleted twice")
		}
		delete(c.live, rec.Key.ID)
		if strings.HasPrefix(rec.Key.Name, "wanted ") {
			c.wins[rec.Key.Name]--
		}
		return err
	}
}

// some returns a record that is there, or was a moment ago.
func (c *pgCrowd) some(random *mrand.Rand) model.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := random.IntN(len(c.live) + 1)
	for _, rec := range c.live {
		if n--; n < 0 {
			return rec
		}
	}
	return model.Record{Key: model.Key{ID: "none"}}
}

// audit holds the store to what the callers were told.
func (c *pgCrowd) audit(t *testing.T, p *Postgres, operations int) {
	t.Helper()
	list, err := p.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(c.live) {
		t.Errorf("the store has %d keys, and %d were acknowledged", len(list), len(c.live))
	}
	for _, key := range list {
		rec, known := c.live[key.ID]
		if !known || rec.Key.Name != key.Name || key.LastUse.At.Before(c.touched[key.ID]) {
			t.Errorf("%+v is not what was acknowledged: %+v, used %v", key, rec.Key, c.touched[key.ID])
		}
	}
	for name, wins := range c.wins {
		if wins < 0 || wins > 1 {
			t.Errorf("%q has %d keys", name, wins)
		}
	}
	activity, err := p.Activity(t.Context(), 100*operations)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[model.Action]int{}
	for _, line := range activity {
		lines[line.Action]++
	}
	if lines[model.ActionDeleted] != int(c.deleted.Load()) || lines[model.ActionCreated] != len(list)+lines[model.ActionDeleted] {
		t.Errorf("%v are in the activity of %d keys, of which %d were deleted", lines, len(list), c.deleted.Load())
	}
	if err := pgFitTogether(t.Context(), p, list); err != nil {
		t.Error(err)
	}
	page, err := p.After(t.Context(), model.Cursor{}, 0)
	if err != nil || page.Total != len(list) {
		t.Errorf("%d keys are counted, and %d are there (%v)", page.Total, len(list), err)
	}
}

// pgFitTogether reports whether exactly the keys of rotations are marked, and both of each are there.
func pgFitTogether(ctx context.Context, p *Postgres, list []model.Key) error {
	rotations, err := p.Rotations(ctx)
	if err != nil {
		return err
	}
	part := map[string]bool{}
	for _, r := range rotations {
		if part[r.OldID] || part[r.NewID] {
			return fmt.Errorf("a key of %+v is part of two rotations", r)
		}
		part[r.OldID], part[r.NewID] = true, true
	}
	for _, key := range list {
		if key.Rotating != part[key.ID] {
			return fmt.Errorf("%s is marked as rotating: %v, and it is: %v", key.ID, key.Rotating, part[key.ID])
		}
		delete(part, key.ID)
	}
	if len(part) > 0 {
		return fmt.Errorf("rotations have keys that are gone: %v", part)
	}
	return nil
}

// Whoever holds the row of the state holds the changes up for no longer than a wait, and reading not at all.
func TestPostgresWaits(t *testing.T) {
	const brief = 400 * time.Millisecond
	p := newPostgres(t, WithWait(brief))
	rec := record(t, "production", epoch)
	if err := p.Put(t.Context(), rec, someone); err != nil {
		t.Fatal(err)
	}
	tx, err := p.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), pgAwaitOthers); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err = p.Delete(t.Context(), rec.Key.ID, someone, epoch)
	if !errors.Is(err, model.ErrStoreBusy) || !strings.Contains(err.Error(), p.Where()) {
		t.Errorf("a delete that waits too long says %v", err)
	}
	if took := time.Since(began); took > brief+Wait {
		t.Errorf("it waited for %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- p.Delete(ctx, rec.Key.ID, someone, epoch) }()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("a delete that is given up says %v", err)
	}
	if _, err := p.Find(t.Context(), rec.Sealed.Digest); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Get(t.Context(), rec.Key.ID); err != nil {
		t.Errorf("what was given up was done: %v", err)
	}
	if err := p.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
		t.Error(err)
	}
}

// However many read and wait, and however many changes wait for another program, what has changed is heard in time, with as few
// connections as a store takes.
func TestPostgresReadersLeaveRoom(t *testing.T) {
	for _, connections := range []int{pgLeast, pgConnections} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) { leaveRoom(t, connections) })
	}
}

func leaveRoom(t *testing.T, connections int) {
	u, err := url.Parse(pgtest.Shared(t).NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	other := openPostgres(t, u.String())
	settings := u.Query()
	settings.Set("pool_max_conns", fmt.Sprint(connections))
	settings.Set("application_name", "crowded")
	u.RawQuery = settings.Encode()
	p := openPostgres(t, u.String())
	tx, err := other.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE clavier_keys`); err != nil {
		t.Fatal(err)
	}
	reading, leave := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	defer crowd.Wait()
	defer leave()
	for range 3 * pgConnections {
		crowd.Go(func() { _, _ = p.Get(reading, "x") })
	}
	wait := func(most int) {
		t.Helper()
		waiting := 0
		for began := time.Now(); waiting < most; {
			err := other.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
				AND application_name = 'crowded' AND wait_event_type = 'Lock'`).Scan(&waiting)
			if err != nil || time.Since(began) > Wait {
				t.Fatalf("%d of %d wait (%v)", waiting, most, err)
			}
		}
	}
	wait(cap(p.places))
	heard := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		version, err := p.Version(ctx)
		if err != nil {
			t.Errorf("the version: %v", err)
		}
		if _, err := p.DigestChanges(ctx, version); err != nil {
			t.Errorf("what has changed: %v", err)
		}
	}
	heard()
	change := func(ctx context.Context) error {
		return p.NoteRefusal(ctx, model.Activity{At: epoch, Action: model.ActionDeleted, Refused: "no"})
	}
	if err := change(t.Context()); err != nil {
		t.Errorf("a change: %v", err)
	}
	if _, err := tx.Exec(t.Context(), pgAwaitOthers); err != nil {
		t.Fatal(err)
	}
	for range pgTurns + 1 {
		crowd.Go(func() { _ = change(reading) })
	}
	wait(cap(p.places) + pgTurns)
	heard()
}

// Programs that open the same empty database at the same moment make the tables once, and so do those that migrate them; an older
// program changes nothing from then on, and does not open the store any more.
func TestPostgresMigratesOnce(t *testing.T) {
	address := pgtest.Shared(t).NewDatabase(t)
	stores := openTogether(t, address, 8)
	tags := map[int64]bool{}
	for i, p := range stores {
		if err := p.Put(t.Context(), record(t, fmt.Sprint("key ", i), epoch), someone); err != nil {
			t.Error(err)
		}
		tags[pgChangesOf(t, p, 0).Mark>>tagShift] = true
	}
	if len(tags) != 1 || tags[0] {
		t.Errorf("the stores have the tags %v", tags)
	}
	newer := func(s *settings) {
		s.migrations = append(slices.Clone(pgMigrations), "ALTER TABLE clavier_keys ADD COLUMN further TEXT NOT NULL DEFAULT ''")
	}
	var opening sync.WaitGroup
	for range 4 {
		opening.Go(func() {
			p, err := OpenPostgres(t.Context(), address, newer)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = p.Close() }()
			if keys, err := p.List(t.Context()); err != nil || len(keys) != len(stores) {
				t.Errorf("after a migration there are %d keys (%v)", len(keys), err)
			}
		})
	}
	opening.Wait()
	if err := stores[0].Put(t.Context(), record(t, "late", epoch), someone); !errors.Is(err, model.ErrStoreNewer) {
		t.Errorf("an older program changes a newer store: %v", err)
	}
	if _, err := OpenPostgres(t.Context(), address); !errors.Is(err, model.ErrStoreNewer) || !strings.Contains(err.Error(), stores[0].Where()) {
		t.Errorf("an older program opens a newer store: %v", err)
	}
}
