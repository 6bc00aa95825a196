package model

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestForeignHint(t *testing.T) {
	// The texts are patterns, none of them ever was a secret: x stands for any character.
	for _, test := range []struct{ text, want string }{
		{"", "…"},
		{"xxxxxxxxxxxABCD", "…"},            // 15 characters
		{"xxxxxxxxxxxxABCD", "…ABCD"},       // 16
		{"sk-xxxxxxxxABCD", "…"},            // 15 with the prefix
		{"sk-xxxxxxxxxxxABCD", "…ABCD"},     // 15 behind it
		{"sk-xxxxxxxxxxxxABCD", "sk-…ABCD"}, // 16 behind it
		{"ghp_xxxxxxxxxxxxxxxxxxxxABCD", "ghp_…ABCD"},
		{"sk-proj-xxxxxxxxxxxxABCD", "sk-…ABCD"},        // the first one counts
		{"abcdefg_xxxxxxxxxxxxABCD", "abcdefg_…ABCD"},   // the eighth character
		{"abcdefgh_xxxxxxxxxxxxABCD", "…ABCD"},          // the ninth
		{"_xxxxxxxxxxxxxxxxABCD", "…ABCD"},              // nothing before it
		{"_a_xxxxxxxxxxxxxxxxABCD", "…ABCD"},            // the first one decides
		{"pÄss-xxxxxxxxxxxxÄÖÜß", "pÄss-…ÄÖÜß"},         // characters, not bytes
		{"clv_" + strings.Repeat("x", 38), "clv_…xxxx"}, // our shape with a wrong checksum
		{strings.Repeat("x", 16) + "\xff\xfe", "…xx\ufffd\ufffd"},
	} {
		if got := NewSecret(test.text).Hint(); got != test.want {
			t.Errorf("the hint of %q is %q, want %q", test.text, got, test.want)
		}
	}
}

// TestForeignHintShowsLittle: whatever the text, a hint shows twelve of its characters at most, and hides at least twelve.
func TestForeignHintShowsLittle(t *testing.T) {
	for n := range 3000 {
		raw := make([]byte, n%70)
		_, _ = rand.Read(raw)
		for _, text := range []string{base64.RawURLEncoding.EncodeToString(raw), hex.EncodeToString(raw), string(raw)} {
			before, after, found := strings.Cut(NewSecret(text).Hint(), "…")
			head, tail := utf8.RuneCountInString(before), utf8.RuneCountInString(after)
			hidden := utf8.RuneCountInString(text) - head - tail
			if !found || head > 8 || tail > 4 || hidden < 12 && head+tail > 0 {
				t.Fatalf("of %d characters the hint shows %d and %d", utf8.RuneCountInString(text), head, tail)
			}
		}
	}
}

func TestWeakSecret(t *testing.T) {
	random := func(n int) string {
		raw := make([]byte, n)
		_, _ = rand.Read(raw)
		return hex.EncodeToString(raw)
	}
	for name, test := range map[string]struct {
		text string
		weak bool
	}{
		"nothing":                            {"", true},
		"a word":                             {"password", true},
		"a date":                             {"2026-11-23", true},
		"15 hexadecimal digits":              {random(8)[:15], true},
		"32 hexadecimal digits":              {random(16), false},
		"32 capital hexadecimal digits":      {strings.ToUpper(random(16)), false},
		"19 digits":                          {"8203915746028137459", true},
		"20 digits":                          {"82039157460281374596", false},
		"26 of base32":                       {rand.Text(), false},
		"one character":                      {strings.Repeat("a", 100), true},
		"two in turn":                        {strings.Repeat("ab", 100), true},
		"two at random, 32 of them":          {"abbabaabbbabaabaabababbbaabbabaa", true},
		"a word again and again":             {strings.Repeat("changeme", 20), true},
		"a word again, and a part":           {strings.Repeat("changeme", 20) + "chan", true},
		"the alphabet":                       {"abcdefghijklmnopqrstuvwxyz", true},
		"the alphabet and the digits":        {"abcdefghijklmnopqrstuvwxyz0123456789", true},
		"counting down":                      {"zyxwvutsrqponmlkjihgfedcba9876543210", true},
		"counting, then random":              {"0123456789" + rand.Text(), false},
		"a random one twice":                 {strings.Repeat("Zk3fQ9x81kPw7LmB2sVt", 2), false},
		"our own":                            {draw(t, DefaultPrefix).Reveal(), false},
		"letters beyond ASCII":               {"ключотвсехдверей", false},
		"twelve of everything that is typed": {"aB3$xY7&qR9!", false},
	} {
		why := WeakSecret(test.text)
		if (why != "") != test.weak {
			t.Errorf("%s: %q, want weak %v", name, why, test.weak)
		}
		if len(test.text) > 4 && strings.Contains(why, test.text) || !IsDisplayable(why) || strings.ContainsAny(why, "\n.") {
			t.Errorf("%s: %q is no sentence, or shows the secret", name, why)
		}
	}
}

func TestPeriod(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "aa": 1, "ab": 2, "aba": 2, "abab": 2, "ababa": 2, "abcab": 3, "abcaab": 4} {
		if got := period([]rune(text)); got != want {
			t.Errorf("the period of %q is %d, want %d", text, got, want)
		}
	}
}

func TestCheckImport(t *testing.T) {
	good := func() Import {
		return Import{
			Name: "cafe\u0301", Secret: NewSecret("elsewhere-" + rand.Text()), Note: "see https://example.org/keys, größer",
			CreatedAt: time.Date(2024, 3, 1, 8, 0, 0, 1234567, time.FixedZone("there", 3600)),
		}
	}
	in, err := CheckImport(good())
	if err != nil {
		t.Fatal(err)
	}
	if in.Name != "caf\u00e9" || in.CreatedAt != time.Date(2024, 3, 1, 7, 0, 0, 1e6, time.UTC) || in.Note != good().Note {
		t.Errorf("it is %+v", in)
	}
	unknown := good()
	unknown.CreatedAt = time.Time{}
	if in, err := CheckImport(unknown); err != nil || !in.CreatedAt.IsZero() {
		t.Errorf("of unknown age: %+v, %v", in, err)
	}
	secret := func(text string) func(*Import) { return func(in *Import) { in.Secret = NewSecret(text) } }
	note := func(text string) func(*Import) { return func(in *Import) { in.Note = text } }
	long := strings.Repeat("x", MaxImportedLen)
	for name, test := range map[string]struct {
		spoil func(*Import)
		want  error
	}{
		"no name":                   {func(in *Import) { in.Name = "" }, ErrName},
		"a hidden character":        {func(in *Import) { in.Name = "a\u200bb" }, ErrName},
		"no secret":                 {func(in *Import) { in.Secret = Secret{} }, ErrImport},
		"a space alone":             {secret(" "), ErrImport},
		"a space first":             {secret(" " + long[:20]), ErrImport},
		"a line end":                {secret(long[:20] + "\n"), ErrImport},
		"no-break space at the end": {secret(long[:20] + "\u00a0"), ErrImport},
		"two lines":                 {secret(long[:20] + "\r\n" + long[:20]), ErrImport},
		"NUL":                       {secret(long[:20] + "\x00" + long[:20]), ErrImport},
		"not UTF-8":                 {secret(long[:20] + "\xff"), ErrImport},
		"too long":                  {secret(long + "x"), ErrImport},
		"a note of two lines":       {note("a\nb"), ErrImport},
		"a note that turns round":   {note("a\u202eb"), ErrImport},
		"a note not UTF-8":          {note("\xff"), ErrImport},
		"a note too long":           {note(strings.Repeat("ß", MaxNoteLen+1)), ErrImport},
	} {
		in := good()
		test.spoil(&in)
		got, err := CheckImport(in)
		if !errors.Is(err, test.want) || got != (Import{}) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
			continue
		}
		if text := in.Secret.Reveal(); len(text) > 4 && strings.Contains(err.Error(), text) || !IsDisplayable(err.Error()) {
			t.Errorf("%s: the error is not fit to be shown: %q", name, err)
		}
	}
	for name, change := range map[string]func(*Import){
		"one character": secret("x"), "the longest": secret(long), "a space inside": secret("a b"), "no note": note(""),
		"the longest note": note(strings.Repeat("ß", MaxNoteLen)),
	} {
		in := good()
		change(&in)
		if _, err := CheckImport(in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := fmt.Sprintf("%+v", in); strings.Contains(got, in.Secret.Reveal()) {
		t.Error("a printed import shows its secret")
	}
}
