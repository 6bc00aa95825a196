package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	mrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// pgFill stores n records quickly: what a test of many keys begins with. Their ids are in the order of their making, as UUIDv7 are.
func pgFill(t testing.TB, p *Postgres, n int) {
	t.Helper()
	const statement = `INSERT INTO clavier_keys (id, name, hint, owner, created_at, last_used_at, disabled, traits, note, tag, digest,
		ciphertext, name_digest, changed)
		SELECT lpad(to_hex($2 / 1000000000000 + i), 12, '0') || '-' || gen_random_uuid(), 'key ' || i, 'clv_…abcd', 'ada', $2 + i * 1000000000, NULL, false, 0, '', i,
			sha256(convert_to('digest ' || i, 'UTF8')), decode(repeat('ab', 430), 'hex'), sha256(convert_to('key ' || i, 'UTF8')), 1
		FROM generate_series(1, $1::bigint) AS i`
	if _, err := p.pool.Exec(context.Background(), statement, n, epoch.UnixNano()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.pool.Exec(context.Background(), `UPDATE clavier_state SET live = live + $1, changes = changes + 1`, n); err != nil {
		t.Fatal(err)
	}
	if _, err := p.pool.Exec(context.Background(), `VACUUM ANALYZE clavier_keys`); err != nil {
		t.Fatal(err)
	}
}

func all[P any](t *testing.T, pages iter.Seq2[P, error], take func(P)) {
	t.Helper()
	for page, err := range pages {
		if err != nil {
			t.Fatal(err)
		}
		take(page)
	}
}

// Pages, After and Digests give each key that is there throughout exactly once, whatever is done meanwhile, and the changes since
// their mark tell the rest.
func TestPostgresPages(t *testing.T) {
	p := openPostgres(t, pgtest.Shared(t).NewDatabase(t), small)
	pgFill(t, p, 500)
	stop := make(chan struct{})
	var meddling sync.WaitGroup
	meddling.Go(func() {
		random := mrand.New(mrand.NewPCG(1, 1))
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			rec := newRecord(fmt.Sprint("meddler ", i), random)
			if err := p.Put(t.Context(), rec, someone); err != nil {
				t.Error(err)
			}
			if err := p.Delete(t.Context(), rec.Key.ID, someone, epoch); err != nil {
				t.Error(err)
			}
		}
	})
	for range 10 {
		seen := map[string]int{}
		all(t, p.Pages(t.Context()), func(page model.Page) {
			for _, key := range page.Keys {
				seen[key.ID]++
			}
		})
		once(t, "pages", p, seen)
		seen = map[string]int{}
		all(t, p.Digests(t.Context()), func(page model.DigestPage) {
			for _, one := range page.Keys {
				seen[one.Key.ID]++
			}
		})
		once(t, "digests", p, seen)
		seen = map[string]int{}
		place := model.Cursor{}
		var before model.Key
		for {
			page, err := p.After(t.Context(), place, 70)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range page.Keys {
				if seen[key.ID]++; before.ID != "" && (key.CreatedAt.After(before.CreatedAt) || key.CreatedAt.Equal(before.CreatedAt) && key.ID > before.ID) {
					t.Errorf("%v stands behind %v", key, before)
				}
				before, place = key, model.Cursor{CreatedAt: key.CreatedAt, ID: key.ID}
			}
			if len(page.Keys) == 0 {
				break
			}
		}
		once(t, "after", p, seen)
	}
	close(stop)
	meddling.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, last = range p.Digests(ctx) {
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a reading that was ended says %v", last)
	}
	for range p.Digests(t.Context()) {
		break
	}
}

func once(t *testing.T, what string, p *Postgres, seen map[string]int) {
	t.Helper()
	list, err := p.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range list {
		if key.Owner == "ada" && key.Name[:3] == "key" && seen[key.ID] != 1 {
			t.Fatalf("%s gave %s %d times", what, key.Name, seen[key.ID])
		}
	}
	if !slices.IsSortedFunc(list, model.Order{}.Compare) {
		t.Error("the list is not newest first")
	}
}

// A mark of another store, of a moment that never was, or of too long ago, means that everything is to be read again; so does a
// single change of more keys than are told.
func TestPostgresChangesThatCannotBeTold(t *testing.T) {
	p, other := newPostgres(t, small), newPostgres(t)
	for _, s := range []*Postgres{p, other} {
		if err := s.Put(t.Context(), record(t, "production", epoch), someone); err != nil {
			t.Fatal(err)
		}
	}
	mark, foreign := pgChangesOf(t, p, 0).Mark, pgChangesOf(t, other, 0).Mark
	for name, since := range map[string]int64{
		"none": 0, "negative": -1, "ahead": mark + 1, "another store's": foreign, "without a tag": 1, "the least": -1 << 63, "the most": 1<<63 - 1,
	} {
		if changes := pgChangesOf(t, p, since); !changes.All || changes.Mark != mark || len(changes.Keys)+len(changes.Gone) > 0 {
			t.Errorf("%s: %+v", name, changes)
		}
	}
	if changes := pgChangesOf(t, p, mark-1); changes.All || len(changes.Keys) != 1 {
		t.Errorf("the last change is told as %+v", changes)
	}
	pgFill(t, p, 150)
	var uses []model.Use
	all(t, p.Pages(t.Context()), func(page model.Page) {
		mark = page.Mark
		for _, key := range page.Keys {
			uses = append(uses, model.Use{KeyID: key.ID, At: epoch})
		}
	})
	if err := p.NoteUses(t.Context(), uses[:90]); err != nil {
		t.Fatal(err)
	}
	if changes := pgChangesOf(t, p, mark); changes.All || len(changes.Keys) != 90 {
		t.Errorf("90 uses are told as %d keys, all: %v", len(changes.Keys), changes.All)
	}
	for range 2 { // the second time there is nothing to note
		if err := p.NoteUses(t.Context(), uses); err != nil {
			t.Fatal(err)
		}
	}
	if changes := pgChangesOf(t, p, mark); !changes.All || len(changes.Keys) > 0 || changes.Mark != mark+2 {
		t.Errorf("of %d uses in two changes %d are told, all: %v, mark %d", len(uses), len(changes.Keys), changes.All, changes.Mark-mark)
	}
}

// Who listens hears of each change, whoever makes it, and of the loss of the connection.
func TestPostgresNotify(t *testing.T) {
	s := pgtest.Start(t)
	p, other := openPostgres(t, s.URL()+"&application_name=listener"), openPostgres(t, s.URL())
	p.hear = 20 * time.Millisecond // so that silence is looked into while this test lasts
	listen := func(ctx context.Context) (heard chan struct{}, ended chan error) {
		heard, ended = make(chan struct{}, 100), make(chan error, 1)
		go func() { ended <- p.Notify(ctx, func() { heard <- struct{}{} }) }()
		<-heard // it listens
		return heard, ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := listen(ctx)
	for i, who := range []*Postgres{p, other} {
		for range 3 {
			time.Sleep(3 * p.hear)
			rec := record(t, fmt.Sprint("key ", i), epoch)
			for what, change := range []func() error{
				func() error { return who.Put(t.Context(), rec, someone) },
				func() error { return who.Delete(t.Context(), rec.Key.ID, someone, epoch) },
			} {
				if err := change(); err != nil {
					t.Fatal(err)
				}
				select {
				case <-heard:
				case <-time.After(10 * time.Second):
					t.Fatalf("nothing is heard of change %d by store %d", what, i)
				}
			}
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("what was ended says %v", err)
	}
	_, ended = listen(t.Context())
	if s.CutConnections(t, "listener") == 0 {
		t.Error("there was no connection to cut")
	}
	if err := <-ended; !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("after the connection was cut: %v", err)
	}
	_, ended = listen(t.Context())
	s.Stop(t)
	if err := <-ended; !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("after the database was stopped: %v", err)
	}
	if err := p.Notify(t.Context(), func() {}); !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("of a database that is stopped: %v", err)
	}
	p.can.notify = false
	if err := p.Notify(t.Context(), func() { t.Error("there is nothing to hear") }); !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("of a database that cannot tell: %v", err)
	}
}
