package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// page asks for a page of keys.
func (m *managed) page(cursor string, limit int, filter string) wire.Keys {
	m.t.Helper()
	query := url.Values{}
	for name, value := range map[string]string{"cursor": cursor, "filter": filter} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if limit != 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	return into[wire.Keys](m.ask(model.RoleRead, http.MethodGet, wire.PathKeys+"?"+query.Encode(), nil).want(http.StatusOK))
}

// all asks for page after page.
func (m *managed) all(limit int, filter string) (names []string, sizes []int) {
	m.t.Helper()
	cursor := ""
	for {
		page := m.page(cursor, limit, filter)
		for _, key := range page.Keys {
			names = append(names, key.Name)
		}
		if sizes = append(sizes, len(page.Keys)); page.Next == "" {
			return names, sizes
		}
		cursor = page.Next
	}
}

// TestPages lists keys page by page, whatever the size of the page: each of them once, the newest first.
func TestPages(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		for i := range 20 {
			m.add(fmt.Sprintf("key %02d", i), func(key *model.Key) {
				key.CreatedAt = noon.Add(time.Duration(i/2) * time.Minute) // pairs of the same moment
				key.Imported = i%5 == 0
				if i == 10 {
					key.CreatedAt = time.Time{} // nobody knows: the last
				}
			})
		}
		whole, sizes := m.all(0, "")
		if len(whole) != 23 || len(sizes) != 1 || whole[len(whole)-1] != "key 10" {
			t.Fatalf("the list has the pages %v: %v", sizes, whole)
		}
		for limit := 1; limit <= 24; limit++ {
			names, sizes := m.all(limit, "")
			if !slices.Equal(names, whole) {
				t.Errorf("in pages of %d the list is %v and not %v", limit, names, whole)
			}
			if want := (23 + limit - 1) / limit; len(sizes) != want {
				t.Errorf("in pages of %d the list has the pages %v", limit, sizes)
			}
		}
		first := m.page("", 1, "")
		if first.Total != 23 || first.Mark == "" {
			t.Errorf("the first page is %+v", first)
		}
		if changes := into[wire.Changes](m.ask(model.RoleRead, http.MethodGet, wire.PathChanges+"?since="+first.Mark, nil)); changes.All || len(changes.Keys) != 0 {
			t.Errorf("since the page, there are the changes %+v", changes)
		}
	})
}

// TestFilter holds that the service finds what the language of the filter says.
func TestFilter(t *testing.T) {
	eachStore(t, func(t *testing.T, m *managed) {
		for i := range 30 {
			m.add(fmt.Sprintf("key %02d", i), func(key *model.Key) {
				key.CreatedAt = noon.AddDate(0, 0, -i)
				key.Disabled = i%3 == 0
			})
		}
		for _, filter := range []string{
			"key", "KEY", "-key", "name:1", "status:disabled", "status:active age>10d", `"key 07"`, "created:2026-11-20", "used:never", "nothing at all",
		} {
			query, problems := model.ParseQuery(filter, time.UTC)
			if len(problems) != 0 {
				t.Fatalf("%s: %v", filter, problems)
			}
			var want []string
			all, err := m.store.After(t.Context(), model.Cursor{}, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range all.Keys {
				if query.Match(key, noon) {
					want = append(want, key.Name)
				}
			}
			for _, limit := range []int{0, 1, 2, 7} {
				if names, sizes := m.all(limit, filter); !slices.Equal(names, want) {
					t.Errorf("%s in pages of %d finds %v in %v and not %v", filter, limit, names, sizes, want)
				}
			}
		}
	})
}

// TestFilterBudget holds that a filter which finds nothing does not read all keys in one request.
func TestFilterBudget(t *testing.T) {
	endless := &endlessStore{Store: newFakeStore()}
	m := manageOver(t, endless)
	page := m.page("", 0, "name:nothing")
	if len(page.Keys) != 0 || page.Next == "" {
		t.Errorf("the page is %+v", page)
	}
	if endless.given < rowBudget || endless.given > rowBudget+rowChunk {
		t.Errorf("%d keys were looked at", endless.given)
	}
	endless.given = 0
	if page := m.page(page.Next, 0, "name:nothing"); page.Next == "" || endless.given == 0 {
		t.Errorf("the next page is %+v", page)
	}
}

// TestLargestPage holds that no answer is larger than clients read, however long the texts of keys are.
func TestLargestPage(t *testing.T) {
	m := manageOver(t, &endlessStore{Store: newFakeStore(), note: strings.Repeat("\"\n", 2000)})
	a := m.ask(model.RoleRead, http.MethodGet, wire.PathKeys+"?limit=5000", nil).want(http.StatusOK)
	if page := into[wire.Keys](a); len(a.body) > wire.MaxBody || len(a.body) < wire.MaxBody/4 || page.Next == "" {
		t.Errorf("the page has %d bytes, %d keys, and the next one is at %q", len(a.body), len(page.Keys), page.Next)
	}
}

// endlessStore has keys without an end.
type endlessStore struct {
	Store

	note  string
	given int
}

func (s *endlessStore) After(_ context.Context, _ model.Cursor, limit int) (model.Page, error) {
	page := model.Page{Total: 1 << 30, Mark: 1}
	for range limit {
		s.given++
		page.Keys = append(page.Keys, model.Key{ID: "01890a5d-ac96-774b-bcce-b302099a8057", Name: "endless", Note: s.note, CreatedAt: noon})
	}
	return page, nil
}

func TestListQuestions(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for query, want := range map[string]struct {
		status int
		says   string
	}{
		"limit=0":                             {422, "limit"},
		"limit=5001":                          {422, "limit"},
		"limit=x":                             {422, "limit"},
		"cursor=x":                            {400, "cursor"},
		"cursor=%1b%5b2J":                     {400, "cursor"},
		"filter=age%3Enever":                  {400, `"never" in "age>never" cannot be read: expected a span`},
		"filter=x:y":                          {400, `"x" in "x:y" cannot be read`},
		"filter=%22":                          {400, "quote"},
		"filter=status:%E2%80%AEx":            {400, "⟨U+202E⟩"},
		"filter=%FF":                          {400, "UTF-8"},
		"fliter=x":                            {422, "fliter"},
		"%E2%80%AE=x":                         {422, "⟨U+202E⟩"},
		"filter=%zz":                          {422, "encoded"},
		"limit=1;filter=x":                    {422, "encoded"},
		strings.Repeat("x", 3000):             {422, "xxx"},
		"filter=" + strings.Repeat("x", 1025): {422, "filter"},
	} {
		a := m.ask(model.RoleRead, http.MethodGet, wire.PathKeys+"?"+query, nil)
		if p := a.problem(); a.status != want.status || !strings.Contains(p.Detail, want.says) {
			t.Errorf("%.40s: the answer is %d %q", query, a.status, p.Detail)
		}
	}
}

// readStore lets its readers wait.
type readStore struct {
	Store

	mu           sync.Mutex
	inside, most int
	let          chan struct{}
}

func (s *readStore) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	s.count(1)
	defer s.count(-1)
	select {
	case <-s.let:
	case <-ctx.Done():
	}
	return s.Store.Activity(ctx, limit)
}

func (s *readStore) count(by int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside += by
	s.most = max(s.most, s.inside)
	return s.inside
}

// TestReadersLeaveRoom: however many read, few of them are at the store at once, and a change does not wait for them.
func TestReadersLeaveRoom(t *testing.T) {
	store := &readStore{Store: newFakeStore(), let: make(chan struct{})}
	m := manageOver(t, store)
	var readers sync.WaitGroup
	for range 3 * mostReaders {
		readers.Go(func() {
			if a := m.ask(model.RoleRead, http.MethodGet, wire.PathActivity, nil); a.status != http.StatusOK {
				t.Errorf("a reader got %d", a.status)
			}
		})
	}
	for store.count(0) < mostReaders {
		runtime.Gosched()
	}
	m.ask(model.RoleManage, http.MethodDelete, wire.PathKeys+"/"+m.keys[model.RoleUse].Key.ID, nil).want(http.StatusNoContent)
	close(store.let)
	readers.Wait()
	if n := store.most; n != mostReaders {
		t.Errorf("%d readers were at the store at once", n)
	}
}
