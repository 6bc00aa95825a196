package scan

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"clavier/model"
)

// draw makes a secret that no key has.
func draw(t testing.TB, prefix string) string {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal()
}

// at is where a secret was found.
type at struct {
	start  int
	digest model.Digest
}

func digest(text string) model.Digest { return model.NewSecret(text).Digest() }

// naive is the definition: every part of data whose characters are stride bytes apart with zeros between them, and which
// model.CheckSecret takes.
func naive(data []byte, stride int) []at {
	var all []at
	for start := range data {
		var text []byte
		for i := start; i < len(data) && len(text) < maxToken; i += stride {
			if text = append(text, data[i]); len(text) > tailLen && model.CheckSecret(string(text)) == nil {
				all = append(all, at{start, digest(string(text))})
			}
			if i+stride < len(data) && !bytes.Equal(data[i+1:i+stride], make([]byte, stride-1)) {
				break
			}
		}
	}
	return all
}

func quick(data []byte, stride int) []at {
	var all []at
	note := func(start int, text string) { all = append(all, at{start, digest(text)}) }
	if stride == 1 {
		eachToken(data, note)
	} else {
		eachWideToken(data, stride, note)
	}
	slices.SortFunc(all, func(a, b at) int { return a.start - b.start })
	return all
}

// wide encodes ASCII in characters of stride bytes.
func wide(text string, stride int, big bool) []byte {
	var out []byte
	for _, c := range []byte(text) {
		unit := make([]byte, stride)
		if big {
			unit[stride-1] = c
		} else {
			unit[0] = c
		}
		out = append(out, unit...)
	}
	return out
}

func TestTokensAreFoundAnywhere(t *testing.T) {
	secret := draw(t, "clv_")
	long := draw(t, "a_Very_long_pre_")
	short := draw(t, "k_")
	broken := []byte(secret)
	broken[10] = 'a' + (broken[10]-'a'+1)%26
	tests := []struct {
		name, text string
		want       []string
	}{
		{"alone", secret, []string{secret}},
		{"assigned", "KEY=" + secret + "\n", []string{secret}},
		{"JSON", `{"k":"` + secret + `"}`, []string{secret}},
		{"URL", "https://x:" + secret + "@example.org/?a=" + secret + "&b", []string{secret, secret}},
		{"after letters", "xyz" + secret, []string{secret}},
		{"before letters", secret + "xyz", []string{secret}},
		{"after an underscore", "_a_" + secret + "_", []string{secret}},
		{"twice, touching", secret + secret, []string{secret, secret}},
		{"longest prefix", "=" + long + "=", []string{long}},
		{"longest prefix after letters", "zz" + long, []string{long}},
		{"shortest prefix", short, []string{short}},
		{"shortest prefix at another's end", secret + short, []string{secret, short}},
		{"Latin-1 around it", "\xe9" + secret + "\xe8", []string{secret}},
		{"bad checksum", string(broken), nil},
		{"one character short", secret[:len(secret)-1], nil},
		{"one character short, then another", secret[:len(secret)-1] + "-", nil},
		{"no prefix", strings.TrimPrefix(secret, "clv"), nil},
		{"digit before the underscore", strings.Replace(secret, "clv", "123", 1), nil},
		{"broken by a line", secret[:20] + "\n" + secret[20:], nil},
	}
	for _, tt := range tests {
		for gap := range 90 { // every place of the search's steps
			data := []byte(strings.Repeat(".", gap) + tt.text + strings.Repeat("A", gap%3*20))
			if tt.want == nil {
				data = []byte(strings.Repeat(".", gap) + tt.text)
			}
			got := quick(data, 1)
			if len(got) != len(tt.want) {
				t.Fatalf("%s after %d bytes: %d found, want %d", tt.name, gap, len(got), len(tt.want))
			}
			for i, g := range got {
				if g.digest != digest(tt.want[i]) {
					t.Fatalf("%s after %d bytes: number %d is another text", tt.name, gap, i)
				}
			}
		}
	}
}

// pieces are what text that is hard to search is made of.
func pieces(random *mathrand.Rand, secrets []string) []byte {
	var text []byte
	for range random.IntN(8) {
		secret := secrets[random.IntN(len(secrets))]
		switch random.IntN(9) {
		case 0, 1:
			text = append(text, secret...)
		case 2:
			text = append(text, secret[:random.IntN(len(secret))]...)
		case 3:
			text = append(text, secret[random.IntN(len(secret)):]...)
		case 4:
			changed := []byte(secret)
			changed[random.IntN(len(changed))] = "aZ0_-"[random.IntN(5)]
			text = append(text, changed...)
		case 5:
			text = append(text, strings.Repeat("_", random.IntN(50))...)
		case 6:
			text = append(text, strings.Repeat("x", random.IntN(50))...)
		case 7:
			text = append(text, "ab_"[:random.IntN(4)]...)
		case 8:
			text = append(text, "-="[:random.IntN(3)]...)
		}
	}
	return text
}

// FuzzTokens compares the search with its definition, in text made of pieces of secrets, in every encoding.
func FuzzTokens(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed, []byte("clv_"))
	}
	f.Fuzz(func(t *testing.T, seed uint64, extra []byte) {
		random := mathrand.New(mathrand.NewPCG(seed, 1))
		secrets := []string{draw(t, "clv_"), draw(t, "a_a_a_"), draw(t, "abcdefghij_klmn_"), draw(t, "k_")}
		plain := append(pieces(random, secrets), extra...)
		plain = append(plain, pieces(random, secrets)...)
		shift := make([]byte, random.IntN(5))
		for _, data := range [][]byte{
			plain, slices.Concat(shift, wide(string(plain), 2, false)), slices.Concat(shift, wide(string(plain), 2, true)),
			slices.Concat(shift, wide(string(plain), 4, false)), slices.Concat(shift, wide(string(plain), 4, true)),
			slices.Concat(wide(string(plain), 2, false), plain, wide(string(plain), 2, true)),
		} {
			for _, stride := range []int{1, 2, 4} {
				got, want := quick(data, stride), naive(data, stride)
				if !slices.Equal(got, want) {
					t.Fatalf("stride %d: %d found, want %d", stride, len(got), len(want))
				}
			}
		}
	})
}

// FuzzLiterals compares the search for many texts with a plain one.
func FuzzLiterals(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed, "", "")
	}
	f.Add(uint64(1), "aaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Add(uint64(2), "é€𝄞 and others", "..é€𝄞 and others..")
	f.Fuzz(func(t *testing.T, seed uint64, literal, text string) {
		random := mathrand.New(mathrand.NewPCG(seed, 2))
		texts := []string{}
		if len(literal) >= MinLiteral {
			texts = append(texts, literal)
		}
		for range 1 + random.IntN(40) {
			one := make([]byte, MinLiteral+random.IntN(60)*random.IntN(6))
			for i := range one {
				one[i] = "abcdefgh"[random.IntN(1+random.IntN(8))]
			}
			texts = append(texts, string(one))
		}
		var patterns []pattern
		for i, one := range texts {
			for _, p := range spellings(one) {
				p.literal = i
				patterns = append(patterns, p)
			}
		}
		data := []byte(text)
		for range random.IntN(20) {
			one := patterns[random.IntN(len(patterns))].text
			data = append(data, one[random.IntN(2)*random.IntN(len(one)):]...)
			data = append(data, "abc\x00"[:random.IntN(5)]...)
		}
		type place struct{ start, literal, stride int }
		var got, want []place
		newLiterals(patterns).each(data, func(start int, p *pattern) { got = append(got, place{start, p.literal, p.stride}) })
		for _, p := range patterns {
			for start := range data {
				if bytes.HasPrefix(data[start:], p.text) {
					want = append(want, place{start, p.literal, p.stride})
				}
			}
		}
		order := func(a, b place) int { return first(a.start-b.start, a.literal-b.literal, a.stride-b.stride) }
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("%d found, want %d", len(got), len(want))
		}
	})
}

func TestSpellings(t *testing.T) {
	for _, text := range []string{"secret-1", "clé-secrète", "ключ-от-дома", "𝄞𝄞𝄞"} {
		found := map[string]bool{}
		for _, p := range spellings(text) {
			found[string(p.text)] = true
		}
		var little, big []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
		}
		for name, want := range map[string][]byte{"UTF-8": []byte(text), "little": little, "big": big} {
			if !slices.ContainsFunc(spellings(text), func(p pattern) bool { return bytes.Contains(want, p.text) && len(want)-len(p.text) < 2 }) {
				t.Errorf("a text of %d bytes has no spelling in %s", len(text), name)
			}
		}
	}
	if got := len(spellings("clé-secrète")); got != 3 {
		t.Errorf("%d spellings, want 3 with Latin-1", got)
	}
}
