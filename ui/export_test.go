package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// files is where the keys of a screen are written to.
type files struct {
	f      *fakes
	names  map[string][]string         // of the keys in a file
	exist  map[string]*FileExistsError // the files that were there before
	result func(path string) Exported  // what an export says it has written; nil if the truth
	half   func()                      // runs after the first key
}

func newFiles() *files {
	return &files{names: map[string][]string{}, exist: map[string]*FileExistsError{}}
}

// there lets the screen write to these files.
func (x *files) there(s *setup) {
	x.f = s.fakes
	s.options.Export = x.export
}

// exists makes a file that is there already.
func (x *files) exists(path, target string) *files {
	x.exist[path] = &FileExistsError{Path: "~/" + path, Target: target, Size: 4321, Changed: noon.Add(-26 * time.Hour)}
	return x
}

func (x *files) export(ctx context.Context, path string, replace bool, keys iter.Seq[model.Key]) (Exported, error) {
	if err := x.f.enter(ctx, "export"); err != nil {
		return Exported{}, err
	}
	if exists, ok := x.exist[path]; ok && !replace {
		return Exported{}, fmt.Errorf("export: %w", exists)
	}
	names := []string{}
	for key := range keys {
		names = append(names, key.Name)
		if len(names) == 1 && x.half != nil {
			x.half()
			if err := x.f.enter(ctx, "half"); err != nil {
				return Exported{}, err
			}
		}
	}
	x.names[path] = names
	if x.result != nil {
		return x.result(path), nil
	}
	return Exported{Path: "~/" + path, Keys: len(names)}, nil
}

// wrote fails the test unless a file holds the keys with these names, in their order.
func (x *files) wrote(t *testing.T, path, want string) {
	t.Helper()
	if got := strings.Join(x.names[path], " "); got != want || x.names[path] == nil {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

const offered = "keys-2026-11-22.csv"

func TestExport(t *testing.T) {
	x := newFiles()
	s := start(t, three(t), x.there)
	s.press("e")
	s.shows("Export 3 keys", "File: "+offered+" ", "without their secrets")
	if !s.app.Cursor().Visible {
		t.Error("the field has no cursor")
	}
	s.press("enter")
	s.says("wrote 3 keys to ~/" + offered)
	x.wrote(t, offered, "production staging ci-2024")
	if s.app.top() != nil {
		t.Error("the dialog is still open")
	}
	s.press("e", "ctrl+u")
	s.typed("a.json")
	s.press("enter")
	x.wrote(t, "a.json", "production staging ci-2024")
	s.press("e", "esc")
	if s.app.top() != nil || s.fakes.called("export") != 2 {
		t.Error("esc does not leave")
	}
}

// TestExportWritesWhatIsShown: filter and order count, the size of the screen does not.
func TestExportWritesWhatIsShown(t *testing.T) {
	x := newFiles()
	s := start(t, size(40, 6), x.there, with(func(f *fakes) {
		for i := range 300 {
			f.add(t, fmt.Sprintf("key-%03d", i), time.Duration(i)*time.Hour)
		}
	}))
	s.press("/")
	s.typed("key-00")
	s.press("enter", "s", "e")
	s.shows("Export 10 keys")
	s.press("enter")
	s.says("wrote 10 keys to ~/" + offered)
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("key-%03d", i))
	}
	x.wrote(t, offered, strings.Join(want, " "))
	s.press("S", "e", "enter")
	slices.Reverse(want)
	x.wrote(t, offered, strings.Join(want, " "))
	s.press("/", "ctrl+u")
	s.typed("key-007")
	s.press("enter", "e")
	s.shows("Export 1 key ")
	s.press("enter")
	s.says("wrote 1 key to ~/" + offered)
	x.wrote(t, offered, "key-007")
}

// TestExportNothing: where no key is listed there is nothing to write, and where files cannot be written it says so.
func TestExportNothing(t *testing.T) {
	s := start(t, newFiles().there)
	s.press("e")
	s.says("there is no key here; n makes one")
	s = start(t, three(t), newFiles().there)
	s.press("/")
	s.typed("nothing like it")
	s.press("enter", "e")
	s.says("no key is shown; esc shows more")
	s = start(t, three(t))
	s.press("e")
	s.says("keys cannot be written to files here")
	if s.app.top() != nil {
		t.Error("a dialog opened")
	}
}

// TestExportRefused: the sentence stands in the dialog, with what was typed, and the next try may do.
func TestExportRefused(t *testing.T) {
	x := newFiles()
	s := start(t, three(t), x.there)
	s.press("e", "ctrl+u", "enter")
	s.shows("a file needs a name")
	s.typed("missing/keys.csv")
	s.hides("a file needs a name")
	s.fakes.fail("export", fmt.Errorf("the directory of missing/keys.csv\x1b does not exist: %w", os.ErrNotExist))
	s.press("enter")
	s.shows("Export 3 keys", "File: missing/keys.csv", "the directory of missing/keys.csv⟨U+001B⟩ does not exist")
	if !s.app.Cursor().Visible {
		t.Error("the field has no cursor")
	}
	s.fakes.fail("export", nil)
	s.press("enter")
	x.wrote(t, "missing/keys.csv", "production staging ci-2024")
}

// TestT23ReplacingAsksForTheWord: nothing is armed when the question appears, so keys that were typed ahead are harmless.
func TestT23ReplacingAsksForTheWord(t *testing.T) {
	for about, typed := range map[string]string{
		"nothing": "", "case": "Replace", "space after": "replace ", "a part": "replac", "more": "replaced", "yes": "y", "the name": offered,
		"a zero-width space": "re\u200bplace",
	} {
		x := newFiles().exists(offered, "")
		s := start(t, three(t), x.there)
		s.press("e", "enter")
		s.press("enter", "enter")
		s.shows("Replace ~/"+offered+"?", "4 321 bytes, changed 2026-11-21 10:00", "[ replace ] waits for the word")
		s.typed(typed)
		s.press("enter")
		s.says("type the word replace first")
		if x.names[offered] != nil {
			t.Errorf("%s replaces the file", about)
		}
		s.press("ctrl+u")
		s.typed("replace")
		s.shows("[ enter replaces the file ]")
		s.press("enter")
		s.says("wrote 3 keys to ~/" + offered)
		x.wrote(t, offered, "production staging ci-2024")
	}
}

// TestExportAnotherName: esc leads from the question back to the name, and disarms it.
func TestExportAnotherName(t *testing.T) {
	x := newFiles().exists(offered, "/mnt/shared/\u202ekeys.csv")
	s := start(t, three(t), x.there)
	s.press("e", "enter")
	s.shows("It is a link to /mnt/shared/⟨U+202E⟩keys.csv, and that file is replaced:")
	s.typed("replace")
	s.press("esc")
	s.shows("Export 3 keys", "File: "+offered)
	s.press("enter")
	s.shows("[ replace ] waits for the word")
	s.press("esc", "backspace", "backspace", "backspace")
	s.typed("json")
	s.press("enter")
	x.wrote(t, "keys-2026-11-22.json", "production staging ci-2024")
	if x.names[offered] != nil {
		t.Error("the file was replaced")
	}
}

// TestExportProgressAndCancel: while keys are written the dialog tells how far it is, takes no letters, and esc gives it up.
func TestExportProgressAndCancel(t *testing.T) {
	x := newFiles().exists("other.csv", "")
	s := start(t, three(t), x.there)
	s.hold("export")
	s.press("e", "enter")
	s.shows("writing … 0 of 3")
	s.press("x", "enter", "enter")
	s.spin()
	s.says("/ writing " + offered + " · esc cancels")
	s.press("esc")
	s.await("cancelled; nothing was written")
	s.shows("File: " + offered + " ")
	if s.fakes.called("export") != 1 || x.names[offered] != nil {
		t.Error("it was written, or twice")
	}
	s.release("export")
	s.hold("half")
	x.half = func() {}
	s.press("enter")
	s.shows("writing … 0 of 3")
	s.release("half")
	s.says("wrote 3 keys to ~/" + offered)
	if got := s.app.ops; len(got) != 0 {
		t.Errorf("operations go on: %v", got)
	}
}

// TestExportPanic: what fails inside is an error like any other.
func TestExportPanic(t *testing.T) {
	x := newFiles()
	s := start(t, three(t), x.there)
	s.mayCrash = true
	s.fakes.panics["export"] = errors.New("inside")
	s.press("e", "enter")
	s.shows("failed inside clavier", "File: "+offered)
}

// TestExportOfWhatIsGone: keys that another program deletes while they are written are written as they were, and those
// that are gone before are not.
func TestExportOfWhatIsGone(t *testing.T) {
	x := newFiles()
	s := start(t, three(t), x.there)
	x.half = func() { s.fakes.remove(s.fakes.keys[2].ID) }
	s.press("e", "enter")
	x.half = nil
	x.wrote(t, offered, "production staging ci-2024")
	s.press("e")
	s.shows("Export 3 keys")
	s.after(time.Second)
	s.shows("Export 2 keys")
	s.press("enter")
	x.wrote(t, offered, "production staging")
}

// TestExportWaitsForAllKeys: a list that is still being read, or could not be read to its end, is not written as if it were
// all there is.
func TestExportWaitsForAllKeys(t *testing.T) {
	x := newFiles()
	s := start(t, three(t), x.there)
	s.press("e")
	s.app.list.whole = false
	s.press("enter")
	s.says("not all keys could be read: leave this, and ctrl+r reads them again")
	s.shows("Export 3 keys")
	s.app.reading = &reading{got: 2, total: 12345}
	s.shows("the keys are still being read: 2 of 12 345")
	s.press("enter")
	if s.fakes.called("export") != 0 {
		t.Error("a part was written")
	}
	s.app.reading, s.app.list.whole = nil, true
	s.press("enter")
	x.wrote(t, offered, "production staging ci-2024")
}

// TestExportOnALowScreen: the name, and the word, stay in sight.
func TestExportOnALowScreen(t *testing.T) {
	for h := minHeight; h <= 24; h++ {
		for _, w := range []int{20, 30, 80} {
			x := newFiles().exists(offered, "")
			s := start(t, three(t), x.there, size(w, h))
			s.press("e")
			if !s.app.Cursor().Visible {
				t.Errorf("at %d x %d the name cannot be seen:\n%s", w, h, s.text())
			}
			s.press("enter")
			s.typed("replace")
			if !s.app.Cursor().Visible {
				t.Errorf("at %d x %d the word cannot be seen:\n%s", w, h, s.text())
			}
			s.press("enter")
			x.wrote(t, offered, "production staging ci-2024")
		}
	}
}

// exportSurfaces are those of the export, for the sweeps over all of them.
func exportSurfaces(at func(prepare func(*screen), changes ...func(*setup)) func(...func(*setup)) *screen) map[string]func(...func(*setup)) *screen {
	asked := func(s *screen) { s.press("e", "enter") }
	return map[string]func(...func(*setup)) *screen{
		"export":         at(func(s *screen) { s.press("e") }, newFiles().there),
		"export refused": at(func(s *screen) { s.fakes.fail("export", errors.New("no room")); s.press("e", "enter") }, newFiles().there),
		"exporting":      at(func(s *screen) { s.hold("export"); s.press("e", "enter"); s.spin() }, newFiles().there),
		"exported":       at(asked, newFiles().there),
		"replace":        at(asked, newFiles().exists(offered, "/mnt/shared/keys.csv").there),
		"replace armed":  at(func(s *screen) { asked(s); s.typed("replace") }, newFiles().exists(offered, "").there),
		"replacing": at(func(s *screen) { asked(s); s.typed("replace"); s.hold("export"); s.press("enter"); s.spin() },
			newFiles().exists(offered, "").there),
	}
}

// hostileExports are the places of the export where outside text is shown.
func hostileExports(text string) map[string]func(*screen) {
	export := func(x *files, keys ...string) func(*screen) {
		return func(s *screen) {
			x.f, s.app.opts.Export = s.fakes, x.export
			s.press(append([]string{"e"}, keys...)...)
		}
	}
	exists := newFiles()
	exists.exist[offered] = &FileExistsError{Path: text, Target: text, Size: 1, Changed: noon}
	wrote := newFiles()
	wrote.result = func(string) Exported { return Exported{Path: text, Keys: 1} }
	return map[string]func(*screen){
		"export exists": export(exists, "enter"),
		"exported":      export(wrote, "enter"),
		"export failed": func(s *screen) { s.fakes.fail("export", fmt.Errorf("%s", text)); export(newFiles(), "enter")(s) },
	}
}
