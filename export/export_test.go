package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"clavier/model"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var view = View{Now: noon, Rule: model.DefaultStaleRule}

const day = 24 * time.Hour

func sampleKeys() []model.Key {
	return []model.Key{
		{ID: "4", Name: "日本", Hint: "clv_…0004", Owner: "ada", CreatedAt: noon.Add(-90 * time.Second), LastUse: model.LastUse{Reported: true},
			Role: model.RoleManage},
		{ID: "3", Name: "b\x1b[2J\u202e\"", Hint: "clv_…0003", Owner: "=1+1", CreatedAt: noon.Add(-100 * day),
			LastUse: model.LastUse{Reported: true, At: noon.Add(-2 * time.Minute)}, ExpiresAt: noon, Rotating: true,
			Role: model.RoleRead},
		{ID: "2", Name: "a,b", Hint: "clv_…0002", CreatedAt: noon.Add(-800 * day).In(time.FixedZone("CET", 3600)), Disabled: true,
			Imported: true, Dead: true, Note: `=HYPERLINK("https://example.org")`},
		{ID: "1", Name: "old", Hint: "clv_…0001", CreatedAt: noon.Add(-15 * day), LastUse: model.LastUse{Reported: true}},
	}
}

// written is what a writer makes of the keys.
func written(tb rapid.TB, format Format, keys ...model.Key) string {
	tb.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format, view)
	if err != nil {
		tb.Fatal(err)
	}
	for _, key := range keys {
		if err := w.Add(key); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if w.Count() != len(keys) {
		tb.Fatalf("%d keys were counted, not %d", w.Count(), len(keys))
	}
	return out.String()
}

// TestCSV compares byte for byte, line ends included.
func TestCSV(t *testing.T) {
	want := strings.ReplaceAll(`name,hint,id,owner,created_at,last_used_at,last_use,expires_at,status,stale,imported,rotating,dead,note,role
日本,clv_…0004,4,ada,2026-11-22T11:58:30Z,,never,,active,false,false,false,false,,manage
"b⟨U+001B⟩[2J⟨U+202E⟩""",clv_…0003,3,'=1+1,2026-08-14T12:00:00Z,2026-11-22T11:58:00Z,used,2026-11-22T12:00:00Z,expired,false,false,true,false,,read
"a,b",clv_…0002,2,,2024-09-13T12:00:00Z,,not reported,,disabled,true,true,false,true,"'=HYPERLINK(""https://example.org"")",use
old,clv_…0001,1,,2026-11-07T12:00:00Z,,never,,active,true,false,false,false,,use
`, "\n", "\r\n")
	if got := written(t, CSV, sampleKeys()...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := written(t, CSV), strings.Join(Columns(), ",")+"\r\n"; got != want {
		t.Errorf("no keys are %q, want %q", got, want)
	}
}

// TestJSON compares byte for byte.
func TestJSON(t *testing.T) {
	want := `[
  {
    "id": "4",
    "name": "日本",
    "hint": "clv_…0004",
    "owner": "ada",
    "created_at": "2026-11-22T11:58:30Z",
    "last_used_at": null,
    "last_use": "never",
    "expires_at": null,
    "status": "active",
    "stale": false,
    "imported": false,
    "rotating": false,
    "dead": false,
    "note": null,
    "role": "manage"
  },
  {
    "id": "3",
    "name": "b\u001b[2J\u202e\"",
    "hint": "clv_…0003",
    "owner": "=1+1",
    "created_at": "2026-08-14T12:00:00Z",
    "last_used_at": "2026-11-22T11:58:00Z",
    "last_use": "used",
    "expires_at": "2026-11-22T12:00:00Z",
    "status": "expired",
    "stale": false,
    "imported": false,
    "rotating": true,
    "dead": false,
    "note": null,
    "role": "read"
  },
  {
    "id": "2",
    "name": "a,b",
    "hint": "clv_…0002",
    "owner": null,
    "created_at": "2024-09-13T12:00:00Z",
    "last_used_at": null,
    "last_use": "not reported",
    "expires_at": null,
    "status": "disabled",
    "stale": true,
    "imported": true,
    "rotating": false,
    "dead": true,
    "note": "=HYPERLINK(\"https://example.org\")",
    "role": "use"
  }
]
`
	if got := written(t, JSON, sampleKeys()[:3]...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := written(t, JSON); got != "[]\n" {
		t.Errorf("no keys are %q, want []", got)
	}
	var one bytes.Buffer
	if err := WriteJSON(&one, map[string]string{"a": "\u202e\U000e0041"}); err != nil || one.String() != "{\n  \"a\": \"\\u202e\\udb40\\udc41\"\n}\n" {
		t.Errorf("one value is %q, %v", &one, err)
	}
}

// TestColumnsAreTheObject holds that both formats say the same under the same names.
func TestColumnsAreTheObject(t *testing.T) {
	for _, key := range sampleKeys() {
		rows, err := csv.NewReader(strings.NewReader(written(t, CSV, key))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var objects []map[string]any
		if err := json.Unmarshal([]byte(written(t, JSON, key)), &objects); err != nil {
			t.Fatal(err)
		}
		if len(objects[0]) != len(rows[0]) {
			t.Errorf("JSON has %d fields, CSV %d", len(objects[0]), len(rows[0]))
		}
		for i, name := range rows[0] {
			value, ok := objects[0][name]
			if !ok {
				t.Errorf("JSON has no %s", name)
			}
			want := ""
			switch value := value.(type) {
			case string:
				want = model.Display(value)
			case bool:
				want = map[bool]string{true: "true", false: "false"}[value]
			}
			if got := Undefuse(rows[1][i]); got != want {
				t.Errorf("%s is %q in CSV and %q in JSON", name, got, want)
			}
		}
	}
}

// formulaStarts are the characters by which the spreadsheets know a formula.
const formulaStarts = "=+-@＝＋－＠\t\r"

// runs reports whether a spreadsheet could take the cell, or a part of it, for a formula, whatever it splits lines at.
func runs(cell string) bool {
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '\t' || r == '\n' || r == '\r' }) {
		part = strings.TrimLeft(part, `" `)
		if part != "" && strings.ContainsRune(formulaStarts, []rune(part)[0]) {
			return true
		}
	}
	return false
}

// defused are texts and what a cell has of them.
var defused = map[string]string{
	"":                      "",
	"production":            "production",
	"a-b":                   "a-b",
	"=1+1":                  "'=1+1",
	"+1":                    "'+1",
	"-1":                    "'-1",
	"@SUM(A1)":              "'@SUM(A1)",
	"＝1":                    "'＝1",
	"'quoted'":              "''quoted'",
	"''=":                   "'''=",
	"a;=1":                  "a;'=1",
	"a;-b;c":                "a;'-b;c",
	";;=":                   ";;'=",
	";'=":                   ";''=",
	` =1`:                   ` '=1`,
	`"=1"`:                  `"'=1"`,
	`a;" =1`:                `a;" '=1`,
	"it's":                  "it's",
	"\xff=":                 "\xff=",
	"=cmd|'/c calc'!A1;=B2": "'=cmd|'/c calc'!A1;'=B2",
}

func TestDefuse(t *testing.T) {
	for text, want := range defused {
		if got := Defuse(text); got != want {
			t.Errorf("Defuse(%q) = %q, want %q", text, got, want)
		}
		if got := Undefuse(want); got != text {
			t.Errorf("Undefuse(%q) = %q, want %q", want, got, text)
		}
		if runs(want) {
			t.Errorf("%q would be run", want)
		}
	}
}

// checkCSV holds for any texts that the CSV is harmless on a terminal and in a spreadsheet, is one line for a key, and
// reads back as what the list shows.
func checkCSV(tb rapid.TB, name, hint, id, owner string) {
	tb.Helper()
	out := written(tb, CSV, model.Key{Name: name, Hint: hint, ID: id, Owner: owner, Note: owner})
	lines := strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n")
	if len(lines) != 2 || !model.IsDisplayable(lines[1]) || !utf8.ValidString(out) {
		tb.Fatalf("%+q is not one displayable line", out)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[1]) != len(columns) {
		tb.Fatalf("%+q reads back as %+q, %v", out, rows, err)
	}
	for i, want := range []string{name, hint, id, owner} {
		if got := Undefuse(rows[1][i]); got != model.Display(want) {
			tb.Fatalf("%s %+q reads back as %+q from %+q", columns[i], want, got, out)
		}
		if runs(rows[1][i]) {
			tb.Fatalf("%s %+q is a formula: %+q", columns[i], want, rows[1][i])
		}
	}
	// Where lines are split at semicolons, quotation marks in the middle of a cell do not hold it together.
	for part := range strings.SplitSeq(lines[1], ";") {
		if runs(part) {
			tb.Fatalf("a part of %+q is a formula", lines[1])
		}
	}
}

// checkJSON holds for any texts that the JSON is harmless on a terminal and decodes to the same texts.
func checkJSON(tb rapid.TB, name, owner string) {
	tb.Helper()
	out := written(tb, JSON, model.Key{Name: name, Owner: owner}, model.Key{})
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); !model.IsDisplayable(line) {
			tb.Fatalf("%+q prints as %+q", name, line)
		}
	}
	var decoded []Object
	if err := json.Unmarshal([]byte(out), &decoded); err != nil || len(decoded) != 2 {
		tb.Fatalf("%+q: %v", name, err)
	}
	got := decoded[0]
	if utf8.ValidString(name) && got.Name != name || utf8.ValidString(owner) && orEmpty(got.Owner) != owner {
		tb.Fatalf("%+q, %+q decode as %+q, %+q", name, owner, got.Name, orEmpty(got.Owner))
	}
}

func TestT16CSVIsHarmlessAndTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("=+-@＝＋－＠';\"\t\r\n, ab⟨⟩"))),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		checkCSV(t, text.Draw(t, "name"), text.Draw(t, "hint"), text.Draw(t, "id"), text.Draw(t, "owner"))
	})
}

func TestT16JSONIsHarmlessAndTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkJSON(t, rapid.String().Draw(t, "name"), rapid.String().Draw(t, "owner"))
	})
}

func FuzzCSV(f *testing.F) {
	for text := range defused {
		f.Add(text, text, text, text)
	}
	f.Add("\x1b[2J", "\u202e", "a\r\nb", "\x00\xff")
	f.Fuzz(checkBoth)
}

func checkBoth(t *testing.T, name, hint, id, owner string) {
	checkCSV(t, name, hint, id, owner)
	checkJSON(t, name, owner)
	for _, text := range []string{name, hint, id, owner} {
		if got := Undefuse(Defuse(text)); got != text {
			t.Fatalf("%+q comes back as %+q", text, got)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{
		"keys.csv": CSV, "/a/b.json": JSON, "KEYS.CSV": CSV, "a.csv.json": JSON, ".csv": CSV,
		"keys": 0, "": 0, "keys.txt": 0, "keys.csv/x": 0, "csv": 0,
	} {
		got, err := FormatOf(path)
		if got != want || (err == nil) != (want != 0) || err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("FormatOf(%q) = %v, %v; want %v", path, got, err, want)
		}
	}
	if _, err := NewWriter(&bytes.Buffer{}, 0, view); err == nil {
		t.Error("a writer without a format was made")
	}
}

// failing takes n bytes and then fails.
type failing struct{ n int }

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

// TestWriteErrors: wherever the stream fails, Add or Close says so.
func TestWriteErrors(t *testing.T) {
	many := slices.Repeat(sampleKeys(), 500)
	for _, format := range []Format{CSV, JSON} {
		for _, room := range []int{0, 10, bufferSize, bufferSize + 1, 2*bufferSize - 1} {
			w, err := NewWriter(&failing{room}, format, view)
			for _, key := range many {
				if err == nil {
					err = w.Add(key)
				}
			}
			if err == nil {
				err = w.Close()
			}
			if !errors.Is(err, errFull) {
				t.Errorf("format %d, room for %d bytes: %v", format, room, err)
			}
		}
	}
}

// counting counts bytes.
type counting struct{ n int }

func (c *counting) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }

func BenchmarkWriter(b *testing.B) {
	for name, format := range map[string]Format{"csv": CSV, "json": JSON} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			keys, out := sampleKeys(), &counting{}
			w, err := NewWriter(out, format, view)
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				if err := w.Add(keys[i%len(keys)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
