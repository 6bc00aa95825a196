//go:build linux || darwin

package bench

import (
	"testing"
	"time"

	"clavier/e2e/term"
	"clavier/model"
)

// screen is a screen with these lines.
func screen(lines ...string) term.Screen {
	return term.Screen{Cols: 60, Rows: len(lines), Lines: lines}
}

func TestCountFzf(t *testing.T) {
	tests := []struct {
		line string
		want Count
	}{
		{"  100000/100000 (0)", Count{100000, 100000, 0, false}},
		{"  100000/100000 (0) ──────────", Count{100000, 100000, 0, false}},
		{"⠧ 38323/38323 (0) ────", Count{38323, 38323, 0, true}},
		{"  12/100000 (7) (43%) ───", Count{12, 100000, 7, false}},
		{"  0/10 (10)", Count{0, 10, 10, false}},
		{"> 12/10 (0) and a name", Count{-1, -1, -1, true}},
		{"", Count{-1, -1, -1, true}},
	}
	for _, tt := range tests {
		if got := countFzf(screen("> query", tt.line, "  row 5/5 (5)")); got != tt.want {
			t.Errorf("%q is read as %+v, want %+v", tt.line, got, tt.want)
		}
	}
}

func TestCountClavier(t *testing.T) {
	const tabs = "[1 API keys]  3 Activity"
	tests := []struct {
		head, filter string
		want         Count
	}{
		{" clavier  local · this machine        1 000 000 keys", "", Count{1000000, 1000000, 0, false}},
		{" clavier  local · this machine   40+ keys", "", Count{40, 40, 0, true}},
		{" clavier  local · this machine   1 key", "", Count{1, 1, 0, false}},
		{" clavier  local · this machine   14 keys · 3 stale", "", Count{14, 14, 0, false}},
		{" clavier  local · box 12  100 keys · 3 stale · 2 012 marked, 5 hidden", "", Count{100, 100, 2012, false}},
		{" clavier  local · this machine   1 014 keys", " / pay                 12 of 1 014", Count{12, 1014, 0, false}},
		{" clavier  local · this machine   1 014 keys", " / pay                 3 stale of 1 014", Count{3, 1014, 0, false}},
		{" clavier  local · this machine   1 014+ keys", " / 7                1 012 of 1 014+", Count{1012, 1014, 0, true}},
		{" clavier  local · this machine   1 014 keys", " / pay", Count{-1, 1014, 0, true}},
		{" clavier  local · this machine", "", Count{-1, -1, -1, true}},
	}
	for _, tt := range tests {
		if got := countClavier(screen(tt.head, tabs, "   12 keys", tt.filter, "", " n new")); got != tt.want {
			t.Errorf("%q with %q is read as %+v, want %+v", tt.head, tt.filter, got, tt.want)
		}
	}
}

func TestRowsOnTop(t *testing.T) {
	names := []string{"a-name-that-is-longer-than-its-column", "b"}
	tests := []struct {
		lines []string
		want  bool
	}{
		{[]string{"NAME", " > a-name-that-is-lo…", "   b   clv_…1234"}, true},
		{[]string{"NAME", " > a-name-that-is-lo…", "", "   b"}, false},
		{[]string{"NAME", "   b", " > a-name-that-is-lo…"}, false},
		{[]string{" > a-name-that-is-lo…"}, false},
	}
	for _, tt := range tests {
		if got := onTop(names).ok(screen(tt.lines...)); got != tt.want {
			t.Errorf("%q begins with %q: %t, want %t", tt.lines, names, got, tt.want)
		}
	}
}

func TestOutermostAreInOrder(t *testing.T) {
	now := time.Now()
	var keys []model.Key
	for i := range 30 {
		keys = append(keys, model.Key{ID: names(30)[i], Name: names(30)[29-i], CreatedAt: now.Add(-time.Duration(i) * time.Hour)})
	}
	for _, tt := range []struct {
		order       model.Order
		first, last string
	}{
		{model.Order{By: model.SortCreated}, "key-000029", "key-000000"},
		{model.Order{By: model.SortCreated, Reverse: true}, "key-000000", "key-000029"},
		{model.Order{By: model.SortName}, "key-000000", "key-000029"},
	} {
		ends := outermost(keys, tt.order)
		if len(ends[0]) != 10 || len(ends[1]) != 10 || ends[0][0] != tt.first || ends[1][9] != tt.last {
			t.Errorf("%+v: the ends are %q", tt.order, ends)
		}
	}
}

func TestSparedFindsWhatIsWrong(t *testing.T) {
	kept := []model.Key{{Name: "a"}, {Name: "b"}}
	if err := spared(kept, 2); err != nil {
		t.Error(err)
	}
	if spared(kept, 3) == nil {
		t.Error("a key that is missing is not found")
	}
	if spared(append(kept, model.Key{Name: doomedName + "0001"}), 3) == nil {
		t.Error("a key that was to be deleted is not found")
	}
}
