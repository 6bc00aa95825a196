package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// content returns a function for Save that writes text.
func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// holds fails the test unless dir has these files and no others, each with this content.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if wanted, ok := want[entry.Name()]; !ok || err != nil || string(text) != wanted {
			t.Errorf("%s holds %q (%v)", entry.Name(), text, err)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	file := File{Path: filepath.Join(dir, "keys.csv"), Shown: "~/keys.csv"}
	for _, replace := range []bool{false, true} {
		if err := Save(t.Context(), file, replace, content("new")); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, map[string]string{"keys.csv": "new"})
		if err := os.Remove(file.Path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSaveAsks: an existing file is described and left alone, then replaced when told so.
func TestSaveAsks(t *testing.T) {
	dir := t.TempDir()
	file := File{Path: filepath.Join(dir, "keys.csv"), Shown: "~/keys.csv"}
	put(t, file.Path, "old")
	changed := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := os.Chtimes(file.Path, changed, changed); err != nil {
		t.Fatal(err)
	}
	err := Save(t.Context(), file, false, func(io.Writer) error { t.Error("something was written"); return nil })
	exists := (*ExistsError)(nil)
	if !errors.As(err, &exists) || exists.Shown != "~/keys.csv" || exists.Target != "" || exists.Size != 3 || !exists.Changed.Equal(changed) {
		t.Fatalf("%v, %+v", err, exists)
	}
	if err.Error() != "~/keys.csv exists already" {
		t.Errorf("it says %v", err)
	}
	holds(t, dir, map[string]string{"keys.csv": "old"})
	if err := Save(t.Context(), file, true, content("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"keys.csv": "new"})
}

// TestSaveLosesNoRace: a file that another program makes while this one writes is not replaced.
func TestSaveLosesNoRace(t *testing.T) {
	dir := t.TempDir()
	file := File{Path: filepath.Join(dir, "keys.csv")}
	err := Save(t.Context(), file, false, func(w io.Writer) error {
		put(t, file.Path, "theirs")
		return content("ours")(w)
	})
	exists := (*ExistsError)(nil)
	if !errors.As(err, &exists) || exists.Size != 6 {
		t.Errorf("Save returns %v", err)
	}
	holds(t, dir, map[string]string{"keys.csv": "theirs"})
	// Nothing but a file is replaced, even if there was one when the person was asked.
	err = Save(t.Context(), file, true, func(w io.Writer) error {
		if err := errors.Join(os.Remove(file.Path), os.Mkdir(file.Path, 0o700)); err != nil {
			t.Fatal(err)
		}
		return content("ours")(w)
	})
	if err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("Save returns %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || !entries[0].IsDir() {
		t.Errorf("there is %v", entries)
	}
}

// TestSaveKeepsNothingOnFailure: whatever goes wrong on the way, there is no new file and the old one is as it was.
func TestSaveKeepsNothingOnFailure(t *testing.T) {
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(t.Context())
	for name, test := range map[string]struct {
		ctx   context.Context
		write func(io.Writer) error
		want  error
		text  string
	}{
		"write fails": {t.Context(), func(w io.Writer) error { _ = content("half")(w); return broken }, broken,
			"~/keys.csv could not be written, and nothing of it was kept: broken"},
		"cancelled": {ctx, func(w io.Writer) error { cancel(); return content("half")(w) }, context.Canceled, "context canceled"},
		"closed": {t.Context(), func(w io.Writer) error { return w.(io.Closer).Close() }, os.ErrClosed,
			"~/keys.csv could not be written, and nothing of it was kept: file already closed"},
		"panic": {t.Context(), func(w io.Writer) error { _ = content("half")(w); panic("inside") }, nil, ""},
	} {
		for _, replace := range []bool{false, true} {
			dir := t.TempDir()
			file := File{Path: filepath.Join(dir, "keys.csv"), Shown: "~/keys.csv"}
			want := map[string]string{}
			if replace {
				put(t, file.Path, "old")
				want["keys.csv"] = "old"
			}
			var err error
			panicked := func() (p any) {
				defer func() { p = recover() }()
				err = Save(test.ctx, file, replace, test.write)
				return nil
			}()
			if test.want == nil && panicked == nil || !errors.Is(err, test.want) || err != nil && err.Error() != test.text {
				t.Errorf("%s: %v, panic %v", name, err, panicked)
			}
			holds(t, dir, want)
		}
	}
}

// TestSavePlaces: where a file cannot be is one sentence that says what to do.
func TestSavePlaces(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "x")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"sub":              "NAME is a directory: add the name of a file",
		"sub/":             "NAME names a directory: add the name of a file",
		"file/":            "NAME names a directory: add the name of a file",
		"missing/keys.csv": "the directory of NAME does not exist: make it first, or give another name",
		"file/keys.csv":    "the directory of NAME is a file: give another name",
	} {
		for _, replace := range []bool{false, true} {
			err := Save(t.Context(), File{Path: dir + "/" + path, Shown: "NAME"}, replace, content("x"))
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", path, err, want)
			}
		}
	}
	err := Save(t.Context(), File{Path: filepath.Join(dir, strings.Repeat("n", 300)), Shown: "NAME"}, false, content("x"))
	if err == nil || !strings.HasPrefix(err.Error(), "NAME could not be written, and nothing of it was kept: ") {
		t.Errorf("a name too long: %v", err)
	}
}

// TestSaveLinks: a link stays one, and what it leads to is asked about and replaced.
func TestSaveLinks(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	if resolved, err := filepath.EvalSymlinks(other); err == nil {
		other = resolved
	}
	target := filepath.Join(other, "target.csv")
	put(t, target, "old")
	link := func(name, to string) File {
		path := filepath.Join(dir, name)
		if err := os.Symlink(to, path); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
		return File{Path: path, Shown: "NAME"}
	}
	good := link("keys.csv", target)
	err := Save(t.Context(), good, false, content("new"))
	exists := (*ExistsError)(nil)
	if !errors.As(err, &exists) || exists.Target != target || exists.Size != 3 {
		t.Fatalf("%v, %+v", err, exists)
	}
	if err := Save(t.Context(), good, true, content("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, other, map[string]string{"target.csv": "new"})
	if to, err := os.Readlink(good.Path); err != nil || to != target {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	for _, test := range []struct{ name, to, want string }{
		{"nowhere", filepath.Join(other, "absent"), fmt.Sprintf("NAME is a link to %s, which does not exist: give another name", filepath.Join(other, "absent"))},
		{"dir", other, fmt.Sprintf("NAME, a link to %s, is a directory: add the name of a file", other)},
	} {
		for _, replace := range []bool{false, true} {
			_ = os.Remove(filepath.Join(dir, test.name))
			err := Save(t.Context(), link(test.name, test.to), replace, content("x"))
			if err == nil || err.Error() != test.want {
				t.Errorf("%s: %v, want %s", test.name, err, test.want)
			}
		}
	}
	loop := link("loop", "loop")
	if err := Save(t.Context(), loop, true, content("x")); err == nil {
		t.Error("a link to itself was written")
	}
}
