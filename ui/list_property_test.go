package ui

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

// plainList is what the list of keys must show, by the plain definitions.
type plainList struct {
	filter string
	stale  bool
	order  model.Order
	marked map[string]bool // by id
	cursor string          // the id of the key under the cursor, or empty
}

// rows are the ids that must be listed.
func (p *plainList) rows(keys []model.Key, now time.Time) []string {
	query, _ := model.ParseQuery(p.filter, time.UTC)
	keys = slices.DeleteFunc(slices.Clone(keys), func(k model.Key) bool {
		return !query.Match(k, now) || p.stale && model.DefaultStaleRule.Judge(k, now) == model.Fresh
	})
	slices.SortFunc(keys, p.order.Compare)
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.ID
	}
	return ids
}

// TestListIsWhatItsDefinitionsSay: whatever is filtered, sorted, marked, moved, read, made, deleted and changed, in any
// order, the list holds what the plain definitions of filter, order and staleness say, the marks stay with their keys,
// and the cursor leaves its key only if that is not listed any more.
func TestListIsWhatItsDefinitionsSay(t *testing.T) { //nolint:gocyclo // one step of each kind
	filters := []string{
		"", "a", "prod", "-prod", "age>90d", "used:never", "used:unknown", "expires<30d", "status:disabled,expired", "id:3", "name:A", "zebra", "age>", "-x a",
		"unused>20d", "created<2026-06",
	}
	steps := 40
	if !thorough {
		steps = 12
	}
	rapid.Check(t, func(r *rapid.T) {
		provider := rapid.SampledFrom([]func(*setup){func(*setup) {}, onlyBasics, byPages(3), byPages(100)}).Draw(r, "provider")
		made := 0
		s := start(t, provider, size(80, rapid.SampledFrom([]int{8, 24}).Draw(r, "height")))
		// what another program does is seen at the next tick, or where that cannot be seen, by reading again
		_, watched := s.app.service.(watcher)
		see := func() {
			if watched {
				s.after(time.Second)
			} else {
				s.press("ctrl+r")
			}
		}
		add := func() {
			made++
			name := rapid.SampledFrom([]string{"alpha", "Alpha", "prod", "beta-prod", "x"}).Draw(r, "name")
			key := s.fakes.add(t, fmt.Sprint(name, made), time.Duration(rapid.IntRange(0, 200).Draw(r, "age"))*day)
			s.fakes.change(key.ID, func(k *model.Key) {
				k.LastUse.Reported = rapid.Bool().Draw(r, "reported")
				if days := rapid.IntRange(0, 100).Draw(r, "used"); days > 0 {
					k.LastUse.At = noon.Add(-time.Duration(days) * day)
				}
				if days := rapid.IntRange(-50, 50).Draw(r, "expires"); days > 0 {
					k.ExpiresAt = noon.Add(time.Duration(days-20) * day)
				}
				k.Disabled = rapid.IntRange(0, 9).Draw(r, "disabled") == 0
			})
		}
		for range rapid.IntRange(0, 14).Draw(r, "keys") {
			add()
		}
		see()
		p := plainList{marked: map[string]bool{}}
		listed := func() []string { return p.rows(s.fakes.keys, s.app.list.judged) }
		place := func() int { return s.app.list.cursor }
		atTop := func() bool { return s.app.list.cursor == 0 && s.app.list.top == 0 }
		var mayMove bool
		for range steps {
			action := rapid.SampledFrom([]string{
				"filter", "filter", "drop", "s", "S", "!", "move", "move", " ", " ", "a", "A", "esc", "reload", "add", "remove", "change", "delete", "create", "wait",
			}).Draw(r, "action")
			before := listed()
			mayMove = false
			switch action {
			case "filter":
				p.filter = rapid.SampledFrom(filters).Draw(r, "filter")
				if len(s.fakes.keys) == 0 {
					p.filter = s.app.list.asked.filter
					continue
				}
				s.press("/", "ctrl+u")
				mayMove = true // through what is not filtered
				s.burst(p.filter)
				if p.filter == "" {
					s.press("esc")
				} else {
					s.press("enter")
				}
			case "drop":
				if len(s.fakes.keys) > 0 {
					p.filter = ""
					s.press("/", "esc")
				}
			case "s", "S", "!":
				if len(s.fakes.keys) == 0 {
					continue
				}
				mayMove = action != "!" && atTop()
				s.press(action)
				at := slices.Index(sortWalk, p.order.By)
				switch action {
				case "s":
					p.order = model.Order{By: sortWalk[(at+1)%len(sortWalk)]}
				case "S":
					p.order.Reverse = !p.order.Reverse
				case "!":
					p.stale = !p.stale
				}
			case "move":
				mayMove = true
				key := rapid.SampledFrom([]string{"j", "k", "G", "g", "pgdown", "pgup"}).Draw(r, "key")
				at, page := place(), s.app.listRows()
				s.press(key)
				want := map[string]int{"j": at + 1, "k": at - 1, "G": len(before), "g": 0, "pgdown": at + page, "pgup": at - page}[key]
				if want = max(0, min(want, len(before)-1)); place() != want {
					r.Fatalf("%s goes from %d to %d and not to %d", key, at, place(), want)
				}
			case " ":
				mayMove = true
				if len(before) > 0 {
					id := before[place()]
					if p.marked[id] = !p.marked[id]; !p.marked[id] {
						delete(p.marked, id)
					}
				}
				s.press(" ")
			case "a":
				for _, id := range before {
					p.marked[id] = true
				}
				s.press("a")
			case "A":
				for _, id := range before {
					if p.marked[id] = !p.marked[id]; !p.marked[id] {
						delete(p.marked, id)
					}
				}
				s.press("A")
			case "esc":
				switch {
				case p.filter != "":
					p.filter = ""
				case p.stale:
					p.stale = false
				default:
					p.marked = map[string]bool{}
				}
				s.press("esc")
			case "reload":
				s.press("ctrl+r")
			case "add":
				add()
				see()
			case "remove", "change":
				if len(s.fakes.keys) == 0 {
					continue
				}
				id := rapid.SampledFrom(s.fakes.keys).Draw(r, "key").ID
				if action == "remove" {
					s.fakes.remove(id)
				} else {
					s.fakes.change(id, func(k *model.Key) { k.LastUse = model.LastUse{Reported: true, At: s.clock.Now()} })
				}
				see()
			case "delete":
				if len(p.marked) > 0 || len(before) == 0 {
					continue
				}
				s.press("d")
				s.paste(s.app.top().(*deleteDialog).confirm)
				s.press("enter")
				if slices.ContainsFunc(s.fakes.keys, func(k model.Key) bool { return k.ID == before[0] && p.cursor == before[0] }) {
					r.Fatalf("the key was not deleted:\n%s", s.text())
				}
			case "create":
				made++
				mayMove = true
				s.press("n")
				s.burst(fmt.Sprint("mine", made))
				s.press("enter")
				id := s.fakes.keys[slices.IndexFunc(s.fakes.keys, func(k model.Key) bool { return k.Name == fmt.Sprint("mine", made) })].ID
				s.clock.advance(time.Second)
				s.press("enter")
				if at := slices.Index(listed(), id); at >= 0 && place() != at {
					r.Fatalf("the cursor is on line %d and the new key on %d", place(), at)
				}
			case "wait":
				s.after(time.Duration(rapid.IntRange(1, 90).Draw(r, "seconds")) * time.Second)
			}

			want := listed()
			if s.clock.Now().Sub(s.app.list.judged) > judgeEvery {
				r.Fatalf("after %s the keys are judged as of %s ago", action, s.clock.Now().Sub(s.app.list.judged))
			}
			var got []string
			for i := range s.app.list.rows() {
				key, ok := s.app.list.at(i)
				if !ok {
					r.Fatalf("after %s a key is listed that is gone", action)
				}
				got = append(got, key.ID)
			}
			if !slices.Equal(got, want) {
				r.Fatalf("after %s, listed are %v and not %v\n%s", action, got, want, s.text())
			}
			for id := range p.marked {
				if !slices.ContainsFunc(s.fakes.keys, func(k model.Key) bool { return k.ID == id }) {
					delete(p.marked, id)
				}
			}
			var marked []string
			for _, row := range s.app.list.table.MarkedRows() {
				key, _ := s.app.list.table.Key(row)
				marked = append(marked, key.ID)
			}
			slices.Sort(marked)
			if wanted := slices.Sorted(maps.Keys(p.marked)); !slices.Equal(marked, wanted) {
				r.Fatalf("after %s, marked are %v and not %v", action, marked, wanted)
			}
			hidden := 0
			for id := range p.marked {
				if !slices.Contains(want, id) {
					hidden++
				}
			}
			if n := s.app.list.markedHidden(); n != hidden {
				r.Fatalf("after %s, %d marked keys are hidden and not %d", action, n, hidden)
			}
			key, ok := s.app.list.selected()
			if ok != (len(want) > 0) {
				r.Fatalf("after %s the cursor is on no key of %d", action, len(want))
			}
			if !mayMove && p.cursor != "" && slices.Contains(want, p.cursor) && key.ID != p.cursor {
				r.Fatalf("after %s the cursor is on %s although %s is listed\n%s", action, key.ID, p.cursor, s.text())
			}
			p.cursor = key.ID
		}
		for _, trace := range s.app.crashes.all() {
			r.Fatal(trace)
		}
	})
}
