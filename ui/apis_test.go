package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

func TestAPIsSaysHowToAddOne(t *testing.T) {
	s := start(t, three(t))
	s.press("2")
	s.shows("[2 My APIs]", "No API is known here that keys of this profile open.", "[[profiles.local.apis]]", `header = "Authorization"`, "alive = [200]")
	s.hides("Press a")
	for key, why := range map[string]string{
		"a": "this profile has no catalogue; its APIs are written into the settings file", "d": "there is no API here", "t": "keys cannot be tried here",
	} {
		s.press(key)
		s.says(why)
	}
	s = start(t, three(t), abroad(&outside{}))
	s.press("2")
	s.shows("Press a to explore the catalogue, or write one into the settings file:")
	s.press("t")
	s.says("no API is known here to try keys against; 2 says how to add one")
}

// TestAPIsShowTheirLastAnswer: of whichever key was tried last, and after another program's try too.
func TestAPIsShowTheirLastAnswer(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders", "invoices", "quiet"), size(120, 24))
	o.kept = []model.Answer{
		{KeyID: s.fakes.keys[0].ID, API: "orders", Verdict: model.VerdictAlive, Status: 200, Took: 143 * time.Millisecond, At: noon.Add(-2 * time.Minute)},
		{KeyID: s.fakes.keys[1].ID, API: "orders", Verdict: model.VerdictDead, Status: 401, Took: 88 * time.Millisecond, At: noon.Add(-time.Hour)},
		{KeyID: "gone", API: "invoices", Verdict: model.VerdictUnknown, Took: 30 * time.Second, At: noon.Add(-24 * time.Hour), Why: "no answer within 30 s"},
	}
	s.press("2")
	for _, want := range []string{"orders    GET     https://api.example.org/orders    alive      200     143 ms     2m    production", "unknown            30 000 ms  1d    gone"} {
		s.shows(want)
	}
	for _, line := range s.lines() {
		if strings.Contains(line, "quiet") && !strings.HasSuffix(strings.TrimSpace(line), "not tried") {
			t.Errorf("an API that was not tried is %q", line)
		}
	}
	s.press("enter")
	s.shows("about orders", "GET https://api.example.org/orders", "Authorization: Token (the secret)", "on status 200", "on status 401",
		"production: alive 200 143 ms, 2m ago", "staging: dead 401 88 ms, 1h ago")
	s.press("esc", "j", "enter")
	s.shows("gone: unknown 30 000 ms, 1d ago: no answer within 30 s")
	s.press("esc")
	o.kept[2].Verdict = model.VerdictAlive
	s.press("ctrl+r")
	s.hides("unknown")
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders"))
	s.fakes.fail("answers", errors.New("the store\x1b[2J is busy"))
	s.press("2")
	s.says("the store⟨U+001B⟩[2J is busy")
	s.shows("orders", "not tried")
}

// TestCatalogue picks by typing, marks and enter, and writes each into the settings once.
func TestCatalogue(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "passport/v1"))
	s.press("2", "a")
	s.shows("Explore APIs", "> search/models", "added", "GET https://api.example.org/search/models")
	s.typed("invo")
	s.hides("search/models")
	s.press(" ", " ")
	s.shows("* invoices/v4", "* invoice_splitter/v1", "enter add 2")
	s.press("backspace", "backspace", "backspace", "backspace")
	s.typed("passport")
	s.press(" ")
	s.says("this profile has it already")
	s.press("enter")
	if want := []string{"+invoices/v4", "+invoice_splitter/v1"}; !slices.Equal(o.settings, want) {
		t.Errorf("the settings got %q, not %q", o.settings, want)
	}
	s.says("added 2 APIs to the settings; t tries keys against them")
	s.shows("passport/v1", "> invoices/v4", "invoice_splitter/v1")
	s.press("a")
	s.typed("zebra")
	s.shows("Nothing matches.")
	s.press("enter")
	s.says("nothing in the catalogue matches")
	s.press("esc", "a", "enter")
	s.says("added search/models to the settings; t tries keys against it")
}

// TestCatalogueFails: what was added before stays, and the rest can be tried again.
func TestCatalogueFails(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	s.fakes.fail("pick", errors.New("the settings file is read-only"))
	s.press("2", "a", " ", "enter")
	s.shows("the settings file is read-only", "Explore APIs")
	if len(s.app.opts.APIs) != 0 {
		t.Error("an API that could not be written is there")
	}
	s.fakes.fail("pick", nil)
	s.hold("pick")
	s.press("enter", "x", "enter", "esc")
	s.await("cancelled; what was added stays")
	if len(o.settings) != 0 {
		t.Errorf("the settings got %q", o.settings)
	}
}

// TestDrop asks, and a typed-ahead enter keeps the API.
func TestDrop(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o, "orders", "invoices"))
	s.press("2", "j", "d", "enter")
	if len(o.settings) != 0 || s.app.top() != nil {
		t.Fatalf("enter drops it: %q", o.settings)
	}
	s.fakes.fail("drop", errors.New("the settings file changed"))
	s.press("d", "y")
	s.shows("Drop invoices?", "the settings file changed")
	s.fakes.fail("drop", nil)
	s.press("y")
	if !slices.Equal(o.settings, []string{"-invoices"}) {
		t.Errorf("the settings got %q", o.settings)
	}
	s.says("dropped invoices from the settings")
	s.shows("> orders")
	s.hides("invoices  GET")
}

// TestEachProfileHasItsOwnOutside: nothing of another profile is tried, opened or picked.
func TestEachProfileHasItsOwnOutside(t *testing.T) {
	var o outside
	s := start(t, three(t), profiles, abroad(&o, "orders"))
	o.kept = []model.Answer{{KeyID: s.fakes.keys[0].ID, API: "orders", Verdict: model.VerdictDead, Status: 401, At: noon}}
	s.app.opts.Switch = func(string) (Service, Outside, error) {
		return bare{s.fakes}, Outside{APIs: []model.API{sampleAPI("theirs")}, Console: "https://theirs.example.org/"}, nil
	}
	s.press("2")
	s.shows("orders", "dead")
	s.press("p", "j", "enter", "2")
	s.shows("clavier  team", "theirs", "not tried")
	s.hides("orders", "dead")
	s.press("t")
	s.says("keys cannot be tried here")
	s.press("o")
	s.says("opened https://theirs.example.org/")
}

// TestRowWords: the most important word of a row, and beside it, where there is room, whether the key is stale; details say all.
func TestRowWords(t *testing.T) {
	s := start(t, size(120, 24), with(func(f *fakes) {
		for i, name := range []string{"fresh", "old", "turning", "off", "ended", "refused", "all"} {
			key := f.add(t, name, time.Duration(i+1)*time.Hour)
			all := name == "all"
			f.change(key.ID, func(k *model.Key) {
				if name == "old" || all {
					k.CreatedAt = noon.Add(-100 * day)
				}
				k.Rotating, k.Disabled, k.Dead = name == "turning" || all, name == "off", name == "refused" || all
				if name == "ended" || all {
					k.ExpiresAt = noon.Add(-time.Minute)
				}
			})
		}
	}))
	s.heads("7 keys · 2 dead · 2 stale")
	ends := func(words map[string]string) {
		t.Helper()
		for name, word := range words {
			for _, line := range s.lines() {
				if f := strings.Fields(strings.TrimLeft(line, " >")); len(f) > 1 && f[0] == name && !strings.HasSuffix(line, "  "+word) {
					t.Errorf("%q does not end in %q", line, word)
				}
			}
		}
	}
	words := map[string]string{
		"old": "stale", "turning": "rotating", "off": "disabled", "ended": "expired", "refused": "dead", "all": "dead, stale",
	}
	ends(words)
	s.app.width, words["all"] = 34, "dead"
	ends(words)
	s.app.width = 120
	s.press("G", "k", "enter")
	s.shows("Status     dead, expired, rotating", "Stale      older than 2w and never used")
	s.press("esc")
	s.app.width = 36
	s.heads("7 keys · 2 dead")
}

// TestUnknownTimeOfMaking: the list says so, sorts it last, and no filter of time finds it.
func TestUnknownTimeOfMaking(t *testing.T) {
	s := start(t, three(t), with(func(f *fakes) {
		key := f.add(t, "imported-one", 0)
		f.change(key.ID, func(k *model.Key) {
			k.CreatedAt, k.LastUse, k.Imported, k.Note = time.Time{}, model.LastUse{}, true, "made in the console\u202e"
		})
	}), size(120, 24))
	s.press("G")
	if row := s.cursorRow(); !strings.HasPrefix(row, "imported-one ") || !strings.Contains(row, "  unknown  ") || strings.Contains(row, "0001") {
		t.Errorf("the last row is %q", row)
	}
	s.press("enter")
	s.shows("Created    unknown", "Age        unknown", "Made       elsewhere, and imported", "Note       made in the console⟨U+202E⟩")
	s.press("esc", "d")
	s.shows("Created    unknown", "It was made elsewhere: here it is only forgotten, for good, and goes on working.")
	s.press("esc")
	for _, filter := range []string{"age>1d", "age<1d", "created<2026-12", "created>2000"} {
		s.press("/")
		s.burst(filter)
		s.press("enter")
		s.hides("imported-one")
		s.press("esc")
	}
	s.press("!")
	s.hides("imported-one")
}

// TestGridWidths: the columns that may go, go one after the other, and the line is never wider than the room.
func TestGridWidths(t *testing.T) {
	cols := []gridColumn{{"A", 20, 5, 0}, {"B", 10, 10, 2}, {"C", 30, 8, 3}, {"D", 0, 0, 1}, {"E", 9, 9, 0}}
	for w := 1; w < 90; w++ {
		widths := gridWidths(w, cols)
		total := -gap
		for _, cells := range widths {
			if cells > 0 {
				total += gap + cells
			}
		}
		if w >= 5+gap+9 && total > w || widths[0] < 1 || widths[3] != 0 || widths[4] != 9 {
			t.Errorf("%d: %v are %d wide", w, widths, total)
		}
		if widths[1] == 0 && widths[2] > 0 || widths[0] < 20 && (widths[1] > 0 || widths[2] > 0) {
			t.Errorf("%d: %v is the wrong order", w, widths)
		}
	}
	if got := fmt.Sprintf("%q", gridLine([]string{"a", "b", "", "x", "e"}, []int{3, 0, 2, 0, 2})); got != `"a        e"` {
		t.Errorf("a line is %s", got)
	}
}
