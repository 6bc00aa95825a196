package model

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestSuccessorName(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		old   string
		taken []string
		want  Name
	}{
		{"production", nil, "production 2026-11"},
		{"production 2026-10", nil, "production 2026-11"},
		{"production 2026-11", []string{"production 2026-11"}, "production 2026-11 2"},
		{"production 2026-11 2", []string{"production 2026-11", "production 2026-11 2"}, "production 2026-11 3"},
		{"production", []string{"production 2026-11"}, "production 2026-11 2"},
		{"ci 2024", nil, "ci 2024 2026-11"},
		{"ci 2024-13", nil, "ci 2024-13 2026-11"},
		{"2024-10", nil, "2024-10 2026-11"},
		{strings.Repeat("é", 64), nil, Name(strings.Repeat("é", 56) + " 2026-11")},
		{strings.Repeat("x", 55) + " yyyyyyyy", nil, Name(strings.Repeat("x", 55) + " 2026-11")},
		{"a\u202eb", nil, "key 2026-11"},
		{"", nil, "key 2026-11"},
		{" x", []string{"key 2026-11"}, "key 2026-11 2"},
		{"cafe\u0301", nil, "café 2026-11"},
	} {
		got := SuccessorName(c.old, now, func(name string) bool { return slices.Contains(c.taken, name) })
		if got != c.want {
			t.Errorf("%q becomes %q, not %q", c.old, got, c.want)
		}
	}
	if got := SuccessorName("x", now.In(time.FixedZone("", 3600)), func(string) bool { return false }); got != "x 2026-12" {
		t.Errorf("an hour further east it is %q", got)
	}
	if got := SuccessorName("x", now, func(string) bool { return true }); got != "x 2026-11 1000" {
		t.Errorf("where all are taken it is %q", got)
	}
}

func FuzzSuccessorName(f *testing.F) {
	f.Add("production 2026-11 2", uint8(3))
	f.Add(strings.Repeat("e\u0301", 64), uint8(12))
	f.Fuzz(func(t *testing.T, old string, takenFirst uint8) {
		left := int(takenFirst)
		name := SuccessorName(old, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), func(string) bool { left--; return left >= 0 })
		if again, err := ParseName(string(name)); err != nil || again != name || utf8.RuneCountInString(string(name)) > MaxNameLen {
			t.Errorf("%q becomes %q: %v", old, name, err)
		}
	})
}

func TestParseGrace(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "0d": 0, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": MaxGrace} {
		if got, err := ParseGrace(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"31d": `"31d" is longer than 30 days`, "1y": `"1y" is longer than 30 days`, "x": `"x" is not a span such as 90d`, "": `"" is not a span such as 90d`,
		"24": `"24" is not a span with one of the units h, d, w, mo, y, such as 90d`,
	} {
		if _, err := ParseGrace(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
