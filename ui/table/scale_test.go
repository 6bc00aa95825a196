package table

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"clavier/model"
)

// tiedKeys returns keys of which many have the same times and names that begin alike, so that every level of sorting and
// its parallel half come to work.
func tiedKeys(n int, textIDs bool) []model.Key {
	r := rand.New(rand.NewPCG(3, 5))
	at := func() time.Time {
		switch r.IntN(12) {
		case 0, 1, 2:
			return time.Time{}
		case 3:
			return time.Date(3000+r.IntN(3), 1, 1, 0, 0, 0, 0, time.UTC)
		case 4:
			return time.Date(-r.IntN(3), 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return now.Add(-time.Duration(r.IntN(4)) * time.Hour)
	}
	keys := make([]model.Key, n)
	for i := range keys {
		keys[i] = model.Key{
			ID: newUUID(r, now), Name: strings.Repeat("x", 8*r.IntN(3)) + strings.Repeat("y", r.IntN(9)), CreatedAt: at(), ExpiresAt: at(),
			LastUse: model.LastUse{Reported: r.IntN(5) > 0, At: at()},
		}
		switch r.IntN(8) {
		case 0:
			keys[i].Name = strings.ToUpper(keys[i].Name)
		case 1:
			keys[i].Name = fmt.Sprint("team-", r.IntN(1000), "-service-", r.IntN(1000))
		case 2:
			if textIDs {
				keys[i].ID = fmt.Sprint("text", i)
			}
		case 3:
			if len(keys[i].Name) < 5 { // longer names are told apart without a look at the rows
				keys[i].Name += string([]byte{0})
			}
		}
	}
	return keys
}

// TestSortMany compares the orders of many keys with Order.Compare.
func TestSortMany(t *testing.T) {
	query, _ := model.ParseQuery("-team", nil)
	for name, keys := range map[string][]model.Key{"UUIDs": tiedKeys(parallelRows+777, false), "texts": tiedKeys(chunkRows, true)} {
		t.Run(name, func(t *testing.T) {
			var table Table
			table.Add(NewBlock(keys))
			s := table.Snapshot()
			for by := model.SortCreated; by <= model.SortExpires; by++ {
				checkMany(t, answer(t, s, Request{Order: model.Order{By: by}, Now: now}, nil), s, keys)
				r := Request{Query: query, Order: model.Order{By: by, Reverse: true}, Now: now}
				checkMany(t, answer(t, s, r, nil), s, keys)
			}
		})
	}
	t.Run("all different", func(t *testing.T) {
		keys := realKeys(parallelRows + 1)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		var table Table
		table.Add(NewBlock(keys))
		checkMany(t, answer(t, table.Snapshot(), Request{Now: now}, nil), table.Snapshot(), keys)
	})
}

// TestSortFar sorts by times that nanoseconds cannot count, which have the same codes in different chunks.
func TestSortFar(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var table Table
	var keys []model.Key
	for year := 3000; year < 3006; year++ {
		at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		var block []model.Key
		for range 2 * exactRows {
			block = append(block, model.Key{ID: newUUID(r, now), CreatedAt: at, ExpiresAt: at, LastUse: model.LastUse{Reported: true, At: at}})
		}
		table.Add(NewBlock(block))
		keys = append(keys, block...)
	}
	for by := model.SortCreated; by <= model.SortExpires; by++ {
		checkMany(t, answer(t, table.Snapshot(), Request{Order: model.Order{By: by}, Now: now}, nil), table.Snapshot(), keys)
	}
}

// TestReorder compares orders that were kept through changes with sorting anew.
func TestReorder(t *testing.T) {
	keys := tiedKeys(chunkRows+300, true)
	var table Table
	table.Add(NewBlock(keys))
	r := rand.New(rand.NewPCG(2, 4))
	for round := range 2 {
		for range 40 {
			i := r.IntN(len(keys))
			row, live := table.Find(keys[i].ID)
			switch key := tiedKeys(r.IntN(50)+1, true); {
			case !live:
			case r.IntN(2) == 0:
				table.Remove(row)
			case r.IntN(3) == 0:
				last, _ := table.Key(row)
				last.LastUse.Reported = !last.LastUse.Reported
				table.Put(last)
			default:
				last := key[len(key)-1]
				last.ID = keys[i].ID
				table.Put(last)
			}
		}
		table.Put(model.Key{ID: fmt.Sprint("new", round), Name: "new", CreatedAt: now})
		s := table.Snapshot()
		fresh := &Snapshot{chunks: s.chunks, live: s.live, orders: &orders{}}
		for by := model.SortCreated; by <= model.SortExpires; by++ {
			r := Request{Order: model.Order{By: by}, Now: now}
			kept, anew := answer(t, s, r, nil).Rows(), answer(t, fresh, r, nil).Rows()
			if !slices.Equal(kept, anew) {
				t.Fatalf("round %d, by %v: the order that was kept is not the one made anew", round, by)
			}
		}
	}
}

// TestFirstPage holds that the first page is there before all is sorted, and that it is the first page.
func TestFirstPage(t *testing.T) {
	keys := tiedKeys(chunkRows+100, true)
	var table Table
	table.Add(NewBlock(keys))
	for by := model.SortCreated; by <= model.SortExpires; by++ {
		for _, reverse := range []bool{false, true} {
			s := table.Snapshot()
			s.orders.last = nil
			search := s.Search(Request{Order: model.Order{By: by, Reverse: reverse}, Now: now, Page: 30}, nil)
			var pages []*Listing
			search.publish = func(l *Listing) { pages = append(pages, l) }
			l, _ := search.Run(context.Background(), 0)
			if len(pages) != 2 || pages[1] != l || pages[0].Complete() || pages[0].Count() != len(keys) {
				t.Fatalf("by %v: %d listings", by, len(pages))
			}
			if !slices.Equal(pages[0].Rows(), l.Rows()[:30]) {
				t.Errorf("by %v, reverse %v: the first page is not the first page", by, reverse)
			}
		}
	}
}

// TestCancel holds that a search stops when its context ends, and that it can go on.
func TestCancel(t *testing.T) {
	var table Table
	table.Add(NewBlock(realKeys(chunkRows)))
	s := table.Snapshot()
	search := s.Search(Request{Now: now}, nil)
	search.beside = true
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if l, done := search.Run(ended, 0); done || l.Complete() || l.Len() != 0 || l.Count() != -1 {
		t.Errorf("a search in a context that has ended has %d rows, done: %v", l.Len(), done)
	}
	if l, done := search.Run(context.Background(), 0); !done || l.Len() != chunkRows {
		t.Errorf("run again, it has %d rows, done: %v", l.Len(), done)
	}
}

// TestConcurrent searches snapshots while the table changes.
func TestConcurrent(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	keys := realKeys(300)
	var table Table
	table.Add(NewBlock(keys[:200]))
	var group sync.WaitGroup
	query, _ := model.ParseQuery("pro -dev", nil)
	for i := range 60 {
		key := keys[r.IntN(len(keys))]
		key.LastUse = model.LastUse{Reported: true, At: now.Add(time.Duration(i))}
		key.Name += strings.Repeat("pro", r.IntN(2))
		table.Put(key)
		if row, ok := table.Find(keys[r.IntN(len(keys))].ID); ok {
			table.SetMark(row, true)
			table.Remove(row)
		}
		s := table.Snapshot()
		var then []model.Key
		for ci, c := range s.chunks {
			for i := range c.rows {
				if key, ok := table.Key(rowOf(ci, i)); ok {
					then = append(then, key)
				}
			}
		}
		by := model.SortBy(i % 4)
		group.Go(func() {
			r := Request{Query: query, Order: model.Order{By: by}, Rule: model.DefaultStaleRule, Now: now}
			l, _ := s.Search(r, nil).Run(context.Background(), 0)
			var ids []string
			for _, row := range l.Rows() {
				key, _ := s.Key(row)
				ids = append(ids, key.ID)
			}
			if !slices.Equal(ids, plainAnswer(then, r)) {
				t.Error("a search beside the changes of its table found something else")
			}
		})
	}
	group.Wait()
}

// TestExtent holds that the extent is that of what is shown.
func TestExtent(t *testing.T) {
	for _, text := range append(slices.Clone(pieces), "", "clv_…9f3Q", "日本 x", "e\u0301…", "\u0301", strings.Repeat("\u202e", 3)) {
		key := model.Key{ID: "a", Name: text, Hint: text + "…"}
		want := Extent{Name: ansi.StringWidth(model.Display(key.Name)), Hint: ansi.StringWidth(model.Display(key.Hint))}
		var byBlock, byPut Table
		byBlock.Add(NewBlock([]model.Key{key}))
		byPut.Put(key)
		if byBlock.Extent() != want || byPut.Extent() != want {
			t.Errorf("%q: the extent is %+v and %+v, not %+v", text, byBlock.Extent(), byPut.Extent(), want)
		}
	}
	for _, key := range []model.Key{{ID: "a", Disabled: true}, {ID: "a", ExpiresAt: now}, {ID: "a", Dead: true}, {ID: "a", Rotating: true}} {
		var table Table
		table.Add(NewBlock([]model.Key{key}))
		if !table.Extent().Unusual {
			t.Errorf("%+v is not unusual", key)
		}
	}
}

// TestSameNames counts names after NFC, several at once.
func TestSameNames(t *testing.T) {
	var table Table
	names := []string{"é", "e\u0301", "a", "A", "\xff", "\xff", "\u212b", "Å", "a"}
	for i, name := range names {
		table.Put(model.Key{ID: fmt.Sprint(i), Name: name})
	}
	got := table.SameNames([]string{"e\u0301", "é", "a", "A", "\xff", "A\u030a", "gone", "a"})
	if want := []int{2, 2, 2, 1, 2, 2, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	row, _ := table.Find("2")
	table.Remove(row)
	if n := table.SameName("a"); n != 1 {
		t.Errorf("one of two was deleted: %d", n)
	}
}

// TestWorn changes keys until their chunk is made anew, because of what the changes leave behind: texts, far times, owners.
func TestWorn(t *testing.T) {
	for name, change := range map[string]func(k *model.Key, i int){
		"names":  func(k *model.Key, i int) { k.Name = fmt.Sprint(strings.Repeat("Name", 200), i) },
		"times":  func(k *model.Key, i int) { k.ExpiresAt = time.Date(5000, 1, 1, 0, 0, 0, i, time.UTC) },
		"owners": func(k *model.Key, i int) { k.Owner = fmt.Sprint("owner ", i) },
	} {
		t.Run(name, func(t *testing.T) {
			var table Table
			keys := realKeys(5)
			table.Add(NewBlock(keys))
			row, _ := table.Find(keys[4].ID)
			table.Remove(row)
			marked, _ := table.Find(keys[3].ID)
			table.SetMark(marked, true)
			s := table.Snapshot()
			rounds := 200
			if name != "names" {
				rounds = 1<<16/3 + 10
			}
			if name == "owners" {
				table.chunks[0].owners = slices.Grow(table.chunks[0].owners, 1<<16)
				for i := len(table.chunks[0].owners); i < 1<<16-50; i++ { // owners of keys that have gone since
					table.chunks[0].owners = append(table.chunks[0].owners, owner{text: fmt.Sprint("gone ", i)})
				}
				rounds = 100
			}
			for i := range rounds {
				change(&keys[i%3], i)
				table.Put(keys[i%3])
			}
			c := table.chunks[0]
			if len(c.text) > 128<<10+4096 || len(c.far) > farMost || len(c.owners) > 1<<16 {
				t.Errorf("%d bytes, %d times, %d owners are kept", len(c.text), len(c.far), len(c.owners))
			}
			if name != "names" && len(c.owners) > 1000 {
				t.Error("the chunk was not made anew")
			}
			for _, key := range keys[:4] {
				row, _ := table.Find(key.ID)
				if got, ok := table.Key(row); !ok || got != key {
					t.Errorf("got %+v, want %+v", got, key)
				}
			}
			if _, ok := table.Key(row); ok || !table.Marked(marked) || table.Len() != 4 {
				t.Error("a deleted row is back, or a mark is lost")
			}
			r := Request{Now: now, Order: model.Order{By: model.SortName}}
			if got := answer(t, table.Snapshot(), r, nil); got.Len() != 4 {
				t.Errorf("%d rows", got.Len())
			}
			old := realKeys(5)
			if got := idsOf(t, s, answer(t, s, r, nil).Rows()); !slices.Equal(got, plainAnswer(old[:4], r)) {
				t.Errorf("the snapshot became %q", got)
			}
		})
	}
}

// TestCrash holds that a panic beside the caller comes to the caller, who can recover: it would leave the terminal raw.
func TestCrash(t *testing.T) {
	caught := func(do func()) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		do()
		return ""
	}
	var table Table
	table.Put(model.Key{ID: "a"})
	search := table.Snapshot().Search(Request{Now: now}, nil)
	search.beside = true
	search.publish = func(*Listing) { panic("on purpose") }
	for range 2 {
		text := caught(func() { search.Run(context.Background(), 0) })
		if !strings.Contains(text, "on purpose") || !strings.Contains(text, "scale_test.go") {
			t.Errorf("Run panics with %q", text)
		}
	}
	for only := range 2 { // either the caller's goroutine or another
		var both sync.WaitGroup
		both.Add(2)
		text := caught(func() {
			parallel(2, 2, func(i int) {
				both.Done()
				both.Wait()
				if i == only {
					panic("on purpose")
				}
			})
		})
		if !strings.Contains(text, "on purpose") {
			t.Errorf("parallel panics with %q", text)
		}
	}
}
