package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	mathrand "math/rand/v2"
	"strings"
	"testing"
)

// contents are what files are made of, as far as it matters to the search.
func contents() map[string][]byte {
	const size = 1 << 20
	random := mathrand.NewChaCha8([32]byte{1})
	noise := make([]byte, size)
	_, _ = random.Read(noise)
	code := strings.Repeat("\tif err := the_store.Put(ctx, record_of(key), actor); err != nil { // 12_000 rows\n", size/80)
	return map[string][]byte{
		"code": []byte(code), "noise": noise, "hex": []byte(hex.EncodeToString(noise[:size/2])),
		"base64url":   []byte(base64.RawURLEncoding.EncodeToString(noise[:size/4*3])),
		"base64":      []byte(base64.StdEncoding.EncodeToString(noise[:size/4*3])),
		"underscores": bytes.Repeat([]byte("_"), size), "zeros": make([]byte, size),
	}
}

func BenchmarkTokens(b *testing.B) {
	for name, data := range contents() {
		b.Run(name, func(b *testing.B) {
			s := New(Options{})
			searcher := seeking(b, s)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				searcher.search(data, 0, 0)
			}
		})
	}
}

func BenchmarkLiterals(b *testing.B) {
	for name, n := range map[string]int{"10": 10, "1000": 1000} {
		var patterns []pattern
		for range n {
			patterns = append(patterns, spellings(draw(b, "sk_")[:40])[0])
		}
		l := newLiterals(patterns)
		for kind, data := range contents() {
			b.Run(kind+"/literals="+name, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					l.each(data, func(int, *pattern) {})
				}
			})
		}
	}
}
