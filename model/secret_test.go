package model

import (
	"bytes"
	"crypto/rand"
	"errors"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// draw returns a new secret made at run time.
func draw(tb testing.TB, prefix string) Secret {
	tb.Helper()
	secret, err := DrawSecret(rand.Reader, prefix)
	if err != nil {
		tb.Fatal(err)
	}
	return secret
}

// chiSquare compares counts with equal ones.
func chiSquare(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	want := float64(total) / float64(len(counts))
	sum := 0.0
	for _, n := range counts {
		d := float64(n) - want
		sum += d * d / want
	}
	return sum
}

// TestT1SecretsAreUnbiasedAndUnique: the limits are the values that a chi-square of 61 degrees of freedom exceeds once
// in a million draws (all positions together) and once in a hundred million (each of the 32). Two of a million secrets
// have the same 64-bit hash by chance once in forty million runs.
func TestT1SecretsAreUnbiasedAndUnique(t *testing.T) {
	const limitAll, limitEach = 128.8, 144.9
	count := 1_000_000
	if testing.Short() {
		count = 50_000
	}
	var at [BodyLen][256]int
	seed := maphash.MakeSeed()
	hashes := make([]uint64, 0, count)
	for range count {
		text := draw(t, DefaultPrefix).Reveal()
		if len(text) != len(DefaultPrefix)+BodyLen+ChecksumLen || !strings.HasPrefix(text, DefaultPrefix) {
			t.Fatalf("a secret has %d characters", len(text))
		}
		for i := range BodyLen {
			at[i][text[len(DefaultPrefix)+i]]++
		}
		hashes = append(hashes, maphash.String(seed, text))
	}
	all := make([]int, len(alphabet))
	for i := range at {
		each := make([]int, len(alphabet))
		for j := range alphabet {
			each[j] = at[i][alphabet[j]]
			all[j] += each[j]
		}
		if chi := chiSquare(each); chi > limitEach {
			t.Errorf("position %d: chi-square %.1f is over %.1f", i, chi, limitEach)
		}
	}
	drawn := 0
	for _, n := range all {
		drawn += n
	}
	if drawn != count*BodyLen {
		t.Errorf("%d characters of the bodies are outside the alphabet", count*BodyLen-drawn)
	}
	if chi := chiSquare(all); chi > limitAll {
		t.Errorf("all positions: chi-square %.1f is over %.1f", chi, limitAll)
	}
	slices.Sort(hashes)
	if unique := len(slices.Compact(hashes)); unique != count {
		t.Errorf("%d of %d secrets were drawn before", count-unique, count)
	}
}

// TestT1DrawingRejectsWhatWouldBias feeds every byte value: the 248 that are taken hit each character four times, the
// eight above are thrown away.
func TestT1DrawingRejectsWhatWouldBias(t *testing.T) {
	hits := map[byte]int{}
	for b := range 256 {
		// If the byte is thrown away, the body is made of what follows: the last character of the alphabet.
		reader := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{byte(b)}, BodyLen)), bytes.NewReader(bytes.Repeat([]byte{61}, BodyLen)))
		secret, err := DrawSecret(reader, DefaultPrefix)
		if err != nil {
			t.Fatal(err)
		}
		body := secret.Reveal()[len(DefaultPrefix):][:BodyLen]
		if body != strings.Repeat(body[:1], BodyLen) {
			t.Errorf("byte %d: the body is mixed", b)
		}
		if b >= 248 && body[0] != 'z' {
			t.Errorf("byte %d was not thrown away", b)
		}
		if b < 248 {
			hits[body[0]]++
		}
	}
	if len(hits) != len(alphabet) {
		t.Errorf("%d characters are hit, of %d", len(hits), len(alphabet))
	}
	for c, n := range hits {
		if n != 4 {
			t.Errorf("%q is hit by %d bytes, not 4", c, n)
		}
	}
}

// TestT1DrawingTakesBytesInOrder: bytes thrown away in the middle leave no gap and no repetition.
func TestT1DrawingTakesBytesInOrder(t *testing.T) {
	random := make([]byte, 0, 2*BodyLen)
	for i := range BodyLen {
		random = append(random, byte(248+i%8), byte(i))
	}
	secret, err := DrawSecret(bytes.NewReader(random), DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	if got := secret.Reveal()[len(DefaultPrefix):][:BodyLen]; got != alphabet[:BodyLen] {
		t.Errorf("the body is %s", got)
	}
}

func TestDrawSecretFailsWithItsSource(t *testing.T) {
	broken := errors.New("no entropy")
	for name, reader := range map[string]io.Reader{
		"at once":  iotest.ErrReader(broken),
		"half way": io.MultiReader(bytes.NewReader(make([]byte, BodyLen/2)), iotest.ErrReader(broken)),
		"while it rejects": io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{255}, BodyLen)),
			iotest.ErrReader(broken)),
	} {
		secret, err := DrawSecret(reader, DefaultPrefix)
		if !errors.Is(err, broken) || !secret.IsZero() {
			t.Errorf("%s: error %v, zero %v", name, err, secret.IsZero())
		}
	}
	if secret, err := DrawSecret(strings.NewReader("short"), DefaultPrefix); err == nil || !secret.IsZero() {
		t.Error("a source that ends early makes no secret")
	}
}

func TestCheckPrefix(t *testing.T) {
	for prefix, good := range map[string]bool{
		"clv_": true, "a_": true, "Z9_": true, "my_app_": true, "a__": true, "abcdefghijklmno_": true,
		"": false, "_": false, "a": false, "clv": false, "1a_": false, "_a_": false, "a-b_": false, "é_": false, "a _": false,
		"a\x00_": false, "abcdefghijklmnop_": false,
	} {
		if err := CheckPrefix(prefix); (err == nil) != good {
			t.Errorf("CheckPrefix(%q) = %v", prefix, err)
		}
		secret, err := DrawSecret(rand.Reader, prefix)
		if (err == nil) != good || secret.IsZero() == good {
			t.Errorf("DrawSecret with prefix %q: %v", prefix, err)
		}
		if good && CheckSecret(secret.Reveal()) != nil {
			t.Errorf("a secret with prefix %q is refused", prefix)
		}
	}
}

// TestT1EveryEditIsRefused tries every substitution, deletion, insertion and swap of neighbours on a sample. A CRC-32
// finds each substitution and each swap inside what it sums; of the other edits one in 2^32 would pass by chance.
func TestT1EveryEditIsRefused(t *testing.T) {
	const letters = alphabet + "_- \n\x00é"
	samples := 20
	if testing.Short() {
		samples = 3
	}
	refused := func(kind string, at int, text, edited string) {
		t.Helper()
		if edited != text && CheckSecret(edited) == nil {
			t.Errorf("%s at %d passes", kind, at)
		}
	}
	for n := range samples {
		text := draw(t, []string{"clv_", "a_", "my_app_prod_", "A1b2C3d4E5f6G7h_"}[n%4]).Reveal()
		if err := CheckSecret(text); err != nil {
			t.Fatal(err)
		}
		for i := range len(text) {
			for _, r := range letters {
				refused("substitution", i, text, text[:i]+string(r)+text[i+1:])
				refused("insertion", i, text, text[:i]+string(r)+text[i:])
			}
			refused("deletion", i, text, text[:i]+text[i+1:])
			if i > 0 {
				refused("swap", i, text, text[:i-1]+text[i:i+1]+text[i-1:i]+text[i+1:])
			}
		}
		for _, r := range letters {
			refused("insertion", len(text), text, text+string(r))
		}
	}
}

func TestSecretAccessors(t *testing.T) {
	var zero Secret
	if !zero.IsZero() || zero.Reveal() != "" || zero.Hint() != "…" || !NewSecret("").IsZero() {
		t.Error("the zero Secret is not empty")
	}
	secret := draw(t, "my_app_")
	text := secret.Reveal()
	if secret.IsZero() || secret.Hint() != "my_app_…"+text[len(text)-4:] {
		t.Error("the hint is not prefix and last four characters")
	}
	if secret.Digest() != NewSecret(text).Digest() || secret.Digest() == zero.Digest() {
		t.Error("the digest does not depend on the text alone")
	}
}
