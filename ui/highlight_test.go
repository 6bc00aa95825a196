package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"clavier/model"
)

// pieces are what hostile texts are made of in these tests.
var pieces = []string{
	"a", "Z", "prod", "-", " ", "é", "e\u0301", "\u0301", "鍵", "🇩🇪", "🇩", "👩\u200d💻", "👍🏽", "กำ", "\x1b[2J", "\u202e", "\xff", "\xe2\x82", "\u1100\u1161", "\ufe0f",
	"⟨U+202E⟩", "…", "\t", "한", "\u0600", "ﷺ",
}

func drawText(r *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(r, "text"), "")
}

// boundaries are the places of s at which a person sees a character end.
func boundaries(s string) map[int]bool {
	at := map[int]bool{0: true}
	for i := 0; i < len(s); {
		cluster, _ := ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
		i += max(len(cluster), 1)
		at[i] = true
	}
	return at
}

// TestT16HighlightsSplitNothing: no escape, no character, nothing added or lost, whatever is looked for in whatever text.
func TestT16HighlightsSplitNothing(t *testing.T) {
	bright := style{"\x1b[4m", "\x1b[0m"}
	lit := 0
	rapid.Check(t, func(r *rapid.T) {
		text, w := drawText(r), rapid.IntRange(1, 60).Draw(r, "width")
		word := strings.Map(func(r rune) rune {
			if r == '"' {
				return -1
			}
			return r
		}, rapid.SampledFrom(pieces).Draw(r, "word"))
		query, _ := model.ParseQuery(`"`+word+`"`, nil)
		ranges := query.Highlights(model.FieldName, text)
		l := light(text, w, ranges)
		whole := model.Display(text)
		if l.text != cut(whole, w) {
			r.Fatalf("%q is shown as %q, not %q", text, l.text, cut(whole, w))
		}
		edges, last := boundaries(l.text), 0
		for _, p := range l.ranges {
			lit++
			if p[0] < last || p[0] >= p[1] || p[1] > len(l.text) {
				r.Fatalf("the ranges of %q are %v", l.text, l.ranges)
			}
			last = p[1]
			if !edges[p[0]] || !edges[p[1]] {
				r.Fatalf("the range %v splits a character of %q", p, l.text)
			}
			before, inside := l.text[:p[0]], l.text[p[0]:p[1]]
			if open := strings.LastIndex(before, "⟨U+"); open >= 0 && inside != ellipsis && !strings.Contains(before[open:], "⟩") && !strings.Contains(text, "⟨") {
				r.Fatalf("%q is split at %q", l.text, inside)
			}
			if !utf8.ValidString(inside) {
				r.Fatalf("%q is highlighted", inside)
			}
		}
		drawn := l.fill(w).in(style{"\x1b[1m", "\x1b[0m"}, bright)
		if ansi.Strip(drawn) != fit(whole, w) || ansi.StringWidth(drawn) != w {
			r.Fatalf("%q is drawn as %q in %d cells, not %d", text, drawn, ansi.StringWidth(drawn), w)
		}
		if bad := foreignTo(drawn); bad != "" {
			r.Fatalf("%q holds %s", drawn, bad)
		}
	})
	if lit == 0 {
		t.Error("nothing was ever highlighted: the test looks at nothing")
	}
}

func TestHighlightsAreWhereTheMatchIs(t *testing.T) {
	for _, c := range []struct{ text, filter, want string }{
		{"production", "duct", "pro[duct]ion"}, {"Production", "pro", "[Pro]duction"}, {"Production", "Pro", "[Pro]duction"},
		{"prod-pro", "pro", "[pro]d-[pro]"}, {"cafe\u0301s", "e", "caf[e\u0301]s"}, {"a\u202eb", "b", "a⟨U+202E⟩[b]"},
		{"日本語", "本", "日[本]語"}, {"x", "y", "x"}, {"abc", "", "abc"}, {"aaa", "aa", "[aaa]"}, {"abc", "ab bc", "[abc]"}, {"abc", "-abc", "abc"},
		{"a-very-long-name", "name", "a-very-lo[…]"}, {"a-very-long-name", "long", "a-very-[lo…]"},
	} {
		query, _ := model.ParseQuery(c.filter, nil)
		l := light(c.text, 10, query.Highlights(model.FieldName, c.text))
		if len(c.text) > 10 && c.text[0] != 'a' || strings.Contains(c.want, "⟨") {
			l = light(c.text, 40, query.Highlights(model.FieldName, c.text))
		}
		if got := l.in(style{}, style{"[", "]"}); got != c.want {
			t.Errorf("%q in %q is %s, not %s", c.filter, c.text, got, c.want)
		}
	}
}

// TestFieldMarksPointAtTheirText: the cells that are marked hold what is marked, however far the field is scrolled.
func TestFieldMarksPointAtTheirText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newField(false)
		f.set(drawText(r))
		value, w := f.value(), rapid.IntRange(1, 40).Draw(r, "width")
		for range rapid.IntRange(0, 20).Draw(r, "left") {
			f.press(keyMsg("left"))
		}
		var parts [][2]int
		if runes := len([]rune(value)); runes > 0 {
			from := rapid.IntRange(0, runes-1).Draw(r, "from")
			to := rapid.IntRange(from+1, runes).Draw(r, "to")
			parts = [][2]int{{len(string([]rune(value)[:from])), len(string([]rune(value)[:to]))}}
		}
		d := f.drawMarked(w, parts)
		if n := width(d.text.text); n > w || d.x >= w || d.x < 0 {
			r.Fatalf("%q takes %d of %d cells, the cursor is in %d", d.text.text, n, w, d.x)
		}
		for i, m := range d.marks {
			if m[0] >= m[1] || m[1] > w {
				r.Fatalf("the mark %v in %d cells", m, w)
			}
			p := d.text.ranges[i]
			if got := width(d.text.text[:p[0]]); got != m[0] {
				r.Fatalf("the mark is in cell %d and its text in %d", m[0], got)
			}
		}
	})
}
