package clienttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"clavier/client"
	"clavier/model"
)

// many is how many keys the subtests of long lists make: more than the first page of any provider so far.
const many = 300

// createMany makes keys of all roles, four at a time.
func (s *suite) createMany(n int) {
	s.Helper()
	const callers = 4
	done := make(chan error, callers)
	for caller := range callers {
		go func() {
			for i := caller; i < n; i += callers {
				if _, err := s.makeOf(s.Context(), fmt.Sprintf("key %d", i), roles[i%len(roles)]); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			s.Fatalf("create many: %v", err)
		}
	}
}

// pages reads all pages and returns copies of them.
func (s *suite) pages(pager client.Pager) (pages []model.Page) {
	s.Helper()
	for page, err := range pager.Pages(s.Context()) {
		if err != nil {
			s.Fatalf("page %d: %v", len(pages), err)
		}
		page.Keys = slices.Clone(page.Keys)
		pages = append(pages, page)
	}
	if len(pages) == 0 {
		s.Fatal("there is no page, want one at least")
	}
	return pages
}

// wantPages fails unless the pages have each key of the list once, the newest first.
func (s *suite) wantPages(pager client.Pager) (mark int64) {
	s.Helper()
	pages, list := s.pages(pager), s.list()
	var keys []model.Key
	for i, page := range pages {
		keys = append(keys, page.Keys...)
		if page.Total != len(list) && page.Total != 0 {
			s.Errorf("page %d says that there are %d keys, want %d or 0", i, page.Total, len(list))
		}
		if page.Mark != pages[0].Mark {
			s.Errorf("page %d has the mark %d, the first %d", i, page.Mark, pages[0].Mark)
		}
	}
	first := pages[0].Keys
	if len(first) == 0 && len(list) > 0 || len(first) > len(list) || !slices.Equal(first, list[:min(len(first), len(list))]) {
		s.Errorf("the first page has %d keys, want the newest of %d, newest first", len(first), len(list))
	}
	s.wantSame("the pages have", keys, list)
	return pages[0].Mark
}

// wantSame fails unless both have the same keys, each as often, in any order.
func (s *suite) wantSame(what string, got, want []model.Key) {
	s.Helper()
	byID := func(a, b model.Key) int { return cmp.Compare(a.ID, b.ID) }
	got, want = slices.SortedFunc(slices.Values(got), byID), slices.SortedFunc(slices.Values(want), byID)
	if len(got) != len(want) {
		s.Fatalf("%s %d keys, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			s.Fatalf("%s %+v, want %+v", what, got[i], want[i])
		}
	}
}

func (s *suite) testPages() {
	pager := optional[client.Pager](s)
	if page := s.pages(pager)[0]; len(page.Keys) > 0 || page.Total != 0 {
		s.Errorf("a new profile has a page with %d keys of %d", len(page.Keys), page.Total)
	}
	s.create(production)
	s.wantPages(pager)
	s.createMany(many)
	s.wantPages(pager)
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a test that fails should fail again
	for _, key := range s.list() {
		if random.IntN(4) > 0 {
			continue
		}
		if err := s.client.Delete(s.Context(), key.ID); err != nil {
			s.Fatalf("delete: %v", err)
		}
	}
	s.wantPages(pager)
}

// testPagesCancelled holds that the pages end with their context, and that a caller may leave at any page.
func (s *suite) testPagesCancelled() {
	pager := optional[client.Pager](s)
	s.createMany(many)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	var last error
	for page, err := range pager.Pages(ctx) {
		if last = err; err == nil {
			s.Errorf("a caller who had left got %d keys", len(page.Keys))
		}
	}
	s.want("pages for a caller who had left", last, context.Canceled)

	ctx, cancel = context.WithCancel(s.Context())
	defer cancel()
	pages := 0
	last = nil
	for _, err := range pager.Pages(ctx) {
		if last = err; err == nil {
			pages++
		}
		cancel()
	}
	if pages != 1 {
		s.Errorf("a caller who left at the first page got %d", pages)
	}
	if last != nil { // a provider may have given all in one page
		s.want("pages for a caller who leaves", last, context.Canceled)
	}
	for _, err := range pager.Pages(s.Context()) {
		s.want("the first page", err, nil)
		break
	}
	s.wantPages(pager)
}

// followed is the keys that somebody has who read the pages once and then asked for what changed.
type followed struct {
	*suite
	follower client.Follower
	keys     map[string]model.Key
	mark     int64
}

func (f *followed) ask() model.Changes {
	f.Helper()
	changes, err := f.follower.Changes(f.Context(), f.mark)
	if err != nil {
		f.Fatalf("changes: %v", err)
	}
	return changes
}

// catchUp takes in what has changed and fails unless the keys are then those of the list.
func (f *followed) catchUp(when string) {
	f.Helper()
	changes := f.ask()
	if changes.All || changes.Mark == 0 {
		f.Fatalf("%s: everything is to be read again, after the mark %d", when, f.mark)
	}
	for _, key := range changes.Keys {
		f.keys[key.ID] = key
	}
	for _, id := range changes.Gone {
		delete(f.keys, id)
	}
	f.mark = changes.Mark
	keys := slices.Collect(maps.Values(f.keys))
	f.wantSame(when+", one who follows has", keys, f.list())
	if again := f.ask(); again.Mark != f.mark || len(again.Keys)+len(again.Gone) > 0 || again.All {
		f.Errorf("%s: what was told is told again: %+v", when, again)
	}
}

func (s *suite) testChanges() {
	follower := optional[client.Follower](s)
	f := &followed{suite: s, follower: follower, keys: map[string]model.Key{}}
	f.mark = s.wantPages(optional[client.Pager](s))
	if f.mark == 0 {
		s.Fatal("the pages of a provider that tells what has changed have no mark")
	}
	f.catchUp("at the beginning")
	first, second := s.create("first"), s.create("second")
	f.catchUp("after two creates")
	if err := s.client.Delete(s.Context(), first.Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	f.catchUp("after a deletion")
	if verifier, ok := s.client.(client.Verifier); ok && second.Key.LastUse.Reported {
		if _, err := verifier.Verify(s.Context(), second.Secret); err != nil {
			s.Fatalf("verify: %v", err)
		}
		for until := time.Now().Add(5 * time.Second); s.list()[0].LastUse.Never(); tick() {
			if time.Now().After(until) {
				s.Fatal("the use was not noted within 5 s")
			}
		}
		f.catchUp("after a use")
		s.create("third")
		f.catchUp("after a use and a create")
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that fails should fail again
	for round := range 10 {
		for i := range random.IntN(6) {
			if list := s.list(); len(list) > 0 && random.IntN(2) == 0 {
				if err := s.client.Delete(s.Context(), list[random.IntN(len(list))].ID); err != nil {
					s.Fatalf("delete: %v", err)
				}
				continue
			}
			s.create(fmt.Sprintf("key %d of round %d", i, round))
		}
		f.catchUp(fmt.Sprintf("after round %d", round))
	}
}

// testChangesSinceNothing holds that who comes with a mark that was never given is told to read everything again.
func (s *suite) testChangesSinceNothing() {
	follower := optional[client.Follower](s)
	s.create(production)
	now, err := follower.Changes(s.Context(), 0)
	if err != nil {
		s.Fatalf("changes: %v", err)
	}
	for _, since := range []int64{0, -1, now.Mark + 1, -now.Mark} {
		changes, err := follower.Changes(s.Context(), since)
		if err != nil || !changes.All || len(changes.Keys)+len(changes.Gone) > 0 || changes.Mark != now.Mark {
			s.Errorf("changes since %d: %+v, %v, want all and the mark %d", since, changes, err, now.Mark)
		}
	}
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err = follower.Changes(ctx, now.Mark)
	s.want("changes", err, context.Canceled)
}

// testOwner holds that a key belongs to whoever made it, where the provider tells.
func (s *suite) testOwner() {
	issued := s.create(production)
	s.wantListed(issued.Key)
	if actor := s.actor(); issued.Key.Owner != actor.By && actor.By != "" {
		s.Errorf("the key belongs to %q, want %q", issued.Key.Owner, actor.By)
	}
}
