package dotenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func fileWith(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSet(t *testing.T) {
	for name, test := range map[string]struct{ before, after string }{
		"empty":                    {"", "KEY=new\n"},
		"appended":                 {"A=1\n", "A=1\nKEY=new\n"},
		"no last line end":         {"A=1", "A=1\nKEY=new"},
		"only that line":           {"# c\nA=1\nKEY=old\n\nB=2\n", "# c\nA=1\nKEY=new\n\nB=2\n"},
		"first":                    {"KEY=old\nB=2", "KEY=new\nB=2"},
		"last without end":         {"A=1\nKEY=old", "A=1\nKEY=new"},
		"CRLF":                     {"A=1\r\nKEY=old\r\nB=2\r\n", "A=1\r\nKEY=new\r\nB=2\r\n"},
		"CRLF appended":            {"A=1\r\nB=2\r\n", "A=1\r\nB=2\r\nKEY=new\r\n"},
		"CRLF no last line end":    {"A=1\r\nB=2", "A=1\r\nB=2\r\nKEY=new"},
		"byte order mark":          {"\ufeffKEY=old\nB=2\n", "\ufeffKEY=new\nB=2\n"},
		"byte order mark alone":    {"\ufeff", "\ufeffKEY=new\n"},
		"export and spaces":        {"  export\tKEY = old  # why\n", "  export\tKEY = new  # why\n"},
		"single quotes":            {"KEY='o #l\nd' # c\nB=2\n", "KEY=new # c\nB=2\n"},
		"double quotes":            {"KEY=\"o\\\"#\nl'd\"\nB=2\n", "KEY=new\nB=2\n"},
		"empty value":              {"KEY=\nB=2\n", "KEY=new\nB=2\n"},
		"empty value with comment": {"KEY= # none yet\n", "KEY=new # none yet\n"},
		"comment is not ours":      {"#KEY=old\n", "#KEY=old\nKEY=new\n"},
		"another name":             {"KEY2=a\nMY_KEY=b\nkey=c\n", "KEY2=a\nMY_KEY=b\nkey=c\nKEY=new\n"},
		"twice":                    {"KEY=old\nA=1\nKEY=older\n", "KEY=new\nA=1\nKEY=new\n"},
		"within another value":     {"A='\nKEY=old\n'\n", "A='\nKEY=old\n'\nKEY=new\n"},
		"what it cannot read":      {"¿que?\nif true\nKEY=old\n- x\n", "¿que?\nif true\nKEY=new\n- x\n"},
		"not UTF-8":                {"A=\xff\xfe\nKEY=old\n", "A=\xff\xfe\nKEY=new\n"},
		"carriage returns":         {"A=1\rB\nKEY=o\rld\n", "A=1\rB\nKEY=new\n"},
		"the same":                 {"KEY=new\n", "KEY=new\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := fileWith(t, test.before)
			if _, err := Set(t.Context(), path, pairs("KEY", "new"), Options{}); err != nil {
				t.Fatal(err)
			}
			if got := contentOf(t, path); got != test.after {
				t.Errorf("%q became %q, want %q", test.before, got, test.after)
			}
			if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
				t.Errorf("there is more than the file: %v %v", entries, err)
			}
		})
	}
}

func TestSetSeveral(t *testing.T) {
	path := fileWith(t, "B=old\n")
	if _, err := Set(t.Context(), path, pairs("A", "1", "B", "it's $5", "C", "two words"), Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := contentOf(t, path), "B=\"it's \\$5\"\nA=1\nC='two words'\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSetRefuses: one sentence that repeats no value, and the file stays as it was.
func TestSetRefuses(t *testing.T) {
	const kept = "A=qzj\n"
	for _, test := range []struct {
		before string
		pairs  []Pair
		says   string
	}{
		{kept + "B='qzj\nKEY=old\n", pairs("KEY", "new"), "line 2: a quote is opened and never closed"},
		{kept + "KEY=\"qzj\\\"\n", pairs("KEY", "new"), "line 2: a quote is opened and never closed"},
		{kept + "KEY='a'qzj\n", pairs("KEY", "new"), "line 2: text follows the closing quote"},
		{kept, pairs("KEY", "qzj\nX=1"), "KEY cannot be in it: its value has a line break"},
		{"K\x00E\x00", pairs("KEY", "new"), "it is not plain text (a NUL character is in it); is it UTF-16? Save it as UTF-8"},
		{strings.Repeat("# large\n", 1<<17) + "A", pairs("KEY", "new"), "it is larger than 1 MiB"},
	} {
		path := fileWith(t, test.before)
		_, err := Set(t.Context(), path, test.pairs, Options{})
		if want := "write " + path + ": " + test.says; fmt.Sprint(err) != want {
			t.Errorf("it says %v, want %s", err, want)
		}
		if contentOf(t, path) != test.before {
			t.Error("it was changed")
		}
	}
	syntax := (*SyntaxError)(nil)
	if _, err := Set(t.Context(), fileWith(t, "A='"), pairs("A", "x"), Options{}); !errors.As(err, &syntax) || syntax.Line != 1 {
		t.Errorf("it returns %v", err)
	}
	if _, err := Set(t.Context(), fileWith(t, ""), pairs("1", "x"), Options{}); err == nil {
		t.Error("1 is no name")
	}
}

func TestSetPlaces(t *testing.T) {
	dir := t.TempDir()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "new.env")
	written, err := Set(t.Context(), path, pairs("A", "1"), Options{})
	if err != nil || !written.Made || written.Shared || written.Path != path {
		t.Errorf("%+v %v", written, err)
	}
	if written, err = Set(t.Context(), path, pairs("A", "2"), Options{}); err != nil || written.Made {
		t.Errorf("%+v %v", written, err)
	}
	for _, test := range []struct{ path, says string }{
		{filepath.Join(dir, "none", ".env"), "there is no directory for " + filepath.Join(dir, "none", ".env")},
		{dir, "write " + dir + ": it is not a regular file"},
	} {
		if _, err := Set(t.Context(), test.path, pairs("A", "1"), Options{}); fmt.Sprint(err) != test.says {
			t.Errorf("it says %v, want %s", err, test.says)
		}
	}
	t.Chdir(dir)
	if written, err = Set(t.Context(), "relative.env", pairs("A", "2"), Options{}); err != nil || written.Path != filepath.Join(dir, "relative.env") {
		t.Errorf("%+v %v", written, err)
	}
}

// TestSetTogether: many at once lose nothing.
func TestSetTogether(t *testing.T) {
	path := fileWith(t, "# mine\n")
	const writers, each = 4, 5
	failed := make(chan error, writers)
	for w := range writers {
		go func() {
			for i := range each {
				if _, err := Set(t.Context(), path, pairs(fmt.Sprintf("W%d_%d", w, i), "x"), Options{}); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range writers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if got := strings.Count(contentOf(t, path), "\n"); got != 1+writers*each {
		t.Errorf("%d lines", got)
	}
}

// FuzzSet holds that every line that is not ours stays byte-identical, whatever the file holds.
func FuzzSet(f *testing.F) {
	for _, seed := range []struct{ before, value string }{
		{"", "x"}, {"OURS=1\nA=2", "it's"}, {"\ufeffA='\nOURS=1'\r\nOURS=\"\\\"\"\n", `\`}, {"export OURS= old # c\n#\n", "a #b"},
		{"A=1\r\nOURS=2\r\nB='x'y\r\n", "$(id)"}, {"OURS='a\nb\nc'\nOURS=\n", "\"'`"},
	} {
		f.Add(seed.before, seed.value)
	}
	f.Fuzz(func(t *testing.T, before, value string) {
		if value == "" || strings.ContainsAny(value, "\x00\n\r") {
			return
		}
		after, err := splice([]byte(before), pairs("OURS", value))
		if err != nil {
			return
		}
		onlyOursChanged(t, before, string(after), value)
		otherLinesStay(t, before, string(after))
		readAsBefore(t, before, string(after), value)
		if again, err := splice(after, pairs("OURS", value)); err != nil || string(again) != string(after) {
			t.Fatalf("%q became %q: %v", after, again, err)
		}
	})
}

// onlyOursChanged: by the definition of scan, all between the old values of ours is there, in order.
func onlyOursChanged(t *testing.T, before, after, value string) {
	t.Helper()
	statements, err := scan([]byte(before))
	if err != nil {
		t.Fatal("it was changed all the same")
	}
	want, done := "", 0
	for _, s := range statements {
		if s.name == "OURS" {
			want += before[done:s.start] + dotenvValue(value)
			done = s.end
		}
	}
	want += before[done:]
	added, ok := strings.CutPrefix(after, want)
	if !ok || done > 0 && added != "" || done == 0 && strings.Trim(added, "\r\n") != "OURS="+dotenvValue(value) {
		t.Fatalf("%q became %q", before, after)
	}
}

// otherLinesStay: by no definition but that of a line. Quotes, within which a line may belong to an old value of ours, are left out.
func otherLinesStay(t *testing.T, before, after string) {
	t.Helper()
	if strings.ContainsAny(before, `'"`) {
		return
	}
	others := func(text string) string {
		var all strings.Builder
		for line := range strings.Lines(text) {
			if line = strings.TrimRight(line, "\r\n"); !strings.Contains(line, "OURS") && line != "\ufeff" {
				all.WriteString(line + "\n")
			}
		}
		return all.String()
	}
	if others(before) != others(after) {
		t.Fatalf("%q became %q", before, after)
	}
}

// readAsBefore: the reader finds the new value and all others as they were.
func readAsBefore(t *testing.T, before, after, value string) {
	t.Helper()
	old, err := Read(strings.NewReader(before))
	if err != nil {
		return
	}
	now, err := Read(strings.NewReader(after))
	if err != nil {
		t.Fatalf("%q became %q, which cannot be read: %v", before, after, err)
	}
	split := func(entries []Entry) (others string, ours []string) {
		for _, e := range entries {
			if e.Name == "OURS" {
				ours = append(ours, e.Value.Reveal())
			} else {
				others += fmt.Sprintf("%s=%q\n", e.Name, e.Value.Reveal())
			}
		}
		return others, ours
	}
	was, _ := split(old)
	is, ours := split(now)
	if was != is || len(ours) == 0 {
		t.Fatalf("%q became %q", before, after)
	}
	for _, text := range ours {
		if text != value {
			t.Fatalf("%q is read as %q in %q", value, text, after)
		}
	}
}

// FuzzRead holds that nothing makes the reader fail otherwise than by a line, and that no error repeats a value.
func FuzzRead(f *testing.F) {
	f.Add("A=1\n# c\nexport B='x'\nC=\"\\n\"\n")
	f.Add("A='")
	f.Add("\ufeff=\n")
	f.Fuzz(func(t *testing.T, content string) {
		entries, err := Read(strings.NewReader(content))
		syntax := (*SyntaxError)(nil)
		lines := strings.Count(content, "\n") + 1
		switch {
		case err == nil, errors.Is(err, errNotText):
		case errors.As(err, &syntax):
			if syntax.Line < 1 || syntax.Line > lines {
				t.Fatalf("line %d of %d", syntax.Line, lines)
			}
		default:
			t.Fatal(err)
		}
		last := 0
		for _, e := range entries {
			if e.Line <= last || e.Line > lines || e.Name == "" {
				t.Fatalf("%+v after line %d of %d", e, last, lines)
			}
			last = e.Line
		}
	})
}

func TestRead(t *testing.T) {
	entries, err := Read(strings.NewReader("\ufeff# first\r\nA=1\r\n\r\n  export B = 'two\nlines' # c\nC=\"a\\nb\\t\\\\\\\"\\$\\`\\x\" \n" +
		"D=plain # comment\nE=a#b\nF=#c\nG=\nH= # c\nI=$HOME\nJ=\"${X}\"\nK='$X'\nl.m-n=o=p\nD=again\nO=it's\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name, value string
		line        int
		expands     bool
	}{
		{"A", "1", 2, false}, {"B", "two\nlines", 4, false}, {"C", "a\nb\t\\\"$`\\x", 6, false}, {"D", "plain", 7, false}, {"E", "a#b", 8, false},
		{"F", "#c", 9, false}, {"G", "", 10, false}, {"H", "", 11, false}, {"I", "$HOME", 12, true}, {"J", "${X}", 13, true},
		{"K", "$X", 14, false}, {"l.m-n", "o=p", 15, false}, {"D", "again", 16, false}, {"O", "it's", 17, false},
	}
	if len(entries) != len(want) {
		t.Fatalf("%d entries", len(entries))
	}
	for i, w := range want {
		if e := entries[i]; e.Name != w.name || e.Value.Reveal() != w.value || e.Line != w.line || e.Expands != w.expands {
			t.Errorf("%s=%q in line %d (%v), want %+v", e.Name, e.Value.Reveal(), e.Line, e.Expands, w)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for content, says := range map[string]string{
		"A=1\nqzj\n":                    "line 2: neither a variable (NAME=value) nor a comment",
		"A=1\n\n1A=qzj":                 "line 3: neither a variable (NAME=value) nor a comment",
		"=qzj":                          "line 1: neither a variable (NAME=value) nor a comment",
		"A='a\nb'\nB='qzj":              "line 3: a quote is opened and never closed",
		"A=\"qzj\\\"":                   "line 1: a quote is opened and never closed",
		"A='a'qzj":                      "line 1: text follows the closing quote",
		"A=1\x00":                       errNotText.Error(),
		strings.Repeat("#qzj\n", 1<<18): errLarge.Error(),
	} {
		if _, err := Read(strings.NewReader(content)); fmt.Sprint(err) != says {
			t.Errorf("it says %v, want %s", err, says)
		}
	}
}

// TestWriteRead: what is written for .env files is read as it was.
func TestWriteRead(t *testing.T) {
	want := numbered(append(append(values(t), bytesAlone...), random(1000, special)...))
	entries, err := Read(strings.NewReader(written(t, Dotenv, want)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		got[e.Name] = e.Value.Reveal()
		if e.Expands {
			t.Errorf("%q would be expanded", e.Value.Reveal())
		}
	}
	wantAll(t, got, want)
}
