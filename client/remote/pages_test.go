package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// pageOf returns a page of n new keys.
func pageOf(t testing.TB, n int) wire.Keys {
	t.Helper()
	page := wire.Keys{Keys: []wire.Key{}, Total: n, Mark: "7"}
	for i := range n {
		page.Keys = append(page.Keys, wire.KeyOf(record(t, "key "+strconv.Itoa(i)).Key))
	}
	return page
}

// many returns a service with n keys, a millisecond apart.
func many(t testing.TB, n int) *fake {
	t.Helper()
	service := &fake{changes: 7}
	for i := range n {
		rec := record(t, "key "+strconv.Itoa(i))
		rec.Key.CreatedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Millisecond)
		service.records = append(service.records, rec)
	}
	return service
}

// TestPages: a small page first, then large ones, each key once, newest first, all with the mark of the first.
func TestPages(t *testing.T) {
	for n, want := range map[int][]int{
		0: {0}, 1: {1}, wire.FirstPage: {wire.FirstPage}, wire.FirstPage + 1: {wire.FirstPage, 1},
		wire.FirstPage + wire.MaxPage + 3: {wire.FirstPage, wire.MaxPage, 3},
	} {
		service := many(t, n)
		r := over(t, service)
		var sizes []int
		var keys []model.Key
		for page, err := range r.Pages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if page.Mark != 7 || page.Total != n {
				t.Errorf("a page has the mark %d and the total %d", page.Mark, page.Total)
			}
			service.mu.Lock()
			service.changes++
			service.mu.Unlock()
			sizes, keys = append(sizes, len(page.Keys)), append(keys, page.Keys...)
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%d keys came in pages of %v, want %v", n, sizes, want)
		}
		list, err := r.List(t.Context())
		if err != nil || !slices.Equal(list, keys) || !slices.IsSortedFunc(list, func(a, b model.Key) int { return b.CreatedAt.Compare(a.CreatedAt) }) {
			t.Errorf("the list of %d keys is not that of the pages: %v", n, err)
		}
	}
}

// TestPagesGiveAKeyOnce: a key that moved from one page to the next is given once.
func TestPagesGiveAKeyOnce(t *testing.T) {
	first := pageOf(t, 3)
	second := wire.Keys{Keys: append(slices.Clone(first.Keys[2:]), pageOf(t, 1).Keys...), Mark: "9"}
	first.Next = "next"
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Query().Get("cursor") == "" {
			says(w, http.StatusOK, first)
		} else {
			says(w, http.StatusOK, second)
		}
	}))
	keys, err := r.List(t.Context())
	if err != nil || len(keys) != 4 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
}

// TestT13Pages: a list that does not end is given up: with a cursor that stays, pages without keys, or ever more pages.
func TestT13Pages(t *testing.T) {
	for about, test := range map[string]struct {
		answer func(n int) wire.Keys
		most   int
	}{
		"the same cursor":    {func(int) wire.Keys { p := pageOf(t, 1); p.Next = "a"; return p }, 4},
		"no keys":            {func(n int) wire.Keys { p := pageOf(t, 0); p.Next = strconv.Itoa(n); return p }, 3},
		"ever more":          {func(n int) wire.Keys { p := pageOf(t, 1); p.Next = strconv.Itoa(n); return p }, maxPages + 2},
		"a cursor of a MiB":  {func(int) wire.Keys { p := pageOf(t, 1); p.Next = strings.Repeat("x", 1<<20); return p }, 3},
		"more than asked":    {func(int) wire.Keys { return pageOf(t, wire.FirstPage+1) }, 3},
		"a mark that is not": {func(int) wire.Keys { p := pageOf(t, 1); p.Mark = "x"; return p }, 3},
		"a role that is not": {func(int) wire.Keys { p := pageOf(t, 1); p.Keys[0].Role = "root"; return p }, 3},
		"an id that is not":  {func(int) wire.Keys { p := pageOf(t, 1); p.Keys[0].ID = "../x"; return p }, 3},
	} {
		t.Run(about, func(t *testing.T) {
			asked := 0
			r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				says(w, http.StatusOK, test.answer(asked))
			}))
			_, err := r.List(t.Context())
			wantOnly(t, err, model.ErrUnreachable)
			if err == nil || asked > test.most || !model.IsDisplayable(err.Error()) {
				t.Errorf("got %v after %d requests", err, asked)
			}
		})
	}
}

// TestPagesTooLarge: where pages would be larger than any answer may be, smaller ones are asked for.
func TestPagesTooLarge(t *testing.T) {
	service := many(t, 700)
	limits := []string{}
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		limits = append(limits, request.URL.Query().Get("limit"))
		if limit, _ := strconv.Atoi(request.URL.Query().Get("limit")); limit > 300 {
			w.Header().Set("Content-Type", jsonType)
			for range wire.MaxBody>>10 + 1 {
				_, _ = w.Write([]byte(strings.Repeat(" ", 1<<10)))
			}
			return
		}
		service.ServeHTTP(w, request)
	}))
	keys, err := r.List(t.Context())
	if err != nil || len(keys) != 700 {
		t.Errorf("got %d keys, %v; asked for %v", len(keys), err, limits)
	}
	if len(limits) > 10 {
		t.Errorf("asked for %v", limits)
	}
}

// TestChangesTooLarge: changes that do not fit into an answer are those of everything.
func TestChangesTooLarge(t *testing.T) {
	service := many(t, 1)
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path == wire.PathChanges {
			w.Header().Set("Content-Type", jsonType)
			_, _ = w.Write([]byte(strings.Repeat(" ", wire.MaxBody+1)))
			return
		}
		service.ServeHTTP(w, request)
	}))
	changes, err := r.Changes(t.Context(), 3)
	if err != nil || !changes.All || changes.Mark != 7 || len(changes.Keys) > 0 {
		t.Errorf("got %+v, %v", changes, err)
	}
}

// TestPagesGivenUp: the reading ends with its context, at the next page.
func TestPagesGivenUp(t *testing.T) {
	r := over(t, many(t, 600))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pages := 0
	for _, err := range r.Pages(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			continue
		}
		pages++
		cancel()
	}
	if pages != 1 {
		t.Errorf("%d pages came", pages)
	}
}

// BenchmarkList reads ten thousand keys over loopback.
func BenchmarkList(b *testing.B) {
	pages := map[string]wire.Keys{}
	all := pageOf(b, 10_000)
	for at, cursor := 0, ""; at < len(all.Keys); {
		size := wire.FirstPage
		if at > 0 {
			size = wire.MaxPage
		}
		end := min(at+size, len(all.Keys))
		page := wire.Keys{Keys: all.Keys[at:end], Mark: "1", Total: len(all.Keys)}
		if at = end; at < len(all.Keys) {
			page.Next = fmt.Sprint(at)
		}
		pages[cursor] = page
		cursor = page.Next
	}
	r := over(b, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		says(w, http.StatusOK, pages[request.URL.Query().Get("cursor")])
	}))
	for b.Loop() {
		if keys, err := r.List(b.Context()); err != nil || len(keys) != 10_000 {
			b.Fatal(len(keys), err)
		}
	}
}
