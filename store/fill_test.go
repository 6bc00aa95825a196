package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

func TestFillStoresLikePut(t *testing.T) {
	s := open(t, newPath(t), small)
	freed := put(t, s, "freed", epoch)
	if err := s.Delete(t.Context(), freed.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	recs := slices.Collect(someRecords(3, 150))
	recs[0].Key.Owner = ""
	recs[1].Key.LastUse = model.LastUse{At: epoch} // not reported, so it means nothing
	recs[2].Sealed.Ciphertext = slices.Clone(freed.Sealed.Ciphertext)
	mark := markNow(t, s)
	if err := s.Fill(t.Context(), slices.Values(recs), someone); err != nil {
		t.Fatal(err)
	}
	recs[1].Key.LastUse = model.LastUse{Reported: true}
	holds(t, s, recs...)
	want := make([]model.Key, 0, len(recs))
	for _, rec := range recs {
		want = append(want, rec.Key)
	}
	keys, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameKeys(t, keys, want)
	if changes := changesOf(t, s, mark); !changes.All || changes.Mark != mark+150 {
		t.Errorf("150 keys made %d changes", changes.Mark-mark)
	}
	lines, err := s.Activity(t.Context(), 1000)
	if err != nil || len(lines) != 2+len(recs) {
		t.Fatalf("%d lines of activity (%v)", len(lines), err)
	}
	for i, rec := range recs {
		by := someone
		if rec.Key.Owner != "" {
			by.By = rec.Key.Owner
		}
		want := model.Activity{At: rec.Key.CreatedAt, Action: model.ActionCreated, KeyID: rec.Key.ID, KeyName: rec.Key.Name,
			KeyCreatedAt: rec.Key.CreatedAt, Actor: by}
		if line := lines[len(recs)-1-i]; line != want {
			t.Fatalf("line %d is %+v, want %+v", i, line, want)
		}
	}
	var slots int
	if err := s.db.QueryRow(`SELECT count(*) FROM vault`).Scan(&slots); err != nil || slots != len(recs) {
		t.Errorf("%d slots for %d keys: the freed one was not used again (%v)", slots, len(recs), err)
	}
	if err := s.Fill(t.Context(), slices.Values(recs), someone); err != nil {
		t.Errorf("the same records again: %v", err)
	}
	if changes := changesOf(t, s, mark+150); changes.Mark != mark+150 {
		t.Error("repeating records changed the store")
	}
	if err := sound(t.Context(), s); err != nil {
		t.Error(err)
	}
}

// A record that Put would refuse ends the filling with the same error; what came before it is stored, and nothing after.
func TestFillRefusesLikePut(t *testing.T) {
	there := record(t, "there", epoch)
	for name, spoil := range map[string]func(rec *model.Record){
		"another name under the id": func(r *model.Record) { *r = there; r.Key.Name = "other" },
		"the same name":             func(r *model.Record) { r.Key.Name = there.Key.Name },
		"the same secret":           func(r *model.Record) { r.Sealed.Digest = there.Sealed.Digest },
		"no id":                     func(r *model.Record) { r.Key.ID = "" },
		"no sealed secret":          func(r *model.Record) { r.Sealed.Ciphertext = nil },
		"a time out of range":       func(r *model.Record) { r.Key.CreatedAt = time.Time{} },
		"an expiry out of range":    func(r *model.Record) { r.Key.ExpiresAt = latest.Add(1) },
	} {
		for _, at := range []int{0, 7, 69, 61}[amount(0, 3, 3):] { // in the first and in the second transaction
			s := open(t, newPath(t), small)
			if err := s.Put(t.Context(), there, someone); err != nil {
				t.Fatal(err)
			}
			recs := slices.Collect(someRecords(4, 70))
			spoil(&recs[at])
			want := s.Put(t.Context(), recs[at], someone)
			err := s.Fill(t.Context(), slices.Values(recs), someone)
			if err == nil || err.Error() != want.Error() {
				t.Errorf("%s at %d: Fill returns %v, Put %v", name, at, err, want)
			}
			holds(t, s, append(recs[:at], there)...)
		}
	}
	s := open(t, newPath(t))
	rec := record(t, "used long after", epoch)
	rec.Key.LastUse = model.LastUse{Reported: true, At: latest.Add(1)}
	if err := s.Fill(t.Context(), slices.Values([]model.Record{rec}), someone); err == nil {
		t.Error("a use out of range was stored")
	}
	holds(t, s)
}

func TestFillGivesUp(t *testing.T) {
	path := newPath(t)
	s := open(t, path, small, WithWait(200*time.Millisecond))
	recs := slices.Collect(someRecords(5, 100))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Fill(ctx, func(yield func(model.Record) bool) {
		for i, rec := range recs {
			if i == 80 {
				cancel()
			}
			if !yield(rec) {
				return
			}
		}
	}, someone)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Fill returns %v", err)
	}
	holds(t, s, recs[:60]...)
	release := hold(t, path)
	if err := s.Fill(t.Context(), slices.Values(recs), someone); !errors.Is(err, model.ErrStoreBusy) {
		t.Errorf("Fill of a busy store returns %v", err)
	}
	release()
	if err := s.Fill(t.Context(), slices.Values(recs), someone); err != nil {
		t.Error(err)
	}
	holds(t, s, recs...)
}

// The n-th write or sync of a filling fails, for every n: each transaction is there wholly or not at all, none after one that
// is not, and none that was finished is lost.
func TestT6FillOnAFailingDisk(t *testing.T) {
	recs := slices.Collect(someRecords(6, amount(200, 130, 130)))
	for n := 1; ; n += amount(1, 13, 13) {
		path := newPath(t)
		option := useFaultDisk(t)
		s, err := Open(t.Context(), path, option, small)
		if err != nil {
			t.Fatal(err)
		}
		before, met := len(disk.notes), false
		disk.failWith(func(count int, what deed) fault {
			if count != before+n {
				return fault{}
			}
			met = true
			if what == synced {
				return fault{sqlite3.SQLITE_IOERR_FSYNC, false}
			}
			return fault{sqlite3.SQLITE_IOERR_WRITE, true}
		})
		given := 0
		err = s.Fill(t.Context(), func(yield func(model.Record) bool) {
			for _, rec := range recs {
				if given++; !yield(rec) {
					return
				}
			}
		}, someone)
		if err != nil && !errors.Is(err, model.ErrStoreWrite) || err == nil && met && given < len(recs) {
			t.Fatalf("fault %d: Fill returns %v", n, err)
		}
		disk.failWith(nil)
		_ = s.Close()
		s, openErr := Open(t.Context(), path, onFaultDisk, small)
		if openErr != nil {
			t.Fatalf("after fault %d: %v", n, openErr)
		}
		keys, listErr := s.List(t.Context())
		least := len(recs)
		if err != nil {
			least = (given - 1) / 60 * 60 // those of the transactions before
		}
		if listErr != nil || len(keys)%60 != 0 && len(keys) != len(recs) || len(keys) < least {
			t.Fatalf("after fault %d: %d keys of %d given (%v)", n, len(keys), given, listErr)
		}
		if err := errors.Join(check(t.Context(), s, recs[:len(keys)]), sound(t.Context(), s), s.Close()); err != nil {
			t.Fatalf("after fault %d: %v", n, err)
		}
		_ = os.RemoveAll(filepath.Dir(path))
		if !met {
			if t.Logf("%d faults", n-1); n < 30 {
				t.Error("too few deeds to prove anything")
			}
			return
		}
	}
}
