package model

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestStaleRule(t *testing.T) {
	if DefaultStaleRule != (StaleRule{90 * day, 30 * day, 14 * day}) {
		t.Errorf("the default is %+v", DefaultStaleRule)
	}
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	used := func(d time.Duration) LastUse { return LastUse{Reported: true, At: ago(d)} }
	never, unknown := LastUse{Reported: true}, LastUse{}
	rule := DefaultStaleRule
	for _, c := range []struct {
		about   string
		rule    StaleRule
		created time.Time
		use     LastUse
		want    Staleness
	}{
		{"exactly as old and as unused as is allowed", rule, ago(90 * day), used(30 * day), Fresh},
		{"too old, used in time", rule, ago(90*day + 1), used(30 * day), Fresh},
		{"in time, not used for too long", rule, ago(90 * day), used(30*day + 1), Fresh},
		{"both too long", rule, ago(90*day + 1), used(30*day + 1), Stale},
		{"very old, used just now", rule, ago(3650 * day), used(0), Fresh},
		{"very old, used in the future", rule, ago(3650 * day), used(-day), Fresh},
		{"never used, exactly as old as is allowed", rule, ago(14 * day), never, Fresh},
		{"never used, older", rule, ago(14*day + 1), never, Stale},
		{"never used, made in the future", rule, ago(-day), never, Fresh},
		{"never used, and Never is the longest", StaleRule{day, day, 365 * day}, ago(300 * day), never, Fresh},
		{"not reported, exactly as old as is allowed", rule, ago(90 * day), unknown, Fresh},
		{"not reported, older", rule, ago(90*day + 1), unknown, StaleByAge},
		{"not reported, although there is a moment", rule, ago(90*day + 1), LastUse{At: noon}, StaleByAge},
		{"not reported, older than Never only", rule, ago(15 * day), unknown, Fresh},
		{"made nobody knows when, never used", rule, time.Time{}, never, Fresh},
		{"made nobody knows when, not reported", rule, time.Time{}, unknown, Fresh},
		{"made nobody knows when, used long ago", rule, time.Time{}, used(365 * day), Fresh},
		{"before 1970", rule, date(t, "1955-05-05"), used(40 * day), Stale},
		{"longer ago than a length of time can be", rule, date(t, "1500-05-05"), never, Stale},
		{"used longer ago than a length of time can be", rule, date(t, "1500-05-05"), LastUse{true, date(t, "1501-01-01")}, Stale},
		{"another zone", rule, ago(90*day + time.Hour).In(time.FixedZone("", -8*3600)), unknown, StaleByAge},
		{"another rule", StaleRule{time.Hour, time.Hour, time.Hour}, ago(2 * time.Hour), used(time.Hour + 1), Stale},
		{"no time at all", StaleRule{}, ago(1), used(1), Stale},
		{"no time at all, made now", StaleRule{}, noon, never, Fresh},
	} {
		if got := c.rule.Judge(Key{CreatedAt: c.created, LastUse: c.use}, noon); got != c.want {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

// TestStaleIsAQuery: what the rule says is what queries with the same spans find.
func TestStaleIsAQuery(t *testing.T) {
	stale := 0
	rapid.Check(t, func(t *rapid.T) {
		key := anyKey().Draw(t, "key")
		match := func(text string) bool { return sound(t, text).Match(key, noon) }
		want := Fresh
		switch {
		case match("age>90d used:unknown"):
			want = StaleByAge
		case match("age>90d used>30d"), match("age>14d used:never"):
			want = Stale
		}
		if got := DefaultStaleRule.Judge(key, noon); got != want {
			t.Fatalf("%+v: %v, want %v", key, got, want)
		}
		if want != Fresh {
			stale++
		}
	})
	if stale == 0 {
		t.Error("no key was stale")
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0d": 0, "0h": 0, "1h": time.Hour, "12h": 12 * time.Hour, "36h": 36 * time.Hour, "1d": day, "90d": 90 * day, "2w": 14 * day,
		"3mo": 90 * day, "1y": 365 * day, "100y": MaxSpan, "36500d": MaxSpan, "876000h": MaxSpan, "007d": 7 * day,
	} {
		if got, err := ParseSpan(text); err != nil || got != want {
			t.Errorf("%s is %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": wantSpan, "d": wantSpan, "-1d": wantSpan, "+1d": wantSpan, " 1d": wantSpan, "٣d": wantSpan, "x": wantSpan,
		"90": wantSpanUnit, "5m": wantSpanUnit, "5s": wantSpanUnit, "5D": wantSpanUnit, "5d ": wantSpanUnit, "5 d": wantSpanUnit, "5days": wantSpanUnit,
		"1.5y": wantSpanWhole, "1,5y": wantSpanWhole, "1y6mo": wantSpanWhole, "1e3d": wantSpanWhole,
		"101y": wantSpanBound, "36501d": wantSpanBound, "876001h": wantSpanBound, "1217mo": wantSpanBound,
		"18446744073709551616h": wantSpanBound, "99999999999999999999999d": wantSpanBound,
	} {
		if _, err := ParseSpan(text); err == nil || err.Error() != `"`+text+`" is not `+want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := ParseSpan(strings.Repeat("x", 100) + "\x1b"); err == nil || len(err.Error()) > 120 || !IsDisplayable(err.Error()) {
		t.Errorf("a long text gives %v", err)
	}
}

func TestFormatSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0d", -day: "0d", time.Minute: "0d", time.Hour: "1h", 25*time.Hour + 59*time.Minute: "25h", day: "1d", 7 * day: "7d", 14 * day: "2w",
		30 * day: "30d", 90 * day: "90d", 120 * day: "4mo", 365 * day: "1y", 730 * day: "2y", 100 * day: "100d", 100 * time.Hour: "100h",
		MaxSpan: "100y", MaxSpan + day: "100y", 1<<63 - 1: "100y",
	} {
		if got := FormatSpan(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
	units := []string{"h", "d", "w", "mo", "y"}
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.OneOf(rapid.Int64Range(0, int64(MaxSpan/time.Hour)),
			rapid.Map(rapid.Int64Range(0, 1200), func(n int64) int64 { return n * 24 * 30 })).Draw(t, "hours")
		want := time.Duration(d) * time.Hour
		text := FormatSpan(want)
		if got, err := ParseSpan(text); err != nil || got != want {
			t.Fatalf("%v is written as %s, which is %v, %v", want, text, got, err)
		}
		for _, unit := range units {
			one, _ := ParseSpan("1" + unit)
			if other := strconv.FormatInt(int64(want/one), 10) + unit; want%one == 0 && len(other) < len(text) {
				t.Fatalf("%s could be written as %s", text, other)
			}
		}
	})
}
