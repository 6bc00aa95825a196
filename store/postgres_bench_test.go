package store

import (
	"fmt"
	"slices"
	"testing"

	"clavier/model"
)

func BenchmarkPostgresPut(b *testing.B) {
	p := newPostgres(b)
	i := 0
	for b.Loop() {
		rec := record(b, fmt.Sprint("key ", i), epoch)
		i++
		if err := p.Put(b.Context(), rec, someone); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPostgresInsert is one durable insert of the database, beside which Put stands.
func BenchmarkPostgresInsert(b *testing.B) {
	p := newPostgres(b)
	i := 0
	for b.Loop() {
		rec := record(b, fmt.Sprint("key ", i), epoch)
		i++
		if _, err := p.pool.Exec(b.Context(), pgInsertKey, rec.Key.ID, rec.Key.Name, rec.Key.Hint, "", epoch.UnixNano(), nil, false, 0, "",
			tagOf(rec.Sealed.Digest), rec.Sealed.Digest[:], rec.Sealed.Ciphertext, []byte(rec.Key.ID), i); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPostgresPutTogether has several callers store keys, each one after another.
func BenchmarkPostgresPutTogether(b *testing.B) {
	for _, callers := range []int{4, 16} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			p := newPostgres(b)
			recs := slices.Collect(someRecords(7, b.N))
			b.ResetTimer()
			apart(b, callers, b.N, func(i int) error { return p.Put(b.Context(), recs[i], someone) })
		})
	}
}

func BenchmarkPostgresFind(b *testing.B) {
	p := newPostgres(b)
	pgFill(b, p, 10_000)
	rec := record(b, "production", epoch)
	if err := p.Put(b.Context(), rec, someone); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		if _, err := p.Find(b.Context(), rec.Sealed.Digest); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPostgresVersion(b *testing.B) {
	p := newPostgres(b)
	for b.Loop() {
		if _, err := p.Version(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPostgresDigests reads all keys with their digests, as a server does when it starts.
func BenchmarkPostgresDigests(b *testing.B) {
	for _, n := range counts()[1:] {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := newPostgres(b)
			pgFill(b, p, n)
			b.ResetTimer()
			for b.Loop() {
				got := 0
				for page, err := range p.Digests(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					got += len(page.Keys)
				}
				if got != n {
					b.Fatalf("%d of %d keys are read", got, n)
				}
			}
		})
	}
}

// BenchmarkPostgresNoteUses notes a batch of uses, as a server does once a minute.
func BenchmarkPostgresNoteUses(b *testing.B) {
	for _, n := range []int{1000, 4096} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := newPostgres(b)
			pgFill(b, p, 10_000)
			page, err := p.After(b.Context(), model.Cursor{}, n)
			if err != nil {
				b.Fatal(err)
			}
			at := epoch
			b.ResetTimer()
			for b.Loop() {
				at = at.Add(2 * touchEvery)
				uses := make([]model.Use, 0, n)
				for _, key := range page.Keys {
					uses = append(uses, model.Use{KeyID: key.ID, At: at})
				}
				if err := p.NoteUses(b.Context(), uses); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
