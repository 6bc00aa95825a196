package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

// witness is a provider that holds each deletion against what the person has typed. It looks at nothing but the keys and
// the texts with which enter was pressed.
type witness struct {
	full
	tb      testing.TB
	marked  map[string]bool // ids
	entered []string        // with enter, in the dialog that is open
	keys    map[string]model.Key
	deleted map[string]bool
	last    string // what was entered last
	asked   int    // deletions since then
}

// guarded reports whether the key needs a confirmation of its own, by the words of the design.
func (w *witness) guarded(key model.Key) bool {
	return strings.Contains(strings.ToLower(key.Name), "prod") ||
		key.LastUse.Reported && !key.LastUse.At.IsZero() && w.f.clock.Now().Sub(key.LastUse.At) <= 7*24*time.Hour
}

func (w *witness) Delete(ctx context.Context, id string) error {
	w.asked++
	w.f.mu.Lock()
	key, known := w.keys[id], false
	for _, k := range w.f.keys {
		if k.ID == id {
			key, known = k, true
		}
	}
	w.f.mu.Unlock()
	if !w.marked[id] {
		w.tb.Fatalf("%q was not marked and is deleted", key.Name)
	}
	if w.deleted[id] {
		w.tb.Fatalf("%q is deleted twice", key.Name)
	}
	if known && w.guarded(key) && !slices.Contains(w.entered, key.Name) && !slices.Contains(w.entered, id) {
		w.tb.Fatalf("%q is deleted without its own confirmation; entered were %q", key.Name, w.entered)
	}
	if !strings.HasPrefix(w.last, "delete ") {
		w.tb.Fatalf("%q is deleted after %q", key.Name, w.last)
	}
	err := w.full.Delete(ctx, id)
	w.deleted[id] = err == nil
	return err
}

// TestBulkProperty: for any marked keys and any key presses, while other programs change what they like, just marked keys
// are deleted, no guarded one without its own confirmation, and nothing without the sentence that has their number.
func TestBulkProperty(t *testing.T) {
	names := []string{"team", "ops", "prod-a", "prod-b", "my production", "evil\u202eprod", "delete 2 keys", "delete 1 key", "ops", "z"}
	steps := 30
	if !thorough {
		steps = 12
	}
	rapid.Check(t, func(r *rapid.T) {
		tb := shrinking{t, r}
		w := &witness{tb: tb, marked: map[string]bool{}, keys: map[string]model.Key{}, deleted: map[string]bool{}}
		s := start(tb, size(60, 14), func(s *setup) {
			for i, n := range rapid.SliceOfN(rapid.IntRange(0, len(names)-1), 1, 8).Draw(r, "names") {
				key := s.fakes.add(tb, names[n], time.Duration(i+1)*day)
				if rapid.IntRange(0, 3).Draw(r, "used") == 0 {
					s.fakes.change(key.ID, func(k *model.Key) {
						k.LastUse.At = noon.Add(-time.Duration(rapid.IntRange(0, 10).Draw(r, "days")) * day)
					})
				}
			}
			w.full = full{bare{s.fakes}}
			s.options.Service = w
			s.options.Profile.Protect = model.DefaultProtect
		})
		for _, key := range s.fakes.keys {
			w.keys[key.ID] = key
			if rapid.IntRange(0, 4).Draw(r, "mark") > 0 {
				row, _ := s.app.list.table.Find(key.ID)
				s.app.list.table.SetMark(row, true)
				w.marked[key.ID] = true
			}
		}
		if len(w.marked) == 0 {
			return
		}
		s.press("d")
		for range steps {
			d, open := s.app.top().(*bulkDialog)
			switch what := rapid.IntRange(0, 19).Draw(r, "what"); {
			case what < 6 && open && d.ask != "": // what is asked for
				s.press("ctrl+u")
				s.paste(d.ask)
			case what < 11:
				w.enter(s, d, open)
			case what == 11:
				s.press("ctrl+x")
			case what == 12:
				s.press("ctrl+o")
			case what == 13:
				s.press(rapid.SampledFrom([]string{"up", "down", "ctrl+home", "ctrl+end", "pgdown", "backspace", "tab"}).Draw(r, "move"))
			case what == 14 && len(s.fakes.keys) > 0: // a text that was meant for something else
				s.press("ctrl+u")
				s.paste(rapid.SampledFrom(append(slices.Clone(names), s.fakes.keys[0].ID, "delete 3 keys", "delete 0 keys")).Draw(r, "text"))
			case what == 15 && len(s.fakes.keys) > 0:
				id := rapid.SampledFrom(s.fakes.keys).Draw(r, "removed").ID
				s.fakes.remove(id)
				s.after(time.Second)
			case what == 16 && len(s.fakes.keys) > 0:
				id := rapid.SampledFrom(s.fakes.keys).Draw(r, "used").ID
				s.fakes.change(id, func(k *model.Key) { k.LastUse = model.LastUse{Reported: true, At: s.clock.Now()} })
				s.after(time.Second)
			case what == 17:
				s.fakes.add(tb, rapid.SampledFrom(names).Draw(r, "twin"), time.Minute)
				s.after(time.Second)
			case what == 18:
				s.fakes.fail("delete", rapid.SampledFrom([]error{nil, fmt.Errorf("x: %w", model.ErrStoreBusy)}).Draw(r, "trouble"))
			default:
				s.clock.advance(settle)
			}
			w.settled(s)
		}
	})
}

// enter presses enter and keeps what stood in the field.
func (w *witness) enter(s *screen, d *bulkDialog, open bool) {
	if open {
		w.last = d.field.value()
		w.entered = append(w.entered, w.last)
		w.asked = 0
	}
	s.press("enter")
	if _, running := s.app.top().(*bulkReport); open && running && w.last != bulkSentence(w.asked) {
		w.tb.Fatalf("%d deletions after %q", w.asked, w.last)
	}
}

// settled forgets what was entered when the dialog has been left, and opens it anew.
func (w *witness) settled(s *screen) {
	if s.app.top() == nil {
		w.entered = nil
		if len(s.marked()) > 0 {
			s.press("d")
		}
	}
}

// shrinking is a test whose failures rapid makes small.
type shrinking struct {
	testing.TB
	t *rapid.T
}

func (s shrinking) Errorf(format string, args ...any) { s.t.Errorf(format, args...) }
func (s shrinking) Fatalf(format string, args ...any) { s.t.Fatalf(format, args...) }
func (s shrinking) Error(args ...any)                 { s.t.Error(args...) }
func (s shrinking) Fatal(args ...any)                 { s.t.Fatal(args...) }
