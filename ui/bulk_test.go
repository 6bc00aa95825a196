package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/table"
)

// crew gives the screen six keys of which nothing warns, team-1 the newest, and a profile that protects names with prod.
func crew(tb testing.TB, more ...string) func(*setup) {
	return func(s *setup) {
		for i := range 6 {
			s.fakes.add(tb, fmt.Sprintf("team-%d", i+1), time.Duration(i+1)*10*day)
		}
		for i, name := range more {
			s.fakes.add(tb, name, time.Duration(i+7)*10*day)
		}
		s.options.Profile.Protect = model.DefaultProtect
	}
}

// guarded lets a crowd have keys that must be confirmed by themselves: one in use, one protected, one both.
func guarded(tb testing.TB) func(*setup) {
	return func(s *setup) {
		for i, name := range []string{"a-prod", "b-prod", "b"} {
			s.fakes.add(tb, name, time.Duration(i)*time.Hour)
			if i > 0 {
				s.fakes.used(name, time.Minute)
			}
		}
		s.options.Profile.Protect = model.DefaultProtect
	}
}

// used sets the last use of the key with this name to so long ago.
func (f *fakes) used(name string, ago time.Duration) {
	for _, key := range f.named(name) {
		f.change(key.ID, func(k *model.Key) { k.LastUse = model.LastUse{Reported: true, At: f.clock.Now().Add(-ago)} })
	}
}

// named returns the keys with this name.
func (f *fakes) named(name string) []model.Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	var keys []model.Key
	for _, key := range f.keys {
		if key.Name == name {
			keys = append(keys, key)
		}
	}
	return keys
}

// gone deletes the keys with this name behind the screen's back.
func (f *fakes) gone(name string) {
	for _, key := range f.named(name) {
		f.remove(key.ID)
	}
}

// mark marks the keys with these names, or all.
func (s *screen) mark(names ...string) {
	for _, key := range s.fakes.keys {
		if row, ok := s.app.list.table.Find(key.ID); ok && (len(names) == 0 || slices.Contains(names, key.Name)) {
			s.app.list.table.SetMark(row, true)
		}
	}
}

// marked returns the names of the marked keys, in the order of their rows.
func (s *screen) marked() []string {
	var names []string
	for _, row := range s.app.list.table.MarkedRows() {
		if key, ok := s.app.list.table.Key(row); ok {
			names = append(names, key.Name)
		}
	}
	return names
}

// bulk opens the dialog over the marked keys.
func (s *screen) bulk(names ...string) {
	s.mark(names...)
	s.press("d")
	if _, ok := s.app.top().(*bulkDialog); !ok {
		s.tb.Fatalf("d does not open the dialog:\n%s", s.text())
	}
}

// live returns the names of the keys that there are, sorted.
func (s *screen) live() string {
	s.fakes.mu.Lock()
	defer s.fakes.mu.Unlock()
	names := make([]string, len(s.fakes.keys))
	for i, key := range s.fakes.keys {
		names[i] = key.Name
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// troubled is a provider whose deletions fail as trouble says: it is asked with the number of the call, from 1 on.
type troubled struct {
	full
	mu      sync.Mutex
	calls   int
	trouble func(call int, id string) error
}

func (s *troubled) Delete(ctx context.Context, id string) error {
	s.mu.Lock()
	s.calls++
	call := s.calls
	s.mu.Unlock()
	if err := s.trouble(call, id); err != nil {
		return err
	}
	return s.full.Delete(ctx, id)
}

// trouble lets deletions fail.
func trouble(what func(call int, id string) error) func(*setup) {
	return func(s *setup) { s.options.Service = &troubled{full: full{bare{s.fakes}}, trouble: what} }
}

func TestReasonsFor(t *testing.T) {
	at := func(ago time.Duration) model.LastUse { return model.LastUse{Reported: true, At: noon.Add(-ago)} }
	for _, c := range []struct {
		name string
		use  model.LastUse
		want string
	}{
		{"team", model.LastUse{Reported: true}, ""},
		{"team", model.LastUse{}, ""},
		{"team", model.LastUse{At: noon}, ""}, // means nothing
		{"team", at(0), "in use"},
		{"team", at(7 * day), "in use"},
		{"team", at(7*day + 1), ""},
		{"team", at(-time.Hour), "in use"},
		{"team", at(-200 * 365 * day), "in use"},
		{"my-production-key", at(30 * day), "protected"},
		{"MyProdKey", model.LastUse{}, "protected"},
		{"prod", at(time.Minute), "in use, protected"},
	} {
		key := model.Key{Name: c.name, LastUse: c.use}
		if got := reasonsFor(key, model.DefaultProtect, noon).words(); got != c.want {
			t.Errorf("%q with %+v is %q, not %q", c.name, c.use, got, c.want)
		}
	}
	if reasonsFor(model.Key{Name: "prod"}, nil, noon) != 0 {
		t.Error("a profile without patterns protects")
	}
}

func TestLookUpFindsTheKeyInAnotherTable(t *testing.T) {
	var before, after table.Table
	row := before.Put(model.Key{ID: "a", Name: "one"})
	after.Put(model.Key{ID: "b", Name: "two"})
	if _, ok := lookUp(&after, "a", row); ok {
		t.Error("a key with the same row is taken for the one that is gone")
	}
	after.Put(model.Key{ID: "a", Name: "one"})
	if key, ok := lookUp(&after, "a", row); !ok || key.Name != "one" {
		t.Errorf("the key is found as %+v", key)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		done, whole, w int
		want           string
	}{
		{0, 10, 12, "[..........]"}, {3, 10, 12, "[###.......]"}, {10, 10, 12, "[##########]"}, {0, 0, 4, "[..]"},
		{99, 100, 12, "[#########.]"}, {1, 2, 2, "[]"}, {1, 2, 1, "…"}, {1, 2, 0, ""},
	} {
		if got := bar(c.done, c.whole, c.w, newTheme()); got != c.want {
			t.Errorf("%d of %d in %d cells is %q", c.done, c.whole, c.w, got)
		}
	}
}
