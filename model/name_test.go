package model

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseName(t *testing.T) {
	const control = "a name has no control or invisible characters; remove "
	for _, c := range []struct{ about, typed, want, problem string }{
		{"one character", "a", "a", ""},
		{"spaces inside", "my key", "my key", ""},
		{"other scripts", "ключ 鍵", "ключ 鍵", ""},
		{"emoji", "🔑 prod", "🔑 prod", ""},
		{"64 characters", strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		{"64 wide characters", strings.Repeat("鍵", 64), strings.Repeat("鍵", 64), ""},
		{"decomposed becomes NFC", "cafe\u0301", "caf\u00e9", ""},
		{"128 code points that NFC makes 64", strings.Repeat("e\u0301", 64), strings.Repeat("\u00e9", 64), ""},
		{"a hyphen first", "-prod", "-prod", ""},
		{"empty", "", "", "a name needs at least one character"},
		{"65 characters", strings.Repeat("a", 65), "", "a name has at most 64 characters; this has 65"},
		{"65 characters after NFC", strings.Repeat("e\u0301", 65), "", "a name has at most 64 characters; this has 65"},
		{"a space alone", " ", "", "a name does not start with a space"},
		{"a space first", " a", "", "a name does not start with a space"},
		{"a space last", "a ", "", "a name does not end with a space"},
		{"a no-break space first", "\u00a0a", "", "a name does not start with a space"},
		{"a no-break space last", "a\u00a0", "", "a name does not end with a space"},
		{"an ideographic space last", "a\u3000", "", "a name does not end with a space"},
		{"a no-break space inside", "a\u00a0b", "", "a name has plain spaces only; replace U+00A0"},
		{"an ideographic space inside", "a\u3000b", "", "a name has plain spaces only; replace U+3000"},
		{"a newline", "a\nb", "", control + "U+000A"},
		{"a newline last", "a\n", "", control + "U+000A"},
		{"a tab", "a\tb", "", control + "U+0009"},
		{"an escape", "a\x1b[31m", "", control + "U+001B"},
		{"a zero-width space", "a\u200bb", "", control + "U+200B"},
		{"a joiner in an emoji", "👩\u200d💻", "", control + "U+200D"},
		{"a right-to-left override", "a\u202eb", "", control + "U+202E"},
		{"a variation selector", "☎\ufe0f", "", control + "U+FE0F"},
		{"private use", "\ue000", "", control + "U+E000"},
		{"a filler that looks empty", "\u3164", "", control + "U+3164"},
		{"a character that Unicode has not assigned", "a\u0378", "", "a name has no U+0378: terminals do not agree on how to draw it"},
		{"a letter that joins what follows", "a\u0d4e", "", "a name has no U+0D4E: terminals do not agree on how to draw it"},
		{"a vowel that joins what stands before", "\u0e33a", "", "a combining mark needs a letter before it"},
		{"the same vowel on its letter", "ก\u0e33", "ก\u0e33", ""},
		{"a combining mark first", "\u0301a", "", "a combining mark needs a letter before it"},
		{"a combining mark after a space", "a \u0301", "", "a combining mark needs a letter before it"},
		{"the replacement character", "a\ufffd", "", "a name has no U+FFFD, which stands for a character that was lost"},
		{"not UTF-8", "a\xff", "", "a name must be valid UTF-8"},
	} {
		name, err := ParseName(c.typed)
		switch {
		case c.problem == "" && (err != nil || string(name) != c.want):
			t.Errorf("%s: ParseName(%+q) = %+q, %v", c.about, c.typed, name, err)
		case c.problem != "" && (err == nil || err.Error() != c.problem || !errors.Is(err, ErrName) || name != ""):
			t.Errorf("%s: ParseName(%+q) = %+q, %v, want %q", c.about, c.typed, name, err, c.problem)
		}
	}
}

// TestEveryNameCanBeConfirmed: what ParseName accepts is shown as it is, is a name itself, and deletes by being typed.
func TestEveryNameCanBeConfirmed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(rapid.String(), rapid.StringN(1, 20, -1), rapid.StringOfN(rapid.SampledFrom(append(hostile, 'a', 'e', ' ', 0x301)), 1, 8, -1)).
			Draw(t, "typed")
		name, err := ParseName(typed)
		if err != nil {
			if !errors.Is(err, ErrName) || name != "" {
				t.Fatalf("ParseName(%+q) = %+q, %v", typed, name, err)
			}
			return
		}
		again, err := ParseName(string(name))
		if err != nil || again != name || !IsDisplayable(string(name)) || utf8.RuneCountInString(string(name)) > MaxNameLen {
			t.Fatalf("ParseName(%+q) = %+q, which is no name itself: %v", typed, name, err)
		}
		key := Key{ID: "id", Name: string(name)}
		if text, byID := Confirmation(key, []Key{key}); byID || text != string(name) || !Confirms(typed, text) {
			t.Fatalf("%+q is not confirmed by %+q", name, typed)
		}
	})
}

func TestT23Confirms(t *testing.T) {
	const name = "production"
	for _, c := range []struct {
		about, typed, confirmation string
		want                       bool
	}{
		{"the name", "production", name, true},
		{"nothing", "", name, false},
		{"a part", "productio", name, false},
		{"more", "productions", name, false},
		{"another case", "Production", name, false},
		{"all capitals", "PRODUCTION", name, false},
		{"a space after", "production ", name, false},
		{"a space before", " production", name, false},
		{"a no-break space after", "production\u00a0", name, false},
		{"a newline after", "production\n", name, false},
		{"a tab before", "\tproduction", name, false},
		{"a zero-width space inside", "produc\u200btion", name, false},
		{"a zero-width joiner after", "production\u200d", name, false},
		{"a soft hyphen inside", "produc\u00adtion", name, false},
		{"a byte order mark before", "\ufeffproduction", name, false},
		{"Cyrillic o", "pr\u043eduction", name, false},
		{"full-width letters", "ｐｒｏｄｕｃｔｉｏｎ", name, false},
		{"a combining mark more", "production\u0301", name, false},
		{"quotes", `"production"`, name, false},
		{"a no-break space for a space", "my\u00a0key", "my key", false},
		{"two spaces for one", "my  key", "my key", false},
		{"NFD for NFC", "cafe\u0301", "caf\u00e9", true},
		{"NFC for NFD", "caf\u00e9", "cafe\u0301", true},
		{"no accent", "cafe", "caf\u00e9", false},
		{"a compatibility character, which NFC keeps", "ﬁle", "file", false},
		{"Ångström sign for A with ring, the same after NFC", "\u212b", "\u00c5", true},
		{"dotless i", "ıd", "id", false},
		{"sharp s", "strasse", "straße", false},
		{"an empty confirmation confirms nothing", "", "", false},
		{"an empty confirmation is not met by text", "a", "", false},
	} {
		if got := Confirms(c.typed, c.confirmation); got != c.want {
			t.Errorf("%s: Confirms(%+q, %+q) = %v", c.about, c.typed, c.confirmation, got)
		}
		if same := SameName(c.typed, c.confirmation); same != (c.want || c.typed == c.confirmation) {
			t.Errorf("%s: SameName(%+q, %+q) = %v", c.about, c.typed, c.confirmation, same)
		}
	}
}

func TestT23Confirmation(t *testing.T) {
	for _, c := range []struct {
		about  string
		name   string
		others []string
		byID   bool
	}{
		{"an ordinary name", "production", []string{"staging"}, false},
		{"the only key", "production", nil, false},
		{"names that differ in case", "production", []string{"Production", "production "}, false},
		{"a look-alike", "production", []string{"pr\u043eduction"}, false},
		{"emoji", "🔑", []string{"a"}, false},
		{"64 characters", strings.Repeat("鍵", 64), nil, false},
		{"a duplicate", "production", []string{"staging", "production"}, true},
		{"a duplicate after NFC", "caf\u00e9", []string{"cafe\u0301"}, true},
		{"a name with an escape", "a\x1b[2J", nil, true},
		{"a name with an override", "a\u202eb", nil, true},
		{"a name with a zero-width space", "a\u200bb", nil, true},
		{"a name that is not UTF-8", "a\xff", nil, true},
		{"a name with the replacement character", "a\ufffd", nil, true},
		{"an empty name", "", nil, true},
		{"a name of spaces", "   ", nil, true},
		{"a name with a space last", "a ", nil, true},
		{"65 characters", strings.Repeat("a", 65), nil, true},
	} {
		key := Key{ID: "0192f1c4-7b2e", Name: c.name}
		all := []Key{key}
		for _, other := range c.others {
			all = append(all, Key{ID: "other-" + other, Name: other})
		}
		text, byID := Confirmation(key, all)
		want := c.name
		if c.byID {
			want = key.ID
		}
		if byID != c.byID || text != want {
			t.Errorf("%s: Confirmation is %+q, by id %v", c.about, text, byID)
		}
		if !Confirms(text, text) || c.byID && Confirms(c.name, text) {
			t.Errorf("%s: the wrong text confirms", c.about)
		}
	}
	if text, byID := Confirmation(Key{}, nil); !byID || Confirms(text, text) {
		t.Error("a key without name and id can be confirmed")
	}
}
