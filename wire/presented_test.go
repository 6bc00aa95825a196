package wire

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPresented is the table of what counts as presenting a secret, and what does not (trust rows T24 and T25).
func TestPresented(t *testing.T) {
	for _, test := range []struct {
		about  string
		header http.Header
		want   string
		err    error
	}{
		{"nothing", http.Header{}, "", ErrNonePresented},
		{"no header at all", nil, "", ErrNonePresented},
		{"Bearer", http.Header{"Authorization": {"Bearer s"}}, "s", nil},
		{"bearer in small letters", http.Header{"Authorization": {"bearer s"}}, "s", nil},
		{"Token", http.Header{"Authorization": {"Token s"}}, "s", nil},
		{"TOKEN", http.Header{"Authorization": {"TOKEN s"}}, "s", nil},
		{"X-API-Key", http.Header{"X-Api-Key": {"s"}}, "s", nil},
		{"spaces around", http.Header{"Authorization": {" \tBearer  \t s \t"}}, "s", nil},
		{"spaces around X-API-Key", http.Header{"X-Api-Key": {" \ts "}}, "s", nil},
		{"a tab after the scheme", http.Header{"Authorization": {"Bearer\ts"}}, "s", nil},
		{"the same in both", http.Header{"Authorization": {"Bearer s"}, "X-Api-Key": {"s"}}, "s", nil},
		{"the same twice", http.Header{"Authorization": {"Bearer s", "Token s"}, "X-Api-Key": {"s", "s"}}, "s", nil},
		{"another scheme beside", http.Header{"Authorization": {"Basic eDp5"}, "X-Api-Key": {"s"}}, "s", nil},
		{"another scheme beside Bearer", http.Header{"Authorization": {"Digest x=y", "Bearer s"}}, "s", nil},
		{"empty beside", http.Header{"Authorization": {"Bearer ", ""}, "X-Api-Key": {"", " ", "s"}}, "s", nil},
		{"two in both", http.Header{"Authorization": {"Bearer s"}, "X-Api-Key": {"t"}}, "", ErrTwoPresented},
		{"two in Authorization", http.Header{"Authorization": {"Bearer s", "Bearer t"}}, "", ErrTwoPresented},
		{"two schemes", http.Header{"Authorization": {"Bearer s", "Token t"}}, "", ErrTwoPresented},
		{"two in X-API-Key", http.Header{"X-Api-Key": {"s", "t"}}, "", ErrTwoPresented},
		{"the same in another case", http.Header{"Authorization": {"Bearer s"}, "X-Api-Key": {"S"}}, "", ErrTwoPresented},
		{"a list in one line", http.Header{"X-Api-Key": {"s, t"}}, "s, t", nil}, // which is no secret of any key
		{"two words", http.Header{"Authorization": {"Bearer s t"}}, "s t", nil}, // likewise
		{"no scheme", http.Header{"Authorization": {"s"}}, "", ErrNonePresented},
		{"a scheme alone", http.Header{"Authorization": {"Bearer"}}, "", ErrNonePresented},
		{"a scheme and nothing", http.Header{"Authorization": {"Bearer \t "}}, "", ErrNonePresented},
		{"a scheme that only begins alike", http.Header{"Authorization": {"Bearers s"}}, "", ErrNonePresented},
		{"a colon", http.Header{"Authorization": {"Bearer: s"}}, "", ErrNonePresented},
		{"Basic", http.Header{"Authorization": {"Basic s"}}, "", ErrNonePresented},
		{"a look-alike", http.Header{"Authorization": {"\u0412earer s"}}, "", ErrNonePresented},
		{"a folding look-alike", http.Header{"Authorization": {"To\u212aen s"}}, "s", nil}, // K is a k to EqualFold: no harm, the secret decides
		{"other headers", http.Header{"Cookie": {"s"}, "X-Auth-Token": {"s"}, "Proxy-Authorization": {"Bearer s"}, "X-Api-Keys": {"s"}}, "", ErrNonePresented},
	} {
		got, err := Presented(test.header)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", test.about, got, err, test.want, test.err)
		}
	}
}

// TestPresentedAllocatesNothing: it is on the way of every request.
func TestPresentedAllocatesNothing(t *testing.T) {
	for about, header := range map[string]http.Header{
		"Bearer": {"Authorization": {"Bearer clv_abc"}}, "both": {"Authorization": {"token  clv_abc "}, "X-Api-Key": {" clv_abc "}},
		"two": {"Authorization": {"Bearer a", "Bearer b"}}, "none": {"Accept": {"*/*"}}, "another": {"Authorization": {"Basic abc"}},
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Presented(header) }); n != 0 {
			t.Errorf("%s: %v allocations", about, n)
		}
	}
}

// FuzzPresented: what is presented stands in a header, has no space around it and is not empty; two are never taken for one.
func FuzzPresented(f *testing.F) {
	for _, seed := range []string{"", "Bearer s", "bearer\t s", "Token  ", "Basic x", "s", "\x00", "Bearer \u00a0s"} {
		f.Add(seed, seed)
		f.Add(seed, "t")
	}
	f.Fuzz(func(t *testing.T, authorization, key string) {
		got, err := Presented(http.Header{"Authorization": {authorization}, "X-Api-Key": {key}})
		if (err == nil) != (got != "") || got != strings.Trim(got, " \t") {
			t.Fatalf("got %q, %v", got, err)
		}
		first, _ := Presented(http.Header{"Authorization": {authorization}})
		second, _ := Presented(http.Header{"X-Api-Key": {key}})
		switch {
		case first != "" && second != "" && first != second:
			if !errors.Is(err, ErrTwoPresented) {
				t.Errorf("%q and %q are taken for %q", first, second, got)
			}
		case got != first && got != second:
			t.Errorf("%q is presented as %q and as %q", got, first, second)
		case got != "" && !strings.Contains(authorization+"\n"+key, got):
			t.Errorf("%q stands in no header", got)
		}
	})
}

// TestNamesInHeaders: any text survives a header, in visible ASCII; what was not encoded right comes back as it is.
func TestNamesInHeaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.Byte()).Draw(t, "name"))
		encoded := EncodeName(name)
		for i := range len(encoded) {
			if c := encoded[i]; c <= ' ' || c > '~' || c == '@' || c == '"' || c == ',' || c == ';' || c == '+' {
				t.Fatalf("%q is encoded as %q", name, encoded)
			}
		}
		if got := DecodeName(encoded); got != name {
			t.Fatalf("%q came back as %q", name, got)
		}
	})
	for text, want := range map[string]string{"%": "%", "%zz": "%zz", "a%2": "a%2", "a+b": "a+b", "%C3%A9": "\u00e9", "": ""} {
		if got := DecodeName(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	if got := EncodeName("caf\u00e9 - a_b.c~"); got != "caf%C3%A9%20-%20a_b.c~" || !utf8.ValidString(got) {
		t.Errorf("got %q", got)
	}
}
