package model

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDisplay(t *testing.T) {
	for _, c := range []struct{ about, text, want string }{
		{"nothing", "", ""},
		{"plain text", "ci-2024 (prod) ~!", "ci-2024 (prod) ~!"},
		{"letters of other scripts", "ключ 鍵 مفتاح", "ключ 鍵 مفتاح"},
		{"emoji", "🔑 deploy", "🔑 deploy"},
		{"a composed accent", "caf\u00e9", "caf\u00e9"},
		{"a combining accent on a letter", "cafe\u0301", "cafe\u0301"},
		{"a combining accent on nothing", "\u0301a", "⟨U+0301⟩a"},
		{"a combining accent on a space", "a \u0301", "a ⟨U+0301⟩"},
		{"a combining accent on an escape", "\x1b\u0301", "⟨U+001B⟩⟨U+0301⟩"},
		{"escape sequence", "a\x1b[31mb", "a⟨U+001B⟩[31mb"},
		{"newline and carriage return", "a\r\nb", "a⟨U+000D⟩⟨U+000A⟩b"},
		{"tab, bell, delete, zero", "\t\a\x7f\x00", "⟨U+0009⟩⟨U+0007⟩⟨U+007F⟩⟨U+0000⟩"},
		{"C1 control", "a\u009b31m", "a⟨U+009B⟩31m"},
		{"C1 control as a raw byte", "a\x9b31m", "a⟨0x9B⟩31m"},
		{"right-to-left override", "a\u202egpj", "a⟨U+202E⟩gpj"},
		{"isolates", "\u2066a\u2069", "⟨U+2066⟩a⟨U+2069⟩"},
		{"zero-width space and joiner", "a\u200bb\u200dc", "a⟨U+200B⟩b⟨U+200D⟩c"},
		{"byte order mark", "\ufeffa", "⟨U+FEFF⟩a"},
		{"soft hyphen", "a\u00adb", "a⟨U+00AD⟩b"},
		{"line and paragraph separator", "a\u2028b\u2029c", "a⟨U+2028⟩b⟨U+2029⟩c"},
		{"tag characters", "a\U000e0041", "a⟨U+E0041⟩"},
		{"private use", "a\ue000\U00100000", "a⟨U+E000⟩⟨U+100000⟩"},
		{"variation selector", "☎\ufe0f", "☎⟨U+FE0F⟩"},
		{"Hangul fillers", "\u3164\uffa0\u115f", "⟨U+3164⟩⟨U+FFA0⟩⟨U+115F⟩"},
		{"grapheme joiner", "a\u034fb", "a⟨U+034F⟩b"},
		{"unassigned and noncharacters", "a\u0378\ufffe", "a⟨U+0378⟩⟨U+FFFE⟩"},
		{"a letter that joins what follows", "a\u0d4e", "a⟨U+0D4E⟩"},
		{"a vowel that joins what stands before", "\u0e33ก\u0e33", "⟨U+0E33⟩ก\u0e33"},
		{"a voiced sound mark first", "\uff9eｶ\uff9e", "⟨U+FF9E⟩ｶ\uff9e"},
		{"a skin tone on nothing", "\U0001f3fb👍\U0001f3fb", "⟨U+1F3FB⟩👍\U0001f3fb"},
		{"a surrogate half", "a\xed\xa0\x80", "a⟨0xED⟩⟨0xA0⟩⟨0x80⟩"},
		{"a cut sequence", "a\xe2\x82", "a⟨0xE2⟩⟨0x82⟩"},
		{"an overlong sequence", "\xc0\x80", "⟨0xC0⟩⟨0x80⟩"},
		{"a byte that is no UTF-8", "\xff", "⟨0xFF⟩"},
		{"the replacement character itself", "a\ufffd", "a\ufffd"},
		{"brackets of an escape", "⟨U+202E⟩", "⟨U+202E⟩"},
		{"no-break space", "a\u00a0b", "a\u00a0b"},
	} {
		if got := Display(c.text); got != c.want {
			t.Errorf("%s: Display(%+q) = %+q, want %+q", c.about, c.text, got, c.want)
		}
		if IsDisplayable(c.text) != (c.text == c.want) {
			t.Errorf("%s: IsDisplayable is wrong", c.about)
		}
	}
}

// checkDisplay holds for every text: only harmless runes come out, a second pass changes nothing, and every escape stands
// for something that was there.
func checkDisplay(tb interface {
	Fatalf(format string, args ...any)
}, text string) {
	shown := Display(text)
	if !utf8.ValidString(shown) {
		tb.Fatalf("Display(%+q) is not UTF-8", text)
	}
	forbidden := []*unicode.RangeTable{
		unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs, unicode.Cn,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, unicode.Bidi_Control, unicode.Join_Control,
	}
	for _, r := range shown {
		if unicode.In(r, forbidden...) {
			tb.Fatalf("Display(%+q) lets %U through", text, r)
		}
	}
	if first, _ := utf8.DecodeRuneInString(shown); combines(first) {
		tb.Fatalf("Display(%+q) starts with a combining mark, which would join what stands before", text)
	}
	if again := Display(shown); again != shown {
		tb.Fatalf("Display(%+q) is not final: %+q, then %+q", text, shown, again)
	}
	if !strings.ContainsRune(text, '⟨') && !strings.ContainsRune(shown, '⟨') && shown != text {
		tb.Fatalf("Display(%+q) = %+q changed without an escape", text, shown)
	}
}

// hostile are the runes that a terminal would act on.
var hostile = []rune{
	0, 7, 8, 9, 10, 13, 0x1b, 0x7f, 0x85, 0x9b, 0x9d, 0xad, 0x300, 0x34f, 0x61c, 0x115f, 0x180e, 0x200b, 0x200d, 0x200e, 0x2028,
	0x202e, 0x2066, 0x20dd, 0x3164, 0xd4e, 0xe33, 0xd800, 0xe000, 0xfe0f, 0xfeff, 0xfff9, 0xfffd, 0x1f1e6, 0x1f3fb, 0xe0001, 0xe0100, 0x10ffff,
}

func TestDisplayOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom(hostile)),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		checkDisplay(t, text)
	})
}

// TestDisplayLeavesPrintableTextAlone: letters, digits, punctuation, symbols and the space, of every script.
func TestDisplayLeavesPrintableTextAlone(t *testing.T) {
	printable := rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S, unicode.Zs).Filter(func(r rune) bool {
		return !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, appended, prepended)
	})
	rapid.Check(t, func(t *rapid.T) {
		if text := rapid.StringOf(printable).Draw(t, "text"); Display(text) != text || !IsDisplayable(text) {
			t.Fatalf("Display(%+q) = %+q", text, Display(text))
		}
	})
}

func FuzzDisplay(f *testing.F) {
	for _, r := range hostile {
		f.Add(string(r) + "a" + string(r))
	}
	f.Add("a\xff\xc0\x80\xed\xa0\x80\xe2\x82")
	f.Fuzz(func(t *testing.T, text string) { checkDisplay(t, text) })
}
