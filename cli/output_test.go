package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"clavier/client/clienttest"
	"clavier/export"
	"clavier/model"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fixedApp is an app with a fixed clock and zone that writes to a buffer.
func fixedApp() (*app, *bytes.Buffer) {
	var out bytes.Buffer
	a := newApp(Streams{Out: &out, Err: &out})
	a.now = func() time.Time { return noon }
	a.zone = time.FixedZone("CET", 3600)
	return a, &out
}

func sampleKeys() []model.Key {
	return []model.Key{
		{ID: "3", Name: "日本", Hint: "clv_…0003", CreatedAt: noon.Add(-90 * time.Second), LastUse: model.LastUse{Reported: true}},
		{ID: "2", Name: "b\x1b[2J\u202e\"", Hint: "clv_…0002", CreatedAt: noon.Add(-100 * 24 * time.Hour),
			LastUse: model.LastUse{Reported: true, At: noon.Add(-2 * time.Minute)}, ExpiresAt: noon},
		{ID: "1", Name: "ci", Hint: "clv_…0001", CreatedAt: noon.Add(-800 * 24 * time.Hour), Disabled: true},
		{ID: "0", Name: "mindee", Hint: "…0000", Imported: true, Dead: true, Note: "console"},
		{ID: "00", Name: "next", Hint: "…0009", CreatedAt: noon, Rotating: true},
	}
}

// TestListTable compares the table byte for byte.
func TestListTable(t *testing.T) {
	a, out := fixedApp()
	if err := a.writeKeys(sampleKeys()); err != nil {
		t.Fatal(err)
	}
	//nolint:dupword // both columns say unknown
	want := `
NAME                   KEY        CREATED           AGE      LAST USED     STATUS
日本                   clv_…0003  2026-11-22 12:58  1m       never         active
b⟨U+001B⟩[2J⟨U+202E⟩"  clv_…0002  2026-08-14 13:00  100d     2m ago        expired
ci                     clv_…0001  2024-09-13 13:00  2y       not reported  disabled
mindee                 …0000      unknown           unknown  not reported  dead, imported
next                   …0009      2026-11-22 13:00  0s       not reported  active, rotating
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got%swant%s", got, want)
	}
}

// TestT16ExportedKeysAreHarmless holds for hostile names that list --json and --csv print harmlessly and say the truth.
func TestT16ExportedKeysAreHarmless(t *testing.T) {
	for _, name := range clienttest.HostileNames() {
		for _, format := range []export.Format{export.JSON, export.CSV} {
			a, out := fixedApp()
			if err := a.exportKeys(t.Context(), format, slices.Values([]model.Key{{Name: name, Hint: name, ID: name, Owner: name}})); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if line = strings.TrimRight(line, "\r\n"); !model.IsDisplayable(line) {
					t.Fatalf("name %+q prints as %+q", name, line)
				}
			}
			var got string
			want := name
			if format == export.JSON {
				var decoded []export.Object
				if err := json.Unmarshal(out.Bytes(), &decoded); err != nil {
					t.Fatalf("name %+q: %v", name, err)
				}
				got = decoded[0].Name
			} else {
				rows, err := csv.NewReader(out).ReadAll()
				if err != nil {
					t.Fatalf("name %+q: %v", name, err)
				}
				got, want = export.Undefuse(rows[1][0]), model.Display(name)
			}
			if utf8.ValidString(name) && got != want {
				t.Fatalf("name %+q reads back as %+q", name, got)
			}
		}
	}
}

// TestTableIsHarmless holds that no name moves anything outside of its cell.
func TestTableIsHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, out := fixedApp()
		name := rapid.String().Draw(t, "name")
		if err := a.writeKeys([]model.Key{{Name: name, Hint: name}}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 2 || !model.IsDisplayable(lines[1]) {
			t.Fatalf("name %+q prints as %+q", name, out)
		}
	})
}

// TestConfirm is T23 for the command: what has to be given to delete a key, and what is refused.
func TestConfirm(t *testing.T) {
	plain := model.Key{ID: "id-1", Name: "prod"}
	accented := model.Key{ID: "id-2", Name: "caf\u00e9"}
	twin, other := model.Key{ID: "id-3", Name: "twin"}, model.Key{ID: "id-4", Name: "twin"}
	hidden := model.Key{ID: "id-5", Name: "a\u200bb"}
	all := []model.Key{plain, accented, twin, other, hidden}
	for _, test := range []struct {
		key  model.Key
		flag string
		ok   bool
	}{
		{plain, "prod", true},
		{plain, "id-1", false},
		{plain, "", false},
		{plain, "Prod", false},
		{plain, "prod ", false},
		{plain, " prod", false},
		{plain, "prod\u00a0", false},
		{plain, "pr\u200bod", false},
		{plain, "pr\u043ed", false},
		{accented, "caf\u00e9", true},
		{accented, "cafe\u0301", true},
		{accented, "cafe", false},
		{twin, "twin", false},
		{twin, "id-4", false},
		{twin, "id-3", true},
		{hidden, "a\u200bb", false},
		{hidden, "ab", false},
		{hidden, "id-5", true},
	} {
		a, _ := fixedApp()
		if err := a.confirm(test.key, all, &test.flag); (err == nil) != test.ok {
			t.Errorf("--confirm %+q for %+q: %v, want ok = %v", test.flag, test.key.Name, err, test.ok)
		}
	}
}

// TestReport holds the one sentence and the exit codes.
func TestReport(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{model.ErrRefused, 1, "clavier: not a live key\n"},
		{usagef("no %s", "such thing"), 2, "clavier: no such thing\n"},
		{wrongUse(model.ErrStoreBusy), 2, "clavier: the store is busy\n"},
		{usagef("\x1b]0;title\a\n"), 2, "clavier: ⟨U+001B⟩]0;title⟨U+0007⟩⟨U+000A⟩\n"},
	} {
		var out strings.Builder
		if code := Report(&out, test.err); code != test.code || out.String() != test.text {
			t.Errorf("%v: code %d and %q, want %d and %q", test.err, code, out.String(), test.code, test.text)
		}
	}
	if _, err := model.ParseName(""); Report(&strings.Builder{}, err) != 2 {
		t.Error("a name that cannot be one is not wrong use")
	}
	if wrongUse(nil) != nil {
		t.Error("no error became one")
	}
}

// TestLocation holds from where a change is noted to come.
func TestLocation(t *testing.T) {
	host := func() (string, error) { return "jump", nil }
	for connection, want := range map[string]string{
		"":                               "jump",
		"192.0.2.7 50000 192.0.2.1 22":   "jump, from 192.0.2.7",
		"2001:db8::7 50000 192.0.2.1 22": "jump, from 2001:db8::7",
		"\x1b[2J 1 2 3":                  "jump",
	} {
		if got := location(host, func(string) string { return connection }); got != want {
			t.Errorf("SSH_CONNECTION=%q: %q, want %q", connection, got, want)
		}
	}
}
