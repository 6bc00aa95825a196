package model

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*prod*", "production", true}, {"*prod*", "my-PROD-key", true}, {"*PROD*", "production", true}, {"*prod*", "prod", true},
		{"*prod*", "proud", false}, {"*prod*", "", false}, {"prod*", "my-prod", false}, {"*prod", "production", false},
		{"*prod*", "team/prod/api", true}, {"team/*", "team/prod/api", true}, {"a?c", "a/c", true}, {"a[.-0]c", "a/c", true}, {"a[!b]c", "a/c", true},
		{"*", "", true}, {"*", "x\ny", true}, {"**", "a", true}, {"?", "", false}, {"?", "é", true}, {"?", "e\u0301", true}, {"??", "\xff\xfe", true},
		{"prod", "prod", true}, {"prod", "PROD", true}, {"prod", "xprod", false}, {"prod", "prodx", false},
		{"a*b*c", "aXbYc", true}, {"a*b*c", "acb", false}, {"*a*b", "aab", true}, {"*ab", "aab", true}, {"*a?", "aaa", true}, {"a*", "b", false},
		{"caf\u00e9", "CAFE\u0301", true}, {"cafe\u0301", "caf\u00c9", true}, {"straße", "STRA\u1e9eE", true}, {"İ*", "istanbul", true},
		{"[abc]", "B", true}, {"[A-C]", "b", true}, {"[a-c]", "B", true}, {"[a-c]", "d", false}, {"[é]", "É", true}, {"[^a-c]", "B", false},
		{"[!a-c]", "d", true}, {"[!a-c]", "D", true}, {"[^d]", "", false}, {"[A-z]", "_", true}, {"[ǆ]", "ǅ", true}, {"[Ǆ]", "ǆ", true}, {"[ǅ]", "ǆ", true},
		{`\*`, "*", true}, {`\*`, "x", false}, {`\[a]`, "[A]", true}, {`\?`, "x", false}, {`\É`, "é", true}, {`a\\b`, `a\b`, true},
		{`[\]]`, "]", true}, {`[\]a]x`, "ax", true}, {`[a\-z]`, "b", false}, {"a]", "a]", true}, {"-x", "-x", true},
		{"*\u202e*", "a\u202eb", true}, {"\ufffd", "\xff", true},
	} {
		patterns, err := ParsePatterns([]string{"no such name", c.pattern})
		if err != nil {
			t.Errorf("%+q: %v", c.pattern, err)
			continue
		}
		if got := patterns.Match(c.name); got != c.want {
			t.Errorf("%+q fits %+q: %v", c.pattern, c.name, got)
		}
	}
	if Patterns(nil).Match("prod") || (Patterns{}).Match("") {
		t.Error("no pattern fits a name")
	}
	if !DefaultProtect.Match("eu/Production") || DefaultProtect.Match("staging") {
		t.Error("the default does not protect production alone")
	}
}

func TestPatternsRefused(t *testing.T) {
	const incomplete = ` is not complete; a plain [ or \ is written \[ or \\`
	const set = " has a bad set of characters; a set is such as [a-z]"
	for pattern, want := range map[string]string{
		"":       "a pattern is blank; one that fits every name is *",
		" ":      "a pattern is blank; one that fits every name is *",
		"a\xff":  `the pattern "a⟨0xFF⟩" is not UTF-8`,
		"a[":     `the pattern "a["` + incomplete,
		"[a":     `the pattern "[a"` + incomplete,
		"[!":     `the pattern "[!"` + incomplete,
		`[a\]`:   `the pattern "[a\]"` + incomplete,
		`a\`:     `the pattern "a\"` + incomplete,
		"[]":     `the pattern "[]"` + set,
		"[]a]":   `the pattern "[]a]"` + set,
		"[!]":    `the pattern "[!]"` + set,
		"[a-]":   `the pattern "[a-]"` + set,
		"[-a]":   `the pattern "[-a]"` + set,
		"x[c-a]": "",
	} {
		patterns, err := ParsePatterns([]string{"*", pattern})
		if want == "" {
			if err != nil || (Patterns{pattern}).Match("xb") {
				t.Errorf("%q: %v", pattern, err)
			}
			continue
		}
		if err == nil || err.Error() != want || patterns != nil {
			t.Errorf("%q: %v, want %s", pattern, err, want)
		}
		if (Patterns{pattern}).Match("a") {
			t.Errorf("%q fits a name", pattern)
		}
	}
}

// TestPatternsAreThoseOfPath: where no slash, capital or ! is, a pattern fits what it fits for the standard library.
func TestPatternsAreThoseOfPath(t *testing.T) {
	fitted := 0
	rapid.Check(t, func(t *rapid.T) {
		element := rapid.SampledFrom([]string{"*", "?", "a", "b", "[ab]", "[^a]", "[a-c]", `\*`, "é", "c"})
		pattern := strings.Join(rapid.SliceOfN(element, 1, 7).Draw(t, "pattern"), "")
		patterns, err := ParsePatterns([]string{pattern})
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		for _, name := range rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("abcé*")), 0, 8, -1), 10, 10).Draw(t, "names") {
			want, err := path.Match(pattern, name)
			if err != nil || patterns.Match(name) != want {
				t.Fatalf("%q fits %q: %v, %v", pattern, name, patterns.Match(name), err)
			}
			if want {
				fitted++
			}
		}
	})
	if fitted == 0 {
		t.Error("no pattern fitted a name")
	}
}

// TestPatternsEnd: a pattern made to go back and forth is done in time that grows with both lengths only.
func TestPatternsEnd(t *testing.T) {
	if (Patterns{strings.Repeat("*a", 40) + "*b"}).Match(strings.Repeat("a", 20000)) {
		t.Error("it fits")
	}
}

func BenchmarkPatterns(b *testing.B) {
	for b.Loop() {
		DefaultProtect.Match("payments-staging-checkout-2024")
	}
}
