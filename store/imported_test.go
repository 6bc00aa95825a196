package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// imported makes a record of a secret that was made elsewhere, at an unknown time.
func imported(t testing.TB, name string) model.Record {
	t.Helper()
	rec := record(t, name, time.Time{})
	rec.At = epoch
	rec.Key.Imported, rec.Key.Note = true, "https://example.org/"+name
	return rec
}

func TestPutKeepsTheWholeImport(t *testing.T) {
	s := open(t, newPath(t))
	known := imported(t, "known")
	known.Key.CreatedAt = epoch.Add(-100 * 24 * time.Hour)
	unknown := imported(t, "unknown")
	for i, rec := range []model.Record{known, unknown} {
		if err := s.Put(t.Context(), rec, someone); err != nil {
			t.Fatal(err)
		}
		holdsKey(t, s, rec.Key)
		if again := s.Put(t.Context(), rec, someone); again != nil {
			t.Errorf("the same record again: %v", again)
		}
		want := model.Activity{At: epoch, Action: model.ActionImported, KeyID: rec.Key.ID, KeyName: rec.Key.Name,
			KeyCreatedAt: rec.Key.CreatedAt, Actor: someone}
		if lines, err := s.Activity(t.Context(), 9); err != nil || len(lines) != i+1 || lines[0] != want {
			t.Errorf("noted as %+v, %v, want %+v", lines, err, want)
		}
	}
	holds(t, s, known, unknown)
	if err := s.Touch(t.Context(), known.Key.ID, epoch); err != nil {
		t.Fatal(err)
	}
	holdsKey(t, s, known.Key) // its use is not reported, whoever notes one
	if err := s.Delete(t.Context(), unknown.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	if lines, err := s.Activity(t.Context(), 1); err != nil || !lines[0].KeyCreatedAt.IsZero() {
		t.Errorf("the deletion is noted as %+v, %v", lines, err)
	}
}

func TestPutRefusesImports(t *testing.T) {
	s := open(t, newPath(t))
	issued, held := put(t, s, "issued", epoch), imported(t, "held")
	if err := s.Put(t.Context(), held, someone); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(rec *model.Record)
		want   error
		names  string
	}{
		"the secret of an imported key": {func(r *model.Record) { r.Sealed.Digest = held.Sealed.Digest }, model.ErrHeld, "held"},
		"the secret of an issued key":   {func(r *model.Record) { r.Sealed.Digest = issued.Sealed.Digest }, model.ErrHeld, "issued"},
		"the same name":                 {func(r *model.Record) { r.Key.Name = "issued" }, model.ErrNameTaken, "issued"},
		"another note under the id":     {func(r *model.Record) { *r = held; r.Key.Note = "" }, model.ErrConflict, ""},
		"not imported under the id":     {func(r *model.Record) { *r = held; r.Key.Imported, r.Key.Note, r.Key.CreatedAt = false, "", epoch }, model.ErrConflict, ""},
		"an age under the id":           {func(r *model.Record) { *r = held; r.Key.CreatedAt = epoch }, model.ErrConflict, ""},
		"a note without an import":      {func(r *model.Record) { r.Key.Imported, r.Key.CreatedAt = false, epoch }, nil, ""},
		"no age without an import":      {func(r *model.Record) { r.Key.Imported, r.Key.Note = false, "" }, nil, ""},
		"no age and no moment":          {func(r *model.Record) { r.At = time.Time{} }, nil, ""},
	} {
		rec := imported(t, "refused")
		test.change(&rec)
		err := s.Put(t.Context(), rec, someone)
		if err == nil || test.want != nil && !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.names) {
			t.Errorf("%s: Put returns %v, want %v", name, err, test.want)
		}
		if fillErr := s.Fill(t.Context(), slices.Values([]model.Record{rec}), someone); fillErr == nil || fillErr.Error() != err.Error() {
			t.Errorf("%s: Fill returns %v, Put %v", name, fillErr, err)
		}
	}
	holds(t, s, issued, held)
}

// Keys of unknown age stand behind all others, wherever keys are read, and each is read once.
func TestUnknownAgeStandsLast(t *testing.T) {
	for _, n := range []int{0, 3, 8, 20, 300} { // keys of known age; the first page has 8
		s := open(t, newPath(t), small)
		oldest := record(t, "oldest", earliest.UTC())
		recs := append(slices.Collect(someRecords(9, n)), oldest)
		for i := range 30 {
			rec := imported(t, fmt.Sprint("imported ", i))
			rec.Key.Owner = "ada"
			if i%2 == 0 {
				rec.Key.Note = ""
			}
			recs = append(recs, rec)
		}
		if err := s.Fill(t.Context(), slices.Values(recs), someone); err != nil {
			t.Fatal(err)
		}
		var want []model.Key
		for _, rec := range recs {
			if !rec.Key.Imported {
				rec.Key.LastUse.Reported = true
			}
			want = append(want, rec.Key)
		}
		slices.SortFunc(want, model.Order{}.Compare)
		if keys := listOf(t, s); !slices.Equal(keys, want) || keys[n].Name != "oldest" {
			t.Errorf("%d keys of known age: the list is not in order, or not what was stored", n)
		}
		pages, err := pagesOf(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(pages[0].Keys, want[:8]) {
			t.Errorf("%d keys of known age: the first page is not the newest", n)
		}
		sameKeys(t, keysOf(pages), want)
		if changes := changesOf(t, s, pages[0].Mark-1); len(changes.Keys) != 1 || !changes.Keys[0].CreatedAt.IsZero() {
			t.Errorf("the last import is told as %+v", changes)
		}
		lines, err := s.Activity(t.Context(), 30)
		if err != nil || lines[0].Action != model.ActionImported || !lines[29].KeyCreatedAt.IsZero() || !lines[0].At.Equal(epoch) {
			t.Errorf("noted as %+v, %v", lines[0], err)
		}
	}
}

// An imported key is rotated as any other.
func TestImportedSuccessor(t *testing.T) {
	s := open(t, newPath(t))
	old := imported(t, "old")
	if err := s.Put(t.Context(), old, someone); err != nil {
		t.Fatal(err)
	}
	rec := imported(t, "new")
	rec.At = epoch.Add(time.Hour)
	if err := s.PutSuccessor(t.Context(), rec, old.Key.ID, someone); err != nil {
		t.Fatal(err)
	}
	want := model.Rotation{OldID: old.Key.ID, NewID: rec.Key.ID, BeganAt: rec.At}
	if got := rotationsOf(t, s); len(got) != 1 || got[0] != want {
		t.Errorf("the rotation is %+v, want %+v", got, want)
	}
	for _, rec := range []model.Record{old, rec} {
		rec.Key.Rotating = true
		holdsKey(t, s, rec.Key)
	}
	held := imported(t, "held")
	held.Sealed.Digest = rec.Sealed.Digest
	if err := s.PutSuccessor(t.Context(), held, old.Key.ID, someone); !errors.Is(err, model.ErrHeld) {
		t.Errorf("a secret that is held: %v", err)
	}
}
