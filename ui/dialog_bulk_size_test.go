package ui

import (
	"fmt"
	"strings"
	"testing"

	"clavier/model"
)

// TestT22BulkKeepsWhatMattersOnLowScreens: the number, a key and the field stay in sight, and so does a way to the report.
func TestT22BulkKeepsWhatMattersOnLowScreens(t *testing.T) {
	for _, w := range []int{minWidth, 40, 80} {
		for h := minHeight; h <= 24; h++ {
			if !thorough && (h+w)%3 != 0 && h > minHeight {
				continue
			}
			s := start(t, crew(t, "prod-a"), size(w, h))
			s.bulk()
			s.shows("Delete 7 keys?", "prod-a")
			if !s.app.Cursor().Visible {
				t.Errorf("%d x %d: the field is out of sight:\n%s", w, h, s.text())
			}
			s.press("ctrl+x")
			s.typed("delete 6 keys")
			s.shows("Delete 6 keys?", "delete 6 keys")
			if row := s.cursorRowInDialog(); !strings.HasPrefix(row, "prod-a") {
				t.Errorf("%d x %d: the cursor is on %q", w, h, row)
			}
			s.hold("delete")
			s.press("enter")
			s.shows("Deleting 6 keys", "0 of 6")
			s.release("delete")
			s.shows("Deleted 6 of 6 k", "> team-1")
		}
	}
}

// TestT22BulkWithHostileNamesAtEverySize: long, wide and escaped texts in each of the dialogs.
func TestT22BulkWithHostileNamesAtEverySize(t *testing.T) {
	for surface, prepare := range map[string]func(*screen){
		"guarded":   func(s *screen) { s.bulk(); s.paste("鍵") },
		"left out":  func(s *screen) { s.bulk(); s.press("ctrl+o", "ctrl+end") },
		"confirmed": func(s *screen) { s.bulk(); s.press("down"); s.paste(s.app.top().(*bulkDialog).ask); s.press("enter") },
		"failed": func(s *screen) {
			s.app.profile.Protect = nil
			s.fakes.fail("delete", fmt.Errorf("%s", strings.Join(hostileTexts, " ")))
			s.bulk()
			s.paste(s.app.top().(*bulkDialog).ask)
			s.press("enter")
			s.clock.advance(settle)
			s.press("pgdown", "k")
		},
	} {
		s := start(t, with(func(f *fakes) {
			for _, text := range hostileTexts {
				key := f.add(t, text, day)
				f.change(key.ID, func(k *model.Key) { k.Hint = text })
			}
		}))
		s.app.profile.Protect = model.Patterns{"*"}
		prepare(s)
		for i, w := range widths {
			for j, h := range heights {
				if (i+j)%3 == 0 && (thorough || i%3 == 0) {
					s.app.width, s.app.height = w, h
					checkFrame(t, s.app)
				}
			}
		}
		if n := len(s.app.crashes.all()); n > 0 {
			t.Fatalf("%s: %s", surface, s.app.crashes.all()[0])
		}
	}
}
