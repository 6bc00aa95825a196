package cli

import (
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/table"
)

const day = 24 * time.Hour

// TestSelection chooses among keys of all ages, as the flags say, and puts them in order.
func TestSelection(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	used := func(d time.Duration) model.LastUse { return model.LastUse{Reported: true, At: ago(d)} }
	never := model.LastUse{Reported: true}
	keys := []model.Key{
		{ID: "a", Name: "api", CreatedAt: ago(1 * day), LastUse: never},
		{ID: "b", Name: "Batch", CreatedAt: ago(15 * day), LastUse: never},
		{ID: "c", Name: "ci prod", CreatedAt: ago(100 * day), LastUse: used(day), ExpiresAt: noon.Add(3 * day)},
		{ID: "d", Name: "ci", CreatedAt: ago(200 * day), LastUse: used(50 * day), ExpiresAt: noon.Add(2 * day)},
		{ID: "e", Name: "x", Owner: "ann", CreatedAt: ago(80 * day)},
		{ID: "f", Name: "y", Owner: "ann", CreatedAt: ago(300 * day)},
	}
	zone := time.FixedZone("", 14*3600)
	for _, c := range []struct {
		pick  selection
		want  string
		byAge bool
	}{
		{selection{}, "abecdf", false},
		{selection{reverse: true}, "fdceba", false},
		{selection{sort: "name"}, "abdcef", false},
		{selection{sort: "used"}, "cdabef", false},
		{selection{sort: "used", reverse: true}, "badcef", false},
		{selection{sort: "expires"}, "dcabef", false},
		{selection{filter: "ci"}, "cd", false},
		{selection{filter: "ci -prod"}, "d", false},
		{selection{filter: "owner:ann age>90d"}, "f", false},
		{selection{filter: "used:never", sort: "name", reverse: true}, "ba", false},
		{selection{filter: "nothing"}, "", false},
		{selection{stale: true}, "bdf", true},
		{selection{stale: true, filter: "-owner:ann"}, "bd", false},
		{selection{stale: true, filter: "batch", sort: "name"}, "b", false},
		{selection{filter: "created:2026-11-22"}, "a", false}, // its day has begun there
	} {
		if c.pick.sort == "" {
			c.pick.sort = "created"
		}
		if err := c.pick.read(zone); err != nil {
			t.Errorf("%+v: %v", c.pick, err)
			continue
		}
		var all table.Table
		all.Add(table.NewBlock(keys))
		chosen := c.pick.of(&all, model.DefaultStaleRule, noon)
		got := ""
		for key := range chosen.keys {
			got += key.ID
		}
		if got != c.want || chosen.byAge != c.byAge || chosen.count != len(got) {
			t.Errorf("%+v chooses %s, by age %v; want %s, %v", c.pick, got, chosen.byAge, c.want, c.byAge)
		}
	}
}

// TestSelectionRefused names the term and what was expected, in one line.
func TestSelectionRefused(t *testing.T) {
	for _, c := range []struct{ filter, sort, want string }{
		{"age>", "created", `--filter: "age>" cannot be read: expected a span such as 90d`},
		{"ci age>9x", "created", `--filter: "9x" in "age>9x" cannot be read: expected a span with one of the units h, d, w, mo, y, such as 90d`},
		{"ci -agee>9d prod", "created", `--filter: "agee" in "-agee>9d" cannot be read: expected age instead, or quotes around it all`},
		{"created:2024-02-30", "created", `--filter: "30" in "created:2024-02-30" cannot be read: expected a day from 01 to 29`},
		{"a\u3000\"", "created", `--filter: """ cannot be read: expected a closing quote`},
		{"a\u3000-\u3000b", "created", `--filter: "-" cannot be read: expected a word to leave out after -`},
		{"- foo:", "created", `--filter: "-" cannot be read: expected a word to leave out after -`},
		{"x\x1b[2J\xff", "created", `--filter: "x⟨U+001B⟩[2J⟨0xFF⟩" cannot be read: expected a text in UTF-8`},
		{"", "colour", `--sort: keys are sorted by one of created, name, used, expires, not by "colour"`},
		{"", "nam", `--sort: keys are sorted by one of created, name, used, expires, not by "nam"; did you mean name?`},
	} {
		s := selection{filter: c.filter, sort: c.sort}
		err := s.read(time.UTC)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q by %s\n got %v\nwant %s", c.filter, c.sort, err, c.want)
		}
		if Report(&strings.Builder{}, err) != exitUsage {
			t.Errorf("%q is no wrong use", c.filter)
		}
	}
}

// TestJudgedBySettings: what scripts and the screen get is judged by the rule that is in force.
func TestJudgedBySettings(t *testing.T) {
	root := t.TempDir()
	t.Setenv("HOME", root)
	t.Setenv("XDG_CONFIG_HOME", root)
	t.Setenv("XDG_DATA_HOME", root)
	t.Setenv("CLAVIER_STALE_NEVER", "2h")
	t.Setenv("CLAVIER_PROTECT", "live-*")
	a, _ := fixedApp()
	a.given = func(string) bool { return false }
	profile, err := a.profile()
	if err != nil {
		t.Fatal(err)
	}
	if got := a.judged().Rule; got.Never != 2*time.Hour || got.Older != model.DefaultStaleRule.Older {
		t.Errorf("the rule is %+v", got)
	}
	if options := a.screenOptions(a.loaded, nil); options.Stale != a.loaded.Stale {
		t.Errorf("the screen judges by %+v", options.Stale)
	}
	if shown := shownProfile(profile); !shown.Protect.Match("live-1") || shown.Protect.Match("production") {
		t.Errorf("the screen protects %q", shown.Protect)
	}
}
