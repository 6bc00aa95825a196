package store

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"clavier/model"
)

// fill puts n records into the store, in one transaction so that it takes seconds and not minutes, and returns them.
func fill(b *testing.B, s *Store, n int) []model.Record {
	b.Helper()
	recs := make([]model.Record, n)
	for i := range recs {
		recs[i] = record(b, fmt.Sprint("key ", i), epoch.Add(time.Duration(i)*time.Second))
	}
	err := s.write(b.Context(), func(ctx context.Context, conn *sql.Conn) error {
		for _, rec := range recs {
			slot, err := fillSlot(ctx, conn, rec.Sealed)
			if err != nil {
				return err
			}
			if _, err := conn.ExecContext(ctx, sqlInsertKey, rec.Key.ID, rec.Key.Name, rec.Key.Hint, rec.Key.Owner,
				rec.Key.CreatedAt.UnixNano(), nil, nil, 0, tagOf(rec.Sealed.Digest), slot); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return recs
}

var counts = []int{10, 1_000, 100_000}

func BenchmarkDurablePut(b *testing.B) {
	s := open(b, newPath(b))
	i := 0
	for b.Loop() {
		rec := record(b, fmt.Sprint("key ", i), epoch)
		i++
		if err := s.Put(b.Context(), rec, someone); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDelete(b *testing.B) {
	s := open(b, newPath(b))
	i := 0
	for b.Loop() {
		b.StopTimer()
		rec := put(b, s, fmt.Sprint("key ", i), epoch)
		i++
		b.StartTimer()
		if err := s.Delete(b.Context(), rec.Key.ID, someone, epoch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAndList(b *testing.B) {
	for _, n := range counts {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := newPath(b)
			s, err := Open(b.Context(), path)
			if err != nil {
				b.Fatal(err)
			}
			fill(b, s, n)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				if keys, err := s.List(b.Context()); err != nil || len(keys) != n {
					b.Fatal(len(keys), err)
				}
				b.StopTimer()
				_ = s.Close()
				b.StartTimer()
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	for _, n := range counts {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, newPath(b))
			recs := fill(b, s, n)
			i := 0
			for b.Loop() {
				if _, err := s.Find(b.Context(), recs[i*7919%n].Sealed.Digest); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// BenchmarkVersion is what an idle program does every second.
func BenchmarkVersion(b *testing.B) {
	s := open(b, newPath(b))
	for b.Loop() {
		if _, err := s.Version(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
