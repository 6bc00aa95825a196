package handover

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"clavier/model"
)

// masked passes pieces through a masker.
func masked(secret string, pieces ...string) string {
	var said []string
	m := newMasker(formsOf(secret), newLines(func(line string) { said = append(said, line) }))
	for _, piece := range pieces {
		m.write([]byte(piece))
	}
	m.end()
	return strings.Join(said, "\n")
}

// awkward is a secret that every escape changes.
func awkward() string { return `p"w\` + "'<&>%+/é " + rand.Text() }

// TestMaskEveryFormInEveryTwoPieces: wherever a text is broken, and whatever the form.
func TestMaskEveryFormInEveryTwoPieces(t *testing.T) {
	for _, secret := range []string{awkward(), rand.Text(), "x", "x-y"} {
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		forms := map[string]string{
			"raw": secret, "hex": hex.EncodeToString([]byte(secret)), "query": url.QueryEscape(secret),
			"path": url.PathEscape(secret), "json": strings.Trim(string(quoted), `"`),
			"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64 url": base64.URLEncoding.EncodeToString([]byte(secret)),
			"shell": strings.ReplaceAll(secret, "'", `'\''`),
		}
		for about, form := range forms {
			if len(strings.TrimRight(form, "=")) < formLeast && form != secret {
				continue
			}
			text := "[" + form + "]"
			want := masked(secret, text)
			if !strings.Contains(want, redacted) || strings.Contains(strings.ReplaceAll(want, redacted, ""), form) {
				t.Fatalf("%s of a secret with %d characters is not masked", about, len(secret))
			}
			for i := range text {
				if got := masked(secret, text[:i], text[i:]); got != want {
					t.Fatalf("%s broken after %d bytes reads differently", about, i)
				}
			}
		}
	}
}

// TestMaskLeavesTheRestAlone: what is no secret comes out as it went in, in whatever pieces.
func TestMaskLeavesTheRestAlone(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for range 2000 {
		secret := "aab" + strings.Repeat("ab", random.IntN(3))
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteByte("ab\nc "[random.IntN(5)])
		}
		text := b.String()
		var pieces []string
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		got, whole := masked(secret, pieces...), masked(secret, text)
		if got != whole {
			t.Fatalf("%q in pieces %q is %q, and whole %q", text, pieces, got, whole)
		}
		if flat := strings.NewReplacer("\n", "", " ", "").Replace(text); !strings.Contains(flat, "aab") && got != strings.TrimSuffix(text, "\n") {
			t.Fatalf("%q became %q", text, got)
		}
		if strings.Contains(got, secret) {
			t.Fatalf("%q in %q was not masked", secret, text)
		}
	}
}

// TestMaskIsBounded: what may become a secret is not held for ever.
func TestMaskIsBounded(t *testing.T) {
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	m := newMasker(formsOf(secret.Reveal()), newLines(func(string) {}))
	for range 100000 {
		m.write([]byte("c\n\n\n\n"))
		m.write([]byte(strings.Repeat("\n", 64)))
		if len(m.pending) > m.most+64 {
			t.Fatalf("%d bytes are held", len(m.pending))
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("secret", "the secret\nsec\n  ret", 5)
	f.Fuzz(func(t *testing.T, secret, text string, at int) {
		if len(secret) < formLeast || strings.ContainsAny(secret, "\r\n\t ") || !model.IsDisplayable(secret) || strings.Contains(redacted, secret) ||
			!model.IsDisplayable(strings.ReplaceAll(text, "\n", "")) {
			t.Skip()
		}
		at = max(0, min(at, len(text)))
		got := masked(secret, text[:at], text[at:])
		if strings.Contains(strings.ReplaceAll(got, redacted, "\x00"), secret) {
			t.Errorf("%q in %q: %q", secret, text, got)
		}
	})
}
